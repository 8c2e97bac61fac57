"""What people noted of an address on their round, until an agent accepts or refuses it."""

from __future__ import annotations

from typing import Any

from django.contrib.gis.geos import Point
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from geoparticipation.accounts.models import User
from geoparticipation.mailings.enums import Decision, RoundAct
from geoparticipation.mailings.errors import AddressGone, AlreadyDecided, NewPlaceMissing, NoteTakenBack
from geoparticipation.mailings.models import AddressCorrection, Mailing, RoundEvent
from neighbourhoods.domain.correct_address import correct_address

OF_THE_REGISTER = (RoundAct.NO_FLYERS, RoundAct.WRONG_ADDRESS)


def open_corrections(mailing: Mailing) -> QuerySet[RoundEvent]:
    """Notes that hold, are about the register, and on which nobody has decided; with letterbox and address."""
    later = RoundEvent.objects.filter(letterbox=OuterRef("letterbox"), replaces__contains=[OuterRef("pk")])
    return (
        RoundEvent.objects.filter(round__mailing=mailing, act__in=OF_THE_REGISTER, correction__isnull=True)
        .filter(~Exists(later.exclude(pk=OuterRef("pk"))))
        .select_related("letterbox__address", "letterbox__segment", "round")
        .order_by("letterbox__position", "pk")
    )


@transaction.atomic
def decide_correction(
    *, event: RoundEvent, decision: Decision, user: User, place: Point | None = None
) -> AddressCorrection:
    """Carry a note out on the register's address, or refuse it; either is kept with who, when, before and after.

    Other notes on the same letterbox stay open. Raises AlreadyDecided, NoteTakenBack, AddressGone,
    NewPlaceMissing.
    """
    related = ("letterbox__address", "round__mailing")
    event = RoundEvent.objects.select_for_update(of=("self",)).select_related(*related).get(pk=event.pk)
    if AddressCorrection.objects.filter(event=event).exists():
        raise AlreadyDecided
    if not open_corrections(event.round.mailing).filter(pk=event.pk).exists():
        raise NoteTakenBack
    address = event.letterbox.address if event.letterbox else None
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    if decision != Decision.REFUSED:
        if address is None or address.closed_at is not None:
            raise AddressGone
        if decision == Decision.MOVED and place is None:
            raise NewPlaceMissing
        before, after = correct_address(
            address=address,
            no_flyers=True if decision == Decision.NO_FLYERS else None,
            close=decision == Decision.CLOSED,
            geometry=place if decision == Decision.MOVED else None,
        )
    return AddressCorrection.objects.create(
        event=event, address=address, decision=decision, decided_by=user, before=before, after=after
    )
