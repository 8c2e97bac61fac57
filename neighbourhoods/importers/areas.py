"""The current districts as shapely polygons, for placing many things at once."""

from __future__ import annotations

from dataclasses import dataclass, field

import shapely
from django.db.models.functions import Collate
from shapely.geometry import Point
from shapely.geometry.base import BaseGeometry

from layers.geometry import to_shapely
from neighbourhoods.models import District, DistrictLevel


@dataclass
class Areas:
    """The current districts of one level, lowest code first, with an index for look-ups."""

    codes: list[str]
    names: list[str]
    shapes: list[BaseGeometry]
    tree: shapely.STRtree = field(init=False)

    def __post_init__(self) -> None:
        self.tree = shapely.STRtree(self.shapes)

    def around(self, point: Point) -> int | None:
        """Position of the first district that covers the point."""
        found = self.tree.query(point, predicate="covered_by")
        return int(found.min()) if len(found) else None


def current_areas() -> list[Areas]:
    """The current districts by level, coarsest level first."""
    levels = []
    for level in DistrictLevel.objects.filter(releases__is_current=True).order_by("rank"):
        rows = (
            District.objects.current()
            .filter(release__level=level)
            .order_by(Collate("code", "C"))
            .values_list("code", "name", "geometry")
        )
        found = [(code, name, to_shapely(geometry)) for code, name, geometry in rows]
        if found:
            codes, names, shapes = (list(column) for column in zip(*found, strict=True))
            levels.append(Areas(codes, names, shapes))
    return levels
