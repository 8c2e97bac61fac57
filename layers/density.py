"""Counts in place of pins: what a clustered layer shows below the zoom at which its pins separate.

A source answers with one row per cell of a tile. `RowsDensity` counts the layer's rows at each request, which costs as
much as there are rows in the tile; a source that keeps counts up to date can take its place in
`Clustering.source` without a change to the tiles.
"""

from __future__ import annotations

from typing import Protocol

from django.db.models import F
from django.db.models.expressions import Combinable

from layers.geometry import WEB_MERCATOR
from layers.layer import Layer, Rows
from layers.sql import Fragment, compiled
from layers.tile_grid import EARTH_RADIUS_M, Tile


class DensitySource(Protocol):
    """Where the counts of a clustered tile come from."""

    def cells(self, layer: Layer, rows: Rows, tile: Tile, per_side: int) -> Fragment:
        """SQL with one row per cell that is not empty, when the tile has `per_side` cells along each side.

        `rows` are those that this viewer may see and asked for. Columns: `point` (EPSG:3857, inside the tile),
        `point_count` (integer), `counts` (jsonb, `{"kind_comment": 2}` for each of `Clustering.counts_by`) and
        `only_key` (the primary key where the cell holds a single row, else null). Raises EmptyResultSet when
        Django knows that there are no rows.
        """


class RowsDensity:
    """Counts the rows themselves, by a point on each. The point of a cell is the mean of its rows'."""

    def cells(self, layer: Layer, rows: Rows, tile: Tile, per_side: int) -> Fragment:
        """See DensitySource; the layer's model must have a numeric primary key."""
        counts_by = layer.clustering.counts_by if layer.clustering else ()
        # No buffer: each row belongs to one cell of one tile, so that counts add up across tiles.
        rows = rows.filter(**{f"{layer.geometry}__bboverlaps": tile.envelope(buffer=0)})
        columns: dict[str, str | Combinable] = {"layer_key": F("pk"), "layer_shape": F(layer.geometry)}
        columns |= {f"by{i}": layer.properties[name] for i, name in enumerate(counts_by)}
        source = compiled(rows, columns)
        west, _south, _east, north = tile.bounds_mercator
        point = "layer_shape" if layer.geometry_types == ("Point",) else "ST_PointOnSurface(layer_shape)"
        groups = [f"by{i}" for i in range(len(counts_by))]
        sets = ", ".join(["(across, down)", *(f"(across, down, {group})" for group in groups)])
        whole = " AND ".join([f"grouping_{group} = 1" for group in groups]) or "true"
        named = " ".join(f"WHEN grouping_{group} = 0 THEN %s || coalesce({group}::text, '')" for group in groups)
        counts = f"jsonb_object_agg(CASE {named} END, n) FILTER (WHERE NOT ({whole}))" if groups else "NULL::jsonb"
        # Web Mercator is two short formulas; ST_Transform takes ten times as long for each of very many points.
        sql = f"""
            WITH seen AS ({source.sql}),
            degrees AS MATERIALIZED (SELECT *, {point} AS point FROM seen),
            points AS MATERIALIZED (
                SELECT *, radians(ST_X(point)) * {EARTH_RADIUS_M} AS east,
                    ln(tan(pi() / 4 + radians(ST_Y(point)) / 2)) * {EARTH_RADIUS_M} AS north
                FROM degrees
            ),
            placed AS (
                SELECT *, floor((east - %s) / %s)::int AS across, floor((%s - north) / %s)::int AS down FROM points
            ),
            counted AS (
                SELECT across, down, {"".join(f"{group}, grouping({group}) AS grouping_{group}, " for group in groups)}
                    count(*)::int AS n, avg(east) AS east, avg(north) AS north, min(layer_key) AS layer_key
                FROM placed
                WHERE across BETWEEN 0 AND %s AND down BETWEEN 0 AND %s
                GROUP BY GROUPING SETS ({sets})
            )
            SELECT
                ST_SetSRID(ST_MakePoint(
                    max(east) FILTER (WHERE {whole}), max(north) FILTER (WHERE {whole})
                ), {WEB_MERCATOR}) AS point,
                max(n) FILTER (WHERE {whole}) AS point_count,
                {counts} AS counts,
                min(layer_key) FILTER (WHERE {whole} AND n = 1) AS only_key
            FROM counted GROUP BY across, down"""
        cell_m = tile.width_m / per_side
        return Fragment(
            sql,
            (
                *source.parameters,
                *(west, cell_m, north, cell_m),
                *(per_side - 1, per_side - 1),
                *(f"{name}_" for name in counts_by),
            ),
            source.using,
        )
