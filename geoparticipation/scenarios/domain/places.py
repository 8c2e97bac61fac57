"""The places of a plan, where its variants differ."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import shapely
from django.contrib.gis.geos import GEOSGeometry
from django.db import transaction
from django.utils.translation import gettext as _

from geoparticipation.accounts.models import User
from geoparticipation.consultations.rules import require_may_manage
from geoparticipation.contributions.errors import OutsideTerritory
from geoparticipation.contributions.models import Contribution
from geoparticipation.scenarios.domain.comments import open_for_comments, rename_for_comments
from geoparticipation.scenarios.domain.plans import checked_words, lock_plan, touch_plan
from geoparticipation.scenarios.enums import PlanState
from geoparticipation.scenarios.errors import PlanAnswered, PlanIncomplete
from geoparticipation.scenarios.models import PlaceNote, Plan, PlanPlace, Variant, VariantFeature
from layers.geometry import buffered, check_geometry, from_shapely, to_shapely
from neighbourhoods.domain.territory import territory_covers

MOST_PLACES: Final = 20
AROUND_M: Final = 10
"""Around the features of which a place is made."""


@transaction.atomic
def add_place(*, agent: User, plan: Plan, name: str, text: str = "", geometry: GEOSGeometry) -> PlanPlace:
    """Add a place at the end of the list; of a published plan it takes comments at once, also after others answered.

    `geometry` in SRID 4326, inside the territory. Raises NotAllowed, PlanIncomplete, OutsideTerritory, and what
    `check_geometry` and `place_contribution` raise.
    """
    require_may_manage(agent)
    return _add(lock_plan(plan), name, text, geometry)


def _add(plan: Plan, name: str, text: str, geometry: GEOSGeometry) -> PlanPlace:
    others = list(plan.places.all())
    if len(others) >= MOST_PLACES:
        raise PlanIncomplete(_("Twenty places at the most: nobody answers about more."))
    name = _free_name(others, None, name)
    geometry = check_geometry(geometry)
    if not territory_covers(geometry):
        raise OutsideTerritory
    place = PlanPlace.objects.create(
        plan=plan,
        position=len(others) + 1,
        name=name,
        text=checked_words(text, "text", "variant_text"),
        geometry=geometry,
    )
    if plan.state == PlanState.PUBLISHED:
        open_for_comments(plan=plan, place=place)
    touch_plan(plan)
    return place


def _free_name(others: list[PlanPlace], place: PlanPlace | None, name: str) -> str:
    name = checked_words(name, "name", "name", required=True, lines=False)
    if any(one.name == name and one != place for one in others):
        raise PlanIncomplete(_("Another place has this name."), field="name")
    return name


@transaction.atomic
def describe_place(
    *, agent: User, place: PlanPlace, name: str, text: str = "", notes: Mapping[Variant, str] | None = None
) -> PlanPlace:
    """Change the words of a place, and those of what each variant does there (an empty one is taken out).

    Words may change at any time; where the place is does not. Raises NotAllowed, PlanIncomplete.
    """
    require_may_manage(agent)
    plan = lock_plan(place.plan)
    kept = plan.places.get(pk=place.pk)
    kept.name = _free_name(list(plan.places.all()), kept, name)
    kept.text = checked_words(text, "text", "variant_text")
    kept.save(update_fields=["name", "text"])
    for variant, note in (notes or {}).items():
        words = checked_words(note, f"note_{variant.code}", "note", lines=False)
        if variant.plan_id != plan.pk:
            continue
        if words:
            PlaceNote.objects.update_or_create(place=kept, variant=variant, defaults={"text": words})
        else:
            PlaceNote.objects.filter(place=kept, variant=variant).delete()
    rename_for_comments(plan=plan, place=kept)
    touch_plan(plan)
    return kept


@transaction.atomic
def move_place(*, agent: User, place: PlanPlace, up: bool) -> None:
    """Change places in the list with the one above or below; at the end of the list nothing happens.

    Raises NotAllowed.
    """
    require_may_manage(agent)
    plan = lock_plan(place.plan)
    ordered = list(plan.places.all())
    at = next(index for index, one in enumerate(ordered) if one.pk == place.pk)
    to = at - 1 if up else at + 1
    if 0 <= to < len(ordered):
        ordered[at], ordered[to] = ordered[to], ordered[at]
        _number(ordered)
        touch_plan(plan)


def _number(ordered: list[PlanPlace]) -> None:
    for position, one in enumerate(ordered, start=1):
        PlanPlace.objects.filter(pk=one.pk).update(position=position)


@transaction.atomic
def delete_place(*, agent: User, place: PlanPlace) -> None:
    """Take a place out while nobody has answered or commented there. Raises NotAllowed, PlanAnswered, PlanIncomplete.

    The last place of a published plan stays.
    """
    require_may_manage(agent)
    plan = lock_plan(place.plan)
    kept = plan.places.get(pk=place.pk)
    said = Contribution.objects.filter(parent=kept.contribution_id) if kept.contribution_id else None
    if kept.preferences.exists() or (said is not None and said.exists()):
        raise PlanAnswered
    if plan.state == PlanState.PUBLISHED and plan.places.count() == 1:
        raise PlanIncomplete(_("Add at least one place where the variants differ."))
    contribution = kept.contribution
    kept.delete()
    if contribution is not None:
        contribution.delete()
    _number(list(plan.places.all()))
    touch_plan(plan)


@transaction.atomic
def make_places(*, agent: User, plan: Plan) -> list[PlanPlace]:
    """Make a place for each name in the files' column of places: what all variants would build there, and 10 m around.

    Names that a place has already are left out. Raises NotAllowed, PlanIncomplete (no such name), and as `add_place`.
    """
    require_may_manage(agent)
    locked = lock_plan(plan)
    taken = set(locked.places.values_list("name", flat=True))
    found: dict[str, list[GEOSGeometry]] = {}
    features = VariantFeature.objects.filter(variant__plan=locked).exclude(place_name="")
    for name, geometry in features.order_by("variant__position", "number").values_list("place_name", "geometry"):
        found.setdefault(name, []).append(geometry)
    if not found:
        raise PlanIncomplete(_("No file of this plan has a column of places: choose it when you take a file."))
    return [_add(locked, name, "", _around(geometries)) for name, geometries in found.items() if name not in taken]


def _around(geometries: list[GEOSGeometry]) -> GEOSGeometry:
    hull = from_shapely(shapely.convex_hull(shapely.GeometryCollection([to_shapely(one) for one in geometries])))
    area = buffered(hull, AROUND_M)
    return area if territory_covers(area) else hull
