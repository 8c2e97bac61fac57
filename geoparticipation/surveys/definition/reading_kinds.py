"""Reading what each kind of question has of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from django.utils.translation import gettext as _

from geoparticipation.surveys.definition.model import (
    OTHER,
    Budget,
    BudgetItem,
    Choice,
    Consent,
    Day,
    LongText,
    Matrix,
    MultipleChoice,
    Number,
    Photo,
    PlaceChoice,
    PlaceQuestion,
    PlacesChoice,
    Question,
    Ranking,
    Scale,
    ShortText,
    SingleChoice,
)
from geoparticipation.surveys.definition.reading_values import At, Reading
from layers.errors import Refusal
from layers.geometry import geometry_from_geojson

MAX_CHOICES: Final = 100
MAX_ROWS: Final = 30
MAX_RANKED: Final = 20
MAX_SCALE_STEPS: Final = 20
MAX_PLACES: Final = 20
MAX_CHOSEN_PLACES: Final = 50
MAX_FOLLOW_UP: Final = 8
MAX_ITEMS: Final = 30
LONGEST_SHORT_TEXT: Final = 500
LONGEST_LONG_TEXT: Final = 10_000
LONGEST_UNIT: Final = 20
SHAPES: Final = ("point", "line", "area")
LARGEST_AREA_M2: Final = 1e9
LONGEST_LINE_M: Final = 100_000
"""As long as a line may be in any contribution."""

Common = Mapping[str, Any]
Ask = Callable[[Mapping[str, Any], At], Question | None]
"""Reads a question that follows up on a place."""
ReadKind = Callable[[Reading, Mapping[str, Any], At, Ask, Common], Question]


def _choices(
    reading: Reading, entry: Mapping[str, Any], at: At, *, name: str = "choices", at_most: int = MAX_CHOICES
) -> tuple[Choice, ...]:
    reserved = (OTHER,) if entry.get("other") is True else ()
    found = reading.keyed(entry, name, at, at_most=at_most, reserved=reserved)
    for _key, _label, said, here in found:
        reading.known_members(said, ("key", "label"), here)
    return tuple(Choice(key, label) for key, label, _said, _here in found)


def _single(reading: Reading, entry: Mapping[str, Any], at: At, _ask: Ask, common: Common) -> Question:
    return SingleChoice(
        **common,
        choices=_choices(reading, entry, at),
        other=reading.boolean(entry, "other", at),
        random_order=reading.boolean(entry, "random_order", at),
    )


def _multiple(reading: Reading, entry: Mapping[str, Any], at: At, _ask: Ask, common: Common) -> Question:
    choices, other = _choices(reading, entry, at), reading.boolean(entry, "other", at)
    most = max(1, len(choices) + other)
    least_chosen = reading.whole(entry, "min_choices", at, least=0, most=most)
    most_chosen = reading.whole(entry, "max_choices", at, least=1, most=most)
    reading.ordered(least_chosen, most_chosen, ("min_choices", "max_choices"), at)
    return MultipleChoice(
        **common,
        choices=choices,
        other=other,
        random_order=reading.boolean(entry, "random_order", at),
        min_choices=least_chosen,
        max_choices=most_chosen,
    )


def _ranking(reading: Reading, entry: Mapping[str, Any], at: At, _ask: Ask, common: Common) -> Question:
    choices = _choices(reading, entry, at, at_most=MAX_RANKED)
    return Ranking(
        **common,
        choices=choices,
        max_ranks=reading.whole(entry, "max_ranks", at, least=1, most=max(1, len(choices))),
    )


def _scale(reading: Reading, entry: Mapping[str, Any], at: At, _ask: Ask, common: Common) -> Question:
    minimum = reading.whole(entry, "minimum", at, least=-100, most=100, usual=1) or 0
    maximum = reading.whole(entry, "maximum", at, least=minimum + 1, most=minimum + MAX_SCALE_STEPS, required=True)
    labels = entry.get("labels", {})
    if not isinstance(labels, Mapping):
        reading.fault(
            at.at("labels"),
            "text_malformed",
            _("“labels” must be an object with the words of “minimum” and “maximum”."),
        )
        labels = {}
    reading.known_members(labels, ("minimum", "maximum"), at.at("labels"))
    return Scale(
        **common,
        minimum=minimum,
        maximum=maximum or minimum + 1,
        minimum_label=reading.text(labels, "minimum", at.at("labels"), longest=100),
        maximum_label=reading.text(labels, "maximum", at.at("labels"), longest=100),
    )


def _matrix(reading: Reading, entry: Mapping[str, Any], at: At, _ask: Ask, common: Common) -> Question:
    rows = _choices(reading, entry, at, name="rows", at_most=MAX_ROWS)
    return Matrix(**common, rows=rows, choices=_choices(reading, entry, at, at_most=10))


def _number(reading: Reading, entry: Mapping[str, Any], at: At, _ask: Ask, common: Common) -> Question:
    minimum, maximum = reading.number(entry, "minimum", at), reading.number(entry, "maximum", at)
    reading.ordered(minimum, maximum, ("minimum", "maximum"), at)
    return Number(
        **common,
        minimum=minimum,
        maximum=maximum,
        step=reading.number(entry, "step", at, above=0),
        unit=reading.text(entry, "unit", at, longest=LONGEST_UNIT),
    )


def _short_text(reading: Reading, entry: Mapping[str, Any], at: At, _ask: Ask, common: Common) -> Question:
    longest = reading.whole(entry, "max_length", at, least=1, most=LONGEST_SHORT_TEXT, usual=200)
    return ShortText(**common, max_length=longest or 200)


def _long_text(reading: Reading, entry: Mapping[str, Any], at: At, _ask: Ask, common: Common) -> Question:
    longest = reading.whole(entry, "max_length", at, least=1, most=LONGEST_LONG_TEXT, usual=2000)
    return LongText(**common, max_length=longest or 2000)


def _day(reading: Reading, entry: Mapping[str, Any], at: At, _ask: Ask, common: Common) -> Question:
    earliest, latest = reading.day(entry, "earliest", at), reading.day(entry, "latest", at)
    if earliest and latest and earliest > latest:
        reading.ordered(1, 0, ("earliest", "latest"), at)
    return Day(**common, earliest=earliest, latest=latest)


def _place(reading: Reading, entry: Mapping[str, Any], at: At, ask: Ask, common: Common) -> Question:
    shapes = entry.get("shapes", ["point"])
    if (
        not isinstance(shapes, list)
        or not shapes
        or not all(shape in SHAPES for shape in shapes)
        or len(set(shapes)) < len(shapes)
    ):
        told = _("“shapes” must list some of point, line and area, each once.")
        reading.fault(at.at("shapes"), "choice_unknown", told)
        shapes = ["point"]
    most = reading.whole(entry, "max_places", at, least=1, most=MAX_PLACES, usual=1)
    least = reading.whole(entry, "min_places", at, least=0, most=MAX_PLACES)
    reading.ordered(least, most, ("min_places", "max_places"), at)
    said = reading.objects(entry, "follow_up", at, at_most=MAX_FOLLOW_UP, at_least=0)
    follow_up = [
        question
        for number, part in enumerate(said)
        if (question := ask(part, at.at(f"follow_up[{number}]"))) is not None
    ]
    reading.unique([question.key for question in follow_up], at.at("follow_up"))
    return PlaceQuestion(
        **common,
        shapes=tuple(shape for shape in SHAPES if shape in shapes),
        min_places=least,
        max_places=most or 1,
        max_area_m2=reading.number(entry, "max_area_m2", at, above=0, most=LARGEST_AREA_M2),
        max_length_m=reading.number(entry, "max_length_m", at, above=0, most=LONGEST_LINE_M),
        inside=reading.one_of(entry, "inside", at, ("target", "territory"), "territory"),
        follow_up=tuple(follow_up),
    )


def _places_choice(reading: Reading, entry: Mapping[str, Any], at: At, _ask: Ask, common: Common) -> Question:
    places = []
    for key, label, said, here in reading.keyed(entry, "places", at, at_most=MAX_CHOSEN_PLACES):
        reading.known_members(said, ("key", "label", "geometry"), here)
        try:
            geometry_from_geojson(said.get("geometry"))
        except Refusal as refusal:
            told = _("the place “%(key)s” has no geometry that can be shown. %(why)s")
            reading.fault(here.at("geometry"), "geometry_refused", told % {"key": key, "why": refusal.detail})
            continue
        places.append(PlaceChoice(key, label, said["geometry"]))
    return PlacesChoice(
        **common,
        places=tuple(places),
        max_choices=reading.whole(entry, "max_choices", at, least=1, most=max(1, len(places))),
    )


def _photo(reading: Reading, entry: Mapping[str, Any], at: At, _ask: Ask, common: Common) -> Question:
    return Photo(**common, with_place=reading.boolean(entry, "with_place", at))


def _budget(reading: Reading, entry: Mapping[str, Any], at: At, _ask: Ask, common: Common) -> Question:
    items = []
    for key, label, said, here in reading.keyed(entry, "items", at, at_most=MAX_ITEMS):
        reading.known_members(said, ("key", "label", "cost_minimum", "cost_maximum", "step"), here)
        minimum = reading.number(said, "cost_minimum", here, least=0, usual=0) or 0
        maximum = reading.number(said, "cost_maximum", here, least=0, required=True) or 0
        reading.ordered(minimum, maximum, ("cost_minimum", "cost_maximum"), here)
        step = reading.number(said, "step", here, above=0, usual=1) or 1
        items.append(BudgetItem(key, label, minimum, maximum, step))
    total = reading.number(entry, "total", at, above=0, required=True) or 0
    if sum(item.cost_minimum for item in items) > total:
        told = _("the least amounts of the items come to more than “total”: nobody could answer. Change one of them.")
        reading.fault(at.at("total"), "limits_crossed", told)
    return Budget(**common, items=tuple(items), total=total, unit=reading.text(entry, "unit", at, longest=LONGEST_UNIT))


def _consent(_reading: Reading, _entry: Mapping[str, Any], _at: At, _ask: Ask, common: Common) -> Question:
    return Consent(**common)


READERS: Final[Mapping[str, tuple[tuple[str, ...], ReadKind]]] = {
    "single": (("choices", "other", "random_order"), _single),
    "multiple": (("choices", "other", "random_order", "min_choices", "max_choices"), _multiple),
    "ranking": (("choices", "max_ranks"), _ranking),
    "scale": (("minimum", "maximum", "labels"), _scale),
    "matrix": (("rows", "choices"), _matrix),
    "number": (("minimum", "maximum", "step", "unit"), _number),
    "short_text": (("max_length",), _short_text),
    "long_text": (("max_length",), _long_text),
    "date": (("earliest", "latest"), _day),
    "place": (
        ("shapes", "min_places", "max_places", "max_area_m2", "max_length_m", "inside", "follow_up"),
        _place,
    ),
    "places_choice": (("places", "max_choices"), _places_choice),
    "photo": (("with_place",), _photo),
    "budget": (("items", "total", "unit"), _budget),
    "consent": ((), _consent),
}
"""The members of each kind beside those of every question, and what reads them."""
