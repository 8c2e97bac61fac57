"""The grid of map tiles (Web Mercator, XYZ numbering, y from the north)."""

from __future__ import annotations

import math
from dataclasses import dataclass

from django.contrib.gis.geos import Polygon
from django.utils.translation import gettext as _

from layers.errors import Refusal
from layers.geometry import WGS84

MAX_ZOOM = 22
EXTENT = 4096
# Units of EXTENT around a tile that its lines and areas are drawn into, so that strokes do not end at its edge.
BUFFER = 64
# Web Mercator's sphere (EPSG:3857).
EARTH_RADIUS_M = 6378137.0
_WORLD_M = 2 * math.pi * EARTH_RADIUS_M


class TileAddressInvalid(Refusal):
    """Zoom, column or row is not a whole number."""

    code = "tile_address_invalid"


class TileOutsideGrid(Refusal):
    """There is no such column or row at this zoom, or no such zoom."""

    code = "tile_outside_grid"
    status = 404


@dataclass(frozen=True)
class Tile:
    """One tile: column x from the west, row y from the north, at zoom z."""

    z: int
    x: int
    y: int

    @classmethod
    def parse(cls, z: str, x: str, y: str) -> Tile:
        """The tile an address names; raises TileAddressInvalid or TileOutsideGrid."""
        if not all(part.isascii() and part.isdigit() and len(part) <= 10 for part in (z, x, y)):
            raise TileAddressInvalid(_("A tile's zoom, column and row are whole numbers from 0 on."))
        tile = cls(int(z), int(x), int(y))
        if tile.z > MAX_ZOOM or max(tile.x, tile.y) >= 2**tile.z:
            raise TileOutsideGrid(
                _("There is no tile %(z)s/%(x)s/%(y)s; the closest zoom is %(limit)s.")
                % {"z": tile.z, "x": tile.x, "y": tile.y, "limit": MAX_ZOOM}
            )
        return tile

    @property
    def width_m(self) -> float:
        """Width and height in the metres of EPSG:3857 (true metres at the equator only)."""
        return _WORLD_M / float(2**self.z)

    @property
    def bounds_mercator(self) -> tuple[float, float, float, float]:
        """West, south, east, north in EPSG:3857."""
        west = self.x * self.width_m - _WORLD_M / 2
        north = _WORLD_M / 2 - self.y * self.width_m
        return west, north - self.width_m, west + self.width_m, north

    def envelope(self, *, buffer: int = BUFFER) -> Polygon:
        """The tile with so many units of EXTENT around it, in 4326: what the column's index is asked for."""
        margin = buffer / EXTENT
        columns = 2**self.z
        west, east = ((self.x + shift) / columns * 360 - 180 for shift in (-margin, 1 + margin))
        north, south = (_latitude((self.y + shift) / columns) for shift in (-margin, 1 + margin))
        box = Polygon.from_bbox((max(-180.0, west), south, min(180.0, east), north))
        box.srid = WGS84
        return box


def _latitude(row_share: float) -> float:
    return math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * row_share))))
