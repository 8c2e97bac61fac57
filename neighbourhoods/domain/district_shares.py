"""Which districts geometries lie in, and with which share of them: the SQL, wherever the geometries come from.

There is one such query, so that a contribution placed when it was submitted, and one placed again with a hundred
thousand others because the boundaries changed, are placed alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from django.db import connection

from neighbourhoods.domain.district_pieces import ON_BORDER_DEGREES

BATCH: Final = 20_000
"""Geometries whose shares one query works out when there are many; it keeps a few copies of them."""

# Why it is written so:
# * A point, each point of a multipoint and each stretch of a line is an "atom" that lies in one district of a level.
#   Atoms are looked up within ON_BORDER_DEGREES; of several districts the lowest code (byte order) wins.
# * Each segment of a line is cut, by numbers along it, where it enters or leaves a piece. That is arithmetic in one
#   dimension: no overlay of the line with itself, which takes minutes for a scribble of 2,000 points, and a stretch
#   along a common border is one stretch whatever the rounding. The atom stands at an odd fraction of its stretch, not
#   in the middle, where a border that only touches is likeliest.
# * Areas need no tie-break; where districts overlap in the source, shares are scaled down to a sum of one.
_SHARES: Final = """part AS (
    SELECT n, geom, ST_Dimension(geom) AS dim, ST_CollectionExtract(geom, ST_Dimension(geom) + 1) AS part FROM given
), measured AS (
    SELECT n, geom, dim, part,
           CASE dim WHEN 1 THEN ST_Length(part::geography) WHEN 2 THEN ST_Area(part::geography) ELSE 0 END AS measure
    FROM part
), input AS MATERIALIZED (
    SELECT n, geom, measure,
           CASE WHEN measure > 0 THEN dim ELSE 0 END AS dim,
           CASE WHEN measure > 0 THEN part ELSE geom END AS part,
           CASE WHEN dim = 0 THEN geom ELSE ST_PointOnSurface(geom) END AS middle,
           dx, dy, ST_Scale(geom, dx, dy) AS in_plane
    FROM measured, LATERAL (SELECT radians(least(89, abs(ST_YMax(geom) + ST_YMin(geom)) / 2)) AS lat) middle,
    -- metres in a degree on the GRS 80 ellipsoid
    LATERAL (SELECT 111412.84 * cos(lat) - 93.5 * cos(3 * lat) AS dx, 111132.92 - 559.82 * cos(2 * lat) AS dy) metres
), segment AS MATERIALIZED (
    SELECT i.n, row_number() OVER () AS id, s.geom, ST_Length(s.geom::geography) / i.measure AS weight
    FROM input i, ST_DumpSegments(i.part) s WHERE i.dim = 1 AND ST_Length(s.geom) > 0
), cut AS (
    SELECT id, ends.at::float8 FROM segment, (VALUES (0), (1)) ends (at)
    UNION
    SELECT s.id, ST_LineLocatePoint(s.geom, d.geom)
    FROM segment s
    JOIN neighbourhoods_districtpiece p ON ST_DWithin(p.geometry, s.geom, {border})
    JOIN neighbourhoods_district district ON district.id = p.district_id
    JOIN neighbourhoods_boundaryrelease r ON r.id = district.release_id AND {releases},
    ST_DumpPoints(ST_Intersection(s.geom, p.geometry)) d
), stretch AS (
    SELECT id, at, lead(at) OVER (PARTITION BY id ORDER BY at) - at AS long FROM cut
), atom AS MATERIALIZED (
    SELECT i.n, row_number() OVER () AS atom, d.geom AS point, 1.0::float8 / ST_NPoints(i.part) AS weight
    FROM input i, ST_DumpPoints(i.part) d WHERE i.dim = 0
    UNION ALL
    SELECT s.n, -row_number() OVER (), ST_LineInterpolatePoint(s.geom, stretch.at + 0.4142 * stretch.long),
           stretch.long * s.weight
    FROM stretch JOIN segment s ON s.id = stretch.id WHERE stretch.long > 1e-12
), settled AS (
    SELECT DISTINCT ON (a.n, a.atom, r.id) a.n, d.id AS district_id, a.weight
    FROM atom a
    JOIN neighbourhoods_districtpiece p ON ST_DWithin(p.geometry, a.point, {border})
    JOIN neighbourhoods_district d ON d.id = p.district_id
    JOIN neighbourhoods_boundaryrelease r ON r.id = d.release_id AND {releases}
    ORDER BY a.n, a.atom, r.id, d.code COLLATE "C"
), counted AS (
    SELECT n, district_id, sum(weight) AS share FROM settled GROUP BY n, district_id
    UNION ALL
    SELECT i.n, p.district_id, sum(ST_Area((CASE WHEN ST_Covers(i.part, p.geometry) THEN p.geometry
               ELSE ST_CollectionExtract(ST_Intersection(i.part, p.geometry), 3) END)::geography)) / i.measure
    FROM input i
    JOIN neighbourhoods_districtpiece p ON ST_Intersects(p.geometry, i.part)
    JOIN neighbourhoods_district d ON d.id = p.district_id
    JOIN neighbourhoods_boundaryrelease r ON r.id = d.release_id AND {releases}
    WHERE i.dim = 2
    GROUP BY i.n, p.district_id, i.measure
), share AS (
    SELECT c.n, d.id, d.code, d.name, l.name AS level, l.rank,
           (c.share / greatest(1, sum(c.share) OVER (PARTITION BY c.n, r.id)))::float8 AS share
    FROM counted c
    JOIN neighbourhoods_district d ON d.id = c.district_id
    JOIN neighbourhoods_boundaryrelease r ON r.id = d.release_id
    JOIN neighbourhoods_districtlevel l ON l.id = r.level_id
    WHERE c.share > 1e-6
)"""


def district_shares_sql(releases: str) -> str:
    """Common table expressions from `part` to `share`, for what stands in `given (n, geom)`.

    `geom` is a valid geometry (SRID 4326, two dimensions, any type). `share` has one row for each district of the
    `releases` (a condition on the release `r`) that a geometry lies in: n, id, code, name, level, rank and share, 0 to
    1, of the area, the length or the points. `input` holds each geometry once more, with what distances are measured
    with.
    """
    return _SHARES.format(border=ON_BORDER_DEGREES, releases=releases)


def stage_shares(*, rows: str, releases: Sequence[int], table: str) -> int:
    """Make a temporary table (n, district_id, release_id, share) of where `rows` lie; return how many rows it has.

    `rows` is a query of (n, geom): distinct whole numbers and valid geometries (SRID 4326, any type). Only districts of
    the releases with these keys count, in force or not. Two queries for every 20,000 geometries, in constant memory.
    """
    placing = f"""
        INSERT INTO {table}
        WITH given AS (
            SELECT n, ST_Force2D(geom) AS geom FROM ({rows}) AS every WHERE n > %(after)s AND n <= %(last)s
        ), {district_shares_sql("r.id = ANY(%(releases)s)")}
        SELECT share.n, share.id, district.release_id, share.share
        FROM share JOIN neighbourhoods_district AS district ON district.id = share.id
    """
    staged = 0
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS {table}")
        cursor.execute(
            f"CREATE TEMP TABLE {table} (n bigint, district_id bigint, release_id bigint, share float8) ON COMMIT DROP"
        )
        after = -1
        while True:
            cursor.execute(
                f"SELECT max(n) FROM (SELECT n FROM ({rows}) AS every WHERE n > %s ORDER BY n LIMIT {BATCH}) AS batch",
                [after],
            )
            [last] = cursor.fetchone()
            if last is None:
                break
            cursor.execute(placing, {"after": after, "last": last, "releases": list(releases)})
            staged += cursor.rowcount
            after = last
        cursor.execute(f"ANALYZE {table}")
    return staged
