"""From squares to places: "C4" is a point in the middle or a square, "C4-D4" a line, "C4+C5" an area."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Any, Final

import shapely
from django.utils.translation import gettext as _
from shapely.geometry.base import BaseGeometry

from geoparticipation.surveys.models import PaperGrid, Survey
from layers.errors import Refusal
from layers.geometry import WGS84, from_shapely, geometry_to_geojson, metric_srid_for, reprojected, to_shapely
from neighbourhoods.domain.territory import territory_extent

COLUMNS: Final = 14
MOST_ROWS: Final = 17
LEAST_ACROSS_M: Final = 280.0
_SQUARE: Final = re.compile(r"([A-Z])\s?(\d{1,2})")
_SQUARES: Final = re.compile(
    r"\s*[A-Z]\s?\d{1,2}(?:\s*(?P<joint>[-+,; ])\s*[A-Z]\s?\d{1,2}(?:\s*[-+,; ]\s*[A-Z]\s?\d{1,2})*)?\s*"
)


class SquareUnknown(Refusal):
    """A square that is not on the printed map, or squares that make no place of the shape that is asked."""

    code = "paper_square_unknown"
    status = 422


def grid_of(survey: Survey) -> PaperGrid | None:
    """The squares of the survey's printed map: those that were printed, else new ones over its target or the town.

    Nothing while there is no territory. One query; when made, four more.
    """
    kept = PaperGrid.objects.filter(survey=survey).first()
    if kept is not None:
        return kept
    area = _area(survey)
    if area is None:
        return None
    srid = metric_srid_for(from_shapely(area))
    left, bottom, right, top = reprojected(area, WGS84, srid).bounds
    middle, width = (left + right) / 2, max(right - left, LEAST_ACROSS_M)
    cell = max(width / COLUMNS, (top - bottom) / MOST_ROWS)
    rows = max(4, math.ceil((top - bottom) / cell))
    over = rows * cell - (top - bottom)
    made, _created = PaperGrid.objects.get_or_create(
        survey=survey,
        defaults={
            "srid": srid,
            "left": middle - COLUMNS * cell / 2,
            "top": top + over / 2,
            "cell_m": cell,
            "columns": COLUMNS,
            "rows": rows,
        },
    )
    return made


def _area(survey: Survey) -> BaseGeometry | None:
    """The surroundings of the target of the survey, else of its consultation, else of the whole town."""
    target = survey.target or survey.consultation.target
    if target is not None and target.geometry:
        shape = to_shapely(target.geometry)
        west, south, east, north = shape.bounds
        return shapely.box(*_widened(west, south, east, north))
    extent = territory_extent()
    return shapely.box(*extent) if extent is not None else None


def _widened(west: float, south: float, east: float, north: float) -> tuple[float, float, float, float]:
    across, down = (east - west) * 0.08 or 0.001, (north - south) * 0.08 or 0.001
    return (west - across, south - down, east + across, north + down)


def are_squares(text: str) -> bool:
    """Whether this is one square or several, and no address."""
    return _SQUARES.fullmatch(text.upper()) is not None


def place_of_squares(text: str, *, grid: PaperGrid, shapes: Sequence[str]) -> dict[str, Any]:
    """The GeoJSON (longitude, latitude) of squares, as one of these shapes; raises SquareUnknown.

    Between squares stands - for a line through their middles or + for the area of all of them; with a blank or a comma
    it is an area where one may be drawn, else a line.
    """
    upper = text.upper()
    found = _SQUARES.fullmatch(upper)
    if found is None:
        raise SquareUnknown(_("“%(text)s” is no square. Write one as in C4.") % {"text": text[:40]})
    squares = [_square(letter, int(number), grid) for letter, number in _SQUARE.findall(upper)]
    shape = _shaped(squares, found["joint"] or "", shapes)
    return geometry_to_geojson(from_shapely(reprojected(shape, grid.srid, WGS84)))


def _square(letter: str, number: int, grid: PaperGrid) -> shapely.Polygon:
    column = ord(letter) - ord("A")
    if column >= grid.columns or not 1 <= number <= grid.rows:
        raise SquareUnknown(
            _("There is no square %(square)s: they go from A1 to %(last)s.")
            % {"square": f"{letter}{number}", "last": f"{chr(ord('A') + grid.columns - 1)}{grid.rows}"}
        )
    left, top = grid.left + column * grid.cell_m, grid.top - (number - 1) * grid.cell_m
    return shapely.box(left, top - grid.cell_m, left + grid.cell_m, top)


def _shaped(squares: list[shapely.Polygon], joint: str, shapes: Sequence[str]) -> BaseGeometry:
    if len(squares) == 1:
        if "point" in shapes:
            return squares[0].centroid
        if "area" in shapes:
            return squares[0]
        raise SquareUnknown(_("A line needs two squares or more, as in C4-D4."))
    as_line = joint == "-" or (joint != "+" and "area" not in shapes)
    if as_line and "line" in shapes:
        return shapely.LineString([square.centroid for square in squares])
    if not as_line and "area" in shapes:
        area = shapely.union_all(squares)
        if area.geom_type == "Polygon" and not area.interiors:
            return area
        raise SquareUnknown(_("The squares of an area must touch, and leave no hole. Take another place for the rest."))
    raise SquareUnknown(
        _("Several squares are one line (C4-D4) or one area (C4+C5), and neither is asked here: one square a place.")
    )
