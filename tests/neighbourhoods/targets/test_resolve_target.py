"""Targets of the tiny town, counted on its picture."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.gis.geos import GEOSGeometry, LineString, Point, Polygon

from neighbourhoods.domain.targets import PartSpec, list_letterboxes, preview_target, resolve_target
from neighbourhoods.enums import PartKind, PartOperation, Side
from neighbourhoods.models import Address
from tests.fixtures.tiny_town import TinyTown

HAUTE = {"haute 1", "haute 2", "haute 3", "haute 4", "haute 5", "haute 6"}
BASSE = {"basse 1", "basse 2", "basse 3", "basse 4"}
PARC = {"parc 1", "parc 2", "parc 3", "parc"}


def district(pk: int, **options: Any) -> PartSpec:
    return PartSpec(kind=PartKind.DISTRICT, district_id=pk, **options)


def street(pk: int, **options: Any) -> PartSpec:
    return PartSpec(kind=PartKind.STREET, street_id=pk, **options)


def shape(geometry: GEOSGeometry, **options: Any) -> PartSpec:
    return PartSpec(kind=PartKind.SHAPE, shape=geometry, **options)


def labels(*parts: PartSpec) -> set[str]:
    """Names of the letterboxes of a target, with the no-flyers ones."""
    ids = [box.address_id for box in list_letterboxes(parts, respect_no_flyers=False)]
    return set(Address.objects.filter(pk__in=ids).values_list("register_id", flat=True))


def test_district_reaches_what_its_area_covers(tiny_town: TinyTown) -> None:
    assert labels(district(tiny_town.west.pk)) == HAUTE | {"basse 1", "basse 2"}


def test_street_reaches_its_addresses_by_register_wherever_they_are(tiny_town: TinyTown) -> None:
    far = tiny_town.addresses["haute 1"]
    far.geometry = Point(4.419, 50.841, srid=4326)
    far.save()

    assert labels(street(tiny_town.rue_haute.pk)) == HAUTE


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"side": Side.EVEN}, {"haute 2", "haute 4", "haute 6"}),
        ({"side": Side.ODD}, {"haute 1", "haute 3", "haute 5"}),
        ({"side": Side.EVEN, "number_from": 4}, {"haute 4", "haute 6"}),
        ({"side": Side.EVEN, "number_from": 3, "number_to": 5}, {"haute 4"}),
        ({"number_to": 2}, {"haute 1", "haute 2"}),
        ({"number_from": 5, "number_to": 5}, {"haute 5"}),
        ({"number_from": 100}, set()),
    ],
)
def test_street_with_side_and_range(tiny_town: TinyTown, options: dict[str, Any], expected: set[str]) -> None:
    assert labels(street(tiny_town.rue_haute.pk, **options)) == expected


@pytest.mark.parametrize("options", [{"side": Side.EVEN}, {"side": Side.ODD}, {"number_from": 0}])
def test_address_without_number_is_on_no_side_and_in_no_range(tiny_town: TinyTown, options: dict[str, Any]) -> None:
    assert "parc" not in labels(street(tiny_town.avenue_du_parc.pk, **options))
    assert "parc" in labels(street(tiny_town.avenue_du_parc.pk))


def test_polygon_reaches_what_it_covers_its_outline_too(tiny_town: TinyTown) -> None:
    edge_through_haute_1 = Polygon.from_bbox((4.4025, 50.8440, 4.4050, 50.8460))
    edge_through_haute_1.srid = 4326

    assert labels(shape(edge_through_haute_1)) == {"haute 1", "haute 2", "haute 3", "haute 4"}


def test_buffer_around_a_point_reaches_what_is_within(tiny_town: TinyTown) -> None:
    # parc 1 and parc 2 are 119 m apart, parc 3 is 222 m from parc 1.
    at_parc_1 = Point(4.4153, 50.8440, srid=4326)

    assert labels(shape(at_parc_1, buffer_m=100)) == {"parc 1"}
    assert labels(shape(at_parc_1, buffer_m=130)) == {"parc 1", "parc 2"}
    assert labels(shape(at_parc_1, buffer_m=230)) == {"parc 1", "parc 2", "parc 3"}


def test_ring_around_a_point_leaves_out_the_home_in_it(tiny_town: TinyTown) -> None:
    at_parc_1 = Point(4.4153, 50.8440, srid=4326)

    assert labels(shape(at_parc_1, buffer_m=130, ring_only=True)) == {"parc 2"}


def test_buffer_around_a_street_keeps_its_own_addresses_beyond_it(tiny_town: TinyTown) -> None:
    # Rue Haute's houses are 33 m from its course; Rue Basse is 334 m to the south of it.
    assert labels(street(tiny_town.rue_haute.pk, buffer_m=10)) == HAUTE
    assert labels(street(tiny_town.rue_haute.pk, buffer_m=325)) == HAUTE | {"basse 1", "basse 2"} - {"basse 2"}


def test_ring_around_a_district_leaves_it_out(tiny_town: TinyTown) -> None:
    # From the border at 4.410, basse 3 is 211 m to the east and basse 4 282 m; parc 2 330 m.
    assert labels(district(tiny_town.west.pk, buffer_m=290, ring_only=True)) == {"basse 3", "basse 4"}


def test_buffer_around_one_side_starts_from_the_stretch_it_fronts(tiny_town: TinyTown) -> None:
    # Numbers 1 and 2 of Rue Haute stand at 4.4025, the next ones at 4.4045, 141 m further on.
    stretch = street(tiny_town.rue_haute.pk, number_to=2, buffer_m=100)

    assert labels(stretch) == {"haute 1", "haute 2"}
    assert labels(street(tiny_town.rue_haute.pk, side=Side.EVEN, number_to=4, buffer_m=40)) == {
        "haute 2",
        "haute 4",
    } | {
        "haute 1",
        "haute 3",
    }


def test_excluded_parts_are_taken_away_whatever_the_order(tiny_town: TinyTown) -> None:
    west = district(tiny_town.west.pk)
    without_even = street(tiny_town.rue_haute.pk, side=Side.EVEN, operation=PartOperation.EXCLUDE)

    expected = {"haute 1", "haute 3", "haute 5", "basse 1", "basse 2"}
    assert labels(west, without_even) == labels(without_even, west) == expected


def test_figures_of_the_whole_town(tiny_town: TinyTown, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        resolved = resolve_target([district(tiny_town.commune.pk)])

    assert (resolved.addresses, resolved.dwellings, resolved.no_flyers, resolved.duplicates) == (14, 20, 2, 0)
    assert resolved.listed == 12
    assert [(found.name, found.locality, found.letterboxes) for found in resolved.streets] == [
        ("Avenue du Parc", "Tinyville", 4),
        ("Rue Basse", "Tinyville", 4),
        ("Rue Haute", "Tinyville", 6),
    ]
    assert [(found.code, found.level, found.letterboxes) for found in resolved.districts] == [
        ("TINY", "commune", 14),
        ("E", "district", 6),
        ("W", "district", 8),
    ]
    # 0.02° of longitude at 50.845° by 0.01° of latitude: 1,408 m by 1,113 m.
    assert resolved.area_m2 == pytest.approx(1_567_000, rel=0.002)
    assert resolved.geometry is not None
    assert resolved.geometry.equals(tiny_town.commune.geometry)


def test_geometry_of_a_street_is_a_strip_around_it_and_its_addresses(tiny_town: TinyTown) -> None:
    resolved = resolve_target([street(tiny_town.rue_haute.pk)])

    assert resolved.geometry is not None
    assert resolved.geometry.valid
    assert resolved.geometry.srid == 4326
    assert resolved.geometry.covers(tiny_town.rue_haute.geometry)
    assert all(resolved.geometry.covers(tiny_town.addresses[label].geometry) for label in HAUTE)
    # A strip of 24 m by 422 m with round ends, and six discs of 12 m apart from it.
    assert resolved.area_m2 == pytest.approx(24 * 422.6 + 7 * 3.14159 * 144, rel=0.01)


def test_one_side_taken_away_leaves_the_roadway(tiny_town: TinyTown) -> None:
    resolved = resolve_target(
        [
            district(tiny_town.west.pk),
            street(tiny_town.rue_haute.pk, side=Side.EVEN, operation=PartOperation.EXCLUDE),
        ]
    )

    assert resolved.geometry is not None
    assert resolved.geometry.covers(tiny_town.rue_haute.geometry)
    assert not resolved.geometry.covers(tiny_town.addresses["haute 2"].geometry)


def test_target_that_reaches_nobody_says_so(tiny_town: TinyTown) -> None:
    resolved = resolve_target([street(tiny_town.rue_haute.pk, number_from=100)])

    assert (resolved.geometry, resolved.area_m2, resolved.addresses) == (None, 0, 0)
    assert resolved.streets == resolved.districts == ()


def test_street_without_course_is_known_by_its_addresses(tiny_town: TinyTown) -> None:
    tiny_town.rue_haute.geometry = None
    tiny_town.rue_haute.save()

    resolved = resolve_target([street(tiny_town.rue_haute.pk, buffer_m=100)])

    assert resolved.addresses == 6
    assert resolved.geometry is not None
    assert resolved.geometry.covers(tiny_town.addresses["haute 1"].geometry)


def test_duplicates_are_counted_and_the_one_with_most_dwellings_stays(tiny_town: TinyTown) -> None:
    original = tiny_town.addresses["haute 6"]
    Address.objects.create(
        register_id="again",
        source="tiny",
        street=original.street,
        house_number="6",
        number=6,
        postcode="1000",
        geometry=original.geometry,
        dwellings=1,
    )
    parts = [street(tiny_town.rue_haute.pk)]

    assert resolve_target(parts).duplicates == 1
    assert labels(*parts) == HAUTE


def test_addresses_without_any_number_are_never_duplicates(tiny_town: TinyTown) -> None:
    farm = tiny_town.addresses["parc"]
    Address.objects.create(
        register_id="barn", source="tiny", street=farm.street, postcode="1000", geometry=farm.geometry
    )

    assert resolve_target([street(tiny_town.avenue_du_parc.pk)]).duplicates == 0


def test_no_flyers_on_one_of_two_duplicates_holds_for_the_letterbox(tiny_town: TinyTown) -> None:
    original = tiny_town.addresses["haute 1"]
    Address.objects.create(
        register_id="again",
        source="tiny",
        street=original.street,
        house_number="1",
        number=1,
        postcode="1000",
        geometry=original.geometry,
        no_flyers=True,
    )

    listed = {box.house_number for box in list_letterboxes([street(tiny_town.rue_haute.pk, number_to=1)])}

    assert listed == set()


def test_list_comes_by_street_and_number(tiny_town: TinyTown) -> None:
    listed = [
        (box.street, box.house_number)
        for box in list_letterboxes([district(tiny_town.commune.pk)], respect_no_flyers=False)
    ]

    assert listed == [
        *(("Avenue du Parc", number) for number in ("1", "2", "3", "")),
        *(("Rue Basse", number) for number in ("1", "2", "3", "4")),
        *(("Rue Haute", number) for number in ("1", "2", "3", "4", "5 bis", "6")),
    ]


def test_preview_shows_the_letterboxes(tiny_town: TinyTown, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        preview = preview_target([street(tiny_town.rue_haute.pk), district(tiny_town.east.pk)])

    assert preview.geometry is not None
    assert preview.geometry["type"] == "MultiPolygon"
    assert {box["id"] for box in preview.letterboxes} == {
        address.pk for label, address in tiny_town.addresses.items() if label not in {"basse 1", "basse 2"}
    }
    marked = {box["id"] for box in preview.letterboxes if box["properties"]["no_flyers"]}
    assert marked == {tiny_town.addresses["haute 4"].pk, tiny_town.addresses["basse 4"].pk}


def test_line_with_buffer(tiny_town: TinyTown) -> None:
    along_the_avenue = LineString((4.415, 50.8435), (4.415, 50.8455), srid=4326)

    assert labels(shape(along_the_avenue, buffer_m=30)) == {"parc 1", "parc 2"}
