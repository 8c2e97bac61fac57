"""A round's own lines as a drawing that a phone shows without a connection: no tiles, no script."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import shapely
from shapely.geometry.base import BaseGeometry

from geoparticipation.mailings.domain.rounds.round_contents import RoundContents
from layers.geometry import WGS84, metric_srid_for, reprojected, to_shapely

_ROOM_M: Final = 40
_WITHIN_M: Final = 1.5
"""Lines may be off by this much, which nobody sees on a phone and which halves the page."""


@dataclass(frozen=True)
class StopDrawing:
    """The line of a stop as an SVG path, and where it begins."""

    path: str
    x: int
    y: int


@dataclass(frozen=True)
class WalkDrawing:
    """SVG, in metres, with y downwards; `mark` is the radius of a mark that can be seen."""

    view_box: str
    path: str
    stops: list[StopDrawing]
    mark: int


def draw_walk(contents: RoundContents) -> WalkDrawing:
    """Draw a round; no query."""
    geometries = [stop.stop.geometry for stop in contents.stops]
    shapes = [to_shapely(geometry) for geometry in geometries]
    if contents.round.geometry is not None:
        shapes.append(to_shapely(contents.round.geometry))
    metric = metric_srid_for(geometries[0])
    moved = shapely.get_parts(reprojected(shapely.GeometryCollection(shapes), WGS84, metric))
    west, south, east, north = (float(bound) for bound in shapely.total_bounds(moved))
    west, north = west - _ROOM_M, north + _ROOM_M
    width, height = round(east - west + _ROOM_M), round(north - south + _ROOM_M)

    def placed(shape: BaseGeometry) -> list[tuple[int, int]]:
        thinned = shape.simplify(_WITHIN_M)
        return [(round(x - west), round(north - y)) for x, y in shapely.get_coordinates(thinned)]

    stops = []
    for shape in moved[: len(geometries)]:
        positions = placed(shape)
        stops.append(StopDrawing(_path(positions), *positions[0]))
    whole = _path(placed(moved[-1])) if len(moved) > len(geometries) else ""
    return WalkDrawing(f"0 0 {width} {height}", whole, stops, max(8, round(max(width, height) / 60)))


def _path(positions: Sequence[Any]) -> str:
    """An SVG path; a single place is a dot, which round line ends draw."""
    first, *rest = positions
    if not rest:
        rest = [first]
    return f"M{first[0]} {first[1]}L" + " ".join(f"{x} {y}" for x, y in rest)
