"""The list of refused rows that an agent downloads: which row, why, and what was in it."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from layers.errors import Refusal
from layers.readers import FeatureFile
from layers.spreadsheets import harmless_cell
from neighbourhoods.domain.registers.choices import choices_of
from neighbourhoods.domain.registers.summary import FileSummary
from neighbourhoods.importers.csv_table import open_table
from neighbourhoods.models import RegisterUpload

MOST_ORIGINALS = 50_000
"""Refused rows beyond so many are listed without what was in them: their numbers would have to be held in memory."""


def write_refused_rows(listed: IO[bytes], *, refused: Path, upload: RegisterUpload, path: Path) -> None:
    """Write the list as CSV that spreadsheets open well: semicolons, UTF-8 with its mark, no formulas.

    `refused` is the importers' list (kind, row, code, reason). Columns: row, code, reason, then the file's own columns
    with their original values, read from the file once more.
    """
    summary = FileSummary.of(upload)
    originals = _originals(upload, path, summary, wanted=_numbers_in(refused))
    text = io.TextIOWrapper(listed, encoding="utf-8-sig", newline="", write_through=True)
    writer = csv.writer(text, delimiter=";")
    heads = (pgettext("of a register", "row"), _("code"), _("reason"))
    writer.writerow([harmless_cell(cell) for cell in (*heads, *summary.names)])
    for _kind, row, code, reason in _rows_of(refused):
        number = _number_in(row)
        cells = originals.get(number, ()) if number else ()
        writer.writerow([harmless_cell(cell) for cell in (number or row, code, reason, *cells)])
    text.flush()
    text.detach()


def _rows_of(refused: Path) -> Iterator[list[str]]:
    with refused.open(encoding="utf-8-sig", newline="") as file:
        rows = csv.reader(file)
        next(rows, None)
        yield from rows


def _numbers_in(refused: Path) -> set[int]:
    numbers: set[int] = set()
    for _kind, row, _code, _reason in _rows_of(refused):
        if (number := _number_in(row)) is not None:
            numbers.add(number)
            if len(numbers) == MOST_ORIGINALS:
                break
    return numbers


def _number_in(row: str) -> int | None:
    """The number in “line 12” or “feature 12 (Rue Haute)”, in the language of the moment; a code has none."""
    for template in (_("line %(number)s"), _("feature %(number)s")):
        before, _sign, after = template.partition("%(number)s")
        if found := re.match(rf"{re.escape(before)}(\d+){re.escape(after)}(?: |$)", row):
            return int(found[1])
    return None


def _originals(
    upload: RegisterUpload, path: Path, summary: FileSummary, *, wanted: set[int]
) -> dict[int, Sequence[Any]]:
    """The cells of the wanted rows, by number; fewer where the file cannot be read to its end."""
    if not wanted:
        return {}
    found: dict[int, Sequence[Any]] = {}
    last = max(wanted)
    try:
        for number, cells in _all_rows(upload, path, summary):
            if number in wanted:
                found[number] = cells
            if number >= last:
                break
    except (Refusal, OSError, UnicodeError, csv.Error):
        return found
    return found


def _all_rows(upload: RegisterUpload, path: Path, summary: FileSummary) -> Iterator[tuple[int, Sequence[Any]]]:
    said = choices_of(upload)
    if summary.has_shapes:
        with FeatureFile(path, layer=said.layer, encoding=said.encoding, crs=said.crs) as file:
            for feature in file:
                values = feature.attributes
                yield feature.number, ["" if values.get(name) is None else values[name] for name in summary.names]
        return
    with open_table(path, encoding=said.encoding or summary.encoding, delimiter=summary.delimiter) as table:
        yield from table.rows
