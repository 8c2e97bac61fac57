"""Where a geometry is: its districts with shares, its nearest street and its nearest address."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from django.contrib.gis.geos import GEOSGeometry
from django.db import connection

from neighbourhoods.domain.district_pieces import ON_BORDER_DEGREES

BATCH: Final = 500
"""Geometries placed by one query when there are many."""


@dataclass(frozen=True)
class DistrictShare:
    """A district and the part of the geometry, 0 to 1, that lies in it: of the area, the length or the points."""

    id: int
    code: str
    name: str
    level: str
    rank: int
    share: float


@dataclass(frozen=True)
class NearestStreet:
    """The nearest street and how far away it is, in metres on the ellipsoid."""

    id: int
    name: str
    locality: str
    distance_m: float


@dataclass(frozen=True)
class NearestAddress:
    """The nearest address and how far away it is, in metres on the ellipsoid."""

    id: int
    street: str
    house_number: str
    postcode: str
    locality: str
    distance_m: float


@dataclass(frozen=True)
class Place:
    """Where a geometry is. `districts` go from the coarsest level to the finest, the largest share first."""

    districts: tuple[DistrictShare, ...]
    street: NearestStreet | None
    address: NearestAddress | None

    @property
    def smallest_district(self) -> DistrictShare | None:
        """The district of the finest level that holds most of the geometry; None outside all districts."""
        if not self.districts:
            return None
        finest = max(district.rank for district in self.districts)
        return min(
            (district for district in self.districts if district.rank == finest),
            key=lambda district: (-district.share, district.code),
        )


# Why it is written so:
# * A point, each point of a multipoint and each stretch of a line is an "atom" that lies in one district of a level.
#   Atoms are looked up within ON_BORDER_DEGREES; of several districts the lowest code (byte order) wins.
# * Each segment of a line is cut, by numbers along it, where it enters or leaves a piece. That is arithmetic in one
#   dimension: no overlay of the line with itself, which takes minutes for a scribble of 2,000 points, and a stretch
#   along a common border is one stretch whatever the rounding. The atom stands at an odd fraction of its stretch, not
#   in the middle, where a border that only touches is likeliest.
# * Areas need no tie-break; where districts overlap in the source, shares are scaled down to a sum of one.
# * `<->` orders by degrees, and a degree of longitude is shorter than one of latitude. The best few by degrees give a
#   distance in metres that is certainly reached; all that the square of that size touches is then measured in the
#   plane, with degrees as long as they are there, and the best few of these on the ellipsoid, which costs 50 times as
#   much. Beyond 5 km the best few decide. What the geometry touches (0 m) goes by the way to the geometry's middle.
_NEAREST: Final = """
    LEFT JOIN LATERAL (
        WITH few AS MATERIALIZED (
            SELECT min(ST_Distance(ST_Scale(near.geometry, i.dx, i.dy), i.in_plane)) * 1.01 AS metres
            FROM (SELECT c.geometry FROM {table} c WHERE c.geometry IS NOT NULL AND c.closed_at IS NULL
                  ORDER BY c.geometry <-> i.geom LIMIT 8) near
        ), candidate AS (
            (SELECT c.id, c.geometry FROM {table} c
             WHERE (SELECT metres < 5000 AND (metres > 0 OR i.dim = 0) FROM few) AND c.closed_at IS NULL
             AND c.geometry && (SELECT ST_Expand(i.geom, (metres + 0.01) / i.dx, (metres + 0.01) / i.dy) FROM few))
            UNION ALL
            (SELECT c.id, c.geometry FROM {table} c WHERE (SELECT metres FROM few) >= 5000 AND c.closed_at IS NULL
             ORDER BY c.geometry <-> i.geom LIMIT 8)
            UNION ALL
            (SELECT c.id, c.geometry FROM {table} c
             WHERE (SELECT metres FROM few) = 0 AND i.dim > 0 AND c.closed_at IS NULL
             AND ST_Intersects(c.geometry, i.geom)
             ORDER BY c.geometry <-> i.middle LIMIT 8)
        ), best AS (
            SELECT id, geometry, ST_Distance(ST_Scale(geometry, i.dx, i.dy), i.in_plane) AS metres,
                   CASE WHEN i.dim > 0 THEN ST_Distance(ST_Scale(geometry, i.dx, i.dy), ST_Scale(i.middle, i.dx, i.dy))
                   END AS to_middle
            FROM candidate ORDER BY 3, 4, 1 LIMIT 3
        )
        SELECT id, ST_Distance(geometry::geography, i.geom::geography) AS distance_m
        FROM best ORDER BY 2, to_middle, 1 LIMIT 1
    ) {name} ON true"""

_PLACES: Final = f"""
WITH given AS (
    SELECT n, ST_Force2D(wkb::geometry) AS geom FROM unnest(%(geometries)s::text[]) WITH ORDINALITY AS t (wkb, n)
), part AS (
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
    JOIN neighbourhoods_districtpiece p ON ST_DWithin(p.geometry, s.geom, {ON_BORDER_DEGREES})
    JOIN neighbourhoods_district district ON district.id = p.district_id
    JOIN neighbourhoods_boundaryrelease r ON r.id = district.release_id AND r.is_current,
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
    SELECT DISTINCT ON (a.n, a.atom, r.level_id) a.n, d.id AS district_id, a.weight
    FROM atom a
    JOIN neighbourhoods_districtpiece p ON ST_DWithin(p.geometry, a.point, {ON_BORDER_DEGREES})
    JOIN neighbourhoods_district d ON d.id = p.district_id
    JOIN neighbourhoods_boundaryrelease r ON r.id = d.release_id AND r.is_current
    ORDER BY a.n, a.atom, r.level_id, d.code COLLATE "C"
), counted AS (
    SELECT n, district_id, sum(weight) AS share FROM settled GROUP BY n, district_id
    UNION ALL
    SELECT i.n, p.district_id, sum(ST_Area((CASE WHEN ST_Covers(i.part, p.geometry) THEN p.geometry
               ELSE ST_CollectionExtract(ST_Intersection(i.part, p.geometry), 3) END)::geography)) / i.measure
    FROM input i
    JOIN neighbourhoods_districtpiece p ON ST_Intersects(p.geometry, i.part)
    JOIN neighbourhoods_district d ON d.id = p.district_id
    JOIN neighbourhoods_boundaryrelease r ON r.id = d.release_id AND r.is_current
    WHERE i.dim = 2
    GROUP BY i.n, p.district_id, i.measure
), share AS (
    SELECT c.n, d.id, d.code, d.name, l.name AS level, l.rank,
           (c.share / greatest(1, sum(c.share) OVER (PARTITION BY c.n, l.id)))::float8 AS share
    FROM counted c
    JOIN neighbourhoods_district d ON d.id = c.district_id
    JOIN neighbourhoods_boundaryrelease r ON r.id = d.release_id
    JOIN neighbourhoods_districtlevel l ON l.id = r.level_id
    WHERE c.share > 1e-6
), placed AS MATERIALIZED (
    SELECT n, json_agg(json_build_array(id, code, name, level, rank, share)
                       ORDER BY rank, level, share DESC, code COLLATE "C") AS districts
    FROM share GROUP BY n
)
SELECT i.n, placed.districts,
       street.id, street.name, street.locality, street_near.distance_m,
       address.id, its_street.name, address.house_number, address.postcode, address.locality, address_near.distance_m,
       its_street.id, its_street.locality
FROM input i
LEFT JOIN placed ON placed.n = i.n
{_NEAREST.format(table="neighbourhoods_street", name="street_near")}
LEFT JOIN neighbourhoods_street street ON street.id = street_near.id
{_NEAREST.format(table="neighbourhoods_address", name="address_near")}
LEFT JOIN neighbourhoods_address address ON address.id = address_near.id
LEFT JOIN neighbourhoods_street its_street ON its_street.id = address.street_id
ORDER BY i.n
"""


def _street(row: tuple[Any, ...]) -> NearestStreet | None:
    """Take the nearest line; in a town whose streets have no lines, the street of the nearest address."""
    if row[2] is not None:
        return NearestStreet(*row[2:6])
    return None if row[6] is None else NearestStreet(row[12], row[7], row[13], row[11])


def _place(row: tuple[Any, ...]) -> Place:
    return Place(
        districts=tuple(DistrictShare(*district) for district in row[1] or ()),
        street=_street(row),
        address=None if row[6] is None else NearestAddress(*row[6:12]),
    )


def place_geometries(geometries: Iterable[GEOSGeometry]) -> Iterator[Place]:
    """Place many valid geometries (SRID 4326, any type), in their order: one query for every 500.

    Districts are those of the current releases of every level. Shares are of the area on the ellipsoid for areas, of
    the length for lines, of the points otherwise (in a mixed collection the parts of highest dimension count), and
    sum up to at most 1 on each level. What lies on a common border belongs to the district of the lowest code. In
    a town whose streets have no lines, the street is that of the nearest address.
    """
    remaining = iter(geometries)
    while batch := list(itertools.islice(remaining, BATCH)):
        with connection.cursor() as cursor:
            cursor.execute(_PLACES, {"geometries": [geometry.hexewkb.decode() for geometry in batch]})
            rows = cursor.fetchall()
        yield from map(_place, rows)


def place_geometry(geometry: GEOSGeometry) -> Place:
    """Place one valid geometry (SRID 4326, any type), in one query; see `place_geometries`."""
    return next(place_geometries([geometry]))
