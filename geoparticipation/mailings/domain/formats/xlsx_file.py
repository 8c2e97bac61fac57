"""A mailing list as a workbook for spreadsheets (Office Open XML)."""

from __future__ import annotations

import tempfile
from typing import Any, BinaryIO, Final

import xlsxwriter
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from geoparticipation.mailings.domain.listing import COLUMNS, Listing
from geoparticipation.mailings.errors import ListTooLong
from layers.spreadsheets import FORMULA_SIGNS

MOST_ROWS: Final = 1_048_575
"""Rows of a sheet, without its header."""
_WIDTHS: Final = {"street": 30, "locality": 20, "district": 20, "line1": 22, "line2": 34, "line3": 26, "line4": 22}
# Nothing is guessed from a text: each cell is written as what it is.
_PLAIN: Final = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}


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
    with tempfile.TemporaryDirectory() as folder:
        book = xlsxwriter.Workbook(file, {**_PLAIN, "tmpdir": folder})
        try:
            _write_letterboxes(book, listing)
            _write_about(book, listing)
        except BaseException:
            # Closing would write what there is, and half a list is none; the rows' temporary files would stay open.
            for sheet in book.worksheets():
                if sheet.row_data_fh:
                    sheet.row_data_fh.close()
            raise
        book.close()


def _write_letterboxes(book: Any, listing: Listing) -> None:
    sheet = book.add_worksheet(_("Letterboxes"))
    head = book.add_format({"bold": True, "bottom": 1})
    for at, column in enumerate(COLUMNS):
        sheet.set_column(at, at, _WIDTHS.get(column, 12))
    sheet.freeze_panes(1, 0)
    sheet.repeat_rows(0)
    # The filter's range must be known before the rows go; an empty list keeps it on the header.
    sheet.autofilter(0, 0, max(listing.selection.letterboxes, 1), len(COLUMNS) - 1)
    kept_text = book.add_format({"quote_prefix": True})
    for at, column in enumerate(COLUMNS):
        sheet.write_string(0, at, column, head)
    for number, row in enumerate(listing.rows(), start=1):
        for at, value in enumerate(row):
            if isinstance(value, str):
                if value:
                    sheet.write_string(number, at, value, kept_text if value.startswith(FORMULA_SIGNS) else None)
            elif value is not None:
                sheet.write_number(number, at, value)


def _write_about(book: Any, listing: Listing) -> None:
    sheet = book.add_worksheet(_("About"))
    bold = book.add_format({"bold": True})
    dates = book.add_format({"num_format": "yyyy-mm-dd", "align": "left"})
    counts = book.add_format({"align": "left"})
    kept_text = book.add_format({"quote_prefix": True})
    sheet.set_column(0, 0, 34)
    sheet.set_column(1, 1, 60)
    sheet.write_string(0, 0, _("Target"), bold)
    sheet.write_string(0, 1, listing.name, kept_text)
    sheet.write_string(1, 0, _("Date"), bold)
    sheet.write_datetime(1, 1, localdate(), dates)
    selection = listing.selection
    for row, (said, count) in enumerate(
        (
            (_("Letterboxes"), selection.letterboxes),
            (_("Duplicates left out"), selection.duplicates_left_out),
            (_("“No flyers” left out"), selection.no_flyers_left_out),
        ),
        start=2,
    ):
        sheet.write_string(row, 0, said, bold)
        sheet.write_number(row, 1, count, counts)
