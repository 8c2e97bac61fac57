"""Boxes of longitude and latitude in a query string."""

from __future__ import annotations

import math

from django.contrib.gis.geos import GEOSGeometry, LineString, Point, Polygon
from django.utils.translation import gettext as _

from layers.errors import Refusal
from layers.geometry import WGS84
from layers.layer import Layer, Rows


class BoxInvalid(Refusal):
    """Not four numbers, or not west, south, east, north in degrees."""

    code = "bbox_invalid"


class BoxCrossesAntimeridian(Refusal):
    """West of a box lies east of its east: it would reach over longitude 180."""

    code = "bbox_crosses_antimeridian"


def parse_bbox(text: str, *, field: str = "in_bbox") -> GEOSGeometry:
    """The box of "west,south,east,north" in degrees, SRID 4326; a line or a point where it has no width or height.

    Raises BoxInvalid, or BoxCrossesAntimeridian, which is for the caller to ask twice: once on each side of it.
    """
    try:
        west, south, east, north = numbers = [float(part) for part in text.split(",", 6)]
    except ValueError:
        numbers = []
    if not numbers or not all(math.isfinite(number) for number in numbers):
        raise BoxInvalid(
            _("A box is four numbers with commas between them: west, south, east, north, in degrees."), field=field
        )
    if not (abs(west) <= 180 and abs(east) <= 180 and abs(south) <= 90 and abs(north) <= 90):
        raise BoxInvalid(
            _("A box is in degrees: longitudes from −180 to 180, latitudes from −90 to 90; longitude comes first."),
            field=field,
        )
    if south > north:
        raise BoxInvalid(_("The south of this box lies north of its north."), field=field)
    if west > east:
        raise BoxCrossesAntimeridian(
            _(
                "The west of this box lies east of its east. A box over the 180th meridian is asked for in two: "
                "up to 180 and from −180."
            ),
            field=field,
        )
    if west == east and south == north:
        return Point(west, south, srid=WGS84)
    if west == east or south == north:
        return LineString((west, south), (east, north), srid=WGS84)
    box = Polygon.from_bbox((west, south, east, north))
    box.srid = WGS84
    return box


def in_bbox(rows: Rows, layer: Layer, box: GEOSGeometry) -> Rows:
    """The rows of which any part, or only the edge, lies in the box: a line that crosses it stays."""
    return rows.filter(**{f"{layer.geometry}__intersects": box})
