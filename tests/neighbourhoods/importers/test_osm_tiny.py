"""Small hand-drawn OpenStreetMap files, one question each. A hundredth of a degree of longitude is about 760 m here."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from neighbourhoods.importers.report import ImportReport
from neighbourhoods.models import Address, BoundaryRelease, District, Ground, Street
from tests.neighbourhoods.importers.conftest import TinyOsm

pytestmark = pytest.mark.django_db
Import = Callable[..., ImportReport]

SQUARE = [(9.00, 47.00), (9.02, 47.00), (9.02, 47.02), (9.00, 47.02)]


def ring(west: float, south: float, east: float, north: float) -> list[tuple[float, float]]:
    return [(west, south), (east, south), (east, north), (west, north)]


def closed(tiny: TinyOsm, west: float, south: float, east: float, north: float, **tags: str) -> int:
    nodes = [tiny.node(*corner) for corner in ring(west, south, east, north)]
    return tiny.way([*nodes, nodes[0]], **tags)


def numbers(**where: object) -> list[str]:
    return sorted(Address.objects.filter(**where).values_list("house_number", flat=True))


# --- Districts --------------------------------------------------------------------------------------------------------


def test_exclave_within_an_enclave_is_an_area_again(tiny: TinyOsm, import_tiny: Import) -> None:
    outer = closed(tiny, 9.0, 47.0, 9.10, 47.10)
    enclave = closed(tiny, 9.02, 47.02, 9.08, 47.08)
    exclave = closed(tiny, 9.04, 47.04, 9.06, 47.06)
    tiny.commune("Ring", outer, enclave, exclave)

    import_tiny()

    district = District.objects.get()
    assert district.geometry.area == pytest.approx(0.1**2 - 0.06**2 + 0.02**2)
    assert not district.is_clipped


def test_cut_commune_is_closed_along_the_edge_and_marked(tiny: TinyOsm, import_tiny: Import) -> None:
    """Two communes share the border at 9.01; of both, the file has nothing but that border and a label."""
    tiny.edge(9.0, 47.0, 9.02, 47.02)
    border = tiny.way([(9.01, 46.999), (9.01, 47.021)])
    west = tiny.node(9.003, 47.01, place="village", name="West")
    tiny.commune("West", border, 777_001, members=[("n", west, "label")])
    tiny.commune("East", border, 777_002)
    for number in range(5):
        tiny.node(9.015, 47.01, addr__street="Ring", addr__housenumber=str(number + 1))

    import_tiny()

    areas = {district.name: district for district in District.objects.all()}
    assert areas["West"].geometry.extent == pytest.approx((9.0, 47.0, 9.01, 47.02))
    assert areas["East"].geometry.extent == pytest.approx((9.01, 47.0, 9.02, 47.02))
    assert all(district.is_clipped for district in areas.values())


def test_border_that_stops_short_of_the_edge_is_lengthened(tiny: TinyOsm, import_tiny: Import) -> None:
    tiny.edge(9.0, 47.0, 9.02, 47.02)
    border = tiny.way([(9.01, 47.0005), (9.01, 47.0195)])
    centre = tiny.node(9.015, 47.01, place="town", name="East")
    tiny.commune("East", border, 777_001, members=[("n", centre, "admin_centre")])

    import_tiny()

    assert District.objects.get().geometry.extent == pytest.approx((9.01, 47.0, 9.02, 47.02), abs=1e-6)


def test_whole_and_cut_communes_do_not_overlap(tiny: TinyOsm, import_tiny: Import) -> None:
    tiny.edge(9.0, 47.0, 9.04, 47.02)
    corners = [tiny.node(*corner) for corner in ring(9.005, 47.005, 9.02, 47.015)]
    whole = tiny.way([*corners, corners[0]])
    around = tiny.way([(9.03, 46.99), (9.03, 47.03)])
    tiny.commune("Whole", whole)
    tiny.commune("Around", around, whole, 777_001, members=[("n", tiny.node(9.01, 47.018, place="town"), "label")])

    import_tiny()

    whole_area, around_area = District.objects.get(name="Whole"), District.objects.get(name="Around")
    assert not whole_area.is_clipped
    assert around_area.is_clipped
    assert whole_area.geometry.intersection(around_area.geometry).area == pytest.approx(0)
    assert around_area.geometry.area == pytest.approx(0.03 * 0.02 - 0.015 * 0.01)


def test_commune_of_which_nothing_tells_the_side_is_refused(tiny: TinyOsm, import_tiny: Import) -> None:
    tiny.edge(9.0, 47.0, 9.02, 47.02)
    tiny.commune("Somewhere", tiny.way([(9.01, 46.99), (9.01, 47.03)]), 777_001)
    tiny.way([(9.001, 47.001), (9.002, 47.001)], highway="residential", name="Ring")

    report = import_tiny()

    assert report.refused == {("districts (commune)", "boundary_side_unknown"): 1}
    assert not District.objects.exists()


def test_levels_are_named_ranked_and_make_a_tree(tiny: TinyOsm, import_tiny: Import) -> None:
    whole = closed(tiny, 9.0, 47.0, 9.04, 47.02)
    tiny.commune("Town", whole)
    tiny.commune("Quarter", closed(tiny, 9.0, 47.0, 9.02, 47.02), level="10")
    tiny.commune("Parish", closed(tiny, 9.0, 47.0, 9.03, 47.02), level="11")

    import_tiny({"8": "", "10": "quartier", "11": ""})

    releases = BoundaryRelease.objects.order_by("level__rank").values_list("level__name", "level__rank")
    assert list(releases) == [("commune", 0), ("admin-11", 1), ("quartier", 2)]
    assert District.objects.get(name="Quarter").parent.name == "Parish"
    assert District.objects.get(name="Parish").parent.name == "Town"


# --- Streets ----------------------------------------------------------------------------------------------------------


def test_street_across_a_border_is_cut_and_a_crumb_is_not(tiny: TinyOsm, import_tiny: Import) -> None:
    tiny.commune("West", closed(tiny, 9.0, 47.0, 9.01, 47.02))
    tiny.commune("East", closed(tiny, 9.01, 47.0, 9.02, 47.02))
    tiny.way([(9.005, 47.01), (9.015, 47.01)], highway="residential", name="Long")
    tiny.way([(9.005, 47.015), (9.01005, 47.015)], highway="residential", name="Crumb")

    import_tiny()

    assert sorted(Street.objects.values_list("name", "locality")) == [
        ("Crumb", "West"),
        ("Long", "East"),
        ("Long", "West"),
    ]
    assert Street.objects.get(name="Long", locality="West").geometry.extent[2] == pytest.approx(9.01)
    assert Street.objects.get(name="Crumb").geometry.extent[2] == pytest.approx(9.01005)


def test_street_on_the_border_goes_to_one_commune(tiny: TinyOsm, import_tiny: Import) -> None:
    tiny.commune("West", closed(tiny, 9.0, 47.0, 9.01, 47.02))
    tiny.commune("East", closed(tiny, 9.01, 47.0, 9.02, 47.02))
    tiny.way([(9.01, 47.005), (9.01, 47.015)], highway="tertiary", name="Border Road")

    import_tiny()

    assert Street.objects.get().locality == min(District.objects.all(), key=lambda district: district.code).name


def test_without_districts_parts_far_apart_are_streets_named_after_their_places(
    tiny: TinyOsm, import_tiny: Import
) -> None:
    tiny.node(9.0, 47.0, place="village", name="Near")
    tiny.node(9.1, 47.0, place="village", name="Far")
    tiny.way([(9.0, 47.0), (9.001, 47.0)], highway="residential", name="High Street")
    tiny.way([(9.003, 47.0), (9.004, 47.0)], highway="residential", name="High Street")  # 150 m on
    tiny.way([(9.1, 47.0), (9.101, 47.0)], highway="footway", name="High Street")
    tiny.node(9.1005, 47.0001, addr__street="High Street", addr__housenumber="1")
    tiny.node(9.0005, 47.0001, addr__street="High Street", addr__housenumber="2")

    import_tiny()

    assert sorted(Street.objects.values_list("locality", "kind")) == [("Far", "footway"), ("Near", "residential")]
    assert numbers(street__locality="Far") == ["1"]
    assert numbers(street__locality="Near") == ["2"]


def test_street_through_two_quarters_of_one_town_is_one(tiny: TinyOsm, import_tiny: Import) -> None:
    tiny.commune("Town", closed(tiny, 9.0, 47.0, 9.04, 47.02))
    tiny.commune("Left", closed(tiny, 9.0, 47.0, 9.02, 47.02), level="9")
    tiny.commune("Right", closed(tiny, 9.02, 47.0, 9.04, 47.02), level="9")
    tiny.way([(9.015, 47.01), (9.025, 47.01)], highway="residential", name="Through")
    tiny.way([(9.001, 47.01), (9.002, 47.01)], highway="residential", name="Twice")
    tiny.way([(9.038, 47.01), (9.039, 47.01)], highway="residential", name="Twice")

    import_tiny()

    assert sorted(Street.objects.values_list("name", "locality")) == [
        ("Through", "Town"),
        ("Twice", "Left"),
        ("Twice", "Right"),
    ]


def test_names_by_language_and_alternative_names_are_kept(tiny: TinyOsm, import_tiny: Import) -> None:
    tags = {"name:fi": "Mannerheimintie", "name:sv": "Mannerheimvägen", "alt_name": "Mansku; Manskis"}
    tiny.way([(24.94, 60.17), (24.95, 60.17)], highway="primary", name="Mannerheimintie", **tags)
    tiny.way([(24.96, 60.17), (24.97, 60.17)], highway="construction", name="Tuleva katu")

    import_tiny()

    names = Street.objects.get().names.values_list("language", "name", "search_name")
    assert sorted(names) == [
        ("", "Mannerheimintie", "mannerheimintie"),
        ("", "Manskis", "manskis"),
        ("", "Mansku", "mansku"),
        ("fi", "Mannerheimintie", "mannerheimintie"),
        ("sv", "Mannerheimvägen", "mannerheimvagen"),
    ]


# --- Addresses --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "letterboxes"),
    [
        ("7", ["7"]),
        ("2;4", ["2", "4"]),
        ("2, 4;6", ["2", "4", "6"]),
        ("2-4", ["2-4"]),
        ("68a;68b", ["68a", "68b"]),
        ("5;5", ["5"]),
    ],
)
def test_house_numbers_of_one_object(tiny: TinyOsm, import_tiny: Import, written: str, letterboxes: list[str]) -> None:
    tiny.node(9.0, 47.0, addr__street="Ring", addr__housenumber=written)

    import_tiny()

    assert numbers() == letterboxes


def test_number_is_parsed(tiny: TinyOsm, import_tiny: Import) -> None:
    tiny.node(9.0, 47.0, addr__street="Ring", addr__housenumber="12 bis", addr__postcode="9490", addr__city="Vaduz")

    import_tiny()

    address = Address.objects.get()
    assert (address.number, address.number_suffix) == (12, "bis")
    assert (address.postcode, address.locality, address.source) == ("9490", "Vaduz", "osm")


@pytest.mark.parametrize(
    ("scheme", "low", "high", "between"),
    [
        ("even", "2", "8", ["4", "6"]),
        ("odd", "7", "1", ["3", "5"]),
        ("all", "1", "4", ["2", "3"]),
        ("3", "1", "7", ["4"]),
        ("even", "2", "4", []),
    ],
)
def test_interpolation_adds_the_numbers_between(
    tiny: TinyOsm, import_tiny: Import, *, scheme: str, low: str, high: str, between: list[str]
) -> None:
    first = tiny.node(9.0, 47.0, addr__housenumber=low)
    bend = tiny.node(9.001, 47.0)
    last = tiny.node(9.004, 47.0, addr__housenumber=high)
    tiny.way([first, bend, last], addr__interpolation=scheme, addr__street="Ring")

    import_tiny()

    assert numbers() == sorted([low, high, *between])
    if scheme == "even" and between:
        assert Address.objects.get(house_number="4").geometry.x == pytest.approx(9.0 + 0.004 / 3)
    assert set(Address.objects.values_list("street__name", flat=True)) == {"Ring"}


@pytest.mark.parametrize(
    ("scheme", "low", "high", "code"),
    [
        ("alphabetic", "2a", "2d", "interpolation_not_numeric"),
        ("even", "1", "9", "interpolation_parity"),
        ("even", "2", "7", "interpolation_parity"),
        ("all", "1", "9000", "interpolation_too_long"),
    ],
)
def test_interpolation_that_says_nothing_clear_is_refused(
    tiny: TinyOsm, import_tiny: Import, *, scheme: str, low: str, high: str, code: str
) -> None:
    first = tiny.node(9.0, 47.0, addr__housenumber=low, addr__street="Ring")
    last = tiny.node(9.004, 47.0, addr__housenumber=high, addr__street="Ring")
    tiny.way([first, last], addr__interpolation=scheme)

    report = import_tiny()

    assert report.refused == {("addresses", code): 1}
    assert numbers() == sorted([low, high])


def test_interpolation_leaves_out_numbers_that_a_house_bears(tiny: TinyOsm, import_tiny: Import) -> None:
    first = tiny.node(9.0, 47.0, addr__housenumber="2", addr__street="Ring")
    last = tiny.node(9.004, 47.0, addr__housenumber="8", addr__street="Ring")
    tiny.way([first, last], addr__interpolation="even")
    tiny.node(9.0013, 47.0002, addr__housenumber="4", addr__street="Ring")

    import_tiny()

    assert numbers() == ["2", "4", "6", "8"]


def test_flats_are_dealt_out_among_the_addresses_of_a_building(tiny: TinyOsm, import_tiny: Import) -> None:
    closed(tiny, 9.0, 47.0, 9.001, 47.001, building="apartments", building__flats="7", building__levels="3")
    for number, lon in ((1, 9.0002), (3, 9.0004), (5, 9.0006)):
        tiny.node(lon, 47.0005, addr__street="Ring", addr__housenumber=str(number))

    import_tiny()

    assert dict(Address.objects.values_list("number", "dwellings")) == {1: 3, 3: 2, 5: 2}


@pytest.mark.parametrize(
    ("tags", "dwellings"),
    [
        ({"building": "apartments", "building:flats": "12", "building:levels": "3"}, 12),
        ({"building": "apartments", "building:levels": "4"}, 4),
        ({"building": "yes", "building:levels": "2.5"}, 2),
        ({"building": "house", "building:levels": "3"}, 1),
        ({"building": "yes", "building:flats": "many"}, 1),
        ({"building": "yes"}, 1),
    ],
)
def test_dwellings_of_a_building(tiny: TinyOsm, import_tiny: Import, tags: dict[str, str], dwellings: int) -> None:
    closed(tiny, 9.0, 47.0, 9.001, 47.001, addr__street="Ring", addr__housenumber="1", **tags)

    import_tiny()

    address = Address.objects.get()
    assert address.dwellings == dwellings
    assert address.geometry.coords == pytest.approx((9.0005, 47.0005))


def test_address_of_a_building_with_a_court_lies_in_the_building(tiny: TinyOsm, import_tiny: Import) -> None:
    outer = closed(tiny, 9.0, 47.0, 9.004, 47.004)
    court = closed(tiny, 9.001, 47.001, 9.003, 47.003)
    tiny.relation(
        [("w", outer, "outer"), ("w", court, "inner")],
        type="multipolygon",
        building="yes",
        addr__street="Ring",
        addr__housenumber="1",
    )

    import_tiny()

    assert Ground.objects.get(kind="building").geometry.covers(Address.objects.get().geometry)


def test_street_comes_from_the_place_or_the_associated_street(tiny: TinyOsm, import_tiny: Import) -> None:
    tiny.node(9.0, 47.0, addr__place="Steg", addr__housenumber="1")
    house = tiny.node(9.0, 47.001, addr__housenumber="2")
    tiny.relation([("n", house, "house")], type="associatedStreet", name="Rue Neuve")
    tiny.node(9.0, 47.002, addr__housenumber="3")

    report = import_tiny()

    assert sorted(Address.objects.values_list("house_number", "street__name")) == [("1", "Steg"), ("2", "Rue Neuve")]
    assert report.refused == {("addresses", "street_missing"): 1}


def test_address_goes_to_the_street_of_its_commune_not_to_the_nearest(tiny: TinyOsm, import_tiny: Import) -> None:
    tiny.commune("West", closed(tiny, 9.0, 47.0, 9.01, 47.02))
    tiny.commune("East", closed(tiny, 9.01, 47.0, 9.02, 47.02))
    tiny.way([(9.001, 47.01), (9.002, 47.01)], highway="residential", name="Ring")
    tiny.way([(9.0101, 47.01), (9.0102, 47.015)], highway="residential", name="Ring")
    tiny.node(9.0099, 47.01, addr__street="Ring", addr__housenumber="1")

    import_tiny()

    assert Address.objects.get().street.locality == "West"
    assert Address.objects.get().district.name == "West"


def test_mark_against_flyers_outlives_a_second_import(tiny: TinyOsm, import_tiny: Import) -> None:
    tiny.node(9.0, 47.0, addr__street="Ring", addr__housenumber="1")
    import_tiny()
    Address.objects.update(no_flyers=True)

    report = import_tiny()

    assert Address.objects.get().no_flyers
    assert report.unchanged["addresses"] == 1


def test_a_register_joins_the_streets_that_the_map_has_drawn(
    tiny: TinyOsm, import_tiny: Import, tmp_path: Path
) -> None:
    tiny.commune("West", closed(tiny, 9.0, 47.0, 9.01, 47.02))
    tiny.way([(9.001, 47.01), (9.002, 47.01)], highway="residential", name="Bahnhofstraße")
    import_tiny()
    path = tmp_path / "register.csv"
    path.write_text("street,housenumber,city,lon,lat\nBahnhofstr.,1,Elsewhere,9.0015,47.0101\n")

    call_command("import_addresses", path, format="csv")

    assert Address.objects.get().street == Street.objects.get()


def test_address_outside_the_communes_is_refused(tiny: TinyOsm, import_tiny: Import) -> None:
    tiny.commune("West", closed(tiny, 9.0, 47.0, 9.01, 47.02))
    tiny.node(9.005, 47.01, addr__street="Ring", addr__housenumber="1")
    tiny.node(9.5, 47.01, addr__street="Ring", addr__housenumber="2")

    report = import_tiny()

    assert numbers() == ["1"]
    assert report.refused == {("addresses", "outside_territory"): 1}


# --- Ground -----------------------------------------------------------------------------------------------------------


def test_kinds_of_ground(tiny: TinyOsm, import_tiny: Import) -> None:
    for at, tags in enumerate(
        (
            {"leisure": "park", "name": "Parc"},
            {"landuse": "cemetery"},
            {"natural": "water"},
            {"building": "yes"},
            {"building": "no"},
            {"landuse": "industrial"},
        )
    ):
        closed(tiny, 9.0 + at / 100, 47.0, 9.005 + at / 100, 47.005, **tags)
    tiny.node(9.0, 47.0, addr__street="Ring", addr__housenumber="1")

    import_tiny()

    assert sorted(Ground.objects.values_list("kind", "name")) == [
        ("building", ""),
        ("park", ""),
        ("park", "Parc"),
        ("water", ""),
    ]


def test_sea_lies_to_the_right_of_the_coast(tiny: TinyOsm, import_tiny: Import) -> None:
    """The coast runs north in the middle of the file, so that the sea is in the east; in it lies an island."""
    tiny.edge(9.0, 47.0, 9.02, 47.02)
    tiny.way([(9.01, 46.99), (9.01, 47.03)], natural="coastline")
    island = [tiny.node(*corner) for corner in ring(9.014, 47.005, 9.016, 47.007)]
    tiny.way([*island, island[0]], natural="coastline")
    tiny.way([(9.001, 47.001), (9.002, 47.001)], highway="residential", name="Ring")

    import_tiny()

    sea = Ground.objects.get(kind="water")
    assert sea.geometry.extent == pytest.approx((9.01, 47.0, 9.02, 47.02))
    assert sea.geometry.area == pytest.approx(0.01 * 0.02 - 0.002 * 0.002)


# --- The file ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("town.osm.pbf", b"this is no protocol buffer", "osm_file_unreadable"),
        ("town.osm", b"<osm version='0.6'><node id='1' lat='x'", "osm_file_unreadable"),
        ("town.txt", b"hello", "osm_file_unreadable"),
        ("town.osm", b"<osm version='0.6'></osm>", "nothing_to_import"),
    ],
)
def test_file_that_is_no_map_is_refused(tmp_path: Path, name: str, content: bytes, code: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)

    with pytest.raises(CommandError, match=code):
        call_command("import_osm", path)


def test_file_that_is_not_there_is_refused() -> None:
    with pytest.raises(CommandError, match="file_missing"):
        call_command("import_osm", "/nowhere/town.osm.pbf")


def test_level_that_is_none_is_refused(tiny: TinyOsm) -> None:
    with pytest.raises(CommandError, match="level_wrong"):
        call_command("import_osm", tiny.write(), "--level", "communes")
