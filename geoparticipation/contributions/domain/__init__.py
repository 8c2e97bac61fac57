"""Writes of contributions: the only way in for pages, API, admin, commands and tasks."""

from geoparticipation.contributions.domain.attach_photos import add_photo, attach_photos, remove_photo
from geoparticipation.contributions.domain.change_status import change_status, withdraw_contribution
from geoparticipation.contributions.domain.hold_photo import drop_held_photos, hold_photo
from geoparticipation.contributions.domain.submit_contribution import submit_contribution
from geoparticipation.contributions.domain.support import give_support, withdraw_support

__all__ = [
    "add_photo",
    "attach_photos",
    "change_status",
    "drop_held_photos",
    "give_support",
    "hold_photo",
    "remove_photo",
    "submit_contribution",
    "withdraw_contribution",
    "withdraw_support",
]
