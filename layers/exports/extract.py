"""What a file is written from: rows of a layer, read batch by batch."""

from __future__ import annotations

import enum
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import psycopg
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import EmptyResultSet
from django.db import InterfaceError, OperationalError, connections, models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import F
from django.db.models.expressions import Combinable

from layers.features import rows_after
from layers.layer import Layer, Rows
from layers.sql import compiled

AT_ONCE: Final = 2000
"""Rows held in memory at a time."""

PAUSES_S: Final = (0.5, 2.0, 8.0)
"""How long a batch waits for a database that is not there, before each new try."""

WKB: Final = "ST_AsBinary(page.layer_shape)"
WKT: Final = "ST_AsText(page.layer_shape, 15)"
GEOMETRY_TYPE: Final = "replace(ST_GeometryType(page.layer_shape), 'ST_', '')"
LON: Final = "round(ST_X(ST_PointOnSurface(page.layer_shape))::numeric, 7)::float8"
LAT: Final = "round(ST_Y(ST_PointOnSurface(page.layer_shape))::numeric, 7)::float8"
"""SQL of what a row's geometry can be written as; LON and LAT are of a point on it, to the centimetre."""


class CellType(enum.Enum):
    """What a column holds; `JSON` is structured and becomes text wherever a format has nothing like it."""

    TEXT = "text"
    INTEGER = "integer"
    SMALL_INTEGER = "small integer"
    REAL = "real"
    BOOLEAN = "boolean"
    DATE = "date"
    MOMENT = "moment"
    JSON = "json"


@dataclass(frozen=True)
class Column:
    """One property of the layer."""

    name: str
    type: CellType


_TYPES: Final[tuple[tuple[type[models.Field[Any, Any]], CellType], ...]] = (
    (models.BooleanField, CellType.BOOLEAN),
    (models.DateTimeField, CellType.MOMENT),  # before DateField, whose child it is
    (models.DateField, CellType.DATE),
    (models.BigIntegerField, CellType.INTEGER),
    (models.IntegerField, CellType.SMALL_INTEGER),
    (models.FloatField, CellType.REAL),
    (models.DecimalField, CellType.REAL),
    (models.JSONField, CellType.JSON),
    (ArrayField, CellType.JSON),
)


@dataclass(frozen=True, kw_only=True)
class Marks:
    """How features are told apart on a map: by a property, each of whose values has a colour (#rrggbb)."""

    property: str
    colours: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Extract:
    """The rows of a layer that go into one file.

    `rows` are what the reader may see and asked for: the layer's visibility rule and filters are applied already.
    `title` heads the file. `label` and `text` name the properties that a map's balloon is headed by and shows. A
    writer calls `tell` with the number of rows written so far. `lets_go` says that the database connection is given
    back between two batches: for a file sent while it is read, by somebody whose line may be slow.
    """

    layer: Layer
    rows: Rows
    title: str
    label: str | None = None
    text: str | None = None
    marks: Marks | None = None
    tell: Callable[[int], None] = lambda written: None
    lets_go: bool = False

    def columns(self) -> tuple[Column, ...]:
        """The layer's properties with their types. No query."""
        named = self.rows.annotate(**self._named()).query.annotations
        return tuple(
            Column(name, _type_of(named[f"p{at}"].output_field)) for at, name in enumerate(self.layer.properties)
        )

    def batches(self, *shapes: str, at_once: int = AT_ONCE) -> Iterator[list[tuple[Any, ...]]]:
        """Rows in the layer's order: a cell for each column, then what `shapes` (SQL over `page`) give.

        Text is text, moments are aware datetimes. One query for each batch, which begins after the last row of the one
        before: so no transaction is held, no query is as long as the file, and a web request's time limit is one for
        each batch. A row that is written meanwhile is in the file once or not at all.
        """
        cells = [_cell(at, column.type) for at, column in enumerate(self.columns())]
        return self.pages([*cells, *shapes], at_once=at_once)

    def pages(
        self, cells: Sequence[str], parameters: Sequence[Any] = (), *, at_once: int = AT_ONCE
    ) -> Iterator[list[tuple[Any, ...]]]:
        """What `cells` (SQL over `page`, whose columns are p0 … and layer_shape) give for each row, in batches."""
        order_by = self.layer.order_by
        columns = {f"o{at}": name.removeprefix("-") for at, name in enumerate(order_by)} | self._named()
        columns["layer_shape"] = F(self.layer.geometry)
        asked = ", ".join([f"page.o{at}" for at in range(len(order_by))] + list(cells))
        connection = connections[self.rows.db]
        rows, written = self.rows.order_by(*order_by), 0
        while True:
            try:
                source = compiled(rows, columns, limit=at_once)
            except EmptyResultSet:
                return
            query = f"SELECT {asked} FROM ({source.sql}) AS page"
            found = self._fetched(connection, query, (*parameters, *source.parameters))
            if found:
                yield [row[len(order_by) :] for row in found]
                written += len(found)
                self.tell(written)
            if len(found) < at_once:
                return
            rows = self.rows.filter(rows_after(order_by, found[-1][: len(order_by)])).order_by(*order_by)

    def _fetched(self, connection: BaseDatabaseWrapper, query: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
        """Run the query of one batch; outside a transaction, again where the connection was lost.

        A batch says where it begins, so another connection can go on: a restart of the database does not cut a file.
        """
        alone = not connection.in_atomic_block
        for pause_s in (*PAUSES_S, None):
            try:
                with connection.cursor() as cursor:
                    cursor.execute(query, parameters)
                    found: list[tuple[Any, ...]] = cursor.fetchall()
            except (OperationalError, InterfaceError) as error:
                if not alone or pause_s is None or isinstance(error.__cause__, psycopg.errors.QueryCanceled):
                    raise
                connection.close()
                time.sleep(pause_s)
            else:
                if self.lets_go and alone:
                    connection.close()  # back to the pool
                return found
        raise AssertionError

    def _named(self) -> dict[str, str | Combinable]:
        return {
            f"p{at}": F(source) if isinstance(source, str) else source
            for at, source in enumerate(self.layer.properties.values())
        }


def _type_of(field: models.Field[Any, Any]) -> CellType:
    return next((of for kind, of in _TYPES if isinstance(field, kind)), CellType.TEXT)


def _cell(at: int, of: CellType) -> str:
    if of is CellType.JSON:
        return f"to_jsonb(page.p{at})::text"
    if of is CellType.REAL:
        return f"page.p{at}::float8"
    return f"page.p{at}::text" if of is CellType.TEXT else f"page.p{at}"
