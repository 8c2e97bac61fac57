"""A mailing list as CSV, at the speed of PostgreSQL's COPY."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, BinaryIO, Final

from django.conf import settings
from django.db import connection
from django.utils.translation import gettext as _
from psycopg import sql

from geoparticipation.mailings.domain.listing import COLUMNS, LINES, ListOrder
from geoparticipation.mailings.domain.postal_lines import postal_lines, street_as_posted, town_as_posted
from layers.exports.csv_file import BYTE_ORDER_MARK, harmless_cell_sql
from neighbourhoods.domain.targets.letterbox_query import (
    END,
    LEFT_OUT_AS_REPEATED,
    LEFT_OUT_AS_UNWANTED,
    letterbox_query,
)
from neighbourhoods.domain.targets.list_letterboxes import Selection

_COPY: Final = sql.SQL("COPY ({query}) TO STDOUT WITH (FORMAT csv)")
_AT_ONCE: Final = 1000


def write_csv(file: BinaryIO, order: ListOrder) -> Selection:
    """Write UTF-8 with a byte order mark, a header and one row for each letterbox, as PostgreSQL's COPY gives them.

    No cell starts with what a spreadsheet would run: an apostrophe is put before it. One query, besides that for the
    outlines of districts; rows and counts come out of it together. Memory holds a thousand rows.
    """
    counts = dict.fromkeys((ord(LEFT_OUT_AS_REPEATED), ord(LEFT_OUT_AS_UNWANTED)), 0)
    last = ord(END)
    written = 0
    file.write(BYTE_ORDER_MARK + ",".join(COLUMNS).encode() + b"\n")
    with connection.cursor() as cursor, cursor.copy(_COPY.format(query=_query(order))) as copy:
        for rows in _batches(copy, last):
            kept = [row for row in rows if row[0] not in counts and row[0] != last]
            if len(kept) < len(rows):
                for row in rows:
                    if row[0] in counts:
                        counts[row[0]] += 1
            file.write(b"".join(kept))
            written += len(kept)
            order.tell(written, None)
    return Selection(written, *counts.values())


def _batches(copy: Any, last: int) -> Iterator[list[Any]]:
    """Give the rows, a thousand at a time, of a COPY whose last row begins with the byte `last`.

    psycopg waits on the socket for each row, which takes as long as PostgreSQL takes to write it. Here it waits only
    when nothing has arrived: what has is taken from libpq directly, up to the last row, after which psycopg ends the
    COPY as always.
    """
    arrived = copy.connection.pgconn.get_copy_data
    while row := copy.read():
        rows = [row]
        while row[0] != last and len(rows) < _AT_ONCE:
            size, row = arrived(1)
            if size <= 0:
                break
            rows.append(row)
        yield rows


def _query(order: ListOrder) -> sql.Composed:
    country = settings.ADDRESS_COUNTRY
    street, town, name, locality, own = map(
        sql.Identifier, ("street_as_posted", "town_as_posted", "name", "locality", "own_locality")
    )
    named = sql.SQL("{} AS {}")
    written = zip(
        LINES,
        postal_lines(
            country=country,
            addressee=_("To the residents"),
            street=street,
            town=_of_town(town, town_as_posted(country, own)),
        ),
        strict=True,
    )
    cells: dict[str, sql.Composable] = {
        **{column: harmless_cell_sql(sql.Identifier(column)) for column in COLUMNS},
        "street": sql.Identifier("street_cell"),
        "locality": _of_town(sql.Identifier("locality_cell"), harmless_cell_sql(own)),
        "dwellings": sql.Identifier("dwellings"),
        "lon": sql.SQL("round(ST_X(geometry) * 1e7) / 1e7"),
        "lat": sql.SQL("round(ST_Y(geometry) * 1e7) / 1e7"),
        "line1": sql.Identifier("line1"),
    }
    return letterbox_query(
        order.parts,
        cells=[cells[column] for column in COLUMNS[1:]],
        lines=[named.format(line, sql.Identifier(column)) for column, line in written],
        of_street=[
            named.format(harmless_cell_sql(name), sql.Identifier("street_cell")),
            named.format(harmless_cell_sql(locality), sql.Identifier("locality_cell")),
            named.format(street_as_posted(country, name), street),
            named.format(town_as_posted(country, locality), town),
        ],
        deduplicate=order.deduplicate,
        respect_no_flyers=order.respect_no_flyers,
    )


def _of_town(known: sql.Composable, own: sql.Composable) -> sql.Composable:
    """Take what is known of the street's locality, and work out another only where an address has its own."""
    return sql.SQL("CASE WHEN own_locality = '' OR own_locality = street_locality THEN {} ELSE {} END").format(
        known, own
    )
