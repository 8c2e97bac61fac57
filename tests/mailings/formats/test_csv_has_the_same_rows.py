"""Every format has the rows that the CSV has, in its order."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import openpyxl
import pdfplumber
import pyogrio
import pytest

from geoparticipation.mailings.domain.formats import FORMATS
from geoparticipation.mailings.domain.write_mailing_list import COLUMNS
from geoparticipation.mailings.enums import FileFormat
from neighbourhoods.domain.targets import PartSpec
from neighbourhoods.enums import PartKind
from tests.fixtures.tiny_town import TinyTown
from tests.mailings.formats.conftest import Write


def text_rows(rows: Any) -> list[dict[str, str]]:
    """Cells as CSV has them: numbers without a needless ".0", nothing as nothing."""
    return [
        {
            column: "" if value is None else f"{value:g}" if column == "dwellings" else str(value)
            for column, value in zip(COLUMNS, row, strict=True)
        }
        for row in rows
    ]


@pytest.mark.parametrize("options", [{}, {"deduplicate": False, "respect_no_flyers": False}], ids=["as is", "all"])
def test_rows_are_the_same(tiny_town: TinyTown, write: Write, tmp_path: Path, options: dict[str, bool]) -> None:
    parts = [PartSpec(kind=PartKind.DISTRICT, district_id=tiny_town.commune.pk)]

    expected = list(csv.DictReader(io.StringIO(write(FileFormat.CSV, parts, **options).decode("utf-8-sig"))))
    book = openpyxl.load_workbook(io.BytesIO(write(FileFormat.XLSX, parts, **options)))
    package = tmp_path / "list.gpkg"
    package.write_bytes(write(FileFormat.GPKG, parts, **options))
    frame = pyogrio.read_dataframe(package, layer="addresses")
    with pdfplumber.open(io.BytesIO(write(FileFormat.LABELS_PDF, parts, **options))) as labels:
        text = "\n".join(page.extract_text() for page in labels.pages)

    assert len(expected) == (14 if options else 12)
    assert text_rows(book.worksheets[0].iter_rows(min_row=2, values_only=True)) == expected
    assert text_rows(frame[list(COLUMNS)].itertuples(index=False)) == expected
    assert text.count("To the residents") == len(expected)


def test_every_format_has_its_line_in_the_table() -> None:
    assert set(FORMATS) == set(FileFormat)
    assert all(callable(of.write) for of in FORMATS.values())
    assert len({of.media_type for of in FORMATS.values()}) == len(FORMATS)
