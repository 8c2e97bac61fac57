"""Noting when the flyers of a mailing were in the letterboxes."""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.utils import timezone

from geoparticipation.mailings.domain.small_groups import groups_to_tell
from geoparticipation.mailings.errors import DeliveredBeforeMade, DeliveredInFuture
from geoparticipation.mailings.models import Mailing
from geoparticipation.mailings.queries import cells_of


@transaction.atomic
def record_delivery(*, mailing: Mailing, delivered_on: date | None, today: date | None = None) -> Mailing:
    """Count every flyer of the mailing as delivered from this day on (None: not delivered after all).

    Marks the segments whose response may be told, which depends on the frozen letterboxes alone; four statements.
    Raises DeliveredInFuture, DeliveredBeforeMade.
    """
    today = today or timezone.localdate()
    if delivered_on is not None:
        if delivered_on > today:
            raise DeliveredInFuture
        if delivered_on < timezone.localdate(mailing.created_at):
            raise DeliveredBeforeMade(timezone.localdate(mailing.created_at))
    mailing.delivered_on = delivered_on
    mailing.save(update_fields=["delivered_on"])
    told = groups_to_tell(cells_of(mailing)) if delivered_on is not None else None
    mailing.segments.filter(is_told=True).update(is_told=False)
    if told is not None:
        mailing.segments.filter(pk__in=told.segments).update(is_told=True)
    return mailing
