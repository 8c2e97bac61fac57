"""The map on a flyer: the target among the town's own streets, parks and waters, drawn once as vectors."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

import shapely
import shapely.affinity
from django.contrib.gis.geos import Polygon
from django.utils.translation import gettext as _
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfgen.canvas import Canvas
from shapely.geometry.base import BaseGeometry

from geoparticipation.mailings.domain.flyers.measures import MM
from geoparticipation.mailings.models import Mailing
from layers.geometry import WGS84, from_shapely, metric_srid_for, reprojected, to_shapely, transformed
from neighbourhoods.enums import GroundKind, PartKind, PartOperation
from neighbourhoods.models import Ground, Street

LEAST_ACROSS_M: Final = 200.0
AROUND: Final = 0.08
"""What is shown around the target, in parts of its size."""
FINEST_MM: Final = 0.15
"""Bends finer than this on paper are left out, and grounds smaller than its square times 100."""
NAMES_AT_MOST: Final = 40
_NAME_SIZE: Final = 5.5
_GROUNDS: Final = {GroundKind.PARK: (0.85, 0.92, 0.82), GroundKind.WATER: (0.78, 0.87, 0.94)}
_PAPER: Final = (0.965, 0.96, 0.945)
_GREY: Final = (0.62, 0.6, 0.57)
_INK: Final = (0.15, 0.15, 0.15)

Colour = tuple[float, float, float]


@dataclass(frozen=True)
class TargetMap:
    """What is drawn, in metres of one projection, cut to `box` (its lower left and upper right)."""

    box: tuple[float, float, float, float]
    area: BaseGeometry
    sites: BaseGeometry
    streets: list[tuple[str, BaseGeometry]]
    grounds: list[tuple[str, BaseGeometry]]
    attribution: str


def read_target_map(mailing: Mailing, *, proportion: float) -> TargetMap:
    """The surroundings of a mailing's target in a box `proportion` times as wide as high; four queries, one if none."""
    area = _area_of(mailing)
    metric = metric_srid_for(from_shapely(area))
    area = reprojected(area, WGS84, metric)
    box = _fitted_box(area.bounds, proportion)
    frame = Polygon.from_bbox(box)
    frame.srid = metric
    in_degrees = transformed(frame, WGS84)
    near = Street.objects.current().filter(geometry__bboverlaps=in_degrees)
    rows = list(near.order_by("pk").values_list("name", "geometry", "source"))
    streets = _cut(((name, shape) for name, shape, _source in rows), metric, box)
    smallest = ((box[2] - box[0]) / 1000) ** 2 * 20
    found = Ground.objects.filter(geometry__bboverlaps=in_degrees, kind__in=_GROUNDS, area_m2__gte=smallest)
    grounds = _cut(found.order_by("pk").values_list("kind", "geometry"), metric, box)
    parts = mailing.target.parts.filter(kind=PartKind.SHAPE, operation=PartOperation.INCLUDE, buffer_m__gt=0)
    sites = _cut((("", shape) for shape in parts.values_list("shape", flat=True)), metric, box)
    return TargetMap(
        box=box,
        area=shapely.clip_by_rect(area, *box),
        sites=shapely.union_all([shape for _name, shape in sites]),
        streets=streets,
        grounds=grounds,
        attribution="© OpenStreetMap" if any(source == "osm" for _name, _shape, source in rows) else "",
    )


def _area_of(mailing: Mailing) -> BaseGeometry:
    """The target's shape; around the letterboxes where streets are known by their addresses alone."""
    if mailing.target.geometry:
        return to_shapely(mailing.target.geometry)
    points = [to_shapely(point) for point in mailing.letterboxes.values_list("geometry", flat=True)]
    return shapely.MultiPoint(points).convex_hull.buffer(0.0003)


def _fitted_box(bounds: tuple[float, float, float, float], proportion: float) -> tuple[float, float, float, float]:
    left, bottom, right, top = bounds
    width = max((right - left) * (1 + 2 * AROUND), (top - bottom) * (1 + 2 * AROUND) * proportion, LEAST_ACROSS_M)
    height = width / proportion
    x, y = (left + right) / 2, (bottom + top) / 2
    return (x - width / 2, y - height / 2, x + width / 2, y + height / 2)


def _cut(rows: Iterable[tuple[str, Any]], metric: int, box: tuple[float, ...]) -> list[tuple[str, BaseGeometry]]:
    kept = []
    for name, shape in rows:
        cut = shapely.clip_by_rect(reprojected(to_shapely(shape), WGS84, metric), *box)
        if not cut.is_empty:
            kept.append((name, cut))
    return kept


def draw_target_map(
    canvas: Canvas,
    drawn: TargetMap,
    *,
    left: float,
    bottom: float,
    width: float,
    height: float,
    colour: Colour,
    font: str,
) -> None:
    """Draw a map into a box (mm from the lower left corner): grounds, target, streets, names, north arrow and scale."""
    scale = width * MM / (drawn.box[2] - drawn.box[0])
    x, y = left * MM, bottom * MM

    def placed(shape: BaseGeometry) -> BaseGeometry:
        moved = shapely.affinity.affine_transform(
            shape, [scale, 0, 0, scale, x - drawn.box[0] * scale, y - drawn.box[1] * scale]
        )
        return moved.simplify(FINEST_MM * MM, preserve_topology=False)

    canvas.saveState()
    clip = canvas.beginPath()
    clip.rect(x, y, width * MM, height * MM)
    canvas.clipPath(clip, stroke=0, fill=0)
    canvas.setFillColorRGB(*_PAPER)
    canvas.rect(x, y, width * MM, height * MM, stroke=0, fill=1)
    for kind, shape in drawn.grounds:
        canvas.setFillColorRGB(*_GROUNDS[GroundKind(kind)])
        _fill(canvas, placed(shape))
    area = placed(drawn.area)
    canvas.setFillColorRGB(*(1 - 0.22 * (1 - part) for part in colour))
    _fill(canvas, area)
    canvas.setFillColorRGB(*(1 - 0.6 * (1 - part) for part in colour))
    _fill(canvas, placed(drawn.sites))
    streets = [(name, placed(shape)) for name, shape in drawn.streets]
    canvas.setLineCap(1)
    canvas.setLineJoin(1)
    for line_width, line_colour in ((1.9, _GREY), (1.3, (1.0, 1.0, 1.0))):
        canvas.setLineWidth(line_width if len(streets) < 400 else line_width / 2.2)
        canvas.setStrokeColorRGB(*line_colour)
        for _name, shape in streets:
            _stroke(canvas, shape)
    canvas.setStrokeColorRGB(*colour)
    canvas.setLineWidth(1.2)
    canvas.setDash(4, 2.5)
    for polygon in _polygons(area):
        _stroke(canvas, polygon.boundary)
    canvas.setDash()
    _draw_names(canvas, streets, area, shapely.box(x, y, x + width * MM, y + height * MM), font)
    canvas.restoreState()
    canvas.setStrokeColorRGB(*_GREY)
    canvas.setLineWidth(0.4)
    canvas.rect(x, y, width * MM, height * MM, stroke=1, fill=0)
    _draw_north(canvas, x + width * MM - 12, y + height * MM - 24, font)
    _draw_scale(canvas, x + 6, y + 6, scale=scale, longest=width * MM / 3.5, font=font)
    if drawn.attribution:
        canvas.setFont(font, 4.5)
        canvas.setFillColorRGB(*_INK)
        canvas.drawRightString(x + width * MM - 3, y + 3, drawn.attribution)


def _path(canvas: Canvas, rings: Iterable[Any], *, close: bool) -> Any:
    path = canvas.beginPath()
    for ring in rings:
        first, *others = ring.coords
        path.moveTo(*first[:2])
        for other in others:
            path.lineTo(*other[:2])
        if close:
            path.close()
    return path


def _polygons(shape: BaseGeometry) -> list[Any]:
    parts = shapely.get_parts(shapely.get_parts(shape))
    return [part for part in parts if part.geom_type == "Polygon" and not part.is_empty]


def _fill(canvas: Canvas, shape: BaseGeometry) -> None:
    rings = [ring for polygon in _polygons(shape) for ring in (polygon.exterior, *polygon.interiors)]
    if rings:
        canvas.drawPath(_path(canvas, rings, close=True), stroke=0, fill=1, fillMode=0)


def _lines(shape: BaseGeometry) -> list[BaseGeometry]:
    parts = shapely.get_parts(shape)
    parts = shapely.get_parts(parts)  # what clipping gives may be a collection of multi-lines
    return [part for part in parts if part.geom_type in {"LineString", "LinearRing"} and part.length > 0]


def _stroke(canvas: Canvas, shape: BaseGeometry) -> None:
    lines = _lines(shape)
    if lines:
        canvas.drawPath(_path(canvas, lines, close=False), stroke=1, fill=0)


def _draw_names(
    canvas: Canvas, streets: list[tuple[str, BaseGeometry]], area: BaseGeometry, frame: BaseGeometry, font: str
) -> None:
    """Write the names of the longest streets along them where they are straight, none over another."""
    left, bottom, right, top = frame.bounds
    taken: list[BaseGeometry] = [  # north arrow, scale, attribution
        shapely.box(right - 22, top - 30, right, top),
        shapely.box(left, bottom, left + (right - left) / 3.5 + 14, bottom + 16),
        shapely.box(right - 46, bottom, right, bottom + 9),
    ]
    longest = sorted(
        ((name, line) for name, shape in streets for line in _lines(shapely.line_merge(shape)) if name),
        key=lambda pair: (not pair[1].intersects(area), -pair[1].length, pair[0]),
    )
    written: set[str] = set()
    for name, line in longest:
        if len(written) >= NAMES_AT_MOST:
            break
        length = pdfmetrics.stringWidth(name, font, _NAME_SIZE)
        if name in written or line.length < length + 4:
            continue
        middle = line.length / 2
        start, end = line.interpolate(middle - length / 2), line.interpolate(middle + length / 2)
        if start.distance(end) < 0.97 * length:
            continue
        if start.x > end.x:
            start, end = end, start
        angle = math.degrees(math.atan2(end.y - start.y, end.x - start.x))
        room = shapely.LineString([start, end]).buffer(_NAME_SIZE * 0.6, cap_style="flat")
        if not frame.contains(room) or any(room.intersects(other) for other in taken):
            continue
        taken.append(room)
        written.add(name)
        canvas.saveState()
        canvas.translate((start.x + end.x) / 2, (start.y + end.y) / 2)
        canvas.rotate(angle)
        canvas.setFont(font, _NAME_SIZE)
        canvas.setFillColorRGB(1, 1, 1)
        canvas.rect(-length / 2 - 0.5, -_NAME_SIZE * 0.4, length + 1, _NAME_SIZE * 0.85, stroke=0, fill=1)
        canvas.setFillColorRGB(*_INK)
        canvas.drawCentredString(0, -_NAME_SIZE * 0.3, name)
        canvas.restoreState()


def _draw_north(canvas: Canvas, x: float, y: float, font: str) -> None:
    canvas.setFillColorRGB(*_INK)
    arrow = canvas.beginPath()
    arrow.moveTo(x, y + 18)
    arrow.lineTo(x - 4, y + 7)
    arrow.lineTo(x, y + 9.5)
    arrow.lineTo(x + 4, y + 7)
    arrow.close()
    canvas.drawPath(arrow, stroke=0, fill=1)
    canvas.setFont(font, 6)
    canvas.drawCentredString(x, y, _("N"))


def _draw_scale(canvas: Canvas, x: float, y: float, *, scale: float, longest: float, font: str) -> None:
    """A bar of a round number of metres, no longer than `longest` points."""
    metres = round_metres(longest / scale)
    canvas.setFillColorRGB(*_INK)
    canvas.rect(x, y, metres * scale, 1.6, stroke=0, fill=1)
    canvas.setFont(font, 6)
    told = f"{metres:g} m" if metres < 1000 else f"{metres / 1000:g} km"
    canvas.drawString(x, y + 3.4, told)


def round_metres(most: float) -> float:
    """The largest of 1, 2 and 5 times a power of ten that is no more."""
    power = 10.0 ** math.floor(math.log10(most))
    return max(factor * power for factor in (1, 2, 5) if factor * power <= most)
