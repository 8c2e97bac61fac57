"""Areas that hide a home among others: hexagons of the town, joined until each has enough buildings and dwellings.

An area is chosen by the letterbox nearest to a place, so that a pin in the garden and one at the door give the same
area. Everybody may know the hexagons, the register and this rule: all that an area then says is that the home is one
of its letterboxes. Hexagons with few homes, as at the edge of the town, are joined to the nearest others. The areas are
worked out once and kept (`HomeArea`).
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from dataclasses import dataclass
from typing import Any, Final, cast

import numpy as np
import shapely
from django.contrib.gis.db.models.functions import GeometryDistance
from django.contrib.gis.geos import GEOSGeometry, MultiPolygon, Point
from django.db import connection, transaction
from django.db.models import Count, Sum

from layers.geometry import WGS84, from_shapely, metric_srid_for, reprojected, to_shapely
from neighbourhoods.models import Address, District, HomeArea, HomeAreaCell

SIDE_M: Final = 150.0
"""Side of a hexagon: it is 260 m wide and has 5.8 hectares."""
LEAST_BUILDINGS: Final = 5
"""So many letterboxes at different places an area has at least: a tower of flats is one, however many live there."""
LEAST_DWELLINGS: Final = 10
_LOCK: Final = 1_147_520_833
"""Of areas being made: nobody else makes any meanwhile."""

Cell = tuple[int, int]
Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Homes:
    """Letterboxes in one plane: coordinates in metres (one row each), and how many dwellings each has."""

    places: Array
    dwellings: Array


def home_area_at(geometry: GEOSGeometry) -> GEOSGeometry | None:
    """The area (MultiPolygon, SRID 4326) of the letterbox nearest to the middle of a geometry (SRID 4326).

    Three queries once the areas are made; the first call makes those of the whole town, which takes a second for
    100,000 addresses. None where the town has too few homes.
    """
    middle = to_shapely(geometry).representative_point()
    nearest = (
        Address.objects.current()
        .order_by(GeometryDistance("geometry", from_shapely(middle)), "pk")
        .values_list("geometry", flat=True)
        .first()
    )
    if nearest is None:
        return None
    return _known_area(nearest) or _made_area(nearest)


def has_enough_homes(district: District) -> bool:
    """Whether a district hides a home as well as an area does. One query."""
    homes = Address.objects.current().filter(geometry__coveredby=district.geometry)
    found = homes.aggregate(buildings=Count("geometry", distinct=True), dwellings=Sum("dwellings"))
    return found["buildings"] >= LEAST_BUILDINGS and (found["dwellings"] or 0) >= LEAST_DWELLINGS


def _known_area(address: Point) -> GEOSGeometry | None:
    srid = _srid(address)
    column, row = cells_of(_in_plane(np.array([address.coords]), srid))[0].tolist()
    return HomeArea.objects.filter(cells__column=column, cells__row=row).values_list("geometry", flat=True).first()


def _srid(somewhere: GEOSGeometry) -> int:
    """The plane of the grid: that of the areas there are, so that they stay where they are. One query."""
    known = HomeAreaCell.objects.values_list("srid", flat=True).first()
    return metric_srid_for(somewhere) if known is None else known


@transaction.atomic
def _made_area(address: Point) -> GEOSGeometry | None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
    return _known_area(address) or (_make_areas(_srid(address)) and _known_area(address)) or None


def _make_areas(srid: int) -> bool:
    """Give every hexagon with homes that is in no area one: its own, or the nearest that there is."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT ST_X(geometry), ST_Y(geometry), dwellings FROM neighbourhoods_address WHERE closed_at IS NULL"
        )
        rows = np.array(cursor.fetchall(), dtype=float).reshape(-1, 3)
    homes = Homes(_in_plane(rows[:, :2], srid), rows[:, 2])
    areas = {area.pk: area for area in HomeArea.objects.all()}
    known = {(cell.column, cell.row): cell.area_id for cell in HomeAreaCell.objects.all()}
    for group in group_cells(homes, known):
        area = areas.get(group.area) if group.area is not None else HomeArea(buildings=0, dwellings=0)
        if area is None:
            continue
        shape = shapely.union_all([hexagon(cell) for cell in group.cells])
        grown = from_shapely(_in_degrees(shape, srid))
        if area.pk:
            grown = from_shapely(shapely.union(to_shapely(area.geometry), to_shapely(grown)))
        area.geometry = _as_multi(grown)
        area.buildings += group.buildings
        area.dwellings += group.dwellings
        area.save()
        HomeAreaCell.objects.bulk_create(
            HomeAreaCell(srid=srid, column=column, row=row, area=area) for column, row in sorted(group.cells)
        )
    return True


@dataclass
class Group:
    """Hexagons that belong together, and what stands in them; `area` is the key of the area they are to join."""

    cells: list[Cell]
    buildings: int
    dwellings: int
    area: int | None = None

    @property
    def emptiness(self) -> tuple[int, int]:
        """What orders groups, those with the fewest homes first."""
        return self.buildings, self.dwellings

    @property
    def is_large_enough(self) -> bool:
        """Whether nobody can tell which of its homes is meant."""
        return self.area is not None or (self.buildings >= LEAST_BUILDINGS and self.dwellings >= LEAST_DWELLINGS)


def group_cells(homes: Homes, known: dict[Cell, int]) -> list[Group]:
    """Join hexagons, the emptiest first, to the group of the nearest other one, until every group is large enough.

    `known` are hexagons that are in an area already. Nothing where all homes together are too few. The same homes give
    the same groups.
    """
    standing: dict[Cell, set[tuple[float, float]]] = defaultdict(set)
    living: dict[Cell, int] = defaultdict(int)
    for cell, place, dwellings in zip(
        map(tuple, cells_of(homes.places).tolist()), homes.places.tolist(), homes.dwellings.tolist(), strict=True
    ):
        if cell not in known:
            standing[cell].add((round(place[0], 1), round(place[1], 1)))
            living[cell] += int(dwellings)
    groups = [Group([cell], len(standing[cell]), living[cell]) for cell in sorted(standing)]
    by_area = {area: Group([], 0, 0, area) for area in sorted(set(known.values()))}
    cells = [*sorted(standing), *sorted(known)]
    groups += by_area.values()
    at = {area: len(standing) + number for number, area in enumerate(by_area)}
    belongs = np.array([*range(len(standing)), *(at[known[cell]] for cell in sorted(known))], dtype=int)
    middles = np.array([_middle(cell) for cell in cells]).reshape(-1, 2)
    waiting = [(*group.emptiness, number) for number, group in enumerate(groups) if not group.is_large_enough]
    heapq.heapify(waiting)
    while waiting:
        *seen, number = heapq.heappop(waiting)
        group = groups[number]
        if tuple(seen) != group.emptiness or not (own := np.flatnonzero(belongs == number)).size:
            continue  # it has grown since, or was joined to another
        away = np.min([np.hypot(*(middles - middles[place]).T) for place in own], axis=0)
        away[own] = np.inf
        nearest = int(away.argmin())
        if not np.isfinite(away[nearest]):
            return []
        other = groups[belongs[nearest]]
        belongs[own] = belongs[nearest]
        other.cells += group.cells
        other.buildings += group.buildings
        other.dwellings += group.dwellings
        group.cells = []
        if not other.is_large_enough:
            heapq.heappush(waiting, (*other.emptiness, int(belongs[nearest])))
    return [group for group in groups if group.cells]


def cells_of(places: Array) -> Array:
    """Axial coordinates of the hexagon that each place (metres) lies in: two whole numbers a row."""
    column = (np.sqrt(3) / 3 * places[:, 0] - places[:, 1] / 3) / SIDE_M
    row = 2 / 3 * places[:, 1] / SIDE_M
    cube = np.column_stack([column, row, -column - row])
    rounded = np.rint(cube)
    worst = np.abs(rounded - cube).argmax(axis=1)
    # Of the three that add up to nothing, the one that was rounded most follows from the other two.
    lines = np.arange(len(places))
    rounded[lines, worst] -= rounded.sum(axis=1)
    cells: Array = rounded[:, :2].astype(int)
    return cells


def _middle(cell: Cell) -> tuple[float, float]:
    column, row = cell
    return SIDE_M * np.sqrt(3) * (column + row / 2), SIDE_M * 1.5 * row


def hexagon(cell: Cell) -> shapely.Polygon:
    """The outline of a hexagon, in metres; neighbours share their corners to the millimetre."""
    x, y = _middle(cell)
    corners = [(x + SIDE_M * np.cos(turn), y + SIDE_M * np.sin(turn)) for turn in np.pi / 6 + np.arange(6) * np.pi / 3]
    return shapely.Polygon([(round(easting, 3), round(northing, 3)) for easting, northing in corners])


def _in_plane(positions: Array, srid: int) -> Array:
    if not len(positions):
        return positions.reshape(-1, 2)
    coordinates: Array = shapely.get_coordinates(reprojected(shapely.MultiPoint(positions), WGS84, srid))
    return coordinates


def _in_degrees(shape: shapely.Geometry, srid: int) -> shapely.Geometry:
    degrees = shapely.set_precision(reprojected(shape, srid, WGS84), 1e-7)
    return shapely.make_valid(degrees)


def _as_multi(geometry: GEOSGeometry) -> MultiPolygon:
    parts = [part for part in shapely.get_parts(to_shapely(geometry)) if part.geom_type == "Polygon"]
    return cast("MultiPolygon", from_shapely(shapely.MultiPolygon(parts)))
