"""A plan as its pages tell it: what each variant does at each place, and how many prefer it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from geoparticipation.consultations.enums import Feature
from geoparticipation.consultations.phases import open_features
from geoparticipation.scenarios.models import Plan, PlanPlace, Variant
from geoparticipation.scenarios.queries import Element
from geoparticipation.scenarios.telling import Told, sums


@dataclass(frozen=True)
class Choice:
    """One variant at a place (None: none of them): what it does there, and how many people prefer it."""

    variant: Variant | None
    note: str
    elements: tuple[Element, ...]
    is_own: bool
    people: int | None

    @property
    def value(self) -> str:
        """What a form sends for it."""
        return str(self.variant.code) if self.variant is not None else "none"


@dataclass(frozen=True)
class PlaceShown:
    """A place with its choices in the order of the variants, none of them last, and what is told of them."""

    place: PlanPlace
    choices: tuple[Choice, ...]
    has_answered: bool
    has_results: bool
    in_fives: bool
    total: int | None

    @property
    def variants(self) -> tuple[Choice, ...]:
        """The choices without "none of them"."""
        return self.choices[:-1]

    @property
    def most(self) -> int:
        """The largest told number, at least 1: the length of a full bar."""
        return max([choice.people or 0 for choice in self.choices] + [1])

    @property
    def hides(self) -> bool:
        """Whether some figure is not told."""
        return self.has_results and any(choice.people is None for choice in self.choices)


@dataclass(frozen=True)
class PlanShown:
    """A plan and its places as one person sees them."""

    plan: Plan
    variants: tuple[Variant, ...]
    places: tuple[PlaceShown, ...]
    takes_preferences: bool
    takes_comments: bool

    @property
    def has_results(self) -> bool:
        """Whether there are results that everybody may read."""
        return any(place.has_results for place in self.places)

    @property
    def hides(self) -> bool:
        """Whether some figure is not told, so that sums are at least what they say."""
        return any(place.hides for place in self.places)

    @property
    def in_fives(self) -> bool:
        """Whether figures are rounded down to fives."""
        return any(place.in_fives for place in self.places)

    @property
    def answered(self) -> int:
        """At how many places this person has answered."""
        return sum(place.has_answered for place in self.places)

    @property
    def in_all(self) -> list[tuple[Variant | None, int]]:
        """For each variant, and none, the told preferences of all places added up."""
        told = [
            Told(tuple(choice.people for choice in one.choices), one.total) for one in self.places if one.has_results
        ]
        return list(zip([*self.variants, None], sums(told), strict=True)) if told else []


def show_plan(
    plan: Plan,
    *,
    elements: Mapping[tuple[int, int], list[Element]],
    own: Mapping[int, int | None],
    exact: Mapping[int, Mapping[int | None, int]] | None = None,
) -> PlanShown:
    """Put together what the pages show. `exact` are the figures for agents, else those that were told. No query."""
    variants = tuple(plan.variants.all())
    features = open_features(plan.consultation)
    return PlanShown(
        plan=plan,
        variants=variants,
        places=tuple(_show_place(place, variants, elements, own, exact) for place in plan.places.all()),
        takes_preferences=Feature.PREFER in features,
        takes_comments=Feature.COMMENT in features,
    )


def _show_place(
    place: PlanPlace,
    variants: tuple[Variant, ...],
    elements: Mapping[tuple[int, int], list[Element]],
    own: Mapping[int, int | None],
    exact: Mapping[int, Mapping[int | None, int]] | None,
) -> PlaceShown:
    notes = {note.variant_id: note.text for note in place.notes.all()}
    told: dict[str | None, int | None] = {}
    if exact is not None:
        counted = exact.get(place.pk, {})
        told = {str(one.code): counted.get(one.pk, 0) for one in variants} | {None: counted.get(None, 0)}
    elif place.told is not None:
        told = {answer["variant"]: answer["people"] for answer in place.told["answers"]}
    answered = place.pk in own
    choices = [
        Choice(
            variant=variant,
            note=notes.get(variant.pk, ""),
            elements=tuple(elements.get((place.pk, variant.pk), ())),
            is_own=answered and own[place.pk] == variant.pk,
            people=told.get(str(variant.code)),
        )
        for variant in variants
    ]
    choices.append(Choice(None, "", (), answered and own[place.pk] is None, told.get(None)))
    return PlaceShown(
        place=place,
        choices=tuple(choices),
        has_answered=answered,
        has_results=bool(told),
        in_fives=exact is None and place.told is not None and place.told["in_fives"],
        total=sum(one or 0 for one in told.values()) if exact is not None else (place.told or {}).get("total"),
    )


def places_geojson(plan: Plan) -> dict[str, Any]:
    """The places for the map, each leading to its page. No query."""
    features = [
        {
            "type": "Feature",
            "properties": {
                "code": str(place.code),
                "kind": "plan",
                "title": f"{place.position}. {place.name}",
                "url": reverse("plan-place", args=[place.code]),
            },
            "geometry": json.loads(place.geometry.geojson),
        }
        for place in plan.places.all()
    ]
    return {"type": "FeatureCollection", "features": features}
