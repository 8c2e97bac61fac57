"""Which reference system coordinates are likely to be in."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pyproj
from django.utils.translation import gettext_lazy as _

from layers.geometry import CrsUnknown, transformer_to_wgs84
from neighbourhoods.domain.registers.meanings import Words
from neighbourhoods.domain.territory import territory_extent

USUAL_SYSTEMS: dict[str, Words] = {
    "EPSG:4326": _("Longitude and latitude in degrees (GPS)"),
    "EPSG:31370": _("Belgium: Lambert 72"),
    "EPSG:3812": _("Belgium: Lambert 2008"),
    "EPSG:2154": _("France: Lambert-93"),
    "EPSG:2169": _("Luxembourg: LUREF"),
    "EPSG:28992": _("Netherlands: RD New"),
    "EPSG:2056": _("Switzerland and Liechtenstein: LV95"),
    "EPSG:21781": _("Switzerland and Liechtenstein: LV03"),
    "EPSG:25831": _("UTM zone 31 (ETRS89)"),
    "EPSG:25832": _("UTM zone 32 (ETRS89)"),
    "EPSG:3857": _("Web maps (Pseudo-Mercator)"),
}
"""Reference systems that registers of communes come in, by the name that is kept."""
_NEAR_DEGREES = 0.3


def are_degrees(points: Sequence[tuple[float, float]]) -> bool:
    """Whether most points could be longitudes and latitudes; so could none at all."""
    return sum(abs(x) <= 180 and abs(y) <= 90 for x, y in points) * 2 >= len(points)


def guess_system(points: Sequence[tuple[float, float]]) -> str:
    """The usual system in which the middle of the points lies in the territory, else in the system's own country.

    Empty where none, or more than one, makes sense. At most one query.
    """
    if not points:
        return ""
    if are_degrees(points):
        return "EPSG:4326"
    middle = sorted(points)[len(points) // 2]
    extent = territory_extent()
    at_home, plausible = [], []
    for name in USUAL_SYSTEMS:
        if name == "EPSG:4326":
            continue
        lon, lat = _in_degrees(name, middle)
        if not (math.isfinite(lon) and math.isfinite(lat)):
            continue
        if extent and _within(extent, lon, lat, _NEAR_DEGREES):
            at_home.append(name)
        area = pyproj.CRS.from_user_input(name).area_of_use
        if area and name != "EPSG:3857" and _within(area.bounds, lon, lat, 0):
            plausible.append(name)
    if extent:
        return at_home[0] if at_home else ""
    return plausible[0] if len(plausible) == 1 else ""


def _in_degrees(crs: str, point: tuple[float, float]) -> tuple[float, float]:
    try:
        lon, lat = transformer_to_wgs84(crs).transform(*point)
    except CrsUnknown:
        return math.inf, math.inf
    return float(lon), float(lat)


def _within(box: Sequence[float], lon: float, lat: float, margin: float) -> bool:
    west, south, east, north = box
    return west - margin <= lon <= east + margin and south - margin <= lat <= north + margin
