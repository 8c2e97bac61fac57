"""Small pictures of a variant over the town, as SVG: for who has no script, no map, or paper."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

import shapely
import shapely.affinity
from django.contrib.gis.geos import GEOSGeometry
from shapely.geometry.base import BaseGeometry

from geoparticipation.scenarios.models import PlanPlace, Variant, VariantFeature
from layers.geometry import WGS84, from_shapely, metric_srid_for, reprojected, to_shapely
from neighbourhoods.enums import GroundKind
from neighbourhoods.models import Ground, Street

WIDTH: Final = 640.0
HEIGHT: Final = 400.0
_LEAST_M: Final = 90.0
"""What a picture shows from left to right at the least."""
_MARGIN: Final = 1.25
_FINEST: Final = 0.5
_FILLS: Final = {GroundKind.PARK: "#dce8cf", GroundKind.WATER: "#c9dde4", GroundKind.BUILDING: "#e9e2d6"}
_ROUND: Final = 'fill="none" stroke-linecap="round" stroke-linejoin="round"'


def draw_variant(variant: Variant, *, around: Iterable[GEOSGeometry], place: PlanPlace | None = None) -> str:
    """The SVG of a variant over streets, parks, water and buildings, showing all of `around`; `place` is outlined.

    Three queries. Light colours whatever the page's: a picture has no theme.
    """
    shapes = [to_shapely(one) for one in around]
    srid = metric_srid_for(from_shapely(shapes[0])) if shapes else 0
    box = _frame([reprojected(shape, WGS84, srid) for shape in shapes])
    drawing = _Drawing(box, srid)
    parts = [*drawing.grounds(), *drawing.streets()]
    if place is not None:
        parts.append(drawing.outline(place.geometry))
    rows = VariantFeature.objects.filter(variant=variant, geometry__bboverlaps=drawing.window).order_by("number")
    parts += [drawing.feature(geometry, variant.colour_code) for geometry in rows.values_list("geometry", flat=True)]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH:g} {HEIGHT:g}" width="{WIDTH:g}"'
        f' height="{HEIGHT:g}"><rect width="{WIDTH:g}" height="{HEIGHT:g}" fill="#f3efe7"/>{"".join(parts)}</svg>'
    )


def _frame(shapes: list[BaseGeometry]) -> tuple[float, float, float, float]:
    """West, south, east, north in metres: all the shapes with some room, in the proportions of the picture."""
    west, south, east, north = shapely.total_bounds(shapes).tolist()
    width = max(east - west, (north - south) * WIDTH / HEIGHT, _LEAST_M) * _MARGIN
    height = width * HEIGHT / WIDTH
    x, y = (west + east) / 2, (south + north) / 2
    return x - width / 2, y - height / 2, x + width / 2, y + height / 2


class _Drawing:
    """What lies in a box in metres, in units of the picture."""

    def __init__(self, box: tuple[float, float, float, float], srid: int) -> None:
        self.box, self.srid = box, srid
        self.scale = WIDTH / (box[2] - box[0])
        self.window = from_shapely(reprojected(shapely.box(*box), srid, WGS84))

    def _placed(self, shape: Any) -> BaseGeometry:
        moved = reprojected(to_shapely(shape), WGS84, self.srid)
        around = 20 / self.scale  # so that no line ends at the edge with a round cap
        west, south, east, north = self.box
        cut = shapely.clip_by_rect(moved, west - around, south - around, east + around, north + around)
        flat = shapely.affinity.affine_transform(
            cut, [self.scale, 0, 0, -self.scale, -west * self.scale, north * self.scale]
        )
        simple: BaseGeometry = flat.simplify(_FINEST, preserve_topology=False)
        return simple

    def grounds(self) -> Iterator[str]:
        found = Ground.objects.filter(geometry__bboverlaps=self.window, kind__in=_FILLS)
        if 1 / self.scale > 1.5:  # metres in a unit: buildings would be dust
            found = found.exclude(kind=GroundKind.BUILDING)
        for kind, shape in found.order_by("area_m2", "pk").reverse().values_list("kind", "geometry"):
            if path := _path(self._placed(shape)):
                yield f'<path d="{path}" fill="{_FILLS[GroundKind(kind)]}" fill-rule="evenodd"/>'

    def streets(self) -> Iterator[str]:
        rows = Street.objects.current().filter(geometry__bboverlaps=self.window).order_by("pk")
        paths = "".join(_path(self._placed(shape)) for shape in rows.values_list("geometry", flat=True) if shape)
        width = min(max(6 * self.scale, 1.5), 26)
        yield f'<path d="{paths}" {_ROUND} stroke="#d5cab8" stroke-width="{width + 2:.1f}"/>'
        yield f'<path d="{paths}" {_ROUND} stroke="#ffffff" stroke-width="{width:.1f}"/>'

    def outline(self, shape: Any) -> str:
        placed = self._placed(shape)
        if placed.geom_type in {"Point", "MultiPoint"}:
            placed = placed.buffer(26)
        path = _path(placed)
        return f'<path d="{path}" fill="none" stroke="#211e1a" stroke-width="2" stroke-dasharray="7 5"/>'

    def feature(self, shape: Any, colour: str) -> str:
        """Areas filled, lines with a light edge, points as dots."""
        drawn = []
        for part in _simple_parts(self._placed(shape)):
            if part.is_empty:
                continue
            if part.geom_type == "Polygon":
                drawn.append(
                    f'<path d="{_path(part)}" fill="{colour}" fill-opacity="0.35" fill-rule="evenodd"'
                    f' stroke="{colour}" stroke-width="2.5"/>'
                )
            elif part.geom_type == "LineString":
                path = _path(part)
                drawn.append(f'<path d="{path}" {_ROUND} stroke="#fffdfa" stroke-width="8"/>')
                drawn.append(f'<path d="{path}" {_ROUND} stroke="{colour}" stroke-width="5"/>')
            else:
                drawn.append(
                    f'<circle cx="{part.x:.1f}" cy="{part.y:.1f}" r="8" fill="{colour}" stroke="#fffdfa"'
                    ' stroke-width="2.5"/>'
                )
        return "".join(drawn)


def _simple_parts(shape: BaseGeometry) -> Iterator[BaseGeometry]:
    if hasattr(shape, "geoms"):
        for part in shape.geoms:
            yield from _simple_parts(part)
    else:
        yield shape


def _path(shape: BaseGeometry) -> str:
    """The outline of lines and surfaces in the short form of SVG."""
    rings: list[Any] = []
    for part in _simple_parts(shape):
        if part.geom_type == "Polygon":
            rings += [ring for ring in (part.exterior, *part.interiors) if ring.coords]
        elif part.geom_type == "LineString" and not part.is_empty:
            rings.append(part)
    return "".join("M" + "L".join(f"{x:.1f} {y:.1f}" for x, y, *_z in ring.coords) for ring in rings)
