"""Streets cut into segments: what lies between two crossings, and is no longer than a walk past some houses.

Answers, response rates and rounds are told by segment: nearer than a street, and never a door.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
import shapely
import shapely.ops
from shapely.geometry import LineString, MultiLineString
from shapely.geometry.base import BaseGeometry

LONGEST_M: Final = 200.0
"""A segment without crossings is cut into equal parts no longer than this."""
SHORTEST_M: Final = 15.0
"""A piece shorter than this, as between the two carriageways of a crossing road, stays with the piece before it."""

Side = Literal["left", "right"]


@dataclass(frozen=True)
class Segment:
    """A piece of one street; `line` in the metric reference system that was given, None for a street without course."""

    street: int
    number: int
    """Along the street, from 1 on."""
    line: BaseGeometry | None


def cut_streets(courses: Mapping[int, BaseGeometry], others: Iterable[BaseGeometry]) -> dict[int, list[Segment]]:
    """Cut each street at its crossings with all the others; lines in metres.

    `courses` has the streets to cut by their keys, `others` every course that may cross them (they may be among
    them). The pieces of a street cover it wholly, once, in the order in which its merged lines run.
    """
    around = np.array([course for course in others if not course.is_empty], dtype=object)
    tree = shapely.STRtree(around)
    return {key: _cut(key, course, around, tree) for key, course in courses.items()}


def _cut(key: int, course: BaseGeometry, around: np.ndarray[Any, Any], tree: shapely.STRtree) -> list[Segment]:
    near = around[tree.query(course, predicate="intersects")]
    crossing = [other for other in near if not other.equals(course)]
    points = _points(shapely.intersection(course, shapely.union_all(crossing))) if crossing else []
    pieces: list[LineString] = []
    for line in shapely.get_parts(shapely.line_merge(_lines(course))):
        pieces += _cut_line(line, points)
    return [Segment(key, number, piece) for number, piece in enumerate(pieces, start=1)]


def _lines(course: BaseGeometry) -> MultiLineString:
    return MultiLineString([part for part in shapely.get_parts(course) if part.geom_type == "LineString"])


def _points(crossings: BaseGeometry) -> list[shapely.Point]:
    """Where two streets meet; both ends where they share a stretch."""
    found: list[shapely.Point] = []
    for part in shapely.get_parts(crossings):
        if part.geom_type == "Point":
            found.append(part)
        elif part.geom_type == "LineString":
            found += [shapely.Point(part.coords[0]), shapely.Point(part.coords[-1])]
        elif part.geom_type != "Polygon":
            found += _points(part)
    return found


def _cut_line(line: LineString, crossings: Sequence[shapely.Point]) -> list[LineString]:
    on_line = [point for point in crossings if point.distance(line) < 1e-6]
    # A crossing of a line with itself, or the end of a loop, is a cut where two numbers along the line are near it.
    at = sorted({0.0, line.length, *(round(line.project(point), 3) for point in on_line)})
    kept = [at[0]]
    for position in at[1:]:
        if position - kept[-1] >= SHORTEST_M:
            kept.append(position)
    kept[-1:] = [line.length] if len(kept) > 1 else [kept[0], line.length]
    pieces = []
    for start, end in itertools.pairwise(kept):
        parts = max(1, math.ceil((end - start) / LONGEST_M))
        for part in range(parts):
            piece = shapely.ops.substring(
                line, start + (end - start) * part / parts, start + (end - start) * (part + 1) / parts
            )
            if piece.geom_type == "LineString":
                pieces.append(piece)
    return pieces


def nearest_segment(segments: Sequence[Segment], points: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """For each point the position in `segments` of the nearest one of its own street; of equal ones the first."""
    lines = np.array([segment.line for segment in segments], dtype=object)
    if len(lines) == 1:
        return np.zeros(len(points), dtype=int)
    distances = shapely.distance(points[:, None], lines[None, :])
    nearest: np.ndarray[Any, Any] = distances.argmin(axis=1)
    return nearest


def side_of(line: BaseGeometry | None, point: shapely.Point) -> Side:
    """On which side of a segment a point lies, going along it as it runs; "right" where there is no line."""
    if line is None:
        return "right"
    along = line.project(point)
    before, after = line.interpolate(max(0.0, along - 1)), line.interpolate(min(line.length, along + 1))
    cross = (after.x - before.x) * (point.y - before.y) - (after.y - before.y) * (point.x - before.x)
    return "left" if cross > 0 else "right"


def grouped_for_privacy(
    segments: Sequence[Segment], shapes: Sequence[BaseGeometry], letterboxes: Sequence[int], least: int
) -> list[int]:
    """For each segment the number of its group, so that every group has at least `least` letterboxes, or all there are.

    Everything in a group is shown alike, and nothing of it with another group: who sees two answers cannot take one
    shape from the other and be left with a few homes. A group that is too small joins the nearest other one, of its own
    street where that is as near. `shapes` says where each segment is, in metres.
    """
    where = np.array(shapes, dtype=object)
    tree = shapely.STRtree(where)
    streets = np.array([segment.street for segment in segments])
    counts = np.array(letterboxes)
    group = np.arange(len(segments))
    for at in range(len(segments)):
        while counts[group == group[at]].sum() < least:
            members = group == group[at]
            if members.all():
                break
            together = shapely.union_all(where[members])
            near, reach_m = np.array([], dtype=int), LONGEST_M
            while not near.size:
                near = tree.query(together, predicate="dwithin", distance=reach_m)
                near = np.sort(near[~members[near]])
                reach_m *= 4
            elsewhere = ~np.isin(streets[near], streets[members])
            order = np.lexsort((elsewhere, np.round(shapely.distance(together, where[near]), 3)))
            group[members] = group[near[order[0]]]
    return [int(number) for number in group]
