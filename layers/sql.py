"""Querysets as pieces of SQL, for what only the database does well: tiles, counts and GeoJSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from django.db import connections
from django.db.models import F, QuerySet
from django.db.models.expressions import Combinable


class Fragment(NamedTuple):
    """A piece of SQL, the parameters of its placeholders in order, and the database it is for."""

    sql: str
    parameters: tuple[Any, ...]
    using: str


def compiled(rows: QuerySet[Any], columns: Mapping[str, str | Combinable], *, limit: int | None = None) -> Fragment:
    """The queryset as a SELECT with exactly these columns, in this order, whatever its own were.

    Names of columns must not be those of the model's fields (hence `layer_key`, `layer_shape`). Raises
    EmptyResultSet when Django knows that no row can match.
    """
    named = {alias: F(source) if isinstance(source, str) else source for alias, source in columns.items()}
    sql, parameters = rows.annotate(**named).values(*named)[:limit].query.get_compiler(rows.db).as_sql()
    return Fragment(sql, tuple(parameters), rows.db)


def one_row(fragment: Fragment) -> tuple[Any, ...]:
    """Run it and fetch its only row: one query."""
    with connections[fragment.using].cursor() as cursor:
        cursor.execute(fragment.sql, fragment.parameters)
        row: tuple[Any, ...] = cursor.fetchone()
    return row
