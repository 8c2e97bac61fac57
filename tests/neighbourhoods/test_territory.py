"""The territory as a whole: its extent, what it covers, its name."""

from __future__ import annotations

import geopandas
import pytest
import shapely
from django.contrib.gis.geos import GEOSGeometry, Point
from django.db import connection
from django.test.utils import CaptureQueriesContext
from shapely.geometry import LineString, MultiPoint, Polygon, box

from neighbourhoods.domain.territory import territory_covers, territory_extent, town_name
from neighbourhoods.models import Address, BoundaryRelease, District, Street
from tests.fixtures.real_data import real_file
from tests.neighbourhoods.registers import cut_into_pieces, load_districts

pytestmark = pytest.mark.django_db


def geos(geometry) -> GEOSGeometry:
    return GEOSGeometry(shapely.to_wkb(geometry, hex=True), srid=4326)


@pytest.fixture
def squares():
    """Two communes with half a metre between them, and a sector that does not fill its commune."""
    coarse = geopandas.GeoDataFrame(
        {"code": ["A", "B"], "name": ["Left", "Right"]},
        geometry=[box(9, 47, 9.1, 47.1), box(9.100005, 47, 9.3, 47.1)],
        crs=4326,
    )
    fine = geopandas.GeoDataFrame({"code": ["x"], "name": ["Inner"]}, geometry=[box(9, 47, 9.02, 47.1)], crs=4326)
    load_districts(coarse, level="commune", rank=8, code="code", name="name")
    load_districts(fine, level="sector", rank=9, code="code", name="name")
    cut_into_pieces(5)


@pytest.fixture
def one_street():
    line = GEOSGeometry("SRID=4326;MULTILINESTRING((9 47, 9.02 47))")
    return Street.objects.create(code="1", name="High Street", locality="Upton", geometry=line)


def test_an_empty_territory_has_no_extent_no_name_and_covers_nothing():
    assert territory_extent() is None
    assert town_name() == ""
    assert not territory_covers(Point(9, 47, srid=4326))


@pytest.mark.parametrize(
    ("shape", "inside"),
    [
        (shapely.Point(9.05, 47.05), True),
        (shapely.Point(9, 47), True),
        (shapely.Point(9.1000025, 47.05), True),
        (shapely.Point(9.31, 47.05), False),
        (shapely.Point(8.9, 47.05), False),
        (LineString([(9.01, 47.01), (9.29, 47.09)]), True),
        (LineString([(9.01, 47.01), (9.29, 47.2)]), False),
        (LineString([(9.01, 47), (9.29, 47)]), True),
        (box(9, 47, 9.3, 47.1), True),
        (box(9.05, 47.02, 9.15, 47.05), True),
        (box(9.05, 47.02, 9.35, 47.05), False),
        (box(8, 46, 10, 48), False),
        (MultiPoint([(9.05, 47.05), (9.2, 47.05)]), True),
        (MultiPoint([(9.05, 47.05), (9.5, 47.05)]), False),
        (shapely.GeometryCollection([shapely.Point(9.05, 47.05), box(9.05, 47.02, 9.15, 47.05)]), True),
        (shapely.GeometryCollection([shapely.Point(9.05, 48), box(9.05, 47.02, 9.15, 47.05)]), False),
        (Polygon(), False),
    ],
)
def test_covers_what_lies_wholly_in_the_coarsest_districts(squares, shape, inside):
    with CaptureQueriesContext(connection) as queries:
        assert territory_covers(geos(shape)) is inside
    assert len(queries) <= 1


def test_extent_and_name_come_from_the_coarsest_level(squares, settings):
    assert territory_extent() == (9, 47, 9.3, 47.1)
    assert town_name() == "Right"
    settings.TOWN_NAME = "Westminster"
    assert town_name() == "Westminster"


def test_an_import_is_seen_at_once(squares):
    assert territory_covers(Point(9.2, 47.05, srid=4326))
    District.objects.filter(name="Right").delete()

    assert not territory_covers(Point(9.2, 47.05, srid=4326))
    assert territory_extent() == (9, 47, 9.1, 47.1)
    assert town_name() == "Left"


def test_a_level_without_a_current_edition_does_not_count(squares):
    BoundaryRelease.objects.filter(level__name="commune").update(is_current=False)

    assert territory_extent() == (9, 47, 9.02, 47.1)
    assert not territory_covers(Point(9.05, 47.05, srid=4326))


# A minute of latitude is 1,852 m, so 400 m are 0.0036°.
@pytest.mark.parametrize(
    ("shape", "inside"),
    [
        (shapely.Point(9.01, 47.0036), True),
        (shapely.Point(9.01, 47.0054), False),
        (shapely.Point(9.0255, 47), True),
        (shapely.Point(9.028, 47), False),
        (LineString([(9, 47.002), (9.02, 47.002)]), True),
        (LineString([(9, 47.002), (9.01, 47.008), (9.02, 47.002)]), False),
        (LineString([(9, 47.002), (9, 47.008), (9, 47.002)]), False),
        (box(9, 46.998, 9.02, 47.002), True),
        (box(-170, -80, 170, 80), False),
    ],
)
def test_without_districts_the_streets_and_their_margin_count(one_street, shape, inside):
    assert territory_covers(geos(shape)) is inside


def test_without_districts_extent_and_name_come_from_the_streets(one_street):
    assert territory_extent() == (9, 47, 9.02, 47)
    assert town_name() == "Upton"


def test_streets_without_lines_are_where_their_addresses_are():
    street = Street.objects.create(code="1", name="High Street")
    Address.objects.create(
        street=street, register_id="1", source="x", locality="Upton", geometry=Point(9, 47, srid=4326)
    )

    assert territory_covers(Point(9.001, 47.001, srid=4326))
    assert not territory_covers(Point(9.01, 47.001, srid=4326))
    assert town_name() == "Upton"


def test_a_walk_across_every_border_of_liechtenstein_is_inside():
    communes = geopandas.read_file(real_file("liechtenstein/districts.geojson"))
    load_districts(communes, level="commune", rank=0, code="osm_id", name="name")
    cut_into_pieces()
    country = communes.union_all()

    assert territory_covers(geos(country.buffer(-0.0001)))
    assert territory_covers(geos(country))
    assert not territory_covers(geos(country.buffer(0.0002)))
    assert territory_covers(geos(country.representative_point()))
