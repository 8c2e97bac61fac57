"""Targets in words, as lists, cards and the targeting screen say them."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.gis.geos import LineString, Point, Polygon
from django.utils import translation

from neighbourhoods.enums import PartKind, PartOperation, Side
from neighbourhoods.models import BoundaryRelease, District, Street, TargetPart
from neighbourhoods.target_words import part_in_words, parts_in_words

HAUTE = {"kind": PartKind.STREET, "street": Street(name="Rue Haute")}
PARK = {
    "kind": PartKind.DISTRICT,
    "district": District(name="Parc Sud", release=BoundaryRelease(name="2027", is_current=True)),
}
OLD_PARK = {**PARK, "district": District(name="Parc Sud", release=BoundaryRelease(name="2024", is_current=False))}


@pytest.mark.parametrize(
    ("part", "said"),
    [
        (HAUTE, "Rue Haute"),
        ({**HAUTE, "side": Side.EVEN, "number_from": 2, "number_to": 60}, "Rue Haute · côté pair · du 2 au 60"),
        ({**HAUTE, "side": Side.ODD, "buffer_m": 50}, "Rue Haute · côté impair · +\u00a050\u00a0m"),
        ({**HAUTE, "number_from": 7, "number_to": 7}, "Rue Haute · numéro 7"),
        ({**PARK, "operation": PartOperation.EXCLUDE}, "sauf Parc Sud"),
        (OLD_PARK, "Parc Sud (édition 2024)"),
        (
            {**PARK, "buffer_m": 100, "ring_only": True},
            "couronne de 100 m autour de Parc Sud, sans ses propres adresses",
        ),
        ({"kind": PartKind.SHAPE, "shape": Polygon.from_bbox((0, 0, 1, 1))}, "zone dessinée"),
        (
            {"kind": PartKind.SHAPE, "shape": LineString((0, 0), (1, 1)), "buffer_m": 5},
            "ligne dessinée · +\u00a05\u00a0m",
        ),
    ],
)
def test_one_part_is_one_sentence(part: dict[str, Any], said: str) -> None:
    with translation.override("fr"):
        assert part_in_words(TargetPart(**part)) == said


def test_an_open_range_and_a_point_in_english() -> None:
    with translation.override("en"):
        assert part_in_words(TargetPart(**HAUTE, number_from=10)) == "Rue Haute · from number 10 on"
        assert part_in_words(TargetPart(**HAUTE, number_to=10)) == "Rue Haute · up to number 10"
        assert part_in_words(TargetPart(kind=PartKind.SHAPE, shape=Point(0, 0))) == "drawn point"


def test_what_is_over_the_limit_is_counted() -> None:
    parts = [TargetPart(**HAUTE)] * 5
    with translation.override("en"):
        assert parts_in_words(parts, at_most=2) == "Rue Haute ; Rue Haute ; 3 more parts"
