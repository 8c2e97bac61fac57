"""What a mailing list holds, whatever it is written as: its columns, its rows, what is known of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from django.conf import settings
from django.db import connection
from django.utils.translation import gettext as _
from psycopg import sql

from geoparticipation.mailings.domain.postal_lines import postal_lines
from geoparticipation.mailings.enums import LabelSheet
from neighbourhoods.domain.targets import PartSpec
from neighbourhoods.domain.targets.list_letterboxes import (
    CHOSEN_LETTERBOXES,
    LIST_ORDER,
    Selection,
    choosing_letterboxes,
)

COLUMNS: Final = (
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
LINES: Final = COLUMNS[-4:]
_AT_ONCE = 2000


@dataclass(frozen=True, kw_only=True)
class LabelOptions:
    """The sheet that labels are printed on; `start_at` counts its labels from 1, row by row, for a sheet partly used.

    A start beyond the sheet is refused when the labels are written.
    """

    sheet: LabelSheet = LabelSheet.L7160
    start_at: int = 1


NEW_A4_SHEETS: Final = LabelOptions()


@dataclass(frozen=True, kw_only=True)
class ListOrder:
    """A list that somebody asked for: the parts of its target, that target's name, and what is to be left out.

    `tell` is called with the number of rows written, and of rows in all where that is known.
    """

    name: str
    parts: tuple[PartSpec, ...]
    deduplicate: bool = True
    respect_no_flyers: bool = True
    labels: LabelOptions = NEW_A4_SHEETS
    tell: Callable[[int, int | None], None] = lambda written, in_all: None

    @contextmanager
    def listing(self) -> Iterator[Listing]:
        """Choose the letterboxes; hold the transaction in which they can be read."""
        choosing = choosing_letterboxes(
            self.parts, deduplicate=self.deduplicate, respect_no_flyers=self.respect_no_flyers
        )
        with choosing as selection:
            yield Listing(
                name=self.name,
                parts=self.parts,
                selection=selection,
                labels=self.labels,
                tell=lambda written: self.tell(written, selection.letterboxes),
            )


@dataclass(frozen=True, kw_only=True)
class Listing:
    """A list about to be written; exists within `choosing_letterboxes` only.

    `name` is that of the target, `parts` are its parts, `selection` its counts. A writer of many rows calls `tell` with
    the number of rows written so far.
    """

    name: str
    parts: tuple[PartSpec, ...]
    selection: Selection
    labels: LabelOptions = NEW_A4_SHEETS
    tell: Callable[[int], None] = lambda written: None

    def rows(self, columns: tuple[str, ...] = COLUMNS) -> Iterator[tuple[Any, ...]]:
        """Give these columns of each letterbox by street and number, as they are in the register.

        Longitude and latitude are rounded to the centimetre, empty text is "". One query; a server-side cursor keeps
        memory constant.
        """
        query = sql.SQL("SELECT {cells} FROM {listed} ORDER BY {order}").format(
            cells=sql.SQL(", ").join(map(plain_cell, columns)), listed=listed_letterboxes(), order=sql.SQL(LIST_ORDER)
        )
        written = 0
        with connection.chunked_cursor() as cursor:
            cursor.execute(query)
            while rows := cursor.fetchmany(_AT_ONCE):
                yield from rows
                written += len(rows)
                self.tell(written)


def listed_letterboxes() -> sql.Composed:
    """What can stand behind FROM: the chosen letterboxes with their address lines, the first in the language in use."""
    lines = postal_lines(country=settings.ADDRESS_COUNTRY, addressee=_("To the residents"))
    # OFFSET 0 keeps PostgreSQL from working out each line twice, once to look at its beginning and once to write it.
    return sql.SQL("(SELECT letterbox.*, {lines} FROM {letterboxes} OFFSET 0) AS listed").format(
        lines=sql.SQL(", ").join(
            sql.SQL("{} AS {}").format(line, sql.Identifier(name)) for name, line in zip(LINES, lines, strict=True)
        ),
        letterboxes=sql.SQL(CHOSEN_LETTERBOXES),
    )


def plain_cell(column: str) -> sql.Composable:
    """Give a column of `listed_letterboxes` as SQL; coordinates to the centimetre, all else as it is."""
    name = sql.Identifier(column)
    return sql.SQL("round({0} * 1e7) / 1e7 AS {0}").format(name) if column in {"lon", "lat"} else name
