"""A queryset with a geometry becomes a map layer: tiles, GeoJSON, reports. Knows no domain model."""
