"""Writes of contributions: the only way in for pages, API, admin, commands and tasks."""

from geoparticipation.contributions.domain.change_status import change_status, withdraw_contribution
from geoparticipation.contributions.domain.submit_contribution import submit_contribution
from geoparticipation.contributions.domain.support import give_support, withdraw_support

__all__ = ["change_status", "give_support", "submit_contribution", "withdraw_contribution", "withdraw_support"]
