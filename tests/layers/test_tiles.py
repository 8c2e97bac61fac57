"""Tiles, decoded by another program and compared with geopandas."""

from __future__ import annotations

import gzip
import math
from collections import Counter
from dataclasses import replace
from typing import Any

import geopandas
import mapbox_vector_tile
import pytest
import shapely
from django.contrib.gis.geos import LineString, MultiLineString, MultiPolygon, Polygon
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from geoparticipation.accounts.models import User
from layers.layer import Clustering, Layer
from layers.registry import register, unregister
from layers.tile_grid import Tile
from layers.tiles import MAX_TILE_BYTES
from neighbourhoods.enums import GroundKind
from neighbourhoods.layers import STREETS
from neighbourhoods.models import Address, Ground, Street
from tests.layers.conftest import make_address, scatter_addresses

pytestmark = pytest.mark.django_db


def _tile_of(lon: float, lat: float, z: int) -> tuple[int, int]:
    """The formula of the OpenStreetMap wiki, for an independent answer."""
    n = 2**z
    return int((lon + 180) / 360 * n), int((1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * n)


def _features(client: Client, layer: str, z: int, x: int, y: int, query: str = "") -> list[dict[str, Any]]:
    response = client.get(f"/tiles/{layer}/{z}/{x}/{y}.mvt{query}")
    if response.status_code == 204:
        assert response.content == b""
        return []
    assert response.status_code == 200
    decoded = mapbox_vector_tile.decode(response.content, default_options={"y_coord_down": True})
    assert list(decoded) == [layer]
    assert decoded[layer]["extent"] == 4096
    features: list[dict[str, Any]] = decoded[layer]["features"]
    return features


def _box(tile: Tile) -> geopandas.GeoSeries:
    """The tile in 3857, by the definition of the grid."""
    width = 2 * 20037508.342789244 / 2**tile.z
    west, north = tile.x * width - 20037508.342789244, 20037508.342789244 - tile.y * width
    return geopandas.GeoSeries([shapely.box(west, north - width, west + width, north)], crs=3857)


def _on_the_ground(feature: dict[str, Any], tile: Tile) -> shapely.Geometry:
    """A decoded feature in 3857."""
    west, _south, _east, north = _box(tile).total_bounds
    unit = 2 * 20037508.342789244 / 2**tile.z / 4096
    return shapely.transform(shapely.geometry.shape(feature["geometry"]), lambda xy: [west, north] + xy * [unit, -unit])


def test_lines_and_areas_are_where_geopandas_puts_them(client: Client) -> None:
    shapes = {
        "line": LineString((9.51, 47.105), (9.5173, 47.1111), (9.52, 47.1085)),
        "through": LineString((9.40, 47.08), (9.60, 47.13)),
    }
    for name, shape in shapes.items():
        Street.objects.create(code=name, name=name, geometry=MultiLineString(shape))
    z = 16
    for x, y in {_tile_of(9.5173, 47.1111, z), _tile_of(9.5, 47.105, z), _tile_of(9.5195, 47.109, z)}:
        tile = Tile(z, x, y)
        box = _box(tile)
        unit = (box.total_bounds[2] - box.total_bounds[0]) / 4096
        expected = geopandas.GeoSeries.from_wkt([shape.wkt for shape in shapes.values()], crs=4326).to_crs(3857)
        expected = expected.clip(box.buffer(64 * unit, join_style="mitre").iloc[0])

        found = {feature["properties"]["name"]: feature for feature in _features(client, "streets", z, x, y)}

        assert set(found) == {name for name, shape in zip(shapes, expected.reindex([0, 1]), strict=True) if shape}
        for number, name in enumerate(shapes):
            if name in found:
                placed = _on_the_ground(found[name], tile)
                assert shapely.hausdorff_distance(placed, expected.loc[number], densify=0.05) < 1.5 * unit


def test_line_across_the_edge_is_in_both_tiles_and_in_those_it_only_passes(client: Client) -> None:
    Street.objects.create(code="a", name="A", geometry=MultiLineString(LineString((9.40, 47.1), (9.60, 47.1))))
    z = 13
    (first, y), (last, _y) = _tile_of(9.40, 47.1, z), _tile_of(9.60, 47.1, z)

    columns = [x for x in range(first - 1, last + 2) if _features(client, "streets", z, x, y)]

    assert last - first >= 4
    assert columns == list(range(first, last + 1))


def test_area_around_a_tile_fills_it(client: Client) -> None:
    area = MultiPolygon(Polygon.from_bbox((9.0, 46.9, 10.0, 47.5)))
    Ground.objects.create(register_id="1", kind=GroundKind.PARK, name="Park", geometry=area, area_m2=5e9)
    z = 14
    x, y = _tile_of(9.5, 47.1, z)

    (feature,) = _features(client, "ground", z, x, y)

    assert shapely.geometry.shape(feature["geometry"]).equals(shapely.box(-64, -64, 4160, 4160))
    assert feature["properties"] == {"id": Ground.objects.get().pk, "kind": "park", "name": "Park"}


def test_buildings_are_for_close_looks(client: Client) -> None:
    area = MultiPolygon(Polygon.from_bbox((9.5, 47.1, 9.501, 47.101)))
    Ground.objects.create(register_id="1", kind=GroundKind.BUILDING, geometry=area, area_m2=8_000)

    seen = [z for z in range(10, 19) if _features(client, "ground", z, *_tile_of(9.5005, 47.1005, z))]

    assert seen == [15, 16, 17, 18]


def test_minor_ways_are_for_close_looks_and_unknown_ones_always_there(client: Client) -> None:
    line = MultiLineString(LineString((9.5, 47.1), (9.51, 47.101)))
    for kind in ("footway", "residential", ""):
        Street.objects.create(code=kind, name=kind, kind=kind, geometry=line)

    def kinds(z: int) -> set[str]:
        features = _features(client, "streets", z, *_tile_of(9.505, 47.1005, z))
        return {feature["properties"]["kind"] for feature in features}

    assert kinds(10) == {""}
    assert kinds(12) == {"residential", ""}
    assert kinds(13) == {"residential", "", "footway"}


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("z", [5, 12, 17])
def test_tile_is_one_query(
    client: Client,
    street: Street,
    pins: Layer,
    count: int,
    z: int,
    django_assert_num_queries: Any,
) -> None:
    for number in range(count):
        make_address(street, number, 9.5 + number / 1e6, 47.1)

    with django_assert_num_queries(1):
        assert _features(client, "pins", z, *_tile_of(9.5, 47.1, z))


def test_hidden_rows_are_in_no_tile(client: Client, street: Street, pins: Layer) -> None:
    for number in range(4):
        make_address(street, number, 9.5 + number / 1e6, 47.1, no_flyers=number % 2 == 0)

    for z in range(23):
        features = _features(client, "pins", z, *_tile_of(9.5, 47.1, z))
        if z < 16:
            assert sum(feature["properties"]["point_count"] for feature in features) == 2
        else:
            assert {feature["properties"]["number"] for feature in features} == {"1", "3"}


def test_counts_add_up_over_tiles_and_by_value(client: Client, street: Street, pins: Layer) -> None:
    scatter_addresses(street, 3_000)
    expected = Counter(Address.objects.filter(no_flyers=False).values_list("postcode", flat=True))

    for z in (6, 11, 13):
        (west, north), (east, south) = _tile_of(9.4, 47.2, z), _tile_of(9.6, 47.0, z)
        found: Counter[str] = Counter()
        for x in range(west, east + 1):
            for y in range(north, south + 1):
                for feature in _features(client, "pins", z, x, y):
                    properties = feature["properties"]
                    parts = {
                        name.removeprefix("postcode_"): count
                        for name, count in properties.items()
                        if name.startswith("postcode_")
                    }
                    assert sum(parts.values()) == properties["point_count"]
                    assert ("number" in properties) == (properties["point_count"] == 1)
                    found.update(parts)
        assert found == expected


def test_count_lies_in_the_middle_of_what_it_counts(client: Client, street: Street, pins: Layer) -> None:
    places = [(9.5001, 47.1001), (9.5002, 47.1001), (9.50015, 47.1002)]
    for number, (lon, lat) in enumerate(places):
        make_address(street, number, lon, lat)
    tile = Tile(12, *_tile_of(9.5001, 47.1001, 12))
    points = geopandas.GeoSeries(map(shapely.Point, places), crs=4326).to_crs(3857)

    (feature,) = _features(client, "pins", tile.z, tile.x, tile.y)

    unit = tile.width_m / 4096
    middle = shapely.MultiPoint(points.tolist()).centroid
    assert _on_the_ground(feature, tile).distance(middle) < unit
    assert feature["properties"]["point_count"] == 3


def test_line_and_area_count_once(client: Client, pins: Layer) -> None:
    Street.objects.create(code="a", name="A", geometry=MultiLineString(LineString((9.40, 47.1), (9.60, 47.1))))
    register(replace(STREETS, name="long", clustering=Clustering(below_zoom=14)))
    try:
        z = 13
        (first, y), (last, _y) = _tile_of(9.40, 47.1, z), _tile_of(9.60, 47.1, z)
        counts = [
            feature["properties"]["point_count"]
            for x in range(first, last + 1)
            for feature in _features(client, "long", z, x, y)
        ]
    finally:
        unregister("long")

    assert counts == [1]


def test_filters_reach_tiles_and_counts(client: Client, street: Street, pins: Layer) -> None:
    make_address(street, 1, 9.5, 47.1, postcode="9490")
    make_address(street, 2, 9.5, 47.1, postcode="9491")

    for z, name in ((12, "postcode_9491"), (17, "number")):
        (feature,) = _features(client, "pins", z, *_tile_of(9.5, 47.1, z), query="?postcode=9491")
        assert feature["properties"][name] == (1 if z == 12 else "2")


def test_too_many_pins_become_counts_and_none_is_lost(client: Client, street: Street, pins: Layer) -> None:
    tile = Tile(16, *_tile_of(9.5, 47.1, 16))
    west, south, _east, _north = tile.envelope(buffer=0).extent
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO neighbourhoods_address
                (register_id, source, street_id, house_number, number_suffix, box, postcode, locality, geometry,
                 dwellings, no_flyers)
            SELECT i, 'test', %s, i, '', '', '', '', ST_SetSRID(ST_MakePoint(
                %s + (i * 7919 %% 10007) / 5e6, %s + (i * 104729 %% 9973) / 5e6), 4326), 1, false
            FROM generate_series(1, 10000) AS i""",
            [street.pk, west + 0.001, south + 0.0005],
        )

    response = client.get(f"/tiles/pins/{tile.z}/{tile.x}/{tile.y}.mvt")
    counts = [
        feature["properties"]["point_count"]
        for feature in mapbox_vector_tile.decode(response.content)["pins"]["features"]
    ]

    assert len(response.content) <= MAX_TILE_BYTES
    assert sum(counts) == 10_000
    assert len(counts) > 64  # finer than the cells of low zooms


def test_private_tile_holds_every_letterbox_however_many(agent: User, street: Street) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO neighbourhoods_address
                (register_id, source, street_id, house_number, number_suffix, box, postcode, locality, geometry,
                 dwellings, no_flyers)
            SELECT i, 'test', %s, i, '', '', '', '', ST_SetSRID(ST_MakePoint(9.5 + i / 1e7, 47.1), 4326), 1, false
            FROM generate_series(1, 8000) AS i""",
            [street.pk],
        )
    client = Client()
    client.force_login(agent)

    assert len(_features(client, "addresses", 14, *_tile_of(9.5, 47.1, 14))) == 8_000


def test_heavy_tile_of_lines_keeps_the_longest(client: Client) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO neighbourhoods_street (code, name, locality, kind, source, geometry)
            SELECT 's' || i, 'A street with quite a long name, number ' || i, 'Locality ' || i % 50, 'primary', '',
                ST_Multi(ST_SetSRID(ST_MakeLine(
                    ST_MakePoint(9.4 + (i * 7919 % 9973) / 1e5, 47.05 + (i * 104729 % 9967) / 1e5),
                    ST_MakePoint(9.4 + (i * 7919 % 9973) / 1e5 + i / 2e5, 47.05 + (i * 104729 % 9967) / 1e5)
                ), 4326))
            FROM generate_series(1, 10000) AS i"""
        )
    z = 8
    x, y = _tile_of(9.45, 47.06, z)

    response = client.get(f"/tiles/streets/{z}/{x}/{y}.mvt")
    features = mapbox_vector_tile.decode(response.content)["streets"]["features"]
    numbers = {int(feature["properties"]["name"].split()[-1]) for feature in features}

    assert MAX_TILE_BYTES / 2 < len(response.content) <= MAX_TILE_BYTES
    assert len(numbers) > 500
    # The higher its number, the longer the street.
    assert numbers == set(range(10_001 - len(numbers), 10_001))


def test_index_finds_the_rows(client: Client, street: Street, pins: Layer) -> None:
    scatter_addresses(street, 20_000)
    for z in (15, 17):
        with CaptureQueriesContext(connection) as queries:
            client.get("/tiles/pins/{}/{}/{}.mvt".format(z, *_tile_of(9.5, 47.1, z)))
        (query,) = queries.captured_queries
        with connection.cursor() as cursor:
            cursor.execute("EXPLAIN " + query["sql"])
            plan = "\n".join(row[0] for row in cursor.fetchall())
        assert "neighbourhoods_address_geometry" in plan
        assert "Seq Scan on neighbourhoods_address" not in plan


# --- HTTP -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("streets/a/0/0.mvt", 400, "tile_address_invalid"),
        ("streets/1/-1/0.mvt", 400, "tile_address_invalid"),
        ("streets/1/0/0.5.mvt", 400, "tile_address_invalid"),
        ("streets/1/٣/0.mvt", 400, "tile_address_invalid"),
        ("streets/99999999999/0/0.mvt", 400, "tile_address_invalid"),
        ("streets/1/2/0.mvt", 404, "tile_outside_grid"),
        ("streets/23/0/0.mvt", 404, "tile_outside_grid"),
        ("nothing/0/0/0.mvt", 404, "layer_not_found"),
        ("nothing.json", 404, "layer_not_found"),
        ("addresses/14/0/0.mvt", 404, "layer_not_found"),
        ("addresses.json", 404, "layer_not_found"),
    ],
)
def test_bad_addresses_are_problems(client: Client, path: str, status: int, code: str) -> None:
    response = client.get(f"/tiles/{path}")

    assert response.status_code == status
    assert response["Content-Type"] == "application/problem+json"
    assert response["Cache-Control"] == "no-store"
    problem = response.json()
    assert (problem["status"], problem["code"], problem["type"]) == (status, code, "about:blank")
    assert problem["detail"]


def test_writing_is_not_allowed(client: Client) -> None:
    assert client.post("/tiles/streets/0/0/0.mvt").status_code == 405


def test_client_with_the_same_tile_gets_no_copy(client: Client, street: Street) -> None:
    path = "/tiles/streets/13/{}/{}.mvt".format(*_tile_of(9.5, 47.1, 13))
    first = client.get(path)

    again = client.get(path, headers={"If-None-Match": first["ETag"]})
    Street.objects.update(name="Basse")
    changed = client.get(path, headers={"If-None-Match": first["ETag"]})

    assert (first.status_code, first["Cache-Control"]) == (200, "public, max-age=60")
    assert first["Content-Type"] == "application/vnd.mapbox-vector-tile"
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])
    assert again["Cache-Control"] == "public, max-age=60"
    assert (changed.status_code, changed["ETag"] != first["ETag"]) == (200, True)


def test_version_spares_the_query(client: Client, street: Street, django_assert_num_queries: Any) -> None:
    versions = ["1"]
    register(replace(STREETS, name="versioned", version=lambda: versions[-1]))
    try:
        path = "/tiles/versioned/13/{}/{}.mvt".format(*_tile_of(9.5, 47.1, 13))
        etag = client.get(path)["ETag"]
        with django_assert_num_queries(0):
            assert client.get(path, headers={"If-None-Match": etag}).status_code == 304
        versions.append("2")
        assert client.get(path, headers={"If-None-Match": etag}).status_code == 200
    finally:
        unregister("versioned")


def test_empty_tile_has_no_content_and_may_be_kept(client: Client) -> None:
    response = client.get("/tiles/streets/5/0/0.mvt")

    assert (response.status_code, response.content) == (204, b"")
    assert response["Cache-Control"] == "public, max-age=60"


def test_tile_is_compressed_for_those_who_can(client: Client, street: Street, pins: Layer) -> None:
    for number in range(50):
        make_address(street, number, 9.5 + number / 1e5, 47.1)
    path = "/tiles/pins/16/{}/{}.mvt".format(*_tile_of(9.5, 47.1, 16))

    plain = client.get(path)
    packed = client.get(path, headers={"Accept-Encoding": "br, gzip"})

    assert "Content-Encoding" not in plain.headers
    assert packed["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.content) == plain.content
    assert packed["ETag"] == plain["ETag"]
    assert "Accept-Encoding" in plain["Vary"]


def test_public_layer_does_not_look_at_the_visitor(client: Client, street: Street) -> None:
    response = client.get("/tiles/streets/13/{}/{}.mvt".format(*_tile_of(9.5, 47.1, 13)))

    assert "Cookie" not in response["Vary"]
    assert response["Access-Control-Allow-Origin"] == "*"


def test_letterboxes_are_for_agents_and_kept_by_no_cache(
    client: Client, street: Street, django_user_model: Any
) -> None:
    make_address(street, 1, 9.5, 47.1)
    path = "/tiles/addresses/16/{}/{}.mvt".format(*_tile_of(9.5, 47.1, 16))
    statuses = {}
    for role in ("citizen", "council", "planner", "moderator", "agent"):
        person = django_user_model.objects.create_user(f"{role}@example.org", role=role)
        client.force_login(person)
        response = client.get(path)
        statuses[role] = response.status_code, client.get("/tiles/addresses.json").status_code

    assert statuses == {
        "citizen": (404, 404),
        "council": (404, 404),
        "planner": (404, 404),
        "moderator": (404, 404),
        "agent": (200, 200),
    }
    assert response["Cache-Control"] == "private, no-store"
    assert "Access-Control-Allow-Origin" not in response.headers
    assert "Cookie" in response["Vary"]


def test_tilejson_says_what_a_map_needs(client: Client, street: Street, pins: Layer) -> None:
    make_address(street, 1, 9.5, 47.1)
    make_address(street, 2, 9.6, 47.2)
    make_address(street, 3, 2.3, 48.8, no_flyers=True)

    document = client.get("/tiles/pins.json?postcode=").json()

    assert document["tilejson"] == "3.0.0"
    assert document["tiles"] == ["http://testserver/tiles/pins/{z}/{x}/{y}.mvt?postcode="]
    assert client.get("/tiles/pins.json").json()["bounds"] == [9.5, 47.1, 9.6, 47.2]
    assert document["vector_layers"] == [
        {
            "id": "pins",
            "description": "Pins",
            "minzoom": 0,
            "maxzoom": 22,
            "fields": {
                "id": "Number",
                "number": "String",
                "postcode": "String",
                "street": "String",
                "point_count": "Number",
            },
        }
    ]


def test_tilejson_is_one_query(client: Client, pins: Layer, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        assert client.get("/tiles/pins.json").status_code == 200


def test_tilejson_names_openstreetmap_where_the_data_come_from_it(client: Client, street: Street) -> None:
    before = client.get("/tiles/streets.json").json()["attribution"]
    Street.objects.update(source="osm")

    assert before == ""
    assert "OpenStreetMap</a> contributors" in client.get("/tiles/streets.json").json()["attribution"]
