"""A mailing list as a workbook for spreadsheets (Office Open XML)."""

from __future__ import annotations

from typing import BinaryIO, Final

from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from geoparticipation.mailings.domain.listing import COLUMNS, Listing
from geoparticipation.mailings.errors import ListTooLong
from layers.exports.xlsx_file import MOST_ROWS, Book, workbook

_WIDTHS: Final = {"street": 30, "locality": 20, "district": 20, "line1": 22, "line2": 34, "line3": 26, "line4": 22}


def write_xlsx(file: BinaryIO, listing: Listing) -> None:
    """Write a sheet of letterboxes under a frozen header, and a sheet that says what was left out and when.

    Numbers are numbers, everything else is text, also what looks like a formula or an address of the web; such a text
    has the mark that keeps it text when its cell is edited. Constant memory: rows wait in a temporary file. Raises
    ListTooLong when a sheet cannot hold the list.
    """
    if listing.selection.letterboxes > MOST_ROWS:
        raise ListTooLong(
            _("A spreadsheet holds %(limit)s letterboxes. Take the list as CSV or GeoPackage.") % {"limit": MOST_ROWS},
            limit=MOST_ROWS,
        )
    with workbook(file) as book:
        _write_letterboxes(book, listing)
        _write_about(book, listing)


def _write_letterboxes(book: Book, listing: Listing) -> None:
    sheet = book.add_table(_("Letterboxes"), COLUMNS, _WIDTHS)
    sheet.autofilter(0, 0, max(listing.selection.letterboxes, 1), len(COLUMNS) - 1)
    for number, row in enumerate(listing.rows(), start=1):
        book.write_row(sheet, number, row)


def _write_about(book: Book, listing: Listing) -> None:
    selection = listing.selection
    book.write_facts(
        _("About"),
        (
            (_("Target"), listing.name),
            (_("Date"), localdate()),
            (_("Letterboxes"), selection.letterboxes),
            (_("Duplicates left out"), selection.duplicates_left_out),
            (_("“No flyers” left out"), selection.no_flyers_left_out),
        ),
    )
