"""Degrees into the metres of one projection and back, for shapely geometries of one territory."""

from __future__ import annotations

from django.contrib.gis.geos import Point
from shapely.geometry.base import BaseGeometry

from layers.geometry import WGS84, metric_srid_for, reprojected


class Metric:
    """The projection that `layers.geometry` gives to a place, for everything around it."""

    def __init__(self, lon: float, lat: float) -> None:
        self._srid = metric_srid_for(Point(lon, lat, srid=WGS84))

    def metres(self, shape: BaseGeometry) -> BaseGeometry:
        """A geometry in degrees, in metres."""
        return reprojected(shape, WGS84, self._srid)

    def degrees(self, shape: BaseGeometry) -> BaseGeometry:
        """A geometry in metres, in degrees."""
        return reprojected(shape, self._srid, WGS84)
