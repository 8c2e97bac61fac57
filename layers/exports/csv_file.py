"""CSV that spreadsheets and GIS both open."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from typing import Any, Final

from django.db import DatabaseError
from django.utils.timezone import get_current_timezone
from django.utils.translation import gettext as _
from psycopg import sql

from layers.exports.extract import LAT, LON, WKT, CellType, Extract
from layers.spreadsheets import FORMULA_SIGNS, harmless_cell

BYTE_ORDER_MARK: Final = "\ufeff".encode()
"""Spreadsheets take a file for UTF-8 only when it starts so."""
_DANGEROUS: Final = sql.SQL("({})").format(sql.SQL(", ").join(sql.Literal(ord(sign)) for sign in FORMULA_SIGNS))
# What nearly all texts begin with, found out four times as fast as by going through the list: digits and a few signs
# more, then everything from the capital A to the first of the full-width signs.
_HARMLESS: Final = sql.SQL("ascii({0}) BETWEEN 46 AND 60 OR ascii({0}) BETWEEN 65 AND 65290")
_TEXTS: Final = frozenset({CellType.TEXT, CellType.JSON})


def stream_csv(extract: Extract) -> Iterator[bytes]:
    """UTF-8 with a byte order mark; after the properties `lon` and `lat` of a point on the place, and `wkt`.

    Commas, CRLF, as RFC 4180 has it. Moments are ISO 8601 in the town's time. No text starts with what a spreadsheet
    would run: an apostrophe is put before it. Where the database fails half way, the last line says so.
    """
    columns = extract.columns()
    yield BYTE_ORDER_MARK + _lines([[*(column.name for column in columns), "lon", "lat", "wkt"]])
    writers = [_written(column.type) for column in columns] + [str, str, str]
    try:
        for batch in extract.batches(LON, LAT, WKT):
            yield _lines(
                [
                    ["" if value is None else write(value) for write, value in zip(writers, row, strict=True)]
                    for row in batch
                ]
            )
    except DatabaseError:
        # The web server ends such an answer as if it were whole, and nothing else in a CSV says that it is not.
        yield _lines([[_("INCOMPLETE: the rest could not be read. Fetch this file again.")]])
        raise


def harmless_cell_sql(text: sql.Composable) -> sql.Composable:
    """A text, any SQL expression, as `harmless_cell` writes it, for COPY … TO; an empty text is nothing.

    The expression is worked out more than once: let it be a column.
    """
    return sql.SQL(
        "CASE WHEN {0} THEN {1} WHEN {1} = '' THEN NULL WHEN ascii({1}) IN {2} THEN '''' || {1} ELSE {1} END"
    ).format(_HARMLESS.format(text), text, _DANGEROUS)


def _lines(rows: list[list[str]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


def _written(of: CellType) -> Callable[[Any], str]:
    if of is CellType.MOMENT:
        zone = get_current_timezone()
        return lambda moment: moment.astimezone(zone).isoformat(timespec="seconds")
    return harmless_cell if of in _TEXTS else str
