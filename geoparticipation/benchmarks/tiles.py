"""Tiles against tipg, a general PostGIS tile server, on the same points and columns."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterator
from typing import Final

from django.db import connection

from geoparticipation.benchmarks.servers import Site
from geoparticipation.benchmarks.table import Row, duration_ms, written_bytes, written_ms
from geoparticipation.benchmarks.town import SIDE, SOUTH, WEST

ZOOMS: Final = range(8, 18)
SCHEMA: Final = "tipg"
COLUMNS: Final = ("code", "kind", "title", "status", "support_count", "consultation")
_TILES_AT_MOST: Final = 5
_SLOW_MS: Final = 2_000
_LIMITS: Final = {
    "far": "tipg reads, and sends, every point of the tile; ours reads counts. What is left of ours is the request "
    "itself: Django, the layer's rule and three small queries take longer than the cells.",
    "near": "A tile this near has few points: both servers spend most of the time on the request itself.",
}


def make_tables_for_tipg() -> None:
    """Copy the public points with the columns of our tiles to a plain table with a key and a GiST index."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""DROP SCHEMA IF EXISTS {SCHEMA} CASCADE;
            CREATE SCHEMA {SCHEMA};
            CREATE TABLE {SCHEMA}.contributions AS
              SELECT item.id, item.code, item.kind, item.title, item.status, item.support_count,
                     consultation.slug AS consultation, item.public_geometry::geometry(Point, 4326) AS geometry
                FROM contributions_contribution AS item
                JOIN consultations_consultation AS consultation ON consultation.id = item.consultation_id
               WHERE item.status = 'published' ORDER BY item.id;
            ALTER TABLE {SCHEMA}.contributions ADD PRIMARY KEY (id);
            CREATE INDEX ON {SCHEMA}.contributions USING gist (geometry)"""
        )
        cursor.execute(f"VACUUM ANALYZE {SCHEMA}.contributions")


def tiles_of(zoom: int) -> list[tuple[int, int]]:
    """The tiles (x, y) of a zoom that touch the town, those nearest to its middle, a few at most."""
    west, north = _tile_at(WEST, SOUTH + SIDE, zoom)
    east, south = _tile_at(WEST + SIDE, SOUTH, zoom)
    tiles = [(x, y) for x in range(west, east + 1) for y in range(north, south + 1)]
    middle = (west + east) / 2, (north + south) / 2
    return sorted(tiles, key=lambda tile: math.dist(tile, middle))[:_TILES_AT_MOST]


def _tile_at(lon: float, lat: float, zoom: int) -> tuple[int, int]:
    scale = 2**zoom
    return int((lon + 180) / 360 * scale), int((1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * scale)


def asked(site: Site, paths: list[str], repeats: int = 5) -> tuple[float, float]:
    """Median of the duration in ms and of the bytes, over all paths, each asked once before it counts."""
    durations, sizes = [], []
    for path in paths:
        sizes.append(len(site.get(path)))
        first = duration_ms(lambda path=path: site.get(path))  # type: ignore[misc]
        rest = 1 if first > _SLOW_MS else repeats - 1
        durations += [first, *(duration_ms(lambda path=path: site.get(path)) for _ in range(rest))]  # type: ignore[misc]
    return statistics.median(durations), statistics.median(sizes)


def against_tipg(ours: Site, tipg: Site, contributions: int) -> Iterator[Row]:
    """One row for each zoom."""
    for zoom in ZOOMS:
        tiles = tiles_of(zoom)
        our_ms, our_bytes = asked(ours, [f"/tiles/contributions/{zoom}/{x}/{y}.mvt" for x, y in tiles])
        base = f"/collections/{SCHEMA}.contributions/tiles/WebMercatorQuad/{zoom}"
        query = f"?properties={','.join(COLUMNS)}"
        tipg_ms, tipg_bytes = asked(tipg, [f"{base}/{x}/{y}{query}" for x, y in tiles])
        goals = {zoom <= 11: ("≤ 1 / 100", 0.01, _LIMITS["far"]), zoom >= 14: ("≤ 1 / 3", 1 / 3, _LIMITS["near"])}
        goal, at_most, limit = goals.get(True, ("", None, ""))
        yield Row(
            what=f"tile at zoom {zoom} of {contributions:,} points, against tipg",
            ours=f"{written_ms(our_ms)}, {written_bytes(our_bytes)}",
            other=f"{written_ms(tipg_ms)}, {written_bytes(tipg_bytes)}",
            ratio=our_ms / tipg_ms,
            goal=goal,
            at_most=at_most,
            limit=limit,
        )
