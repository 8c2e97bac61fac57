"""Areas that hide a home among others."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from django.contrib.gis.geos import Point
from hypothesis import given, settings
from hypothesis import strategies as st

from layers.geometry import to_shapely
from neighbourhoods.domain.home_areas import (
    LEAST_BUILDINGS,
    LEAST_DWELLINGS,
    Homes,
    cells_of,
    group_cells,
    hexagon,
    home_area_at,
)
from neighbourhoods.models import Address, HomeArea
from tests.fixtures.tiny_town import TinyTown

TOWN = st.lists(
    st.tuples(st.integers(0, 2500), st.integers(0, 2500), st.sampled_from([1, 1, 1, 2, 30])), min_size=1, max_size=60
)


def homes_of(town: list[tuple[int, int, int]]) -> Homes:
    rows = np.array(town, dtype=float)
    return Homes(rows[:, :2], rows[:, 2])


@given(TOWN)
@settings(max_examples=50, deadline=None)
def test_every_home_is_in_one_area_with_enough_others(town: list[tuple[int, int, int]]) -> None:
    groups = group_cells(homes_of(town), {})

    buildings = len({(x, y) for x, y, _dwellings in town})
    if buildings < LEAST_BUILDINGS or sum(dwellings for *_place, dwellings in town) < LEAST_DWELLINGS:
        assert groups == []
        return
    # Counted again by the outlines alone: a home on a common edge is in two of them, and counts in neither.
    shapes = [shapely.union_all([hexagon(cell) for cell in group.cells]) for group in groups]
    cells = [cell for group in groups for cell in group.cells]
    assert len(cells) == len(set(cells))
    for x, y, _dwellings in town:
        assert sum(shape.distance(shapely.Point(x, y)) < 0.01 for shape in shapes) >= 1
    for group, shape in zip(groups, shapes, strict=True):
        inside = [home for home in town if shape.distance(shapely.Point(home[:2])) < 0.01]
        assert len({home[:2] for home in inside}) >= LEAST_BUILDINGS
        assert sum(home[2] for home in inside) >= LEAST_DWELLINGS
        assert group.buildings >= LEAST_BUILDINGS
        assert group.dwellings >= LEAST_DWELLINGS


@given(TOWN, TOWN)
@settings(max_examples=25, deadline=None)
def test_what_is_built_later_joins_the_areas_there_are_or_makes_new_ones(
    town: list[tuple[int, int, int]], later: list[tuple[int, int, int]]
) -> None:
    known = {cell: number for number, group in enumerate(group_cells(homes_of(town), {})) for cell in group.cells}

    groups = group_cells(homes_of(town + later), known)

    assert all(cell not in known for group in groups for cell in group.cells)
    assert all(group.area in known.values() or group.area is None for group in groups)
    assert all(
        group.buildings >= LEAST_BUILDINGS and group.dwellings >= LEAST_DWELLINGS
        for group in groups
        if group.area is None
    )


def test_hexagons_cover_the_plane_without_overlap() -> None:
    places = np.array([[x * 37.0, y * 41.0] for x in range(-10, 10) for y in range(-10, 10)])

    for place, cell in zip(places, cells_of(places).tolist(), strict=True):
        assert hexagon(tuple(cell)).distance(shapely.Point(place)) < 0.01
    assert hexagon((0, 0)).intersection(hexagon((1, 0))).area < 1
    assert hexagon((0, 0)).area == pytest.approx(58_457, abs=50)


def test_pins_around_one_house_get_the_same_area_and_it_stays(tiny_town: TinyTown) -> None:
    home = tiny_town.addresses["parc 3"].geometry
    pins = [Point(home.x + dx, home.y + dy, srid=4326) for dx in (-1e-4, 0, 1e-4) for dy in (-1e-4, 0, 1e-4)]

    first = {home_area_at(pin).wkt for pin in pins}
    # Neighbours move out: the register has fewer homes, the area is as large as it was.
    Address.objects.exclude(pk=tiny_town.addresses["parc 3"].pk).update(closed_at="2026-01-01T00:00:00Z")
    later = {home_area_at(pin).wkt for pin in pins}

    assert len(first) == 1
    assert later == first


def test_areas_of_the_tiny_town_hide_every_home(tiny_town: TinyTown, django_assert_num_queries: object) -> None:
    shown: dict[str, set[tuple[float, float]]] = {}
    for address in tiny_town.addresses.values():
        area = home_area_at(address.geometry)
        assert area.valid
        shown.setdefault(area.wkt, set()).add(address.geometry.coords)

    assert all(len(homes) >= LEAST_BUILDINGS for homes in shown.values())
    assert sum(map(len, shown.values())) == len(tiny_town.addresses)
    assert HomeArea.objects.count() == len(shown)
    with django_assert_num_queries(3):
        home_area_at(tiny_town.addresses["haute 1"].geometry)


def test_house_far_out_is_not_alone_in_its_area(tiny_town: TinyTown) -> None:
    far = tiny_town.addresses["parc"]
    Address.objects.filter(pk=far.pk).update(geometry=Point(4.4195, 50.8495, srid=4326))

    area = to_shapely(home_area_at(Point(4.4195, 50.8495, srid=4326)))

    others = [
        address.geometry
        for address in Address.objects.exclude(pk=far.pk)
        if area.buffer(1e-7).covers(to_shapely(address.geometry))
    ]
    assert len(others) >= LEAST_BUILDINGS - 1


def test_town_of_four_houses_has_no_area(tiny_town: TinyTown) -> None:
    kept = list(Address.objects.values_list("pk", flat=True)[:4])
    Address.objects.exclude(pk__in=kept).update(closed_at="2026-01-01T00:00:00Z")

    assert home_area_at(tiny_town.addresses["haute 1"].geometry) is None
    assert not HomeArea.objects.exists()
