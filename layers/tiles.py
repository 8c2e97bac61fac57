"""Vector tiles (MVT 2.1) made by one query each.

The tile's envelope is transformed into the column's reference system, so that the index answers which rows matter;
only those are transformed to Web Mercator. Below a clustered layer's zoom, and above it where pins would cover one
another, the tile shows counts (see `density`). A public tile never weighs more than MAX_TILE_BYTES: one that would is
made again, of counts in small cells where the layer is clustered, else of the features that matter most.
"""

from __future__ import annotations

from django.core.exceptions import EmptyResultSet
from django.db.models import F
from django.db.models.expressions import Combinable
from django.http import QueryDict

from layers.density import DensitySource, RowsDensity, SelectedCells, bounded_density
from layers.geometry import WEB_MERCATOR
from layers.layer import Layer, Rows
from layers.sql import Fragment, compiled, one_row
from layers.tile_grid import BUFFER, EXTENT, Tile

MAX_TILE_BYTES = 150_000
# No feature takes less than some 20 bytes, so a tile of more than this many is too heavy without looking.
_MAX_FEATURES = 7_500
# Cells along a tile's side when single pins are too many for it, from the finest: 16, 32 and 64 of its 512 pixels.
_FALLBACK_CELLS = (32, 16, 8)
_PIXELS = 512
# So many pins of 30 pixels would cover a tile nearly twice. What the cells know of a tile is known at once.
MAX_PINS = 500
# Closer than this, many pins lie on one another, and smaller cells would not part them.
_MAX_PINS_TO_ZOOM = 18
_LARGEST_FIRST = """ST_XMax(layer_shape) - ST_XMin(layer_shape) + ST_YMax(layer_shape) - ST_YMin(layer_shape) DESC,
    layer_key"""


def tile_content(layer: Layer, rows: Rows, tile: Tile, parameters: QueryDict | None = None) -> bytes:
    """The tile, empty bytes where there is nothing. Two queries at most; up to six more for one that is too heavy.

    `rows` are those this viewer may see and asked for; where they are what the public sees, narrowed by these
    `parameters` alone, maintained counts may stand for them. Features carry the layer's tile properties; counts carry
    `point_count` and those of `Clustering.counts_by`, and also the properties where they stand for a single row. Where
    maintained counts cannot answer and the rows are too many, counts are scaled up from a sample, and `estimated`.
    """
    if tile.z < layer.min_zoom:
        return b""
    cells = _maintained(layer, tile, parameters)
    for zoom, condition in layer.minimum_zooms:
        if tile.z < zoom:
            rows = rows.filter(condition)
    try:
        if layer.clustering and tile.z < layer.clustering.below_zoom:
            return _cells(layer, rows, tile, cells)
        is_large = layer.clustering is not None and layer.clustering.source is not None and parameters is not None
        most = MAX_PINS if is_large and tile.z <= _MAX_PINS_TO_ZOOM else _MAX_FEATURES
        if cells is not None and cells.count(tile, rows.db) > most:
            return _cells(layer, rows, tile, cells)
        content, found = _features(layer, rows, tile, most + 1 if layer.is_public else None)
        if not layer.is_public or (len(content) <= MAX_TILE_BYTES and found <= most):
            return content
        if is_large:
            return _cells(layer, rows, tile, cells)
        if layer.clustering:
            return _finest_counts(layer, rows, tile)
        return _most_important(layer, rows, tile, content, found)
    except EmptyResultSet:
        return b""


def _maintained(layer: Layer, tile: Tile, parameters: QueryDict | None) -> SelectedCells | None:
    """Counts that the database keeps, where there are any that answer this."""
    if layer.clustering is None or layer.clustering.source is None or parameters is None:
        return None
    cells = layer.clustering.source.selected(parameters)
    return cells if cells is not None and cells.most_per_side(tile) else None


def _cells(layer: Layer, rows: Rows, tile: Tile, maintained: SelectedCells | None) -> bytes:
    """As many cells as the layer wishes, or as the maintained ones have."""
    per_side = layer.clustering.cells if layer.clustering else 1
    return _counts(
        layer, rows, tile, min(per_side, maintained.most_per_side(tile)) if maintained else per_side, maintained
    )


def _finest_counts(layer: Layer, rows: Rows, tile: Tile) -> bytes:
    content = b""
    for cells in _FALLBACK_CELLS:
        content = _counts(layer, rows, tile, cells)
        if len(content) <= MAX_TILE_BYTES:
            break
    return content


def _most_important(layer: Layer, rows: Rows, tile: Tile, content: bytes, found: int) -> bytes:
    """Fewer and fewer features, each time as many as would fit if all weighed the same."""
    for _attempt in range(5):
        if len(content) <= MAX_TILE_BYTES and found <= _MAX_FEATURES:
            break
        limit = max(1, int(found * min(0.9, 0.9 * MAX_TILE_BYTES / len(content))))
        content, found = _features(layer, rows, tile, limit, by_importance=True)
    return content if len(content) <= MAX_TILE_BYTES else b""


def _features(
    layer: Layer, rows: Rows, tile: Tile, limit: int | None, *, by_importance: bool = False
) -> tuple[bytes, int]:
    names = layer.names_in_tiles()
    rows = rows.filter(**{f"{layer.geometry}__bboverlaps": tile.envelope()}).order_by()
    if by_importance:
        rows = rows.order_by(*layer.importance)
    source = compiled(rows, _columns(layer, names))
    # Without an order the search ends as soon as there are too many; sizes are looked at only for heavy tiles.
    order = f"ORDER BY {_LARGEST_FIRST}" if by_importance and not layer.importance else ""
    west, south, east, north = tile.bounds_mercator
    sql = f"""
        WITH seen AS (SELECT * FROM ({source.sql}) AS rows {order} LIMIT %s),
        features AS MATERIALIZED (
            SELECT ST_AsMVTGeom(
                {_simplified(layer, tile)}, ST_MakeEnvelope(%s, %s, %s, %s, {WEB_MERCATOR}), {EXTENT}, {BUFFER}, true
            ) AS shape{_named(names, "seen")}
            FROM seen
        )
        SELECT
            (SELECT ST_AsMVT(features, %s, {EXTENT}, 'shape') FROM features WHERE shape IS NOT NULL),
            (SELECT count(*) FROM seen)"""
    content, found = one_row(
        Fragment(sql, (*source.parameters, limit, west, south, east, north, layer.name), source.using)
    )
    return bytes(content or b""), found


def _counts(layer: Layer, rows: Rows, tile: Tile, per_side: int, density: DensitySource | None = None) -> bytes:
    if density is None:
        is_large = layer.clustering is not None and layer.clustering.source is not None
        density = bounded_density(layer, rows.order_by(), tile) if is_large else RowsDensity()
    cells = density.cells(layer, rows.order_by(), tile, per_side)
    names = layer.names_in_tiles()
    # The properties of the few rows that are alone in their cell, found by their key.
    singles = compiled(_whole_table(rows), _columns(layer, names, shape=False))
    west, south, east, north = tile.bounds_mercator
    sql = f"""
        WITH cells AS MATERIALIZED ({cells.sql}),
        features AS MATERIALIZED (
            SELECT ST_AsMVTGeom(
                cells.point, ST_MakeEnvelope(%s, %s, %s, %s, {WEB_MERCATOR}), {EXTENT}, 0, false
            ) AS shape, cells.point_count, cells.counts{_named(names, "single")}
            FROM cells LEFT JOIN ({singles.sql}) AS single ON single.layer_key = cells.only_key
        )
        SELECT ST_AsMVT(features, %s, {EXTENT}, 'shape') FROM features WHERE shape IS NOT NULL"""
    (content,) = one_row(
        Fragment(
            sql,
            (*cells.parameters, west, south, east, north, *singles.parameters, layer.name),
            cells.using,
        )
    )
    return bytes(content or b"")


def _whole_table(rows: Rows) -> Rows:
    """All rows: which of them may be seen was settled when the cells were counted."""
    table: Rows = rows.model._default_manager.using(rows.db)
    return table.order_by()


def _columns(layer: Layer, names: tuple[str, ...], *, shape: bool = True) -> dict[str, str | Combinable]:
    columns: dict[str, str | Combinable] = {"layer_key": F("pk")}
    if shape:
        columns["layer_shape"] = F(layer.geometry)
    return columns | {f"p{i}": layer.properties[name] for i, name in enumerate(names)}


def _named(names: tuple[str, ...], source: str) -> str:
    return "".join(f', {source}.p{i} AS "{name}"' for i, name in enumerate(names))


def _simplified(layer: Layer, tile: Tile) -> str:
    mercator = f"ST_Transform(seen.layer_shape, {WEB_MERCATOR})"
    if not layer.simplify_px or tile.z >= 16:
        return mercator
    return f"ST_Simplify({mercator}, {layer.simplify_px * tile.width_m / _PIXELS!r}, true)"
