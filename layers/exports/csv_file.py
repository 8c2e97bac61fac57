"""CSV that spreadsheets and GIS both open."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from django.utils.timezone import localtime
from psycopg import sql

from layers.exports.extract import LAT, LON, WKT, CellType, Extract
from layers.spreadsheets import FORMULA_SIGNS, harmless_cell

BYTE_ORDER_MARK: Final = "\ufeff".encode()
"""Spreadsheets take a file for UTF-8 only when it starts so."""
_DANGEROUS: Final = sql.SQL("({})").format(sql.SQL(", ").join(sql.Literal(ord(sign)) for sign in FORMULA_SIGNS))
_TEXTS: Final = frozenset({CellType.TEXT, CellType.JSON})


def stream_csv(extract: Extract) -> Iterator[bytes]:
    """UTF-8 with a byte order mark; after the properties `lon` and `lat` of a point on the place, and `wkt`.

    Commas, CRLF, as RFC 4180 has it. Moments are ISO 8601 in the town's time. No text starts with what a spreadsheet
    would run: an apostrophe is put before it.
    """
    columns = extract.columns()
    yield BYTE_ORDER_MARK + _lines([[*(column.name for column in columns), "lon", "lat", "wkt"]])
    writers = [_written(column.type) for column in columns] + [str, str, str]
    for batch in extract.batches(LON, LAT, WKT):
        yield _lines(
            [
                ["" if value is None else write(value) for write, value in zip(writers, row, strict=True)]
                for row in batch
            ]
        )


def harmless_sql(column: str) -> sql.Composable:
    """A text column as `harmless_cell` writes it, for COPY … TO; an empty text is nothing."""
    return sql.SQL("CASE WHEN ascii({0}) IN {1} THEN '''' || {0} ELSE NULLIF({0}, '') END AS {0}").format(
        sql.Identifier(column), _DANGEROUS
    )


def _lines(rows: list[list[str]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


def _written(of: CellType) -> Any:
    if of is CellType.MOMENT:
        return _moment
    return harmless_cell if of in _TEXTS else str


def _moment(moment: datetime) -> str:
    return localtime(moment).isoformat(timespec="seconds")
