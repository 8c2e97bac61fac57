"""The sheets of a workbook that somebody sends, as rows of text.

The archive is judged before it is opened: how many members it has, how large they are unpacked, no links, passwords or
archives within. openpyxl then reads it as a stream, up to so many rows and columns, with defusedxml, so that no
entity is ever resolved; formulas are not run, their last results are read; links to other files are not followed.
"""

from __future__ import annotations

import io
import tempfile
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import Any, Final

import openpyxl
from defusedxml import DefusedXmlException
from django.utils.translation import gettext as _

from layers.readers.archives import check_archive
from layers.readers.limits import FileLimits
from layers.readers.refusals import FileFormatUnknown, FileTooLarge, FileUnreadable, FileUnsafe

LIMITS: Final = FileLimits(max_bytes=2_000_000, max_expanded_bytes=12_000_000, max_members=200)
MOST_ROWS: Final = 3000
MOST_COLUMNS: Final = 200
LONGEST_CELL: Final = 10_000

if not openpyxl.DEFUSEDXML:
    raise ImportError("openpyxl would resolve XML entities: install defusedxml and leave OPENPYXL_DEFUSEDXML unset")


@dataclass(frozen=True)
class Row:
    """A row that is not empty: its number in the sheet (the first is 1), and its cells by the column's heading."""

    number: int
    cells: Mapping[str, str]


@dataclass(frozen=True)
class Sheet:
    """The headings, as they are written, and the rows below them."""

    headings: tuple[str, ...]
    rows: tuple[Row, ...]


def read_sheets(content: bytes, *, names: tuple[str, ...]) -> dict[str, Sheet]:
    """The sheets of these names (whatever their case) that a workbook (.xlsx, .xlsm) has.

    Raises FileTooLarge, FileFormatUnknown, FileArchiveUnsafe, FileUnsafe, FileUnreadable.
    """
    if len(content) > LIMITS.max_bytes:
        raise FileTooLarge(
            _("This file is too large: a form may have %(limit)s bytes at the most.") % {"limit": LIMITS.max_bytes}
        )
    if not content.startswith(b"PK\x03\x04"):
        raise FileFormatUnknown(
            _("This is no Excel workbook (.xlsx). Open it in Excel or LibreOffice, and save it as .xlsx.")
        )
    with tempfile.TemporaryDirectory() as folder:
        archive = Path(folder) / "book.xlsx"
        archive.write_bytes(content)
        members = check_archive(archive, limits=LIMITS)
    if "xl/workbook.xml" not in members:
        raise FileFormatUnknown(
            _("This is no Excel workbook (.xlsx). Open it in Excel or LibreOffice, and save it as .xlsx.")
        )
    try:
        return _sheets(content, names)
    except (zipfile.BadZipFile, zlib.error, SyntaxError, ValueError, KeyError, TypeError, AttributeError, EOFError,
            IndexError, OSError) as error:  # fmt: skip
        if isinstance(error, DefusedXmlException) or isinstance(error.__context__, DefusedXmlException):
            raise FileUnsafe(_("This workbook holds XML entities, which are never read. Save it anew.")) from None
        raise FileUnreadable(
            _("This workbook is broken and cannot be read. Open it in Excel or LibreOffice, and save it anew."),
            reason=repr(error)[:200],
        ) from None


def _sheets(content: bytes, names: tuple[str, ...]) -> dict[str, Sheet]:
    book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
    try:
        found = {}
        for title in book.sheetnames:
            name = title.strip().lower()
            if name in names and name not in found:
                found[name] = _sheet(book[title])
        return found
    finally:
        book.close()


def _sheet(sheet: Any) -> Sheet:
    headings: tuple[str, ...] = ()
    rows = []
    for number, cells in _rows(sheet):
        if not headings:
            headings = tuple(cells)
            continue
        said: dict[str, str] = {}
        for heading, cell in zip(headings, cells, strict=False):
            if heading and cell:
                said.setdefault(heading, cell)
        if said:
            rows.append(Row(number, said))
    return Sheet(tuple(heading for heading in headings if heading), tuple(rows))


def _rows(sheet: Any) -> Iterator[tuple[int, list[str]]]:
    values = sheet.iter_rows(min_row=1, max_row=MOST_ROWS + 1, max_col=MOST_COLUMNS, values_only=True)
    for number, row in enumerate(values, start=1):
        cells = [_text(value) for value in row]
        if not any(cells):
            continue
        if number > MOST_ROWS:
            raise FileTooLarge(_("A sheet may have %(limit)d rows at the most.") % {"limit": MOST_ROWS})
        yield number, cells


def _text(value: object) -> str:
    """A cell as a person would type it."""
    match value:
        case None:
            return ""
        case bool():
            return "TRUE" if value else "FALSE"
        case float() if value.is_integer():
            return str(int(value))
        case datetime() if value.time() == time():
            return value.date().isoformat()
        case datetime() | date() | time():
            return value.isoformat()
    return str(value).strip()[:LONGEST_CELL]
