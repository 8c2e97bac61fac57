"""What becomes of a contribution."""

from __future__ import annotations

from typing import Final

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from geoparticipation.accounts.identity import Actor
from geoparticipation.contributions import rules
from geoparticipation.contributions.domain.attach_photos import forget_photos
from geoparticipation.contributions.enums import Status
from geoparticipation.contributions.errors import NotYours, ReasonMissing, StatusChangeNotAllowed
from geoparticipation.contributions.models import Contribution, StatusChange
from geoparticipation.contributions.text import clean_text

REASON_LENGTH: Final = 500


@transaction.atomic
def change_status(*, contribution: Contribution, to_status: str, actor: Actor, reason: str = "") -> Contribution:
    """Change the status as `rules.status_changes` allows, and record who did it, when and why.

    Locks the row first and judges by the status it has then; keeps the parent's count of comments online; queues the
    mail that tells the author what a moderator decided; who takes something back takes its photos back with it. A draft
    is sent in only while a phase takes it, and then waits for a moderator. Returns the contribution given, brought up
    to date. Raises StatusChangeNotAllowed, NotYours, ReasonMissing (hiding needs a reason), and for a draft what
    `rules.require_open` raises.
    """
    # The parent's row is always locked after the comment's, and no comment has comments: no deadlock.
    locked = Contribution.objects.select_for_update(no_key=True).get(pk=contribution.pk)
    from_status, target = Status(locked.status), Status(to_status)
    changes = rules.status_changes(locked.kind)
    if (from_status, target) not in changes:
        raise StatusChangeNotAllowed(from_status, target)
    if not rules.may_change_status(actor, locked, target):
        raise NotYours
    if from_status == Status.DRAFT and target == Status.SUBMITTED:
        feature = rules.FEATURE_OF_KIND[locked.kind]
        locked.phase = rules.require_open(actor, locked.consultation, feature, timezone.now(), origin=locked.origin)
        locked.submitted_at = timezone.now()
    reason = clean_text(reason, lines=False)[:REASON_LENGTH]
    if target == Status.HIDDEN and not reason:
        raise ReasonMissing
    by_moderator = rules.Party.MODERATOR in changes[from_status, target]
    locked.status = target
    if by_moderator:
        locked.reviewed_at = timezone.now()
    locked.save(update_fields=["status", "reviewed_at", "phase", "submitted_at", "updated_at"])
    change = StatusChange.objects.create(
        contribution=locked, from_status=from_status, to_status=target, changed_by=actor.user, reason=reason
    )
    step = (target == Status.PUBLISHED) - (from_status == Status.PUBLISHED)
    if step and locked.parent_id is not None:
        Contribution.objects.filter(pk=locked.parent_id).update(comment_count=F("comment_count") + step)
    if target == Status.WITHDRAWN:
        forget_photos(contribution=locked)
    if by_moderator and locked.author_id is not None:
        _queue_decision(change)
    contribution.status, contribution.reviewed_at = locked.status, locked.reviewed_at
    return contribution


def withdraw_contribution(*, actor: Actor, contribution: Contribution) -> Contribution:
    """Let the author take it back, whatever its status. Raises NotYours, StatusChangeNotAllowed (already withdrawn)."""
    return change_status(contribution=contribution, to_status=Status.WITHDRAWN, actor=actor)


def _queue_decision(change: StatusChange) -> None:
    from geoparticipation.contributions.tasks import send_decision

    send_decision.defer(status_change_id=change.pk)
