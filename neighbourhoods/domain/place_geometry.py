"""Where a geometry is: its districts with shares, its nearest street and its nearest address."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from django.contrib.gis.geos import GEOSGeometry
from django.db import connection

from neighbourhoods.domain.district_shares import district_shares_sql

SHARE_DECIMALS: Final = 9
"""Shares that are equal to so many decimals are equal; beyond, it is the rounding of the arithmetic."""
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
        """The district of the finest level that holds most of the geometry; None outside all districts.

        Of equal shares, as of a line straight across two districts of one width, the lowest code wins.
        """
        if not self.districts:
            return None
        finest = max(district.rank for district in self.districts)
        return min(
            (district for district in self.districts if district.rank == finest),
            key=lambda district: (-round(district.share, SHARE_DECIMALS), district.code),
        )


# Why it is written so: `<->` orders by degrees, and a degree of longitude is shorter than one of latitude. The best few
# by degrees give a distance in metres that is certainly reached; all that the square of that size touches is then
# measured in the plane, with degrees as long as they are there, and the best few of these on the ellipsoid, which costs
# 50 times as much. Beyond 5 km the best few decide. What the geometry touches (0 m) goes by the way to its middle.
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
), {district_shares_sql("r.is_current")}, placed AS MATERIALIZED (
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
