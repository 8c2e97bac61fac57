"""Boundary relations into polygons, also those that the extract's edge cuts.

A relation whose ways are all there becomes the area of its closed rings by the even-odd rule, which makes exclaves,
enclaves and exclaves within enclaves right without trusting the members' roles.

A relation that the file cuts is closed along the edge: its lines, lengthened to the edge where they stop short of it,
divide the extract into two sides (a crossing of the relation's own line changes the side). Which of them is the
district follows from what must be so: no boundary of the same level runs inside a district, no two districts of a
level overlap; failing that, from where its label, its centre, the place of its name or its sub-areas are. When
nothing tells, the relation is refused, not guessed.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import shapely
from django.utils.translation import gettext as _
from shapely.geometry import LineString, MultiLineString, MultiPolygon, Point, Polygon
from shapely.geometry.base import BaseGeometry

from neighbourhoods.importers.osm.extract import Boundary, OsmExtract

TOUCH = 1e-7
"""About a centimetre, in degrees: nearer than this is on the line."""


@dataclass
class ClosedBoundary:
    """A relation with its area (MultiPolygon); `is_clipped` when the area ends at the extract's edge."""

    boundary: Boundary
    area: MultiPolygon
    is_clipped: bool = False
    has_centre: bool = False


@dataclass
class LevelBoundaries:
    """What became of the relations of one level."""

    closed: list[ClosedBoundary] = field(default_factory=list)
    refused: list[tuple[Boundary, str, str]] = field(default_factory=list)


def _multi(area: BaseGeometry) -> MultiPolygon:
    polygons = [part for part in shapely.get_parts(shapely.make_valid(area)) if part.geom_type == "Polygon"]
    polygons += [
        inner
        for part in shapely.get_parts(shapely.make_valid(area))
        if part.geom_type == "MultiPolygon"
        for inner in part.geoms
    ]
    return MultiPolygon(polygons)


def loose_ends(lines: list[LineString]) -> list[Point]:
    """Ends that an odd number of lines meet in."""
    count: dict[tuple[float, float], int] = {}
    for line in lines:
        for end in (line.coords[0], line.coords[-1]):
            count[end] = count.get(end, 0) + 1
    return [Point(end) for end, number in count.items() if number % 2]


def close_level(
    extract: OsmExtract, level: str, *, edge: Polygon, finer: dict[int, BaseGeometry] | None = None
) -> LevelBoundaries:
    """Close every relation of the level that can be. `finer`: areas of relations closed before, by OSM identifier."""
    result = LevelBoundaries()
    relations = [boundary for boundary in extract.boundaries if boundary.level == level and boundary.ways]
    cut: list[Boundary] = []
    for relation in relations:
        lines = [line for way in relation.ways for line in extract.boundary_lines.get(way, [])]
        there = all(way in extract.boundary_lines and way not in extract.cut_ways for way in relation.ways)
        if there and not loose_ends(lines):
            area = _multi(shapely.build_area(shapely.unary_union(lines)))
            if not area.is_empty:
                result.closed.append(ClosedBoundary(relation, area, has_centre=True))
                continue
        if there:
            result.refused.append((relation, "boundary_open", _("its ways are all in the file but do not close")))
        else:
            cut.append(relation)
    _close_cut(extract, cut=cut, relations=relations, result=result, edge=edge, finer=finer or {})
    return result


@dataclass
class _Sides:
    """The two sides of a cut relation's line, and the points that may tell which of them is the district."""

    boundary: Boundary
    areas: tuple[BaseGeometry, BaseGeometry]
    foreign: list[Point]
    hints: list[Point]


def _close_cut(
    extract: OsmExtract,
    *,
    cut: list[Boundary],
    relations: list[Boundary],
    result: LevelBoundaries,
    edge: Polygon,
    finer: dict[int, BaseGeometry],
) -> None:
    if not cut:
        return
    pieces = {
        way: inside(extract.boundary_lines.get(way, []), edge)
        for way in dict.fromkeys(way for relation in relations for way in relation.ways)
    }
    pending = [_sides(extract, relation, pieces, edge, finer) for relation in cut]
    while pending:
        undecided = []
        for sides in pending:
            side = _decide(sides, [closed.area for closed in result.closed])
            if side is None:
                undecided.append(sides)
                continue
            area = sides.areas[side].intersection(edge)
            for closed in result.closed:
                if closed.area.intersects(area):
                    area = area.difference(closed.area)
            area = _multi(area)
            if area.is_empty:
                reason = _("none of it is inside the file's edge")
                result.refused.append((sides.boundary, "boundary_outside", reason))
                continue
            centre = any(area.distance(hint) < TOUCH for hint in sides.hints)
            result.closed.append(ClosedBoundary(sides.boundary, area, is_clipped=True, has_centre=centre))
        if len(undecided) == len(pending):
            for sides in undecided:
                reason = _("the file cuts it, and nothing tells on which side of its line it lies")
                result.refused.append((sides.boundary, "boundary_side_unknown", reason))
            return
        pending = undecided


def _sides(
    extract: OsmExtract,
    relation: Boundary,
    pieces: dict[int, list[LineString]],
    edge: Polygon,
    finer: dict[int, BaseGeometry],
) -> _Sides:
    own_ways = set(relation.ways)
    own = [line for way in relation.ways for line in pieces[way]]
    rim = LineString(edge.exterior.coords)
    reaching = [to_rim(end, rim) for end in loose_ends(own)]
    drawn = own + [line for line in reaching if line is not None]
    faces = list(shapely.polygonize([shapely.unary_union([*drawn, rim])]).geoms) if drawn else [edge]
    crossing = MultiLineString(drawn)
    start = faces[0].representative_point()
    by_side: tuple[list[BaseGeometry], list[BaseGeometry]] = ([], [])
    for face in faces:
        path = LineString([start, face.representative_point()])
        met = path.intersection(crossing)
        by_side[0 if met.is_empty else shapely.get_num_geometries(met) % 2].append(face)
    # A boundary of the same level never crosses this one, so that one point of each line says on which side it is.
    foreign = [line.interpolate(0.5, normalized=True) for way in pieces if way not in own_ways for line in pieces[way]]
    hints = [extract.label_points[node] for node in relation.label_nodes if node in extract.label_points]
    name = relation.tags["name"]
    hints += [point for _place, place_name, point in extract.places if place_name == name]
    hints += [finer[sub].representative_point() for sub in relation.subareas if sub in finer]
    return _Sides(relation, (shapely.unary_union(by_side[0]), shapely.unary_union(by_side[1])), foreign, hints)


def inside(lines: list[LineString], edge: Polygon) -> list[LineString]:
    """What of the lines lies inside the edge."""
    parts = [part for line in lines for part in shapely.get_parts(line.intersection(edge))]
    return [part for part in parts if part.geom_type == "LineString" and part.length > TOUCH]


def to_rim(end: Point, rim: LineString) -> LineString | None:
    """The shortest line from a loose end to the edge, a little beyond it, so that they surely cross."""
    target = rim.interpolate(rim.project(end))
    if end.distance(target) < 1e-12:
        return None
    stretch = 1 + TOUCH / end.distance(target)
    beyond = (end.x + (target.x - end.x) * stretch, end.y + (target.y - end.y) * stretch)
    return LineString([(end.x, end.y), beyond])


def _count_inside(points: list[Point], area: BaseGeometry) -> int:
    """How many of the points are inside the area."""
    if not points:
        return 0
    shapely.prepare(area)
    return int(shapely.contains(area, points).sum())


def _decide(sides: _Sides, closed: list[MultiPolygon]) -> int | None:
    """Which of the two sides is the district; None when nothing tells."""
    first, second = sides.areas
    if second.is_empty:
        return 0 if not sides.foreign and _count_inside(sides.hints, first) else None
    for witnesses in (sides.foreign, [area.representative_point() for area in closed]):
        met = [_count_inside(witnesses, area) for area in sides.areas]
        if (met[0] > 0) != (met[1] > 0):
            return 1 if met[0] else 0
    votes = [_count_inside(sides.hints, area) for area in sides.areas]
    if votes[0] != votes[1]:
        return 0 if votes[0] > votes[1] else 1
    return None
