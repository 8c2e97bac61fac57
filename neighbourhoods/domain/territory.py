"""The territory as a whole: where it is, what lies in it, what it is called."""

from __future__ import annotations

from typing import Any, Final

from django.conf import settings
from django.contrib.gis.geos import GEOSGeometry
from django.db import connection

Extent = tuple[float, float, float, float]
"""West, south, east, north in degrees (SRID 4326)."""

_SLIVER_DEGREES: Final = 1e-5
"""About a metre: neighbouring districts drawn apart by less than twice this have no gap between them."""

_COARSEST: Final = """
    SELECT r.id FROM neighbourhoods_boundaryrelease r JOIN neighbourhoods_districtlevel l ON l.id = r.level_id
    WHERE r.is_current AND EXISTS (SELECT 1 FROM neighbourhoods_district d WHERE d.release_id = r.id)
    ORDER BY l.rank, l.name LIMIT 1
"""

_EXTENT: Final = f"""
    SELECT ST_XMin(e), ST_YMin(e), ST_XMax(e), ST_YMax(e) FROM (SELECT coalesce(
        (SELECT ST_Extent(geometry) FROM neighbourhoods_district WHERE release_id = ({_COARSEST})),
        (SELECT ST_Extent(geometry) FROM neighbourhoods_street WHERE closed_at IS NULL),
        (SELECT ST_Extent(geometry) FROM neighbourhoods_address WHERE closed_at IS NULL)) AS e) extent
"""

_COVERS: Final = f"""
WITH given AS MATERIALIZED (SELECT ST_Force2D(%(geometry)s::geometry) AS geom, ({_COARSEST}) AS release_id),
near AS MATERIALIZED (
    SELECT p.geometry FROM given, neighbourhoods_districtpiece p JOIN neighbourhoods_district d ON d.id = p.district_id
    WHERE d.release_id = given.release_id AND ST_DWithin(p.geometry, given.geom, {_SLIVER_DEGREES})
)
SELECT CASE
    WHEN release_id IS NULL THEN NULL
    WHEN EXISTS (SELECT 1 FROM near WHERE ST_Covers(near.geometry, geom)) THEN true
    WHEN ST_Dimension(geom) = 0 AND ST_NumGeometries(geom) = 1 THEN EXISTS (SELECT 1 FROM near)
    ELSE coalesce((SELECT ST_Covers(ST_Buffer(ST_Union(near.geometry), {_SLIVER_DEGREES}, 'join=mitre'), geom)
                   FROM near), false)
    END
FROM given
"""

# Without districts: the outline, taken at least every half margin, must be within the margin of a street throughout.
_NEAR_STREETS: Final = """
WITH given AS MATERIALIZED (SELECT ST_Force2D(%(geometry)s::geometry) AS geom),
point AS (
    SELECT d.geom, %(margin)s / (110500 * cos(radians(least(89, abs(ST_Y(d.geom)))))) AS dx
    FROM given, ST_DumpPoints(ST_Segmentize(given.geom::geography, %(margin)s / 2.0)::geometry) d
)
SELECT NOT EXISTS (
    SELECT 1 FROM point WHERE NOT EXISTS (
        SELECT 1 FROM neighbourhoods_{table} s
        WHERE s.closed_at IS NULL AND s.geometry && ST_Expand(point.geom, dx, %(margin)s / 110500.0)
        AND ST_DWithin(s.geometry::geography, point.geom::geography, %(margin)s)))
"""


def _value(sql: str, parameters: dict[str, Any]) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        row = cursor.fetchone()
    return None if row is None else row[0]


def territory_extent() -> Extent | None:
    """Return the box around the current districts of the coarsest level; without districts, around the streets.

    None while the territory is empty. One query, asked anew each time, so that it follows an import at once.
    """
    with connection.cursor() as cursor:
        cursor.execute(_EXTENT)
        west, south, east, north = cursor.fetchone()
    return None if west is None else (west, south, east, north)


def territory_covers(geometry: GEOSGeometry) -> bool:
    """Say whether a valid geometry (SRID 4326, any type) lies wholly inside the territory.

    Inside means: in the union of the current districts of the coarsest level, widened by a metre against slivers
    between them. Without districts: its outline nowhere farther than TERRITORY_MARGIN_M from a street (from an address
    where the streets have no lines). An empty territory covers nothing. One query; without districts at most three.
    """
    if geometry.empty:
        return False
    ewkb = geometry.hexewkb.decode()
    covered = _value(_COVERS, {"geometry": ewkb})
    if covered is not None:
        return bool(covered)
    extent = territory_extent()
    if extent is None:
        return False
    margin = settings.TERRITORY_MARGIN_M
    west, south, east, north = geometry.extent
    # A rough box first: nothing far away, and nothing endless, is cut up.
    rough = margin / 20_000  # degrees; generous up to 79° north
    if west < extent[0] - rough or south < extent[1] - rough or east > extent[2] + rough or north > extent[3] + rough:
        return False
    parameters = {"geometry": ewkb, "margin": margin}
    return any(_value(_NEAR_STREETS.format(table=table), parameters) for table in ("street", "address"))


def town_name() -> str:
    """Return TOWN_NAME, or the name of the largest district, or the commonest locality; "" for an empty territory.

    At most one query.
    """
    if settings.TOWN_NAME:
        return str(settings.TOWN_NAME)
    return str(
        _value(
            f"""SELECT coalesce(
                (SELECT name FROM neighbourhoods_district WHERE release_id = ({_COARSEST})
                 ORDER BY area_m2 DESC, code LIMIT 1),
                (SELECT locality FROM neighbourhoods_street WHERE locality <> '' AND closed_at IS NULL
                 GROUP BY locality ORDER BY count(*) DESC, locality LIMIT 1),
                (SELECT locality FROM neighbourhoods_address WHERE locality <> '' AND closed_at IS NULL
                 GROUP BY locality ORDER BY count(*) DESC, locality LIMIT 1), '')""",
            {},
        )
    )
