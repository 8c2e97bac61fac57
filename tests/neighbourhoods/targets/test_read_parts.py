"""Parts as the API writes them: what is read, and what is refused by which code and field."""

from __future__ import annotations

from typing import Any

import pytest

from layers.errors import Refusal
from neighbourhoods.domain.targets import PartSpec, read_parts
from neighbourhoods.enums import PartKind, PartOperation, Side
from neighbourhoods.models import Address, BoundaryRelease, District, DistrictLevel, Street, StreetName
from tests.fixtures.tiny_town import TinyTown

SQUARE = {"type": "Polygon", "coordinates": [[[4.40, 50.84], [4.41, 50.84], [4.41, 50.85], [4.40, 50.84]]]}
BOW_TIE = {
    "type": "Polygon",
    "coordinates": [[[4.40, 50.84], [4.41, 50.85], [4.41, 50.84], [4.40, 50.85], [4.40, 50.84]]],
}
LINE = {"type": "LineString", "coordinates": [[4.40, 50.84], [4.41, 50.85]]}
POINT = {"type": "Point", "coordinates": [4.40, 50.84]}


def refusal_of(*parts: Any) -> tuple[str, str | None]:
    with pytest.raises(Refusal) as refused:
        read_parts(list(parts))
    assert refused.value.detail
    return refused.value.code, refused.value.field


def test_street_part_with_everything(tiny_town: TinyTown) -> None:
    [part] = read_parts(
        [
            {
                "operation": "include",
                "kind": "street",
                "street": tiny_town.rue_haute.pk,
                "side": "even",
                "number_from": 2,
                "number_to": 60,
                "buffer_m": 50,
                "ring_only": True,
                "shape": None,
                "district": None,
            }
        ]
    )

    assert part == PartSpec(
        kind=PartKind.STREET,
        operation=PartOperation.INCLUDE,
        street_id=tiny_town.rue_haute.pk,
        side=Side.EVEN,
        number_from=2,
        number_to=60,
        buffer_m=50,
        ring_only=True,
    )


@pytest.mark.parametrize(
    "reference", ["S1", "Rue Haute", "rue HAUTE", "Hoogstraat", "r. haute", "Rue Haute (Tinyville)"]
)
def test_street_by_code_or_name_in_any_language(tiny_town: TinyTown, reference: str) -> None:
    [part] = read_parts([{"kind": "street", "street": reference}])

    assert part.street_id == tiny_town.rue_haute.pk


@pytest.mark.parametrize("reference", ["W", "West", "west", "district/W"])
def test_district_by_code_or_name(tiny_town: TinyTown, reference: str) -> None:
    [part] = read_parts([{"kind": "district", "district": reference}])

    assert part.district_id == tiny_town.west.pk


def test_feature_is_taken_for_its_geometry(tiny_town: TinyTown) -> None:
    [part] = read_parts([{"kind": "shape", "shape": {"type": "Feature", "properties": {}, "geometry": SQUARE}}])

    assert part.shape is not None
    assert part.shape.geom_type == "Polygon"


@pytest.mark.parametrize("count", [1, 3])
def test_reading_takes_two_queries_however_many_parts(
    tiny_town: TinyTown, count: int, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(2):
        read_parts([{"kind": "street", "street": "Rue Haute"}, {"kind": "district", "district": "W"}] * count)


@pytest.mark.parametrize(
    ("part", "code", "field"),
    [
        ("Rue Haute", "target_part_malformed", "parts[0]"),
        ({}, "target_part_malformed", "parts[0].kind"),
        ({"kind": "town"}, "target_part_malformed", "parts[0].kind"),
        ({"kind": ["street"]}, "target_part_malformed", "parts[0].kind"),
        ({"kind": "street"}, "target_part_malformed", "parts[0].kind"),
        ({"kind": "street", "street": "S1", "district": "W"}, "target_part_malformed", "parts[0].kind"),
        ({"kind": "district", "street": "S1"}, "target_part_malformed", "parts[0].kind"),
        ({"kind": "street", "street": "S1", "colour": "red"}, "target_part_malformed", "parts[0].kind"),
        ({"kind": "street", "street": "S1", "operation": "add"}, "target_part_malformed", "parts[0].operation"),
        ({"kind": "street", "street": "S1", "side": "left"}, "target_part_malformed", "parts[0].side"),
        ({"kind": "district", "district": "W", "side": "odd"}, "target_part_malformed", "parts[0].side"),
        ({"kind": "street", "street": "S1", "number_from": "2"}, "target_part_malformed", "parts[0].number_from"),
        ({"kind": "street", "street": "S1", "number_from": True}, "target_part_malformed", "parts[0].number_from"),
        ({"kind": "street", "street": "S1", "number_to": -1}, "target_part_malformed", "parts[0].number_to"),
        ({"kind": "street", "street": "S1", "number_to": 10**30}, "target_part_malformed", "parts[0].number_to"),
        (
            {"kind": "street", "street": "S1", "number_from": 60, "number_to": 2},
            "target_numbers_reversed",
            "parts[0].number_to",
        ),
        ({"kind": "street", "street": "Rue Absente"}, "street_unknown", "parts[0].street"),
        ({"kind": "street", "street": "Rue Haute (Elsewhere)"}, "street_unknown", "parts[0].street"),
        ({"kind": "street", "street": 0}, "street_unknown", "parts[0].street"),
        ({"kind": "street", "street": 2**70}, "street_unknown", "parts[0].street"),
        ({"kind": "street", "street": ""}, "street_unknown", "parts[0].street"),
        ({"kind": "street", "street": "Rue\x00Haute"}, "street_unknown", "parts[0].street"),
        ({"kind": "street", "street": {"id": 1}}, "street_unknown", "parts[0].street"),
        ({"kind": "street", "street": True}, "street_unknown", "parts[0].street"),
        ({"kind": "district", "district": "Nowhere"}, "district_unknown", "parts[0].district"),
        ({"kind": "district", "district": -5}, "district_unknown", "parts[0].district"),
        ({"kind": "district", "district": "W", "buffer_m": -1}, "target_buffer_out_of_range", "parts[0].buffer_m"),
        ({"kind": "district", "district": "W", "buffer_m": 5001}, "target_buffer_out_of_range", "parts[0].buffer_m"),
        ({"kind": "district", "district": "W", "buffer_m": 10**400}, "target_buffer_out_of_range", "parts[0].buffer_m"),
        (
            {"kind": "district", "district": "W", "buffer_m": float("nan")},
            "target_buffer_out_of_range",
            "parts[0].buffer_m",
        ),
        ({"kind": "district", "district": "W", "buffer_m": "50"}, "target_part_malformed", "parts[0].buffer_m"),
        ({"kind": "district", "district": "W", "ring_only": True}, "target_ring_needs_buffer", "parts[0].buffer_m"),
        ({"kind": "district", "district": "W", "ring_only": "yes"}, "target_part_malformed", "parts[0].ring_only"),
        ({"kind": "shape", "shape": LINE}, "target_line_needs_buffer", "parts[0].buffer_m"),
        ({"kind": "shape", "shape": POINT}, "target_line_needs_buffer", "parts[0].buffer_m"),
        (
            {"kind": "shape", "shape": {"type": "GeometryCollection", "geometries": [SQUARE, POINT]}, "buffer_m": 5},
            "target_part_malformed",
            "parts[0].shape",
        ),
        ({"kind": "shape", "shape": BOW_TIE}, "geometry_invalid", "parts[0].shape"),
        ({"kind": "shape", "shape": "POINT(4 50)"}, "geometry_not_an_object", "parts[0].shape"),
        (
            {"kind": "shape", "shape": {"type": "Point", "coordinates": [149000, 170000]}, "buffer_m": 5},
            "geometry_out_of_range",
            "parts[0].shape",
        ),
    ],
)
def test_what_is_wrong_with_a_part(tiny_town: TinyTown, part: object, code: str, field: str) -> None:
    assert refusal_of(part) == (code, field)


def test_fault_is_told_of_the_part_that_has_it(tiny_town: TinyTown) -> None:
    fine = {"kind": "district", "district": "W"}

    assert refusal_of(fine, fine, {"kind": "street", "street": "?"}) == ("street_unknown", "parts[2].street")


@pytest.mark.parametrize(
    ("parts", "code"),
    [
        (None, "target_part_malformed"),
        ({"kind": "street"}, "target_part_malformed"),
        ([], "target_parts_missing"),
        ([{"kind": "district", "district": "W", "operation": "exclude"}], "target_parts_missing"),
        ([{"kind": "district", "district": "W"}] * 501, "target_too_many_parts"),
    ],
)
def test_what_is_wrong_with_the_whole(tiny_town: TinyTown, parts: object, code: str) -> None:
    with pytest.raises(Refusal) as refused:
        read_parts(parts)

    assert (refused.value.code, refused.value.field) == (code, "parts")


def test_name_of_two_streets_is_refused_with_their_localities(tiny_town: TinyTown) -> None:
    other = Street.objects.create(code="S9", name="Rue Haute", locality="Faraway")
    StreetName.objects.create(street=other, name="Rue Haute", search_name="rue haute")

    with pytest.raises(Refusal) as refused:
        read_parts([{"kind": "street", "street": "Rue Haute"}])
    [part] = read_parts([{"kind": "street", "street": "Rue Haute (Faraway)"}])

    assert refused.value.code == "street_ambiguous"
    assert [choice["locality"] for choice in refused.value.extra["choices"]] == ["Faraway", "Tinyville"]
    assert "Rue Haute (Faraway)" in refused.value.detail
    assert part.street_id == other.pk


def test_code_of_two_levels_is_refused_with_their_levels(tiny_town: TinyTown) -> None:
    level = DistrictLevel.objects.create(name="sector", rank=2)
    release = BoundaryRelease.objects.create(level=level, name="2024", is_current=True)
    sector = District.objects.create(
        release=release, code="W", name="Sector W", geometry=tiny_town.west.geometry, area_m2=1
    )

    assert refusal_of({"kind": "district", "district": "W"}) == ("district_ambiguous", "parts[0].district")
    [part] = read_parts([{"kind": "district", "district": "sector/W"}])
    assert part.district_id == sector.pk


def test_district_of_a_former_release_is_known_by_its_id_only(tiny_town: TinyTown) -> None:
    BoundaryRelease.objects.filter(pk=tiny_town.west.release_id).update(is_current=False)

    assert refusal_of({"kind": "district", "district": "W"}) == ("district_unknown", "parts[0].district")
    [part] = read_parts([{"kind": "district", "district": tiny_town.west.pk}])
    assert part.district_id == tiny_town.west.pk
    assert Address.objects.count() == 14
