"""A moderator publishes, hides, or notes that something online was read."""

from __future__ import annotations

from django.utils import timezone

from geoparticipation.accounts.errors import NotAllowed
from geoparticipation.accounts.identity import Actor, identity_level
from geoparticipation.accounts.models import User
from geoparticipation.contributions.domain import change_status
from geoparticipation.contributions.enums import Status
from geoparticipation.contributions.models import Contribution


def decide(*, contribution: Contribution, moderator: User, to_status: str, reason: str = "") -> Contribution:
    """Publish or hide. Publishing what is online already notes that it was read.

    `reason` is told to the author and needed for hiding. Raises NotAllowed, StatusChangeNotAllowed, ReasonMissing.
    """
    _require_moderator(moderator)
    if to_status == Status.PUBLISHED and contribution.status == Status.PUBLISHED:
        return mark_read(contribution=contribution, moderator=moderator)
    if to_status not in {Status.PUBLISHED, Status.HIDDEN}:
        raise NotAllowed
    actor = Actor(user=moderator, level=identity_level(moderator))
    return change_status(contribution=contribution, to_status=to_status, actor=actor, reason=reason)


def mark_read(*, contribution: Contribution, moderator: User) -> Contribution:
    """Note that a moderator has read what came online at once; it leaves the queue. Raises NotAllowed."""
    _require_moderator(moderator)
    contribution.reviewed_at = timezone.now()
    Contribution.objects.filter(pk=contribution.pk).update(reviewed_at=contribution.reviewed_at)
    return contribution


def _require_moderator(moderator: User) -> None:
    if not (moderator.is_active and moderator.is_moderator):
        raise NotAllowed
