"""Reads of plans."""

from __future__ import annotations

import uuid
from collections import Counter
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, F, Prefetch, Sum

from geoparticipation.accounts.identity import Actor
from geoparticipation.contributions.enums import Status
from geoparticipation.contributions.models import Contribution
from geoparticipation.contributions.queries import voice_of
from geoparticipation.scenarios.errors import UnknownPlan
from geoparticipation.scenarios.models import Plan, PlanPlace, Preference, Variant, VariantFeature
from geoparticipation.scenarios.models.plan import PlanQuerySet


@dataclass(frozen=True)
class Element:
    """What a variant would build at a place: how many of the same name, and what they cost together."""

    label: str
    count: int
    cost: Decimal | None


def with_parts(plans: PlanQuerySet) -> PlanQuerySet:
    """Each with its consultation, phases, variants (with `element_count` and `total_cost`) and places with their notes.

    Four queries more, however many there are.
    """
    variants = Variant.objects.annotate(element_count=Count("features"), total_cost=Sum("features__cost"))
    places = PlanPlace.objects.select_related("contribution").prefetch_related("notes")
    return plans.select_related("consultation").prefetch_related(
        "consultation__phases", Prefetch("variants", variants), Prefetch("places", places)
    )


def plan_for(user: object, code: uuid.UUID) -> Plan:
    """A plan that this person may see, `with_parts`; five queries. Raises UnknownPlan."""
    found = with_parts(Plan.objects.visible_to(user)).filter(code=code).first()
    if found is None:
        raise UnknownPlan
    return found


def plan_of_place(user: object, code: uuid.UUID) -> tuple[Plan, PlanPlace]:
    """A place of a plan that this person may see, with its plan `with_parts`; five queries. Raises UnknownPlan."""
    found = with_parts(Plan.objects.visible_to(user)).filter(places__code=code).first()
    place = next((one for one in found.places.all() if one.code == code), None) if found else None
    if found is None or place is None:
        raise UnknownPlan
    return found, place


def variant_for(user: object, code: uuid.UUID) -> Variant:
    """A variant of a plan that this person may see; one query. Raises UnknownPlan."""
    visible = Plan.objects.visible_to(user)
    found = Variant.objects.filter(code=code, plan__in=visible).select_related("plan__consultation").first()
    if found is None:
        raise UnknownPlan
    return found


def elements_at_places(plan: Plan) -> dict[tuple[int, int], list[Element]]:
    """What each variant would build at each place, by the keys of place and variant. One query.

    What touches the place's geometry is there.
    """
    rows = (
        VariantFeature.objects.filter(variant__plan=plan, variant__plan__places__geometry__intersects=F("geometry"))
        .order_by("number")
        .values_list("variant__plan__places", "variant", "label", "cost")
    )
    counts: dict[tuple[int, int], Counter[str]] = {}
    costs: dict[tuple[int, int, str], Decimal] = {}
    for place, variant, label, cost in rows:
        counts.setdefault((place, variant), Counter())[label] += 1
        if cost is not None:
            costs[place, variant, label] = costs.get((place, variant, label), Decimal(0)) + cost
    return {
        key: [Element(label, count, costs.get((*key, label))) for label, count in labels.items()]
        for key, labels in counts.items()
    }


def own_preferences(actor: Actor, plan: Plan) -> dict[int, int | None]:
    """The variant (None: none of them) that this actor prefers at each place where they said so. One query at most."""
    said = Preference.objects.filter(voice_of(actor, person="user"), plan=plan)
    return dict(said.values_list("place", "variant"))


def comments_at(user: object, place: PlanPlace) -> list[Contribution]:
    """The comments on a place that this person may read, the oldest first. Two queries, none for a draft."""
    if place.contribution_id is None:
        return []
    return list(
        Contribution.objects.visible_to(user)
        .filter(parent=place.contribution_id)
        .exclude(status=Status.WITHDRAWN)
        .select_related("district", "street")
        .prefetch_related("photos")
        .order_by("submitted_at", "pk")
    )
