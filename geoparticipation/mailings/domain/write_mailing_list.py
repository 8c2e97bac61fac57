"""A target turned into a file of letterboxes, and the record of who fetched it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, BinaryIO

from django.conf import settings
from django.db import connection
from django.utils.translation import gettext as _
from psycopg import sql

from geoparticipation.mailings.domain.postal_lines import postal_lines
from geoparticipation.mailings.enums import Channel, FileFormat
from geoparticipation.mailings.models import MailingListDownload
from neighbourhoods.domain.targets import PartSpec
from neighbourhoods.domain.targets.list_letterboxes import CHOSEN_LETTERBOXES, LIST_ORDER, choosing_letterboxes
from neighbourhoods.models import Target

COLUMNS = (
    "address_id",
    "street",
    "house_number",
    "box",
    "postcode",
    "locality",
    "district",
    "dwellings",
    "lon",
    "lat",
    "line1",
    "line2",
    "line3",
    "line4",
)
BYTE_ORDER_MARK = "\ufeff".encode()
"""Spreadsheets take a file for UTF-8 only when it starts so."""
_TEXTS = frozenset(COLUMNS) - {"address_id", "dwellings", "lon", "lat", "line1"}
# The beginnings named in OWASP's "CSV injection", and their full-width forms.
_DANGEROUS = sql.SQL("({})").format(sql.SQL(", ").join(sql.Literal(ord(sign)) for sign in "=+-@\t\r\n＝＋－＠"))


@dataclass(frozen=True, kw_only=True)
class ListOptions:
    """What a list leaves out."""

    deduplicate: bool = True
    respect_no_flyers: bool = True


def write_mailing_list(
    *,
    file: BinaryIO,
    letterboxes_of: Target | Iterable[PartSpec],
    name: str,
    downloaded_by: Any,
    channel: Channel,
    options: ListOptions = ListOptions(),
    on_progress: Callable[[int, int], None] | None = None,
) -> MailingListDownload:
    """Write the letterboxes of a target, saved or not, as CSV, and record it under `name`.

    UTF-8 with a byte order mark, the columns COLUMNS, one row for each letterbox by street and number; longitude and
    latitude in WGS 84; the address lines in the format of ADDRESS_COUNTRY, the first of them in the language in use. No
    cell starts with what a spreadsheet would run. What the options leave out is in the record and not in the rows.

    `downloaded_by` is a person, or null for the command line. Rows, counts and record are of one transaction: whatever
    fails, nothing is recorded. Constant memory and number of queries. `on_progress` is called with rows written and
    rows in all. Raises TargetRefused.
    """
    choosing = choosing_letterboxes(
        letterboxes_of, deduplicate=options.deduplicate, respect_no_flyers=options.respect_no_flyers
    )
    with choosing as selection, connection.cursor() as cursor:
        file.write(BYTE_ORDER_MARK)
        with cursor.copy(_copy_statement()) as copy:
            for written, line in enumerate(copy):
                file.write(line)
                if on_progress and written % 1000 == 0:
                    on_progress(written, selection.letterboxes)
        if on_progress:
            on_progress(selection.letterboxes, selection.letterboxes)
        return MailingListDownload.objects.create(
            downloaded_by=downloaded_by,
            target=letterboxes_of if isinstance(letterboxes_of, Target) else None,
            target_name=name[:400],
            channel=channel,
            file_format=FileFormat.CSV,
            letterboxes=selection.letterboxes,
            duplicates_left_out=selection.duplicates_left_out,
            no_flyers_left_out=selection.no_flyers_left_out,
        )


def _copy_statement() -> sql.Composed:
    """COPY of the list within `choosing_letterboxes`."""
    lines = postal_lines(country=settings.ADDRESS_COUNTRY, addressee=_("To the residents"))
    # OFFSET 0 keeps PostgreSQL from working out each line twice, once to look at its beginning and once to write it.
    return sql.SQL(
        "COPY (SELECT {cells} FROM (SELECT letterbox.*, {lines} FROM {letterboxes} OFFSET 0) AS listed"
        " ORDER BY {order}) TO STDOUT WITH (FORMAT csv, HEADER)"
    ).format(
        cells=sql.SQL(", ").join(map(_cell, COLUMNS)),
        lines=sql.SQL(", ").join(
            sql.SQL("{} AS {}").format(line, sql.Identifier(f"line{at}")) for at, line in enumerate(lines, start=1)
        ),
        letterboxes=sql.SQL(CHOSEN_LETTERBOXES),
        order=sql.SQL(LIST_ORDER),
    )


def _cell(column: str) -> sql.Composable:
    """A column as it stands in the file: coordinates to the centimetre, text that no spreadsheet runs."""
    name = sql.Identifier(column)
    if column in {"lon", "lat"}:
        return sql.SQL("round({0} * 1e7) / 1e7 AS {0}").format(name)
    if column in _TEXTS:
        return sql.SQL("CASE WHEN ascii({0}) IN {1} THEN '''' || {0} ELSE NULLIF({0}, '') END AS {0}").format(
            name, _DANGEROUS
        )
    return name
