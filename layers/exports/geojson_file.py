"""GeoJSON (RFC 7946)."""

from __future__ import annotations

import json
from collections.abc import Iterator

from layers.exports.extract import Extract
from layers.features import feature_json

# Outer rings counter-clockwise, as the RFC has them; 15 decimals give back the very number that is stored.
_GEOMETRY = "ST_AsGeoJSON(ST_ForcePolygonCCW(page.layer_shape), 15)"


def stream_geojson(extract: Extract) -> Iterator[bytes]:
    """One FeatureCollection, a feature a line, written by the database; the properties are structured as in the API."""
    yield f'{{"type": "FeatureCollection", "name": {json.dumps(extract.layer.name)}, "features": [\n'.encode()
    separator = ""
    for batch in extract.pages([feature_json(extract.layer, _GEOMETRY)], tuple(extract.layer.properties)):
        yield (separator + ",\n".join(row[0] for row in batch)).encode()
        separator = ",\n"
    yield b"\n]}\n"
