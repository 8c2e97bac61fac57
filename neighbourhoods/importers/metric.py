"""Degrees into the metres of one projection and back, for shapely geometries of one territory."""

from __future__ import annotations

import numpy as np
import shapely
from django.contrib.gis.geos import Point
from pyproj import Transformer
from shapely.geometry.base import BaseGeometry

from layers.geometry import WGS84, metric_srid_for


class Metric:
    """The projection that `layers.geometry` gives to a place, for everything around it."""

    def __init__(self, lon: float, lat: float) -> None:
        srid = metric_srid_for(Point(lon, lat, srid=WGS84))
        self._there = Transformer.from_crs(WGS84, srid, always_xy=True)
        self._back = Transformer.from_crs(srid, WGS84, always_xy=True)

    def metres(self, shape: BaseGeometry) -> BaseGeometry:
        """A geometry in degrees, in metres."""
        return shapely.transform(shape, lambda xy: np.column_stack(self._there.transform(xy[:, 0], xy[:, 1])))

    def degrees(self, shape: BaseGeometry) -> BaseGeometry:
        """A geometry in metres, in degrees."""
        return shapely.transform(shape, lambda xy: np.column_stack(self._back.transform(xy[:, 0], xy[:, 1])))
