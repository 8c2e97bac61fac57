"""Giving and withdrawing support."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from geoparticipation.accounts.domain.devices import keep_device
from geoparticipation.accounts.domain.rates import count_action
from geoparticipation.accounts.enums import IdentityLevel
from geoparticipation.accounts.identity import Actor
from geoparticipation.consultations.enums import Feature
from geoparticipation.contributions import rules
from geoparticipation.contributions.errors import CannotBeSupported
from geoparticipation.contributions.kinds import SUPPORTED_KINDS
from geoparticipation.contributions.models import Contribution, Support
from geoparticipation.contributions.queries import voice_of


@transaction.atomic
def give_support(*, actor: Actor, contribution: Contribution, at: datetime | None = None) -> Contribution:
    """Support something that is online; doing it twice changes nothing. Returns it with its count refreshed.

    Signed-in people support as themselves (also what they wrote themselves), others by device, where the consultation
    asks for no more. The contribution's row is locked, so that the count is that of the supports. Raises
    CannotBeSupported, PhaseClosed, IdentityTooLow, TooOften.
    """
    at = at or timezone.now()
    by_device = actor.user is None or (actor.level < IdentityLevel.EMAIL and actor.device is not None)
    device = keep_device(actor=actor) if by_device else None
    locked = _lock_public(contribution)
    rules.require_open(actor, locked.consultation, Feature.SUPPORT, at)
    if not Support.objects.filter(voice_of(actor, person="user"), contribution=locked).exists():
        count_action(actor=actor, action="support", at=at)
        if device is not None:
            Support.objects.create(contribution=locked, device=device)
        else:
            Support.objects.create(contribution=locked, user=actor.user)
        _count(contribution, +1)
    contribution.refresh_from_db(fields=["support_count"])
    return contribution


@transaction.atomic
def withdraw_support(*, actor: Actor, contribution: Contribution, at: datetime | None = None) -> Contribution:
    """Take one's support back, as long as support is open; without any nothing happens. Returns it with its count.

    Raises CannotBeSupported, PhaseClosed, IdentityTooLow.
    """
    locked = _lock_public(contribution)
    rules.require_open(actor, locked.consultation, Feature.SUPPORT, at or timezone.now())
    removed = Support.objects.filter(voice_of(actor, person="user"), contribution=locked).delete()[0]
    if removed:
        _count(contribution, -removed)
    contribution.refresh_from_db(fields=["support_count"])
    return contribution


def _lock_public(contribution: Contribution) -> Contribution:
    locked = (
        Contribution.objects.public()
        .select_for_update(of=("self",), no_key=True)
        .select_related("consultation")
        .filter(pk=contribution.pk, kind__in=SUPPORTED_KINDS)
        .first()
    )
    if locked is None:
        raise CannotBeSupported
    return locked


def _count(contribution: Contribution, change: int) -> None:
    Contribution.objects.filter(pk=contribution.pk).update(support_count=F("support_count") + change)
