"""Noting when the flyers of a mailing were in the letterboxes."""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.utils import timezone

from geoparticipation.mailings.domain.small_groups import segments_to_tell_so_far
from geoparticipation.mailings.errors import DeliveredBeforeMade, DeliveredInFuture
from geoparticipation.mailings.models import Mailing, RoundEvent, RoundPlan
from geoparticipation.mailings.queries import cells_of


@transaction.atomic
def record_delivery(*, mailing: Mailing, delivered_on: date | None, today: date | None = None) -> Mailing:
    """Count every flyer of the mailing as delivered from this day on (None: not delivered after all).

    Where people note on their rounds what they did, these notes say which flyers were delivered, and the day only that
    figures may be read. Marks the segments whose response may be told. Rounds stay as they are from then on: their
    figures are told. Seven statements at the most.
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
    if delivered_on is not None:
        RoundPlan.objects.filter(mailing=mailing, begun_at__isnull=True).update(begun_at=timezone.now())
    mark_told_segments(mailing)
    return mailing


def mark_told_segments(mailing: Mailing) -> None:
    """Mark the segments whose response may be told: none before anything counts as delivered.

    To be called again when more is noted; who calls it holds the mailing's row.
    """
    noted = RoundEvent.objects.filter(round__mailing=mailing).exists()
    told = frozenset[int]()
    if noted or mailing.delivered_on is not None:
        letterboxes, delivered = cells_of(mailing)
        told = segments_to_tell_so_far(letterboxes, delivered if noted else letterboxes)
    mailing.segments.filter(is_told=True).update(is_told=False)
    if told:
        mailing.segments.filter(pk__in=told).update(is_told=True)
