"""Geometry in the serializers of the API."""

from __future__ import annotations

from typing import Any

from django.contrib.gis.geos import GEOSGeometry
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from layers.geometry import geometry_to_geojson


@extend_schema_field(OpenApiTypes.OBJECT)
class GeoJSONField(serializers.JSONField):
    """A GeoJSON geometry in longitude and latitude (WGS 84); what comes in is left to `geometry_from_geojson`."""

    def to_representation(self, value: Any) -> Any:
        """Write a geometry; a mapping stays as it is."""
        return geometry_to_geojson(value) if isinstance(value, GEOSGeometry) else value
