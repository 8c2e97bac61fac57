"""The line down the middle of a street that a register draws as a surface.

The medial axis is approximated by the edges of the Voronoi diagram of points along the surface's rim that lie inside
it; the spurs that lead to its corners (ends shorter than about the street's width) are cut off, and what is left is
lengthened straight on to the rim, since the axis of a ribbon ends half its width before the ribbon does. PostGIS
can do this with ST_ApproximateMedialAxis, but only where the extension postgis_sfcgal may be created; this needs
nothing more.
"""

from __future__ import annotations

import itertools
from collections import Counter

import shapely
from shapely.geometry import LineString, MultiLineString, Point, Polygon
from shapely.geometry.base import BaseGeometry

SPACING_M = 3.0
"""Distance of the points on the rim."""
MOST_POINTS = 6000


def centreline(surface: BaseGeometry) -> MultiLineString:
    """The middle lines of a surface in metres (Polygon or MultiPolygon); empty only where the surface is."""
    lines: list[LineString] = []
    for part in shapely.get_parts(surface):
        if part.geom_type == "Polygon" and part.area > 0:
            lines += _of_polygon(part)
    return MultiLineString(lines)


def _of_polygon(polygon: Polygon) -> list[LineString]:
    width_m = max(2 * polygon.area / polygon.length, 1.0)
    outline = polygon.simplify(min(0.5, width_m / 10))
    spacing_m = max(min(SPACING_M, width_m / 2), polygon.length / MOST_POINTS)
    points = shapely.MultiPoint(shapely.get_coordinates(shapely.segmentize(outline, spacing_m)))
    edges = shapely.get_parts(shapely.voronoi_polygons(points, only_edges=True))
    singles = [LineString(pair) for edge in edges for pair in itertools.pairwise(edge.coords)]
    shapely.prepare(polygon)
    inside = [edge for edge, is_in in zip(singles, shapely.contains_properly(polygon, singles), strict=True) if is_in]
    branches = _without_spurs(_merged(inside), 1.5 * width_m)
    return [line.simplify(0.5) for line in _up_to_rim(branches, polygon, width_m)] or [_long_axis(polygon)]


def _merged(lines: list[LineString]) -> list[LineString]:
    if not lines:
        return []
    return [line for line in shapely.get_parts(shapely.line_merge(MultiLineString(lines))) if not line.is_empty]


def _meeting(lines: list[LineString]) -> Counter[tuple[float, ...]]:
    """How many lines meet in each of their ends."""
    return Counter(end for line in lines for end in (line.coords[0], line.coords[-1]))


def _without_spurs(lines: list[LineString], shortest_m: float) -> list[LineString]:
    """Cut off dead ends shorter than `shortest_m`, again and again, as long as something remains."""
    while len(lines) > 1:
        meeting = _meeting(lines)
        spurs = [
            line
            for line in lines
            if line.length < shortest_m and 1 in (meeting[line.coords[0]], meeting[line.coords[-1]])
        ]
        if not spurs:
            break
        # All at once: of the two spurs at an end, one left alone would become the bent end of the street.
        cut = {id(line) for line in spurs}
        if len(cut) == len(lines):
            cut.discard(id(max(lines, key=lambda line: line.length)))
        lines = _merged([line for line in lines if id(line) not in cut])
    return lines


def _up_to_rim(lines: list[LineString], polygon: Polygon, width_m: float) -> list[LineString]:
    """Lengthen each dead end in the direction of its last `width_m`, as far as the rim, by `width_m` at the most."""
    meeting = _meeting(lines)
    lengthened = []
    for line in lines:
        before = _beyond(line.reverse(), polygon, width_m)[::-1] if meeting[line.coords[0]] == 1 else []
        after = _beyond(line, polygon, width_m) if meeting[line.coords[-1]] == 1 else []
        lengthened.append(LineString([*before, *line.coords, *after]))
    return lengthened


def _beyond(line: LineString, polygon: Polygon, width_m: float) -> list[tuple[float, float]]:
    """The one point on the rim, or nearer, that the line would reach beyond its last one; none where it is there."""
    end, back = Point(line.coords[-1]), line.interpolate(-min(width_m, line.length))
    stretch = width_m / end.distance(back) if end.distance(back) else 0
    ahead = LineString([end, (end.x + (end.x - back.x) * stretch, end.y + (end.y - back.y) * stretch)])
    inside = [part for part in shapely.get_parts(ahead.intersection(polygon)) if part.distance(end) < 1e-6]
    return [part.coords[-1] for part in inside if part.geom_type == "LineString" and part.length > 0][:1]


def _long_axis(polygon: Polygon) -> LineString:
    """The middle of the smallest box around a surface too small for an axis of its own."""
    corners = list(shapely.oriented_envelope(polygon).exterior.coords)
    sides = [LineString(pair) for pair in itertools.pairwise(corners)]
    first, second = (sides[0], sides[2]) if sides[0].length < sides[1].length else (sides[1], sides[3])
    return LineString([first.interpolate(0.5, normalized=True), second.interpolate(0.5, normalized=True)])
