"""The map of squares on the printed form: the town's own streets, parks and waters as SVG."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from typing import Any, Final
from xml.sax.saxutils import escape

import shapely
import shapely.affinity
from shapely.geometry.base import BaseGeometry

from geoparticipation.surveys.models import PaperGrid
from layers.geometry import WGS84, from_shapely, reprojected, to_shapely
from neighbourhoods.enums import GroundKind
from neighbourhoods.models import Ground, Street

WIDTH: Final = 1000.0
"""Units across the map; the page makes 17 cm of them."""
_NAME_SIZE: Final = 13.0
_NAMES_AT_MOST: Final = 90
_FINEST: Final = 0.8
_FILLS: Final = {GroundKind.PARK: "#dcebd2", GroundKind.WATER: "#cfe0ee"}
_LETTER_WIDTH: Final = 0.52
"""Of the letters' height, on average."""
_EDGE: Final = 26.0


def draw_map(grid: PaperGrid) -> str:
    """The SVG of the squares with letters and numbers on all four edges, over the map. Two queries."""
    width_m, height_m = grid.columns * grid.cell_m, grid.rows * grid.cell_m
    scale = WIDTH / width_m
    box = (grid.left, grid.top - height_m, grid.left + width_m, grid.top)
    height = height_m * scale
    frame = from_shapely(reprojected(shapely.box(*box), grid.srid, WGS84))
    parts = [*_grounds(frame, grid, box, scale), *_streets(frame, grid, box, scale, height), *_squares(grid, height)]
    view = f"{-_EDGE:g} {-_EDGE:g} {WIDTH + 2 * _EDGE:g} {height + 2 * _EDGE:g}"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{view}" font-family="Atkinson Hyperlegible">'
        f'<rect width="{WIDTH:g}" height="{height:.1f}" fill="#f7f5f1"/>{"".join(parts)}</svg>'
    )


def _placed(shape: Any, grid: PaperGrid, box: tuple[float, float, float, float], scale: float) -> BaseGeometry:
    """A shape of the database in units of the drawing, cut to it."""
    cut = shapely.clip_by_rect(reprojected(to_shapely(shape), WGS84, grid.srid), *box)
    moved = shapely.affinity.affine_transform(cut, [scale, 0, 0, -scale, -box[0] * scale, box[3] * scale])
    simple: BaseGeometry = moved.simplify(_FINEST, preserve_topology=False)
    return simple


def _grounds(frame: Any, grid: PaperGrid, box: tuple[float, float, float, float], scale: float) -> Iterator[str]:
    smallest = (grid.cell_m / 5) ** 2
    found = Ground.objects.filter(geometry__bboverlaps=frame, kind__in=_FILLS, area_m2__gte=smallest)
    for kind, shape in found.order_by("pk").values_list("kind", "geometry"):
        path = _path(_placed(shape, grid, box, scale))
        if path:
            yield f'<path d="{path}" fill="{_FILLS[GroundKind(kind)]}" fill-rule="evenodd"/>'


def _streets(
    frame: Any, grid: PaperGrid, box: tuple[float, float, float, float], scale: float, height: float
) -> Iterator[str]:
    rows = Street.objects.current().filter(geometry__bboverlaps=frame).order_by("pk").values_list("name", "geometry")
    placed = [(name, _placed(shape, grid, box, scale)) for name, shape in rows if shape]
    paths = "".join(_path(shape) for _name, shape in placed)
    width = 5.0 if len(placed) < 500 else 2.2
    shared = 'fill="none" stroke-linecap="round" stroke-linejoin="round"'
    yield f'<path d="{paths}" {shared} stroke="#a9a39a" stroke-width="{width + 1.4:g}"/>'
    yield f'<path d="{paths}" {shared} stroke="#ffffff" stroke-width="{width:g}"/>'
    yield from _names(placed, shapely.box(0, 0, WIDTH, height))


def _names(streets: Iterable[tuple[str, BaseGeometry]], frame: BaseGeometry) -> Iterator[str]:
    """The names of the longest streets along them where they are straight, none over another, each once."""
    lines = [(name, line) for name, shape in streets if name for line in _lines(shapely.line_merge(_as_lines(shape)))]
    lines.sort(key=lambda pair: (-pair[1].length, pair[0]))
    taken: list[BaseGeometry] = []
    written: set[str] = set()
    for name, line in lines:
        length = len(name) * _NAME_SIZE * _LETTER_WIDTH
        if len(written) >= _NAMES_AT_MOST:
            return
        if name in written or line.length < length + 6:
            continue
        start, end = (line.interpolate(line.length / 2 + side * length / 2) for side in (-1, 1))
        if start.distance(end) < 0.96 * length:
            continue
        if start.x > end.x:
            start, end = end, start
        room = shapely.LineString([start, end]).buffer(_NAME_SIZE * 0.65, cap_style="flat")
        if not frame.contains(room) or any(room.intersects(other) for other in taken):
            continue
        taken.append(room)
        written.add(name)
        angle = math.degrees(math.atan2(end.y - start.y, end.x - start.x))
        x, y = (start.x + end.x) / 2, (start.y + end.y) / 2
        yield (
            f'<text transform="translate({x:.1f} {y:.1f}) rotate({angle:.1f})" y="{_NAME_SIZE * 0.34:g}"'
            f' font-size="{_NAME_SIZE:g}" text-anchor="middle" fill="#23201c">{escape(name)}</text>'
        )


def _squares(grid: PaperGrid, height: float) -> Iterator[str]:
    step = WIDTH / grid.columns
    lines = [f"M{column * step:.1f} 0V{height:.1f}" for column in range(grid.columns + 1)]
    lines += [f"M0 {row * step:.1f}H{WIDTH:g}" for row in range(grid.rows + 1)]
    yield f'<path d="{"".join(lines)}" stroke="#0b5f5b" stroke-width="1" stroke-opacity="0.6" fill="none"/>'
    shared = 'font-size="18" font-weight="700" text-anchor="middle" fill="#0b5f5b"'
    for column in range(grid.columns):
        for y in (-8.0, height + 20):
            yield f'<text x="{(column + 0.5) * step:.1f}" y="{y:.1f}" {shared}>{chr(ord("A") + column)}</text>'
    for row in range(grid.rows):
        for x in (-_EDGE / 2, WIDTH + _EDGE / 2):
            yield f'<text x="{x:.1f}" y="{(row + 0.5) * step + 6:.1f}" {shared}>{row + 1}</text>'


def _path(shape: BaseGeometry) -> str:
    """The outline of lines and surfaces in the short form of SVG."""
    rings = []
    for part in shapely.get_parts(shapely.get_parts(shape)):
        if part.geom_type == "Polygon":
            rings += [ring for ring in (part.exterior, *part.interiors) if ring.coords]
        elif part.geom_type == "LineString" and not part.is_empty:
            rings.append(part)
    return "".join("M" + "L".join(f"{x:.1f} {y:.1f}" for x, y, *_z in ring.coords) for ring in rings)


def _lines(shape: BaseGeometry) -> list[BaseGeometry]:
    return [part for part in shapely.get_parts(shape) if part.geom_type == "LineString" and part.length > 0]


def _as_lines(shape: BaseGeometry) -> BaseGeometry:
    """The lines of a collection; clipping leaves points, too, where a street only touches the edge."""
    parts = shapely.get_parts(shapely.get_parts(shape))
    return shapely.MultiLineString([part for part in parts if part.geom_type == "LineString" and not part.is_empty])
