"""Shapes of a target from a GeoJSON file."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import shapely
from django.contrib.gis.geos import GEOSGeometry
from django.utils.translation import gettext as _

from layers.geometry import from_shapely, geometry_from_geojson, to_shapely
from neighbourhoods.domain.targets.errors import AreaFileUnreadable

MAX_BYTES = 20_000_000
MAX_VERTICES = 200_000
_WGS84_NAMES = ("CRS84", "4326")


def read_area_file(path: Path) -> tuple[GEOSGeometry, ...]:
    """Read a geometry, Feature or FeatureCollection; what is of one dimension comes united, areas first. SRID 4326.

    Nothing but JSON is read, whatever the file is called. Raises AreaFileUnreadable or GeometryRefused.
    """
    by_dimension: dict[int, list[Any]] = {2: [], 1: [], 0: []}
    for geometry in _geometries(_document(path)):
        shape = to_shapely(geometry_from_geojson(geometry, max_vertices=MAX_VERTICES))
        for part in shapely.get_parts(shape):
            by_dimension[shapely.get_dimensions(part)].append(part)
    united = tuple(from_shapely(shapely.union_all(shapes)) for shapes in by_dimension.values() if shapes)
    if not united:
        raise AreaFileUnreadable(_("There is no shape in %(path)s.") % {"path": path})
    return united


def _document(path: Path) -> Mapping[str, Any]:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise AreaFileUnreadable(_("%(path)s is too large: 20 MB at the most.") % {"path": path})
        document = json.loads(path.read_bytes())
    except OSError as error:
        raise AreaFileUnreadable(
            _("%(path)s cannot be read: %(reason)s.") % {"path": path, "reason": error.strerror}
        ) from None
    except (ValueError, RecursionError):
        raise AreaFileUnreadable(_("%(path)s is not GeoJSON.") % {"path": path}) from None
    if not isinstance(document, Mapping):
        raise AreaFileUnreadable(_("%(path)s is not GeoJSON.") % {"path": path})
    if (crs := document.get("crs")) is not None and not any(name in str(crs) for name in _WGS84_NAMES):
        raise AreaFileUnreadable(
            _("%(path)s is in another reference system: convert it to WGS 84 (EPSG:4326) first.") % {"path": path}
        )
    return document


def _geometries(document: Mapping[str, Any]) -> Iterator[object]:
    match document.get("type"):
        case "FeatureCollection":
            features = document.get("features")
            for feature in features if isinstance(features, list) else []:
                if isinstance(feature, Mapping) and feature.get("geometry") is not None:
                    yield feature["geometry"]
        case "Feature":
            if document.get("geometry") is not None:
                yield document["geometry"]
        case _:
            yield document
