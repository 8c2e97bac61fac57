"""Density cells: how many rows of a table lie in each cell of the map's grid, kept up to date by the database.

A cell is named by its level (of 2^level by 2^level cells over Web Mercator's square) and its Morton code, in which the
bits of column and row take turns: what lies in a tile is one range of codes at any level, and a cell's parent is its
code without the last two bits.

Triggers write what each statement changed (INSERT, COPY, UPDATE, DELETE, TRUNCATE) as differences into a table that
nobody updates, already added up per cell of every level, in the same transaction: no writer waits for another, and a
bulk load is cheap to read at once. `fold` moves differences into the table of cells from time to time. A reader adds
up both in one snapshot and is always exact. Sums are of integers (centimetres; keys by XOR), so what is taken away
leaves no trace.

Differences know a row's own columns. What decides for very many rows at once (`group`, as the state of a
consultation) is counted apart and chosen when reading; what decides for a few (the `parent`'s condition) is counted by
the triggers, which lock the parent's row so that two transactions cannot miss one another. Transactions must be READ
COMMITTED, PostgreSQL's default, or SERIALIZABLE.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from django.db import DEFAULT_DB_ALIAS, connections, transaction
from django.db.models import BigIntegerField, Func, Value
from django.db.models.expressions import Combinable

from layers.tile_grid import EARTH_RADIUS_M

FINEST: Final = 20
"""Level of the smallest cells: 38 m of Web Mercator, 25 m on the ground at 49°."""
COARSEST: Final = 10
"""Level of the largest: 39 km. A town has one to four of them, so what is coarser is added up from them."""
_HALF_WORLD_M: Final = math.pi * EARTH_RADIUS_M
_CELL_M: Final = 2 * _HALF_WORLD_M / 2**FINEST
_HIGHEST_LATITUDE: Final = math.degrees(math.atan(math.sinh(math.pi)))
# A statement of more rows is planned for its own size, not for that of the first one in the session.
_MANY_ROWS: Final = 200
_ROWS_PER_FOLD: Final = 100_000

_FUNCTIONS = """
CREATE FUNCTION layers_spread_bits(bits bigint) RETURNS bigint LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
BEGIN
    bits := (bits | (bits << 16)) & 281470681808895;       -- 0000FFFF0000FFFF
    bits := (bits | (bits << 8)) & 71777214294589695;      -- 00FF00FF00FF00FF
    bits := (bits | (bits << 4)) & 1085102592571150095;    -- 0F0F0F0F0F0F0F0F
    bits := (bits | (bits << 2)) & 3689348814741910323;    -- 3333333333333333
    RETURN (bits | (bits << 1)) & 6148914691236517205;     -- 5555555555555555
END $$;
CREATE FUNCTION layers_morton(across bigint, down bigint) RETURNS bigint LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$ SELECT layers_spread_bits(across) | (layers_spread_bits(down) << 1) $$;
"""
_DROP_FUNCTIONS = "DROP FUNCTION layers_morton(bigint, bigint); DROP FUNCTION layers_spread_bits(bigint);"


def functions_sql() -> tuple[str, str]:
    """SQL that makes what all cells share, and SQL that removes it: for this app's migration."""
    return _FUNCTIONS, _DROP_FUNCTIONS


def morton(across: int, down: int, bits: int = FINEST) -> int:
    """The Morton code of a column and row of so many bits."""
    return sum((across >> bit & 1) << 2 * bit | (down >> bit & 1) << 2 * bit + 1 for bit in range(bits))


def unmorton(code: int, bits: int = FINEST) -> tuple[int, int]:
    """Column and row of a Morton code of so many bits each."""
    across = sum((code >> 2 * bit & 1) << bit for bit in range(bits))
    return across, sum((code >> 2 * bit + 1 & 1) << bit for bit in range(bits))


@dataclass(frozen=True)
class Difference:
    """How far the cells are from a full recount."""

    cells: int
    """Cells, of any level, whose count, place or keys are not those of the rows."""
    rows: int
    """Rows that are missing or too many, at the finest level."""


@dataclass(frozen=True)
class CellTable:
    """What is counted: rows of `table` that meet `condition`, at the point on surface of `geometry` (SRID 4326).

    `condition` is SQL about a row called `{row}`, of its own columns only, which `columns` names. `counts_by` are
    text columns to count apart. `group` is a bigint column to count apart and choose by when reading. Where `parent`
    names a column, the row that it refers to must meet the condition, too, if there is any. `sums` are integer columns
    to add up. `key` is an integer. Migrations make tables and triggers from this: a change needs a new one.
    """

    table: str
    geometry: str
    condition: str
    columns: tuple[str, ...]
    counts_by: tuple[str, ...]
    group: str
    parent: str = ""
    sums: tuple[str, ...] = ()
    key: str = "id"

    @property
    def cells(self) -> str:
        """Name of the table of cells."""
        return f"{self.table}_cells"

    @property
    def changes(self) -> str:
        """Name of the table of differences that are not in the cells yet."""
        return f"{self.table}_cell_changes"

    @property
    def apart(self) -> tuple[str, ...]:
        """The columns that are counted apart."""
        return (self.group, *self.counts_by)

    @property
    def added(self) -> tuple[str, ...]:
        """What is added up for each cell, beside its `keys`, which are combined by XOR."""
        return ("n", "east_cm", "north_cm", *self.sums)

    @property
    def kept(self) -> tuple[str, ...]:
        """What is kept for each cell."""
        return (*self.added, "keys")

    def _totals(self) -> str:
        return ", ".join([*(f"sum({name}) AS {name}" for name in self.added), "bit_xor(keys) AS keys"])

    def _any_left(self) -> str:
        return " OR ".join([*(f"sum({name}) <> 0" for name in self.added), "bit_xor(keys) <> 0"])

    # --- SQL for migrations -------------------------------------------------------------------------------------------

    def creating_sql(self) -> tuple[str, str]:
        """SQL that makes tables and triggers and counts what is there, and SQL that removes them."""
        columns = ", ".join(
            [
                "level smallint NOT NULL, cell bigint NOT NULL",
                f"{self.group} bigint NOT NULL",
                *(f"{name} text NOT NULL" for name in self.counts_by),
                *(f"{name} bigint NOT NULL" for name in self.kept),
            ]
        )
        create = f"""
CREATE TABLE {self.cells} ({columns}, PRIMARY KEY (level, cell, {", ".join(self.apart)}));
CREATE INDEX {self.cells}_empty ON {self.cells} (level) WHERE n = 0;
CREATE TABLE {self.changes} ({columns}) WITH (
    autovacuum_vacuum_scale_factor = 0.1, autovacuum_vacuum_threshold = 2000,
    autovacuum_vacuum_insert_scale_factor = 0.1, autovacuum_vacuum_insert_threshold = 2000
);
CREATE INDEX {self.changes}_place ON {self.changes} (level, cell);
{"".join(self._functions())}
{self._recorded(self._rows_sql(), into=self.cells)};
"""
        names = [f"{self.cells}_{event}" for event in ("insert", "update", "delete", "truncate")]
        drop = "".join(f"DROP TRIGGER {name} ON {self.table}; DROP FUNCTION {name}();\n" for name in names)
        return create, f"{drop}DROP TABLE {self.changes}; DROP TABLE {self.cells};"

    def _functions(self) -> Iterator[str]:
        met, key = self._met, self.key
        columns = (self.geometry, *self.apart, *self.columns, *self.sums, *((self.parent,) if self.parent else ()))
        before = f"({', '.join(f'old_row.{name}' for name in columns)})"
        after = f"({', '.join(f'new_row.{name}' for name in columns)})"
        differs = f"{before} IS DISTINCT FROM {after}"
        was = self._signed(-1, "was")
        becomes = self._signed(1, "becomes")

        # INSERT: the parent is one that the statement has just written, or one that was there.
        locked = self._locking(f"SELECT n.{self.parent} FROM new_rows AS n WHERE {met('n')}")
        yield self._function(
            "insert",
            tables="NEW TABLE AS new_rows",
            sized="new_rows",
            locked=locked,
            rows=f"""SELECT {becomes} FROM new_rows AS becomes {self._joined("becomes")}
                WHERE {met("becomes")}{self._parent_meets("becomes")}""",
        )

        # DELETE: the parent is one that went with it, or one that is still there. What is below a row that went is not
        # seen any more, even where it is deleted later in the transaction.
        locked = self._locking(f"SELECT o.{self.parent} FROM old_rows AS o WHERE {met('o')}")
        below = (
            f"""
                UNION ALL SELECT {self._signed(-1, "child")} FROM old_rows AS gone
                JOIN {self.table} AS child ON child.{self.parent} = gone.{key}
                WHERE {met("gone")} AND {met("child")}"""
            if self.parent
            else ""
        )
        yield self._function(
            "delete",
            tables="OLD TABLE AS old_rows",
            sized="old_rows",
            locked=locked,
            rows=f"""SELECT {was} FROM old_rows AS was {self._joined("was", old=True)}
                WHERE {met("was")}{self._parent_meets("was", old=True)}{below}""",
        )

        # UPDATE: take away what was, add what is, and look below those that begin or end to meet the condition.
        changed = f"""
            before AS (
                SELECT old_row.* FROM old_rows AS old_row
                LEFT JOIN new_rows AS new_row ON new_row.{key} = old_row.{key} WHERE {differs}
            ),
            after AS (
                SELECT new_row.* FROM new_rows AS new_row
                LEFT JOIN old_rows AS old_row ON old_row.{key} = new_row.{key} WHERE {differs}
            )"""
        locked = self._locking(
            f"""SELECT b.{self.parent} FROM before AS b WHERE {met("b")}
                UNION ALL SELECT a.{self.parent} FROM after AS a WHERE {met("a")}""",
            changed,
        )
        below = (
            f"""
                UNION ALL SELECT CASE WHEN {met("new_row")} THEN 1 ELSE -1 END, {self._values("child")}
                FROM old_rows AS old_row JOIN new_rows AS new_row ON new_row.{key} = old_row.{key}
                JOIN {self.table} AS child ON child.{self.parent} = new_row.{key}
                WHERE {met("old_row")} <> {met("new_row")} AND {met("child")}
                    AND NOT EXISTS (SELECT FROM after WHERE after.{key} = child.{key})"""
            if self.parent
            else ""
        )
        nothing = f"""
    IF NOT EXISTS (
        SELECT FROM old_rows AS old_row FULL JOIN new_rows AS new_row ON new_row.{key} = old_row.{key} WHERE {differs}
    ) THEN RETURN NULL; END IF;"""
        yield self._function(
            "update",
            tables="OLD TABLE AS old_rows NEW TABLE AS new_rows",
            sized="new_rows",
            locked=locked,
            rows=f"""SELECT {was} FROM before AS was {self._joined("was", old=True)}
                WHERE {met("was")}{self._parent_meets("was", old=True)}
                UNION ALL SELECT {becomes} FROM after AS becomes {self._joined("becomes")}
                WHERE {met("becomes")}{self._parent_meets("becomes")}{below}""",
            given=f"{changed},",
            first=nothing,
        )
        name = f"{self.cells}_truncate"
        yield f"""
CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    TRUNCATE {self.cells}, {self.changes};
    RETURN NULL;
END $$;
CREATE TRIGGER {name} AFTER TRUNCATE ON {self.table} FOR EACH STATEMENT EXECUTE FUNCTION {name}();
"""

    def _function(
        self, event: str, *, tables: str, sized: str, locked: str, rows: str, given: str = "", first: str = ""
    ) -> str:
        """A trigger. `first` may end it; `given` are common tables of `locked` and `rows`; `sized` tells many rows."""
        name = f"{self.cells}_{event}"
        recorded = self._recorded(rows, into=self.changes, given=given)
        return f"""
CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql
-- Rows of the table are looked up by key, also by plans that were made when it was empty.
SET enable_seqscan = off AS $function$
BEGIN
    IF (SELECT count(*) FROM (SELECT FROM {sized} LIMIT {_MANY_ROWS + 1}) AS rows) > {_MANY_ROWS} THEN
        {f"EXECUTE $sql${locked}$sql$;" if locked else ""}
        EXECUTE $sql${recorded}$sql$;
        RETURN NULL;
    END IF;{first}
    {f"PERFORM FROM ({locked}) AS locked;" if locked else ""}
    {recorded};
    RETURN NULL;
END $function$;
CREATE TRIGGER {name} AFTER {event.upper()} ON {self.table} REFERENCING {tables}
FOR EACH STATEMENT EXECUTE FUNCTION {name}();
"""

    def _met(self, row: str) -> str:
        return f"({self.condition.format(row=row)})"

    def _values(self, row: str) -> str:
        return ", ".join(f"{row}.{name}" for name in (self.key, self.geometry, *self.apart, *self.sums))

    def _signed(self, sign: int, row: str) -> str:
        return f"{sign} AS sign, {self._values(row)}"

    def _joined(self, row: str, *, old: bool = False) -> str:
        if not self.parent:
            return ""
        joined = f"LEFT JOIN {self.table} AS parent ON parent.{self.key} = {row}.{self.parent}"
        if old:
            joined += f" LEFT JOIN old_rows AS old_parent ON old_parent.{self.key} = {row}.{self.parent}"
        return joined

    def _parent_meets(self, row: str, *, old: bool = False) -> str:
        if not self.parent:
            return ""
        meets = self._met("parent")
        if old:
            meets = f"CASE WHEN old_parent.{self.key} IS NULL THEN {meets} ELSE {self._met('old_parent')} END"
        return f" AND ({row}.{self.parent} IS NULL OR coalesce({meets}, false))"

    def _locking(self, parents: str, given: str = "") -> str:
        """Hold the parents as they are until the transaction ends, in the same order for everybody."""
        if not self.parent:
            return ""
        return f"""{f"WITH {given}" if given else ""}
            SELECT FROM {self.table} AS held WHERE held.{self.key} IN ({parents})
            ORDER BY held.{self.key} FOR NO KEY UPDATE OF held"""

    def _rows_sql(self) -> str:
        """Every row that counts, as it is now."""
        return f"""SELECT {self._signed(1, "becomes")} FROM {self.table} AS becomes {self._joined("becomes")}
            WHERE {self._met("becomes")}{self._parent_meets("becomes")}"""

    def _recorded(self, rows: str, *, into: str, given: str = "") -> str:
        """SQL that writes signed rows as differences of every level."""
        columns = ", ".join(("level", "cell", *self.apart, *self.kept))
        return f"""INSERT INTO {into} ({columns}) WITH {given} {self._counted(rows)}"""

    def _counted(self, rows: str) -> str:
        """Common tables and SELECT that turn signed rows into counts per level, cell and columns apart."""
        apart = ", ".join(self.apart)
        plain = ", ".join((self.key, *self.apart, *self.sums))
        sums = "".join(f" sum(sign * {name}) AS {name}," for name in self.sums)
        # Materialized, lest the guesses about places make the planner think that hardly a row is left to join.
        return f"""signed AS MATERIALIZED ({rows}),
            pointed AS (
                SELECT sign, {plain}, CASE WHEN GeometryType({self.geometry}) = 'POINT'
                    THEN {self.geometry} ELSE ST_PointOnSurface({self.geometry}) END AS point
                FROM signed
            ),
            placed AS MATERIALIZED (
                SELECT sign, {plain}, radians(ST_X(point)) * {EARTH_RADIUS_M} AS east,
                    ln(tan(pi() / 4 + radians(ST_Y(point)) / 2)) * {EARTH_RADIUS_M} AS north
                FROM pointed
                WHERE ST_Y(point) BETWEEN -{_HIGHEST_LATITUDE} AND {_HIGHEST_LATITUDE}
                    AND ST_X(point) >= -180 AND ST_X(point) < 180
            ),
            finest AS MATERIALIZED (
                SELECT layers_morton(
                        floor((east + {_HALF_WORLD_M}) / {_CELL_M})::bigint,
                        least(floor(({_HALF_WORLD_M} - north) / {_CELL_M}), {2**FINEST - 1})::bigint
                    ) AS cell, {apart}, sum(sign) AS n, sum(sign * round(east * 100)::bigint) AS east_cm,
                    sum(sign * round(north * 100)::bigint) AS north_cm,{sums} bit_xor({self.key}) AS keys
                FROM placed GROUP BY 1, {apart}
            )
            SELECT level, cell >> (2 * ({FINEST} - level)) AS cell, {apart}, {self._totals()}
            FROM finest CROSS JOIN generate_series({COARSEST}, {FINEST}) AS level
            GROUP BY 1, 2, {apart} HAVING {self._any_left()}"""

    # --- Figures ------------------------------------------------------------------------------------------------------

    def figure(self, group: Combinable, *, total: str = "n", **apart: str) -> Func:
        """An expression: what `total` adds up to in a group, of rows with these values of columns counted apart.

        The groups that the public does not see have their figures, too.
        """
        columns = ", ".join(("level", *self.apart, total))
        wanted = ", ".join(f"counted.{name}" for name in (self.group, *apart))
        return Func(
            group,
            *(Value(value) for value in apart.values()),
            template=f"""(
                SELECT coalesce(sum(counted.{total}), 0)::bigint FROM (
                    SELECT {columns} FROM {self.cells} UNION ALL SELECT {columns} FROM {self.changes}
                ) AS counted WHERE counted.level = {COARSEST} AND ({wanted}) = (%(expressions)s)
            )""",
            output_field=BigIntegerField(),
        )

    # --- Upkeep -------------------------------------------------------------------------------------------------------

    def fold(self, *, using: str = DEFAULT_DB_ALIAS) -> int:
        """Move the committed differences into the cells; returns how many there were. Blocks nobody.

        Returns at once where somebody else is folding. One short transaction for each hundred thousand differences.
        """
        moved = 0
        while True:
            with transaction.atomic(using=using), connections[using].cursor() as cursor:
                cursor.execute("SELECT pg_try_advisory_xact_lock(hashtext(%s))", [self.cells])
                if not cursor.fetchone()[0]:
                    return moved
                cursor.execute(self._fold_sql(), [_ROWS_PER_FOLD])
                count = int(cursor.fetchone()[0])
                cursor.execute(f"DELETE FROM {self.cells} WHERE n = 0")
            moved += count
            if count < _ROWS_PER_FOLD:
                return moved

    def _fold_sql(self) -> str:
        columns = ", ".join(("level", "cell", *self.apart))
        added = ", ".join(f"{name} = stored.{name} + excluded.{name}" for name in self.added)
        return f"""
            WITH taken AS (
                DELETE FROM {self.changes} WHERE ctid = ANY(ARRAY(SELECT ctid FROM {self.changes} LIMIT %s)) RETURNING *
            ),
            folded AS (
                INSERT INTO {self.cells} AS stored ({columns}, {", ".join(self.kept)})
                SELECT {columns}, {self._totals()} FROM taken GROUP BY {columns}
                ON CONFLICT ({columns}) DO UPDATE SET {added}, keys = stored.keys # excluded.keys
            )
            SELECT count(*) FROM taken"""

    def recount(self, *, using: str = DEFAULT_DB_ALIAS, repair: bool = True) -> Difference:
        """Count all rows again, and write what the cells lack as further differences. Blocks nobody.

        Both are counted in one snapshot, and differences add up, so writers go on meanwhile.
        """
        columns = ", ".join(("level", "cell", *self.apart))
        kept = ", ".join(self.kept)
        negative = ", ".join(f"-{name}" for name in self.added)
        repaired = f"repaired AS (INSERT INTO {self.changes} ({columns}, {kept}) SELECT * FROM missing),"
        with connections[using].cursor() as cursor:
            cursor.execute(f"""
                WITH counted AS MATERIALIZED (WITH {self._counted(self._rows_sql())}),
                both_of_them AS (
                    SELECT {columns}, {kept} FROM counted
                    UNION ALL SELECT {columns}, {negative}, keys FROM {self.cells}
                    UNION ALL SELECT {columns}, {negative}, keys FROM {self.changes}
                ),
                missing AS MATERIALIZED (
                    SELECT {columns}, {self._totals()} FROM both_of_them
                    GROUP BY {columns} HAVING {self._any_left()}
                ),
                {repaired if repair else ""}
                told AS (SELECT count(*) AS cells, sum(abs(n)) FILTER (WHERE level = {FINEST}) AS rows FROM missing)
                SELECT cells, coalesce(rows, 0) FROM told""")
            cells, rows = cursor.fetchone()
        return Difference(cells=int(cells), rows=int(rows))
