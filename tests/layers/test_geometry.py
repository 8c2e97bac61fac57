"""Checking and measuring geometry, against pyproj, geopandas and PostGIS."""

from __future__ import annotations

import json
import math
from typing import Any

import geopandas
import pytest
import shapely
from django.contrib.gis.geos import GEOSGeometry, Point
from django.db import connection
from hypothesis import given
from hypothesis import settings as trying
from hypothesis import strategies as st

from layers import geometry
from layers.geometry import CrsUnknown, GeometryRefused, check_geometry, geometry_from_geojson

SQUARE = [[9.5, 47.1], [9.6, 47.1], [9.6, 47.2], [9.5, 47.2], [9.5, 47.1]]


def _polygon(*rings: Any) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": list(rings)}


def _taken_or_refused(mapping: object) -> GEOSGeometry | GeometryRefused:
    try:
        return geometry_from_geojson(mapping)
    except GeometryRefused as refused:
        return refused


def _line(*positions: Any) -> dict[str, Any]:
    return {"type": "LineString", "coordinates": list(positions)}


def _point(*position: Any) -> dict[str, Any]:
    return {"type": "Point", "coordinates": list(position)}


def _collection(*parts: Any) -> dict[str, Any]:
    return {"type": "GeometryCollection", "geometries": list(parts)}


@pytest.mark.parametrize(
    ("mapping", "wkt"),
    [
        (_point(9.5, 47), "POINT (9.5 47)"),
        (_point(9.5, 47, 455.5), "POINT (9.5 47)"),
        (_point(9.5, 47, None), "POINT (9.5 47)"),
        (_line([9, 47, 1], [9.5, 47.5]), "LINESTRING (9 47, 9.5 47.5)"),
        (_line([0, 0], [1, 1], [1, 0], [0, 1]), "LINESTRING (0 0, 1 1, 1 0, 0 1)"),
        (_polygon([[0, 0], [1, 0], [1, 1], [0, 0]]), "POLYGON ((0 0, 1 0, 1 1, 0 0))"),
        ({"type": "MultiPoint", "coordinates": [[1, 2], [1, 2]]}, "MULTIPOINT ((1 2), (1 2))"),
        ({"type": "MultiLineString", "coordinates": [[[0, 0], [1, 1]]]}, "MULTILINESTRING ((0 0, 1 1))"),
        (
            {"type": "MultiPolygon", "coordinates": [[[[0, 0], [1, 0], [1, 1], [0, 0]]]]},
            "MULTIPOLYGON (((0 0, 1 0, 1 1, 0 0)))",
        ),
        (
            _collection(_point(1, 2), _line([0, 0], [1, 1])),
            "GEOMETRYCOLLECTION (POINT (1 2), LINESTRING (0 0, 1 1))",
        ),
        (_point(-180, 90), "POINT (-180 90)"),
    ],
)
def test_good_geometry_is_taken_flat_and_in_4326(mapping: dict[str, Any], wkt: str) -> None:
    found = geometry_from_geojson(mapping)

    assert (found.wkt, found.srid, found.hasz) == (wkt, 4326, False)


@pytest.mark.parametrize(
    ("mapping", "code", "extra"),
    [
        (None, "geometry_not_an_object", {}),
        ([1, 2], "geometry_not_an_object", {}),
        ("POINT (1 2)", "geometry_not_an_object", {}),
        ({"coordinates": [1, 2]}, "geometry_not_an_object", {}),
        ({"type": ["Point"], "coordinates": [1, 2]}, "geometry_not_an_object", {}),
        ({"type": "GeometryCollection", "coordinates": []}, "geometry_not_an_object", {}),
        (_collection(None), "geometry_not_an_object", {}),
        ({"type": "point", "coordinates": [1, 2]}, "geometry_type_unknown", {}),
        ({"type": "Circle", "coordinates": [1, 2]}, "geometry_type_unknown", {}),
        ({"type": "Feature", "geometry": _point(1, 2)}, "geometry_type_unknown", {}),
        (_collection(_collection(_point(1, 2))), "geometry_type_unknown", {}),
        ({"type": "Point"}, "geometry_coordinates_not_numbers", {}),
        (_point(1), "geometry_coordinates_not_numbers", {}),
        (_point("9.5", "47"), "geometry_coordinates_not_numbers", {}),
        (_point(True, False), "geometry_coordinates_not_numbers", {}),
        (_point(None, 1), "geometry_coordinates_not_numbers", {}),
        (_point([1, 2]), "geometry_coordinates_not_numbers", {}),
        (_point(math.nan, 1), "geometry_coordinates_not_numbers", {}),
        (_point(1, math.inf), "geometry_coordinates_not_numbers", {}),
        (_point(10**400, 1), "geometry_coordinates_not_numbers", {}),
        (_line(1, 2), "geometry_coordinates_not_numbers", {}),
        (_polygon([1, 2]), "geometry_coordinates_not_numbers", {}),
        ({"type": "Polygon", "coordinates": {"0": SQUARE}}, "geometry_coordinates_not_numbers", {}),
        (_point(1e308, 1), "geometry_out_of_range", {"lon": 1e308, "lat": 1.0}),
        (_point(200, 1), "geometry_out_of_range", {"lon": 200.0, "lat": 1.0}),
        (_point(47.1, 109.5), "geometry_out_of_range", {"hint": "swapped", "lon": 47.1, "lat": 109.5}),
        (
            _line([652_000, 6_862_000], [652_100, 6_862_000]),
            "geometry_out_of_range",
            {"hint": "projected", "lon": 652_000.0, "lat": 6_862_000.0},
        ),
        (_point(), "geometry_empty", {}),
        (_line(), "geometry_empty", {}),
        (_polygon(), "geometry_empty", {}),
        (_polygon([]), "geometry_empty", {}),
        (_polygon(SQUARE, []), "geometry_empty", {}),
        (_collection(), "geometry_empty", {}),
        (_collection(_point(1, 2), _line()), "geometry_empty", {}),
        ({"type": "MultiLineString", "coordinates": [[[0, 0], [1, 1]], []]}, "geometry_empty", {}),
        ({"type": "MultiPolygon", "coordinates": [[[]]]}, "geometry_empty", {}),
        (_line([1, 2], [1, 2]), "geometry_degenerate", {"lon": 1.0, "lat": 2.0}),
        (_line([1, 2]), "geometry_degenerate", {"lon": 1.0, "lat": 2.0}),
        (_polygon([[0, 0], [1, 1], [0, 0]]), "geometry_degenerate", {"lon": 0.0, "lat": 0.0}),
        (_polygon([[3, 4], [5, 6], [3, 4], [3, 4]]), "geometry_degenerate", {"lon": 3.0, "lat": 4.0}),
        (_polygon([[0, 0], [1, 1], [2, 2], [0, 0]]), "geometry_degenerate", {"lon": 0.0, "lat": 0.0}),
        (
            _polygon([[0, 0], [2, 2], [2, 0], [0, 2], [0, 0]]),
            "geometry_invalid",
            {"reason": "Self-intersection", "lon": 1.0, "lat": 1.0},
        ),
        (
            _polygon([[0, 0], [2, 0], [2, 2], [0, 2]]),
            "geometry_invalid",
            {"reason": "Ring is not closed", "lon": 0.0, "lat": 2.0},
        ),
        (
            _polygon([[0, 0], [2, 0], [2, 2], [0, 2], [0, 0]], [[5, 5], [6, 5], [6, 6], [5, 5]]),
            "geometry_invalid",
            {"reason": "Hole lies outside shell", "lon": 5.0, "lat": 5.0},
        ),
    ],
)
def test_bad_geometry_is_refused_with_its_own_code(mapping: object, code: str, extra: dict[str, Any]) -> None:
    with pytest.raises(GeometryRefused) as refused:
        geometry_from_geojson(mapping)

    assert (refused.value.code, refused.value.extra, refused.value.status) == (code, extra, 400)
    assert refused.value.detail


def test_codes_are_distinct() -> None:
    codes = [kind.code for kind in GeometryRefused.__subclasses__()]

    assert len(codes) == len(set(codes)) == 8


def test_vertices_are_counted_over_all_parts() -> None:
    lines = {"type": "MultiLineString", "coordinates": [[[0, 0], [1, 1]]] * 5}

    assert geometry_from_geojson(lines, max_vertices=10).num_coords == 10
    with pytest.raises(geometry.TooManyVertices) as refused:
        geometry_from_geojson(lines, max_vertices=9)
    assert refused.value.extra == {"limit": 9}
    with pytest.raises(geometry.TooManyVertices):
        check_geometry(GEOSGeometry(json.dumps(lines)), max_vertices=9)


def test_two_thousand_vertices_and_no_more() -> None:
    positions = [[9.5 + i / 1e6, 47.0] for i in range(2001)]

    assert geometry_from_geojson(_line(*positions[:2000])).num_coords == 2000
    with pytest.raises(geometry.TooManyVertices):
        geometry_from_geojson(_line(*positions))


def test_deep_nesting_is_refused() -> None:
    deep: Any = [1, 2]
    for _level in range(100_000):
        deep = [deep]
    try:
        for kind in ("Point", "LineString", "MultiPolygon"):
            with pytest.raises(GeometryRefused):
                geometry_from_geojson({"type": kind, "coordinates": deep})
    finally:
        while isinstance(deep[0], list):  # taken apart by hand: freeing it in one go recurses
            deep = deep[0]


@pytest.mark.parametrize(
    ("wkt", "code"),
    [
        ("POLYGON ((0 0, 2 2, 2 0, 0 2, 0 0))", "geometry_invalid"),
        ("POINT EMPTY", "geometry_empty"),
        ("LINESTRING (1 1, 1 1)", "geometry_degenerate"),
        ("POINT (200 0)", "geometry_out_of_range"),
        ("GEOMETRYCOLLECTION (GEOMETRYCOLLECTION (POINT (1 1)))", "geometry_type_unknown"),
    ],
)
def test_check_geometry_refuses_the_same(wkt: str, code: str) -> None:
    with pytest.raises(GeometryRefused) as refused:
        check_geometry(GEOSGeometry(wkt, srid=4326))

    assert refused.value.code == code


def test_unknown_reference_system_is_refused() -> None:
    with pytest.raises(CrsUnknown) as refused:
        check_geometry(GEOSGeometry("POINT (1 1)", srid=999_999))

    assert refused.value.code == "crs_unknown"


def test_check_geometry_transforms_and_flattens() -> None:
    in_metres = GEOSGeometry("POINT Z (540000 5220000 455)", srid=32632)

    found = check_geometry(in_metres)

    expected = geopandas.GeoSeries.from_wkt(["POINT (540000 5220000)"], crs=32632).to_crs(4326)[0]
    assert (found.srid, found.hasz) == (4326, False)
    assert found.tuple == pytest.approx((expected.x, expected.y), abs=1e-9)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=5),
    max_leaves=30,
)
_TYPES = st.sampled_from([*geometry._DEPTHS, "GeometryCollection", "Feature", "", None])


@trying(max_examples=300, deadline=None)
@given(kind=_TYPES, coordinates=_JSON)
def test_whatever_comes_it_is_taken_valid_or_refused(kind: object, coordinates: object) -> None:
    found = _taken_or_refused({"type": kind, "coordinates": coordinates, "geometries": coordinates})

    if isinstance(found, GeometryRefused):
        assert found.code != "geometry_refused"
        json.dumps(found.extra, allow_nan=False)
    else:
        assert found.valid
        assert not found.empty


_DEGREES = st.floats(-1, 1).map(lambda number: round(number, 3))
_POSITIONS = st.lists(st.tuples(_DEGREES, _DEGREES), min_size=3, max_size=8)


@trying(max_examples=200, deadline=None)
@given(positions=_POSITIONS)
def test_polygons_are_taken_exactly_when_shapely_calls_them_valid(positions: list[tuple[float, float]]) -> None:
    ring = [*positions, positions[0]]
    expected = shapely.Polygon(ring)
    sound = expected.is_valid and expected.area > 0

    found = _taken_or_refused(_polygon(ring))

    if isinstance(found, GeometryRefused):
        assert not sound
        assert found.code in {"geometry_invalid", "geometry_degenerate"}
        # The fault is said to be at a place that the outline reaches.
        where = shapely.Point(found.extra["lon"], found.extra["lat"])
        assert shapely.LineString(ring).distance(where) < 1e-6
    else:
        assert sound
        assert geometry.to_shapely(found).equals(expected)


@pytest.mark.parametrize(
    ("lon", "lat", "srid"),
    [(9.5, 47.1, 32632), (2.3, 48.8, 32631), (-70, -33, 32719), (180, 1, 32660), (-180, 1, 32601)],
)
def test_metric_system_is_the_utm_zone(lon: float, lat: float, srid: int) -> None:
    assert geometry.metric_srid_for(Point(lon, lat, srid=4326)) == srid


def test_metric_system_of_the_commune_wins(settings: Any) -> None:
    settings.METRIC_SRID = 2056
    point = Point(7.44, 46.95, srid=4326)

    assert geometry.metric_srid_for(point) == 2056
    expected = geopandas.GeoSeries.from_wkt([point.wkt], crs=4326).to_crs(2056).buffer(100).to_crs(4326)
    assert _apart_m(geometry.buffered(point, 100), expected) < 0.01


_SHAPES = [
    "POINT (9.5215 47.1410)",
    "LINESTRING (9.52 47.14, 9.53 47.145, 9.528 47.15)",
    "POLYGON ((9.5 47.1, 9.6 47.1, 9.6 47.2, 9.5 47.1), (9.55 47.11, 9.59 47.15, 9.59 47.11, 9.55 47.11))",
    "MULTIPOINT ((2.35 48.85), (2.36 48.86))",
    "GEOMETRYCOLLECTION (POINT (-70.65 -33.44), LINESTRING (-70.66 -33.44, -70.65 -33.45))",
]


def _apart_m(found: GEOSGeometry, expected: geopandas.GeoSeries) -> float:
    zone = expected.estimate_utm_crs()
    ours = geopandas.GeoSeries([geometry.to_shapely(found)], crs=4326).to_crs(zone)
    return float(shapely.hausdorff_distance(ours.iloc[0], expected.to_crs(zone).iloc[0]))


@pytest.mark.parametrize("wkt", _SHAPES)
@pytest.mark.parametrize("metres", [5, 50, 500])
def test_buffer_is_that_of_geopandas(wkt: str, metres: float) -> None:
    series = geopandas.GeoSeries.from_wkt([wkt], crs=4326)
    expected = series.to_crs(series.estimate_utm_crs()).buffer(metres, quad_segs=16).to_crs(4326)

    found = geometry.buffered(GEOSGeometry(wkt, srid=4326), metres)

    assert found.srid == 4326
    assert found.geom_type in {"Polygon", "MultiPolygon"}
    assert _apart_m(found, expected) < 0.01


def test_buffer_of_nothing_is_the_geometry_itself() -> None:
    line = GEOSGeometry(_SHAPES[1], srid=4326)

    assert geometry.buffered(line, 0).equals_exact(line)


@pytest.mark.django_db
@pytest.mark.parametrize("wkt", _SHAPES)
def test_area_and_length_are_those_of_postgis_geography(wkt: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT ST_Area(g::geography), ST_Length(g::geography) FROM ST_GeomFromText(%s, 4326) AS g", [wkt]
        )
        area, length = cursor.fetchone()

    place = GEOSGeometry(wkt, srid=4326)
    assert geometry.area_m2(place) == pytest.approx(area, rel=1e-8, abs=1e-3)
    assert geometry.length_m(place) == pytest.approx(length, rel=1e-9, abs=1e-6)


def test_area_does_not_depend_on_the_direction_of_rings() -> None:
    ring = [(9.52, 47.14), (9.53, 47.14), (9.53, 47.15), (9.52, 47.15), (9.52, 47.14)]
    hole = [(9.523, 47.143), (9.527, 47.143), (9.527, 47.147), (9.523, 47.147), (9.523, 47.143)]
    areas = {
        round(geometry.area_m2(geometry_from_geojson(_polygon(shell, inner))), 3)
        for shell in (ring, ring[::-1])
        for inner in (hole, hole[::-1])
    }

    assert len(areas) == 1
