"""A CSV file as a header and rows of cells: its encoding and delimiter found, its lines numbered."""

from __future__ import annotations

import csv
import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from django.utils.translation import gettext as _

from neighbourhoods.importers.address_rows import number_in
from neighbourhoods.importers.errors import DelimiterWrong, HeaderMissing
from neighbourhoods.importers.text_file import find_encoding

DELIMITERS = {"comma": ",", "semicolon": ";", "tab": "\t", "pipe": "|", r"\t": "\t"}
MOST_COLUMNS = 2000
LONGEST_LINE = 1 << 20
"""Characters; what is longer is cut, and then refused as a row that has other cells than the header."""


class LineBroken(list[str]):
    """The cells of a line that cannot be divided into cells: one, the reason."""


@dataclass
class CsvTable:
    """An open CSV file. `rows` gives the number of each line and its cells, once."""

    name: str
    encoding: str
    delimiter: str
    header: list[str]
    rows: Iterator[tuple[int, list[str]]]


@contextmanager
def open_table(path: Path, *, encoding: str = "", delimiter: str = "", usual_delimiter: str = "") -> Iterator[CsvTable]:
    """Open a CSV file whose first line names the columns.

    `encoding` and `delimiter` are what a person said; `usual_delimiter` is the format's own. Raises FileEmpty,
    FileBinary, EncodingUnknown, DelimiterWrong and HeaderMissing.
    """
    encoding = find_encoding(path, given=encoding)
    with path.open(encoding=encoding, newline="") as file:
        lines = iter(partial(file.readline, LONGEST_LINE), "")
        first = next(lines, "").removeprefix("\ufeff")
        sign = _delimiter(first, DELIMITERS.get(delimiter, delimiter) or usual_delimiter, path.name)
        reader = csv.reader(itertools.chain([first], lines), delimiter=sign)
        try:
            header = [cell.strip() for cell in next(reader)]
        except csv.Error:
            raise _header_missing(path.name, first) from None
        if len(header) > MOST_COLUMNS or not any(header) or any(number_in(cell) is not None for cell in header if cell):
            raise _header_missing(path.name, first)
        yield CsvTable(path.name, encoding, sign, header, _numbered(reader))


def _numbered(reader: Iterator[list[str]]) -> Iterator[tuple[int, list[str]]]:
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            cells = LineBroken([str(error)])
        yield reader.line_num, cells  # type: ignore[attr-defined]


def _delimiter(first: str, said: str, name: str) -> str:
    counts = {sign: _columns(first, sign) for sign in (";", ",", "\t", "|")}
    best = max(counts, key=lambda sign: counts[sign])
    if said and len(said) != 1:
        raise DelimiterWrong(
            _("“%(delimiter)s” is no delimiter: give one character, or comma, semicolon, tab or pipe.")
            % {"delimiter": said}
        )
    if said and _columns(first, said) < 2:
        refused = _("The columns of %(file)s are not separated by “%(delimiter)s”.") % {
            "file": name,
            "delimiter": _shown(said),
        }
        if counts[best] > 1:
            refused += " " + _("It looks like “%(delimiter)s”.") % {"delimiter": _shown(best)}
        raise DelimiterWrong(refused)
    if not said and counts[best] < 2:
        if number_in(first) is not None:
            raise _header_missing(name, first)
        raise DelimiterWrong(
            _("%(file)s has one column: its delimiter is none of comma, semicolon, tab and pipe.") % {"file": name}
        )
    return said or best


def _columns(line: str, delimiter: str) -> int:
    try:
        return len(next(csv.reader([line], delimiter=delimiter), []))
    except csv.Error:
        return 0


def _header_missing(name: str, first: str) -> HeaderMissing:
    return HeaderMissing(
        _("The first line of %(file)s does not name the columns: “%(line)s”.")
        % {"file": name, "line": first.strip()[:80]}
    )


def _shown(delimiter: str) -> str:
    return _("tab") if delimiter == "\t" else delimiter
