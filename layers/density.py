"""Counts in place of pins: what a clustered layer shows below the zoom at which its pins separate.

A source answers with one row per cell of a tile. `RowsDensity` counts the layer's rows at each request, which costs as
much as there are rows in the tile. `MaintainedDensity`, which a layer names in `Clustering.source`, reads what the
database keeps up to date, which costs as much as there are cells, for the filters that cells can answer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import F, QuerySet
from django.db.models.expressions import Combinable
from django.db.models.sql.compiler import SQLCompiler
from django.db.models.sql.datastructures import BaseTable
from django.http import QueryDict

from layers.cells import COARSEST, FINEST, CellTable, morton, unmorton
from layers.geometry import WEB_MERCATOR
from layers.layer import Layer, Rows
from layers.sql import Fragment, compiled, one_row
from layers.tile_grid import EARTH_RADIUS_M, Tile

# Counting a row takes some 10 µs with its joins. The planner's guess at how many there are takes one millisecond.
MOST_COUNTED = 60_000
SAMPLED = 20_000
# In the planner's units; reading a million rows through takes a tenth of it, and a second.
_MOST_COST = 1_000_000
# Cells of this level (1.6 km on the ground at 49°) tell how far a layer reaches; a town has a few dozen.
_EXTENT_LEVEL = 14


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


def bounded_density(layer: Layer, rows: Rows, tile: Tile) -> RowsDensity | SampledDensity:
    """What counts these rows in bounded time: all of them, or a sample where the planner expects too many. One query.

    Raises EmptyResultSet when Django knows that there are no rows.
    """
    inside = rows.filter(**{f"{layer.geometry}__bboverlaps": tile.envelope(buffer=0)})
    source = compiled(inside, {"layer_key": F("pk")})
    ((plan,),) = one_row(Fragment(f"EXPLAIN (FORMAT JSON) {source.sql}", source.parameters, source.using))
    expected = _rows_read(plan["Plan"], rows.model._meta.db_table)
    share = SAMPLED / expected if expected > MOST_COUNTED else 1.0
    if plan["Plan"]["Total Cost"] > _MOST_COST:
        share = min(share, _MOST_COST / 10 / plan["Plan"]["Total Cost"])
    return SampledDensity(share) if share < 1 else RowsDensity()


def _rows_read(plan: Mapping[str, Any], table: str) -> float:
    """How many rows of the table the planner expects to find; before joins, which it often guesses wrong."""
    inner = max((_rows_read(part, table) for part in plan.get("Plans", ())), default=0.0)
    own = float(plan["Plan Rows"]) if plan.get("Relation Name") == table and plan.get("Alias") == table else 0.0
    return max(own, inner)


@dataclass(frozen=True)
class SampledDensity:
    """Counts of a share of the table's pages, always the same ones, scaled up; each cell says `estimated`."""

    share: float

    def cells(self, layer: Layer, rows: Rows, tile: Tile, per_side: int) -> Fragment:
        """See DensitySource; a cell of few rows may be missing, and none has `only_key`."""
        counted = RowsDensity().cells(layer, _sampled(rows, self.share), tile, per_side)
        sql = f"""
            SELECT point, round(point_count / %s)::int AS point_count, (
                SELECT coalesce(jsonb_object_agg(key, round(value::float / %s)::int), '{{}}')
                FROM jsonb_each_text(coalesce(counts, '{{}}'))
            ) || '{{"estimated": true}}' AS counts, NULL::bigint AS only_key
            FROM ({counted.sql}) AS counted"""
        return Fragment(sql, (self.share, self.share, *counted.parameters), counted.using)


class _SampledTable(BaseTable):
    """A table in FROM of which only some pages are read."""

    share = 1.0

    def as_sql(  # type: ignore[override]  # the stubs know of whole parameters only
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper
    ) -> tuple[str, list[Any]]:
        """The table's name with TABLESAMPLE."""
        sql, parameters = super().as_sql(compiler, connection)
        return f"{sql} TABLESAMPLE SYSTEM (%s) REPEATABLE (1)", [*parameters, 100 * self.share]


def _sampled(rows: Rows, share: float) -> Rows:
    """The rows on a share of their table's pages. (A sample of keys to join with would read the whole table again.)"""
    rows = rows.all()
    alias = rows.query.get_initial_alias()
    whole = rows.query.alias_map[alias]
    table = _SampledTable(whole.table_name, whole.table_alias)
    table.share = share
    rows.query.alias_map[alias] = table
    return rows


@dataclass(frozen=True)
class MaintainedDensity:
    """Counts from cells that the database keeps up to date (see `cells`), as the public sees the layer.

    `selection` reads from a query string which values of the counted columns are asked for, as lists or querysets of
    one column, also without any parameter; None where cells cannot tell, so that the rows are counted.
    """

    table: CellTable
    selection: Callable[[QueryDict], Mapping[str, Sequence[object] | Rows] | None]

    def selected(self, parameters: QueryDict) -> SelectedCells | None:
        """The cells of what these parameters ask for, None where cells cannot tell."""
        values = self.selection(parameters)
        return None if values is None else SelectedCells(self.table, values)


@dataclass(frozen=True)
class SelectedCells:
    """Maintained cells, of some values of the columns that they are counted apart by: a DensitySource."""

    table: CellTable
    values: Mapping[str, Sequence[object] | Rows]

    def most_per_side(self, tile: Tile) -> int:
        """How many cells the tile can have along each side at the most; none where it is smaller than the smallest."""
        return 2 ** (FINEST - tile.z) if tile.z <= FINEST else 0

    def cells(self, layer: Layer, rows: Rows, tile: Tile, per_side: int) -> Fragment:
        """See DensitySource. `per_side` is a power of two, `most_per_side` at the most."""
        counts_by = layer.clustering.counts_by if layer.clustering else ()
        level = tile.z + per_side.bit_length() - 1
        found = self._found(tile, level, rows.db)
        named = " UNION ALL ".join(
            f"SELECT cell, %s || {name} AS name, sum(n) AS n FROM found GROUP BY cell, {name} HAVING sum(n) > 0"
            for name in counts_by
        )
        counts = f"""LEFT JOIN (
                SELECT cell, jsonb_object_agg(name, n) AS counts FROM ({named}) AS named GROUP BY cell
            ) AS apart USING (cell)"""
        sql = f"""
            WITH found AS MATERIALIZED ({found.sql}),
            totals AS (
                SELECT cell, sum(n) AS n, sum(east_cm) AS east_cm, sum(north_cm) AS north_cm, bit_xor(keys) AS keys
                FROM found GROUP BY cell HAVING sum(n) > 0
            )
            SELECT
                ST_SetSRID(ST_MakePoint(east_cm / n / 100, north_cm / n / 100), {WEB_MERCATOR}) AS point,
                n::int AS point_count, {"counts" if counts_by else "NULL::jsonb AS counts"},
                CASE WHEN n = 1 THEN keys END AS only_key
            FROM totals {counts if counts_by else ""}"""
        return Fragment(sql, (*found.parameters, *(f"{name}_" for name in counts_by)), rows.db)

    def count(self, tile: Tile, using: str = DEFAULT_DB_ALIAS) -> int:
        """How many rows the tile holds; exact, whatever their number. One query."""
        found = self._found(tile, tile.z, using)
        (count,) = one_row(Fragment(f"SELECT coalesce(sum(n), 0) FROM ({found.sql}) AS found", found.parameters, using))
        return int(count)

    def total(self, using: str = DEFAULT_DB_ALIAS) -> int:
        """How many rows there are on the whole map; exact, whatever their number. One query."""
        return self.count(Tile(0, 0, 0), using)

    def totals(self, column: str, using: str = DEFAULT_DB_ALIAS) -> dict[str, dict[str, int]]:
        """`n` and the table's `sums` on the whole map, by the values of a column counted apart. One query."""
        found = self._found(Tile(0, 0, 0), 0, using)
        names = ("n", *self.table.sums)
        sums = ", ".join(f"sum({name})" for name in names)
        with connections[using].cursor() as cursor:
            cursor.execute(
                f"SELECT {column}, {sums} FROM ({found.sql}) AS found GROUP BY {column} HAVING sum(n) > 0",
                found.parameters,
            )
            return {value: dict(zip(names, map(int, numbers), strict=True)) for value, *numbers in cursor}

    def extent(self, using: str = DEFAULT_DB_ALIAS) -> tuple[float, float, float, float] | None:
        """A box (west, south, east, north in degrees) around all rows, at the most some 2 km too wide. One query."""
        found = self._found(Tile(0, 0, 0), _EXTENT_LEVEL, using)
        with connections[using].cursor() as cursor:
            cursor.execute(f"SELECT cell FROM ({found.sql}) AS found GROUP BY cell HAVING sum(n) > 0", found.parameters)
            boxes = [Tile(_EXTENT_LEVEL, *unmorton(cell)).envelope(buffer=0).extent for (cell,) in cursor]
        if not boxes:
            return None
        wests, souths, easts, norths = zip(*boxes, strict=True)
        return min(wests), min(souths), max(easts), max(norths)

    def _found(self, tile: Tile, level: int, using: str) -> Fragment:
        """Rows of cells and of differences in the tile, `cell` being the code of the cell of this level."""
        stored = max(level, COARSEST)
        if not tile.z <= level <= FINEST:
            raise ValueError(f"There are no cells of level {level} in a tile of zoom {tile.z}.")
        first = morton(tile.x, tile.y) << 2 * (stored - tile.z)
        last = first + (1 << 2 * (stored - tile.z))
        chosen, parameters = self._chosen(using)
        columns = ", ".join((*self.table.counts_by, *self.table.kept))
        where = f"WHERE level = %s AND cell >= %s AND cell < %s{chosen}"
        sql = " UNION ALL ".join(
            f"SELECT cell >> %s AS cell, {columns} FROM {name} {where}"
            for name in (self.table.cells, self.table.changes)
        )
        return Fragment(sql, (2 * (stored - level), stored, first, last, *parameters) * 2, using)

    def _chosen(self, using: str) -> tuple[str, tuple[object, ...]]:
        conditions: str = ""
        parameters: tuple[object, ...] = ()
        for column, values in self.values.items():
            if isinstance(values, QuerySet):
                sql, inner = values.query.get_compiler(using).as_sql()
                conditions += f" AND {column} IN ({sql})"
                parameters += tuple(inner)
            else:
                conditions += f" AND {column} = ANY(%s)"
                parameters += (list(values),)
        return conditions, parameters
