"""Saying what one prefers at a place, and taking it back."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from geoparticipation.accounts.domain.devices import keep_device
from geoparticipation.accounts.domain.rates import count_action
from geoparticipation.accounts.enums import IdentityLevel
from geoparticipation.accounts.identity import Actor
from geoparticipation.consultations.enums import Feature
from geoparticipation.contributions import rules
from geoparticipation.contributions.queries import voice_of
from geoparticipation.scenarios.errors import UnknownPlan, UnknownVariant
from geoparticipation.scenarios.models import Plan, PlanPlace, Preference, Variant


@transaction.atomic
def state_preference(
    *, actor: Actor, place: PlanPlace, variant: Variant | None, at: datetime | None = None
) -> Preference:
    """Say which variant one prefers at a place, None for "none of these"; said again it replaces what was said.

    Who is known how is as for supports: signed-in people as themselves, others by device where the consultation asks
    for no more. The row of the place is locked, so that of many at once one is left, and so that agents change no
    variant meanwhile. Raises UnknownPlan, UnknownVariant, PhaseClosed, IdentityTooLow, TooOften.
    """
    at = at or timezone.now()
    by_device = actor.user is None or (actor.level < IdentityLevel.EMAIL and actor.device is not None)
    device = keep_device(actor=actor) if by_device else None
    locked = _lock_public(place)
    rules.require_open(actor, locked.plan.consultation, Feature.PREFER, at)
    if variant is not None and not Variant.objects.filter(pk=variant.pk, plan=locked.plan_id).exists():
        raise UnknownVariant
    count_action(actor=actor, action="prefer", at=at)
    earlier = list(Preference.objects.filter(voice_of(actor, person="user"), place=locked).order_by("pk"))
    if not earlier:
        return Preference.objects.create(
            plan_id=locked.plan_id,
            place=locked,
            variant=variant,
            user=None if device is not None else actor.user,
            device=device,
        )
    kept, *doubled = earlier
    Preference.objects.filter(pk__in=[one.pk for one in doubled]).delete()
    kept.variant = variant
    kept.save(update_fields=["variant"])
    return kept


@transaction.atomic
def withdraw_preference(*, actor: Actor, place: PlanPlace, at: datetime | None = None) -> None:
    """Take back what one prefers at a place, as long as one may say it; without any nothing happens.

    Raises UnknownPlan, PhaseClosed, IdentityTooLow.
    """
    locked = _lock_public(place)
    rules.require_open(actor, locked.plan.consultation, Feature.PREFER, at or timezone.now())
    Preference.objects.filter(voice_of(actor, person="user"), place=locked).delete()


def _lock_public(place: PlanPlace) -> PlanPlace:
    """The place of a plan that everybody sees, locked; raises UnknownPlan."""
    locked = (
        PlanPlace.objects.select_for_update(of=("self",), no_key=True)
        .select_related("plan__consultation")
        .filter(pk=place.pk, plan__in=Plan.objects.public())
        .first()
    )
    if locked is None:
        raise UnknownPlan
    return locked
