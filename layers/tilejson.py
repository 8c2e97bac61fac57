"""TileJSON 3.0: what a map needs to know to show a layer's tiles."""

from __future__ import annotations

from typing import Any

from django.contrib.gis.db.models import Extent
from django.db import models
from django.db.models import F
from django.http import HttpRequest, QueryDict
from django.urls import reverse

from layers.layer import Layer, Rows


def tilejson(layer: Layer, rows: Rows, request: HttpRequest) -> dict[str, Any]:
    """The document; one query, for the bounds of these rows, beside those of the layer's `attribution`.

    Without rows there are no bounds; they may be wider than the rows. Beside the standard's members, `id_property`
    names the property that identifies a feature.
    """
    path = reverse("tile", kwargs={"name": layer.name, "z": "0", "x": "0", "y": "0"})
    query = f"?{request.GET.urlencode()}" if request.GET else ""
    fields = {name: _kind_of(rows, layer.properties[name]) for name in layer.names_in_tiles()}
    if layer.clustering:
        fields["point_count"] = "Number"
    document: dict[str, Any] = {
        "tilejson": "3.0.0",
        "name": str(layer.title),
        "description": str(layer.description),
        "version": "1.0.0",
        "attribution": str(layer.attribution(rows) if callable(layer.attribution) else layer.attribution),
        "scheme": "xyz",
        "tiles": [request.build_absolute_uri(path).replace("/0/0/0.mvt", "/{z}/{x}/{y}.mvt") + query],
        "minzoom": layer.min_zoom,
        "maxzoom": layer.max_zoom,
        "vector_layers": [
            {
                "id": layer.name,
                "description": str(layer.title),
                "minzoom": layer.min_zoom,
                "maxzoom": layer.max_zoom,
                "fields": fields,
            }
        ],
        "id_property": layer.id_property,
    }
    bounds = _bounds(layer, rows)
    if bounds is not None:
        document["bounds"] = list(bounds)
    return document


def _bounds(layer: Layer, rows: Rows) -> tuple[float, float, float, float] | None:
    """How far the rows reach; of a public layer with maintained counts, how far it reaches without any filter."""
    source = layer.clustering.source if layer.clustering and not layer.looks_at_viewer else None
    cells = source.selected(QueryDict()) if source else None
    if cells is not None:
        return cells.extent(rows.db)
    extent: tuple[float, float, float, float] | None = rows.order_by().aggregate(extent=Extent(layer.geometry))[
        "extent"
    ]
    return extent


def _kind_of(rows: Rows, source: Any) -> str:
    """What TileJSON calls the type of a property."""
    expression = F(source) if isinstance(source, str) else source
    field = rows.annotate(kind_of=expression).query.annotations["kind_of"].output_field
    if isinstance(field, models.BooleanField):
        return "Boolean"
    if isinstance(field, models.IntegerField | models.FloatField):
        return "Number"
    return "String"
