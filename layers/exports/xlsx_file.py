"""A workbook for spreadsheets (Office Open XML)."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any, BinaryIO, Final

import xlsxwriter
from django.utils.timezone import get_current_timezone_name, localdate, localtime
from django.utils.translation import gettext as _

from layers.exports.extract import GEOMETRY_TYPE, LAT, LON, WKT, Extract
from layers.spreadsheets import FORMULA_SIGNS

MOST_ROWS: Final = 1_048_575
"""Rows of a sheet, without its header."""
LONGEST_TEXT: Final = 32_767
"""Characters (UTF-16 units) of a cell."""
_FIRST_DAY: Final = date(1900, 3, 1)
"""Before it, spreadsheets disagree on what a number means as a day."""
# Nothing is guessed from a text: each cell is written as what it is.
_PLAIN: Final = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
_WIDTHS: Final = {"title": 40, "body": 60, "url": 24, "code": 36, "districts": 24, "street": 24, "wkt": 30}


class Book:
    """A workbook that is being written, with its formats of cells.

    Texts stay text, also what looks like a formula: such a text has the mark that keeps it text when its cell is
    edited. A text longer than a cell is cut, with an ellipsis, and counted in `cut`.
    """

    def __init__(self, book: Any) -> None:
        self.book = book
        self.head = book.add_format({"bold": True, "bottom": 1})
        self.bold = book.add_format({"bold": True})
        self.left = book.add_format({"align": "left"})
        self.kept_text = book.add_format({"quote_prefix": True})
        self.day = book.add_format({"num_format": "yyyy-mm-dd", "align": "left"})
        self.moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss", "align": "left"})
        self.cut = 0

    def add_table(self, name: str, columns: Sequence[str], widths: dict[str, int]) -> Any:
        """Add a sheet with a frozen header that is repeated on every printed page."""
        sheet = self.book.add_worksheet(name)
        for at, column in enumerate(columns):
            sheet.set_column(at, at, widths.get(column, 12))
        sheet.freeze_panes(1, 0)
        sheet.repeat_rows(0)
        for at, column in enumerate(columns):
            sheet.write_string(0, at, column, self.head)
        return sheet

    def write_row(self, sheet: Any, number: int, cells: Sequence[Any], *, first: int = 0) -> None:
        """Write a row; numbers as numbers, days and moments (in the town's time) as such, nothing where there is none.

        Rows of a sheet must come in order.
        """
        for at, value in enumerate(cells, start=first):
            if isinstance(value, str):
                if value:
                    self.write_text(sheet, number, at, value)
            elif isinstance(value, bool):
                sheet.write_boolean(number, at, value)
            elif isinstance(value, date):
                self._write_time(sheet, number, at, value)
            elif value is not None:
                sheet.write_number(number, at, value)

    def write_facts(self, name: str, facts: Sequence[tuple[str, Any]]) -> None:
        """Add a sheet that says what the others are: a label and a value in each row."""
        sheet = self.book.add_worksheet(sheet_name(name))
        sheet.set_column(0, 0, 40)
        sheet.set_column(1, 1, 60, self.left)
        for number, (label, value) in enumerate(facts):
            sheet.write_string(number, 0, label, self.bold)
            self.write_row(sheet, number, (value,), first=1)

    def write_text(self, sheet: Any, number: int, at: int, text: str) -> None:
        """Write a text as text."""
        if len(text) > LONGEST_TEXT // 2 and len(text.encode("utf-16-le")) // 2 > LONGEST_TEXT:
            self.cut += 1
            kept = text.encode("utf-16-le")[: 2 * (LONGEST_TEXT - 1)]
            text = kept.decode("utf-16-le", "ignore") + "…"
        sheet.write_string(number, at, text, self.kept_text if text.startswith(FORMULA_SIGNS) else None)

    def _write_time(self, sheet: Any, number: int, at: int, value: date) -> None:
        day = value.date() if isinstance(value, datetime) else value
        if day < _FIRST_DAY:
            sheet.write_string(number, at, value.isoformat())
        elif isinstance(value, datetime):
            sheet.write_datetime(number, at, localtime(value).replace(tzinfo=None, microsecond=0), self.moment)
        else:
            sheet.write_datetime(number, at, value, self.day)


@contextmanager
def workbook(file: BinaryIO) -> Iterator[Book]:
    """A workbook in constant memory: rows wait in temporary files, and `file` gets it when the block ends well."""
    with tempfile.TemporaryDirectory() as folder:
        book = xlsxwriter.Workbook(file, {**_PLAIN, "tmpdir": folder})
        try:
            yield Book(book)
        except BaseException:
            # Closing would write what there is, and half a book is none; the rows' temporary files would stay open.
            for sheet in book.worksheets():
                if sheet.row_data_fh:
                    sheet.row_data_fh.close()
            raise
        book.close()


def sheet_name(title: str, number: int = 1) -> str:
    """A name that a sheet may have: no []:*?/\\, 31 characters at the most; the second of a title has a 2."""
    plain = re.sub(r"[\[\]:*?/\\]", " ", title).strip("' ") or "1"
    return plain[:31] if number == 1 else f"{plain[:26]} {number}"


def write_xlsx(file: BinaryIO, extract: Extract) -> None:
    """Write the rows under a frozen header, on as many sheets as they need, and a sheet that says what this is.

    After the properties come the type of the geometry, `lon` and `lat` of a point on the place, and `wkt`, which is
    left empty where a cell cannot hold it; the last sheet says how many, and how many texts were cut. Moments are in
    the town's time, without a zone, which spreadsheets do not know.
    """
    names = [*(column.name for column in extract.columns()), "geometry_type", "lon", "lat", "wkt"]
    written = without_wkt = 0
    with workbook(file) as book:
        sheets = 1
        sheet = book.add_table(sheet_name(extract.title), names, _WIDTHS)
        for batch in extract.batches(GEOMETRY_TYPE, LON, LAT, WKT):
            for row in batch:
                if written == sheets * MOST_ROWS:
                    sheet.autofilter(0, 0, MOST_ROWS, len(names) - 1)
                    sheets += 1
                    sheet = book.add_table(sheet_name(extract.title, sheets), names, _WIDTHS)
                cells = row
                if row[-1] is not None and len(row[-1]) > LONGEST_TEXT:
                    cells = (*row[:-1], None)
                    without_wkt += 1
                written += 1
                book.write_row(sheet, written - (sheets - 1) * MOST_ROWS, cells)
        sheet.autofilter(0, 0, max(written - (sheets - 1) * MOST_ROWS, 1), len(names) - 1)
        book.write_facts(
            _("About"),
            (
                (_("Content"), extract.title),
                (_("Date"), localdate()),
                (_("Rows"), written),
                (_("Time zone of the times"), get_current_timezone_name()),
                (_("Reference system of lon, lat and wkt"), "WGS 84 (EPSG:4326)"),
                (_("Texts cut because a cell holds no more"), book.cut),
                (_("Geometries left out because a cell holds no more"), without_wkt),
            ),
        )
