"""COPY into temporary tables, and counting what an upsert did."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection

from neighbourhoods.importers.report import ImportReport

_TURN = "hashtext('neighbourhoods.importers')"


def stage(
    table: str, columns: Sequence[tuple[str, str]], rows: Iterable[Sequence[Any]], *, analyze: Sequence[str] = ()
) -> int:
    """Make a temporary table of the (name, type) columns, plus a counting `row_id`, and COPY the rows into it.

    Geometry goes in as WKB or EWKB in hexadecimal. The table lives until the transaction ends, or the next import
    of the same kind. Statistics are made of the columns to `analyze`, of all of them without. Returns the number of
    rows.
    """
    definition = ", ".join(f"{name} {kind}" for name, kind in columns)
    names = ", ".join(name for name, _kind in columns)
    count = 0
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS {table}")
        cursor.execute(
            f"CREATE TEMP TABLE {table} (row_id bigint GENERATED ALWAYS AS IDENTITY, {definition}) ON COMMIT DROP"
        )
        with cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
                count += 1
        cursor.execute(f"ANALYZE {table} ({', '.join(analyze)})" if analyze else f"ANALYZE {table}")
    return count


def one_import_at_a_time() -> None:
    """Wait until no other import is storing, and keep others waiting until this transaction ends.

    Two imports of one register would otherwise each see what the other has not yet written as new. Also lets the
    sorts and joins of an import keep 200,000 rows in memory.
    """
    run(f"SELECT pg_advisory_xact_lock({_TURN})")
    run("SET LOCAL work_mem = '128MB'")


def may_change_territory() -> bool:
    """Take the turn of `one_import_at_a_time` if nobody has it; False where an import is storing."""
    [(taken,)] = rows_of(f"SELECT pg_try_advisory_xact_lock({_TURN})")
    return bool(taken)


def run(sql: str, parameters: Sequence[Any] | dict[str, Any] | None = None) -> int:
    """Run one statement; the number of rows it touched."""
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return int(cursor.rowcount)


def rows_of(sql: str, parameters: Sequence[Any] | dict[str, Any] | None = None) -> list[tuple[Any, ...]]:
    """Run one query; all its rows."""
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return list(cursor.fetchall())


def upsert(
    kind: str, sql: str, parameters: Sequence[Any] | dict[str, Any] | None = None, *, staged: int, report: ImportReport
) -> None:
    """Run an INSERT … ON CONFLICT DO UPDATE … WHERE something differs, and count new, changed and unchanged rows.

    The statement has no RETURNING clause: `xmax = 0`, which is so for inserted rows only, is added here.
    """
    counted = (
        f"WITH done AS ({sql} RETURNING xmax = 0 AS is_new) SELECT count(*) FILTER (WHERE is_new), count(*) FROM done"
    )
    [(created, touched)] = rows_of(counted, parameters)
    report.count(kind, staged=staged, created=created, changed=touched - created)
