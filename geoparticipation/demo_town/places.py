"""Finds, on the real streets and in the real parks of the loaded town, where the demo's ideas may lie."""

from __future__ import annotations

import random

from django.contrib.gis.geos import GEOSGeometry
from django.db.models import Count, Q
from shapely import GeometryCollection, MultiLineString, MultiPoint, MultiPolygon, Point, Polygon
from shapely.geometry import LineString
from shapely.geometry.base import BaseGeometry
from shapely.ops import linemerge, substring

from geoparticipation.demo_town.texts import Shape
from layers.geometry import buffered, from_shapely, to_shapely
from neighbourhoods.domain.territory import territory_covers
from neighbourhoods.enums import GroundKind
from neighbourhoods.models import Ground, Street

AREA_HALF_WIDTH_M = 18
"""Half the width of the areas drawn along a street, in metres."""


def busiest_streets(count: int, *, touching: GEOSGeometry | None = None) -> list[Street]:
    """The streets (that touch this geometry) with the most even-numbered homes from 2 to 60, most first."""
    streets = Street.objects.current().filter(geometry__isnull=False)
    if touching is not None:
        streets = streets.filter(geometry__intersects=touching)
    return list(
        streets.annotate(
            homes=Count("addresses", filter=Q(addresses__closed_at__isnull=True)),
            even_homes=Count(
                "addresses", filter=Q(addresses__closed_at__isnull=True, addresses__number__range=(2, 60))
            ),
        ).order_by("-even_homes", "-homes", "code")[:count]
    )


class PlaceMaker:
    """Draws places of each shape along the given streets; the same seed gives the same places."""

    def __init__(self, streets: list[Street], seed: int, *, near: GEOSGeometry | None = None) -> None:
        """`streets` have a course; places touch the geometry `near` where that can be had."""
        self._near = near
        self._random = random.Random(seed)  # noqa: S311  (a demo, not a secret)
        self._streets = streets
        self._turn = 0
        self._parks = list(
            Ground.objects.filter(kind=GroundKind.PARK, area_m2__range=(500, 60_000)).order_by("-area_m2", "pk")[:12]
        )

    def make(self, shape: Shape) -> tuple[GEOSGeometry, Street]:
        """A place (SRID 4326) of this shape inside the territory, and the street it is told with.

        Streets run on where an extract was cut, so a place may fall outside; then the next one is tried. Raises
        ValueError when the territory has hardly any room.
        """
        for attempt in range(60):
            place, street = self._anywhere(shape)
            is_near = attempt >= 30 or self._near is None or self._near.intersects(place)
            if is_near and territory_covers(place):
                return place, street
        raise ValueError("The territory's streets lie outside its districts: import the districts of this town.")

    def _anywhere(self, shape: Shape) -> tuple[GEOSGeometry, Street]:
        street = self._next_street()
        if shape == "park" and self._parks:
            park = to_shapely(self._parks[self._turn % len(self._parks)].geometry)
            return _geos(max(park.geoms, key=lambda part: part.area).simplify(0.00002)), street
        makers = {
            "point": lambda: self._point(street),
            "line": lambda: self._line(street),
            "area": lambda: self._area(street),
            "park": lambda: self._area(street),
            "points": lambda: MultiPoint([self._point(s) for s in (street, street, self._next_street())]),
            "lines": lambda: MultiLineString([self._line(street), self._line(self._next_street())]),
            "areas": lambda: self._areas(street),
            "mixed": lambda: GeometryCollection([self._point(street), self._line(self._next_street())]),
        }
        return _geos(makers[shape]()), street

    def _next_street(self) -> Street:
        self._turn += 1
        return self._streets[self._turn % len(self._streets)]

    def _course(self, street: Street) -> LineString:
        merged = linemerge(to_shapely(street.geometry))
        return max(getattr(merged, "geoms", [merged]), key=lambda line: line.length)

    def _point(self, street: Street) -> Point:
        return self._course(street).interpolate(self._random.uniform(0.08, 0.92), normalized=True)

    def _line(self, street: Street) -> LineString:
        start = self._random.uniform(0, 0.6)
        return substring(self._course(street), start, start + self._random.uniform(0.2, 0.4), normalized=True)

    def _area(self, street: Street) -> Polygon:
        start = self._random.uniform(0, 0.8)
        stretch = substring(self._course(street), start, start + 0.12, normalized=True)
        around = buffered(_geos(stretch), AREA_HALF_WIDTH_M)
        return to_shapely(around).minimum_rotated_rectangle

    def _areas(self, street: Street) -> MultiPolygon:
        first, second = self._area(street), self._area(self._next_street())
        return MultiPolygon([first, second]) if first.disjoint(second) else MultiPolygon([first])


def _geos(shape: BaseGeometry) -> GEOSGeometry:
    geometry = from_shapely(shape)
    return geometry if geometry.valid else geometry.make_valid()


def open_ground() -> GEOSGeometry | None:
    """A park of middling size (MultiPolygon, SRID 4326), where the territory has one."""
    park = (
        Ground.objects.filter(kind=GroundKind.PARK, area_m2__range=(2_000, 40_000)).order_by("-area_m2", "pk").first()
    )
    return park.geometry if park else None
