"""A mailing list as CSV."""

from __future__ import annotations

from typing import BinaryIO

from django.db import connection
from psycopg import sql

from geoparticipation.mailings.domain.listing import COLUMNS, Listing, listed_letterboxes, plain_cell
from layers.exports.csv_file import BYTE_ORDER_MARK, harmless_sql
from neighbourhoods.domain.targets.list_letterboxes import LIST_ORDER

_TEXTS = frozenset(COLUMNS) - {"address_id", "dwellings", "lon", "lat", "line1"}


def write_csv(file: BinaryIO, listing: Listing) -> None:
    """Write UTF-8 with a byte order mark, a header and one row for each letterbox, as PostgreSQL's COPY gives them.

    No cell starts with what a spreadsheet would run: an apostrophe is put before it.
    """
    statement = sql.SQL("COPY (SELECT {cells} FROM {listed} ORDER BY {order}) TO STDOUT WITH (FORMAT csv, HEADER)")
    file.write(BYTE_ORDER_MARK)
    with (
        connection.cursor() as cursor,
        cursor.copy(
            statement.format(
                cells=sql.SQL(", ").join(map(_cell, COLUMNS)), listed=listed_letterboxes(), order=sql.SQL(LIST_ORDER)
            )
        ) as copy,
    ):
        for written, line in enumerate(copy):
            file.write(line)
            if written % 1000 == 0:
                listing.tell(written)


def _cell(column: str) -> sql.Composable:
    return harmless_sql(column) if column in _TEXTS else plain_cell(column)
