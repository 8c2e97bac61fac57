"""The variants of a plan and what they would build."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Final

from django.contrib.gis.geos import GEOSGeometry
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from geoparticipation.accounts.models import User
from geoparticipation.consultations.rules import require_may_manage
from geoparticipation.contributions.errors import OutsideTerritory
from geoparticipation.scenarios.domain.plans import checked_words, lock_plan, require_unanswered, touch_plan
from geoparticipation.scenarios.enums import VariantColour
from geoparticipation.scenarios.errors import PlanIncomplete
from geoparticipation.scenarios.models import Plan, Variant, VariantFeature
from layers.geometry import check_geometry
from neighbourhoods.domain.territory import territory_covers

MOST_VARIANTS: Final = 6
MOST_FEATURES: Final = 300
"""Of one variant."""
MOST_COST: Final = Decimal("9999999999.99")


@dataclass(frozen=True)
class FeatureInput:
    """Something to be built: geometry in SRID 4326, checked or not."""

    geometry: GEOSGeometry
    label: str
    kind: str = ""
    cost: object = None
    place_name: str = ""


@transaction.atomic
def save_variant(
    *, agent: User, plan: Plan, variant: Variant | None = None, name: str, text: str = "", colour: str = ""
) -> Variant:
    """Store a variant; a new one goes to the end of the list, and gets a colour that is free when none is said.

    Its words and colour may always change; no variant is added once people have answered. Raises NotAllowed,
    PlanIncomplete, PlanAnswered.
    """
    require_may_manage(agent)
    locked = lock_plan(plan)
    others = list(locked.variants.all())
    if variant is None:
        require_unanswered(locked)
        if len(others) >= MOST_VARIANTS:
            raise PlanIncomplete(_("Six variants at the most: more cannot be told apart on a map."))
        kept = Variant(plan=locked, position=len(others) + 1)
    else:
        kept = next(one for one in others if one.pk == variant.pk)
        others.remove(kept)
    kept.name = checked_words(name, "name", "name", required=True, lines=False)
    kept.text = checked_words(text, "text", "variant_text")
    if any(one.name == kept.name for one in others):
        raise PlanIncomplete(_("Another variant has this name."), field="name")
    taken = {one.colour for one in others}
    kept.colour = colour or kept.colour or next(one.value for one in VariantColour if one.value not in taken)
    if kept.colour not in VariantColour.values:
        raise PlanIncomplete(_("Please choose one from the list."), field="colour")
    if kept.colour in taken:
        raise PlanIncomplete(_("Another variant has this colour."), field="colour")
    kept.save()
    _rename_in_results(locked, kept)
    touch_plan(locked)
    return kept


def _rename_in_results(plan: Plan, variant: Variant) -> None:
    """Let told results call the variant by its new name."""
    for place in plan.places.exclude(told=None):
        for answer in (place.told or {}).get("answers", ()):
            if answer["variant"] == str(variant.code):
                answer["name"] = variant.name
        place.save(update_fields=["told"])


@transaction.atomic
def move_variant(*, agent: User, variant: Variant, up: bool) -> None:
    """Change places with the variant above or below; at the end of the list nothing happens.

    The letters change with the order, so it stays once people have answered. Raises NotAllowed, PlanAnswered.
    """
    require_may_manage(agent)
    plan = lock_plan(variant.plan)
    require_unanswered(plan)
    _move(list(plan.variants.all()), variant, up=up)
    touch_plan(plan)


def _move(ordered: list[Variant], variant: Variant, *, up: bool) -> None:
    at = next(index for index, one in enumerate(ordered) if one.pk == variant.pk)
    to = at - 1 if up else at + 1
    if 0 <= to < len(ordered):
        ordered[at], ordered[to] = ordered[to], ordered[at]
        for position, one in enumerate(ordered, start=1):
            Variant.objects.filter(pk=one.pk).update(position=position)


@transaction.atomic
def delete_variant(*, agent: User, variant: Variant) -> None:
    """Take a variant out, with what it would build. Raises NotAllowed, PlanAnswered."""
    require_may_manage(agent)
    plan = lock_plan(variant.plan)
    require_unanswered(plan)
    plan.variants.filter(pk=variant.pk).delete()
    for position, one in enumerate(plan.variants.all(), start=1):
        Variant.objects.filter(pk=one.pk).update(position=position)
    touch_plan(plan)


@transaction.atomic
def replace_features(*, agent: User, variant: Variant, features: Iterable[FeatureInput]) -> list[VariantFeature]:
    """Let a variant have these features and no others. Raises NotAllowed, PlanAnswered, and as `check_feature`."""
    require_may_manage(agent)
    plan = lock_plan(variant.plan)
    require_unanswered(plan)
    checked = [check_feature(feature) for feature in features]
    if len(checked) > MOST_FEATURES:
        raise PlanIncomplete(_("A variant has %(most)d elements at the most.") % {"most": MOST_FEATURES})
    variant.features.all().delete()
    made = VariantFeature.objects.bulk_create(
        _feature(variant, number, feature) for number, feature in enumerate(checked, start=1)
    )
    touch_plan(plan)
    return made


@transaction.atomic
def add_feature(*, agent: User, variant: Variant, feature: FeatureInput) -> VariantFeature:
    """Add one feature, drawn or found by its address, to a variant. Raises as `replace_features`."""
    require_may_manage(agent)
    plan = lock_plan(variant.plan)
    require_unanswered(plan)
    last = variant.features.aggregate(last=Max("number"))["last"] or 0
    if variant.features.count() >= MOST_FEATURES:
        raise PlanIncomplete(_("A variant has %(most)d elements at the most.") % {"most": MOST_FEATURES})
    made = _feature(variant, last + 1, check_feature(feature))
    made.save()
    touch_plan(plan)
    return made


@transaction.atomic
def delete_feature(*, agent: User, feature: VariantFeature) -> None:
    """Take one feature out of its variant. Raises NotAllowed, PlanAnswered."""
    require_may_manage(agent)
    plan = lock_plan(feature.variant.plan)
    require_unanswered(plan)
    VariantFeature.objects.filter(pk=feature.pk).delete()
    touch_plan(plan)


def check_feature(feature: FeatureInput) -> FeatureInput:
    """The feature with its geometry and words checked. Raises a GeometryRefused, OutsideTerritory, PlanIncomplete."""
    geometry = check_geometry(feature.geometry)
    if not territory_covers(geometry):
        raise OutsideTerritory
    return FeatureInput(
        geometry=geometry,
        label=checked_words(feature.label, "label", "label", required=True, lines=False),
        kind=checked_words(feature.kind, "kind", "kind", lines=False),
        cost=checked_cost(feature.cost),
        place_name=checked_words(feature.place_name, "place_name", "name", lines=False),
    )


def checked_cost(cost: object) -> Decimal | None:
    """An amount of money, to the cent; None for nothing. Raises PlanIncomplete."""
    text = "" if cost is None else str(cost).replace("\u202f", "").replace("\xa0", "").replace(" ", "")
    if not text:
        return None
    try:
        amount = Decimal(text.replace(",", ".") if text.count(",") == 1 and "." not in text else text)
    except InvalidOperation:
        raise PlanIncomplete(_("“%(text)s” is no amount.") % {"text": text[:40]}, field="cost") from None
    if not amount.is_finite() or not 0 <= amount <= MOST_COST:
        raise PlanIncomplete(_("“%(text)s” is no amount.") % {"text": text[:40]}, field="cost")
    return amount.quantize(Decimal("0.01"))


def _feature(variant: Variant, number: int, feature: FeatureInput) -> VariantFeature:
    return VariantFeature(
        variant=variant,
        number=number,
        label=feature.label,
        kind=feature.kind,
        cost=feature.cost,  # type: ignore[misc]
        place_name=feature.place_name,
        geometry=feature.geometry,
    )
