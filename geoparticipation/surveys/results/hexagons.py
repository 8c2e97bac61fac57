"""One grid of hexagons over the world, for maps of places in answers.

Every hexagon is the same in Web Mercator, standing on a corner, with sides of 300 m there: 200 m on the ground at 48°,
150 m at 60°. One grid only, at every zoom: of two that overlap, the difference would be a small place. A hexagon is
named by its axial coordinates, "q:r".
"""

from __future__ import annotations

import math
from typing import Final

from django.contrib.gis.geos import Polygon

from layers.geometry import WGS84
from layers.tile_grid import EARTH_RADIUS_M

SIDE_M: Final = 300.0


def hexagon_sql(geometry: str) -> str:
    """SQL that names the hexagon in which the geometry (SRID 4326), or the middle of it, lies."""
    return f"surveys_hexagon({geometry})"


def hexagon_function_sql() -> tuple[str, str]:
    """SQL that makes that function, and SQL that removes it; for the migration."""
    create = f"""
CREATE FUNCTION surveys_hexagon(place geometry) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    WITH middle AS MATERIALIZED (
        SELECT CASE WHEN GeometryType(place) = 'POINT' THEN place ELSE ST_PointOnSurface(place) END AS point
    ),
    metres AS MATERIALIZED (
        SELECT radians(ST_X(point)) * {EARTH_RADIUS_M} / {SIDE_M} AS x,
            ln(tan(pi() / 4 + radians(ST_Y(point)) / 2)) * {EARTH_RADIUS_M} / {SIDE_M} AS y
        FROM middle
    ),
    axial AS MATERIALIZED (SELECT sqrt(3) / 3 * x - y / 3 AS q, 2 * y / 3 AS r FROM metres),
    nearest AS MATERIALIZED (SELECT q, r, round(q) AS rq, round(r) AS rr, round(-q - r) AS rs FROM axial)
    -- Of the three rounded coordinates, which must add up to nothing, the one that was rounded most is worked out.
    SELECT (CASE WHEN abs(rq - q) > abs(rr - r) AND abs(rq - q) > abs(rs + q + r) THEN -rr - rs ELSE rq END)::bigint
        || ':' ||
        (CASE WHEN abs(rq - q) > abs(rr - r) AND abs(rq - q) > abs(rs + q + r) THEN rr
            WHEN abs(rr - r) > abs(rs + q + r) THEN -rq - rs ELSE rr END)::bigint
    FROM nearest
$$;
"""
    return create, "DROP FUNCTION surveys_hexagon(geometry);"


def hexagon(name: str) -> Polygon:
    """The hexagon of this name, in SRID 4326."""
    q, r = (int(number) for number in name.split(":"))
    x, y = SIDE_M * math.sqrt(3) * (q + r / 2), SIDE_M * 1.5 * r
    corners = [
        _degrees(x + SIDE_M * math.cos(angle), y + SIDE_M * math.sin(angle))
        for angle in (math.radians(60 * corner - 30) for corner in range(6))
    ]
    return Polygon([*corners, corners[0]], srid=WGS84)


def _degrees(x: float, y: float) -> tuple[float, float]:
    latitude = math.degrees(2 * math.atan(math.exp(y / EARTH_RADIUS_M)) - math.pi / 2)
    return math.degrees(x / EARTH_RADIUS_M), latitude
