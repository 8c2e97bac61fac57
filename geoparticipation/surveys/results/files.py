"""Responses as files."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO, Final

from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from geoparticipation.surveys.definition.model import (
    Budget,
    Matrix,
    MultipleChoice,
    PlaceQuestion,
    PlacesChoice,
    Question,
    Ranking,
    SingleChoice,
)
from geoparticipation.surveys.models import Survey
from geoparticipation.surveys.results.export_layers import extracts_of
from geoparticipation.surveys.results.tables import words
from geoparticipation.surveys.results.tallies import Narrowing
from layers.exports.csv_file import stream_csv
from layers.exports.extract import LAT, LON, WKT, Extract
from layers.exports.formats import FORMATS, FileFormat
from layers.exports.geopackage import write_geopackage_layers
from layers.exports.xlsx_file import LONGEST_TEXT, MOST_ROWS, Book, sheet_name, workbook

FILE_FORMATS: Final = (FileFormat.CSV, FileFormat.XLSX, FileFormat.GPKG)


def file_name(survey: Survey, file_format: FileFormat) -> str:
    """Name the file after the survey and the day."""
    return f"{survey.slug}-{localdate().isoformat()}.{FORMATS[file_format].extension}"


def stream_responses(survey: Survey, narrowing: Narrowing) -> Iterator[bytes]:
    """CSV with a line for each response, whatever their number."""
    return stream_csv(extracts_of(survey, narrowing, lets_go=True)[0])


def write_responses(file: BinaryIO, file_format: FileFormat, survey: Survey, narrowing: Narrowing) -> None:
    """Write the whole file: a GeoPackage has a layer of responses and one for each question with places, a workbook a
    sheet of each and one that says what the columns and keys mean.
    """
    if file_format is FileFormat.CSV:
        file.writelines(stream_responses(survey, narrowing))
    elif file_format is FileFormat.GPKG:
        write_geopackage_layers(file, extracts_of(survey, narrowing))
    else:
        with workbook(file) as book:
            taken: set[str] = set()
            for extract in extracts_of(survey, narrowing):
                _add_sheets(book, extract, taken)
            _add_meanings(book, survey)


def _add_sheets(book: Book, extract: Extract, taken: set[str]) -> None:
    """As many sheets as the rows need."""
    names = [*(column.name for column in extract.columns()), "lon", "lat", "wkt"]
    sheets, written = 0, 0
    sheet = None
    for batch in extract.batches(LON, LAT, WKT):
        for row in batch:
            if sheet is None or written == MOST_ROWS:
                sheets, written = sheets + 1, 0
                sheet = book.add_table(_sheet(extract, sheets, taken), names, {})
            written += 1
            too_long = row[-1] is not None and len(row[-1]) > LONGEST_TEXT
            book.write_row(sheet, written, (*row[:-1], None) if too_long else row)
    if sheet is None:
        book.add_table(_sheet(extract, 1, taken), names, {})


def _sheet(extract: Extract, number: int, taken: set[str]) -> str:
    name = sheet_name(extract.layer.name, number)
    while name.lower() in taken:
        name = f"{name[:29]}_2"
    taken.add(name.lower())
    return name


def _add_meanings(book: Book, survey: Survey) -> None:
    sheet = book.add_table(_("Meanings"), (_("Question"), _("Kind"), _("Key"), _("Words")), {})
    at = 0
    for question in survey.read.questions:
        for cells in _meanings(question, question.key):
            at += 1
            book.write_row(sheet, at, cells)


def _meanings(question: Question, path: str) -> Iterator[tuple[str, str, str, str]]:
    """Question, kind, key and words of a question and of all that can be chosen in it."""
    yield path, question.kind, "", words(question.label)
    match question:
        case SingleChoice() | MultipleChoice() | Ranking():
            parts = [*question.choices]
        case Matrix():
            parts = [*question.rows, *question.choices]
        case Budget():
            parts = [*question.items]  # type: ignore[list-item]
        case PlacesChoice():
            parts = [*question.places]  # type: ignore[list-item]
        case _:
            parts = []
    for part in parts:
        yield path, question.kind, part.key, words(part.label)
    if isinstance(question, PlaceQuestion):
        for further in question.follow_up:
            yield from _meanings(further, f"{path}.{further.key}")
