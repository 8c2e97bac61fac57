"""A workbook is read as text; one that would harm is refused before it is opened, or as it is."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from datetime import date, datetime

import pytest

from geoparticipation.surveys.xlsform.workbook import LIMITS, MOST_ROWS, read_sheets
from layers.errors import Refusal
from layers.exports.xlsx_file import workbook as xlsxwriter_workbook
from tests.surveys.xlsform.workbooks import workbook

SURVEY = [("type", "name", "label"), ("text", "a", "A")]


def changed(content: bytes, change: Callable[[str, bytes], bytes | None], **added: bytes) -> bytes:
    """The workbook with members changed, left out (None) or added."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            data = change(name, old.read(name))
            if data is not None:
                new.writestr(name, data)
        for name, data in added.items():
            new.writestr(name, data)
    return file.getvalue()


def without(member: str) -> bytes:
    return changed(workbook(survey=SURVEY), lambda name, data: None if name == member else data)


def code_of(content: bytes) -> str:
    with pytest.raises(Refusal) as refused:
        read_sheets(content, names=("survey",))
    assert refused.value.detail
    return refused.value.code


def test_cells_are_read_as_one_would_type_them() -> None:
    content = workbook(
        Survey=[
            ("type", "name", None, "label"),
            ("text", " a ", "no heading", 3.0),
            (None, None, None, None),
            ("date", 2.5, None, date(2026, 3, 1)),
            (True, datetime(2026, 3, 1, 12, 30), None, "=1+1"),  # noqa: DTZ001
        ],
        choices=[("x",)],
    )

    sheets = read_sheets(content, names=("survey", "choices", "settings"))

    assert set(sheets) == {"survey", "choices"}
    assert sheets["survey"].headings == ("type", "name", "label")
    assert [(row.number, dict(row.cells)) for row in sheets["survey"].rows] == [
        (2, {"type": "text", "name": "a", "label": "3"}),
        (4, {"type": "date", "name": "2.5", "label": "2026-03-01"}),
        (5, {"type": "TRUE", "name": "2026-03-01T12:30:00"}),
    ]


def test_workbooks_of_another_writer_are_read() -> None:
    file = io.BytesIO()
    with xlsxwriter_workbook(file) as book:
        sheet = book.add_table("survey", ["type", "name", "label"], {})
        book.write_row(sheet, 1, ("text", "a", "=A"))

    assert read_sheets(file.getvalue(), names=("survey",))["survey"].rows[0].cells["label"] == "=A"


def test_entities_are_never_resolved() -> None:
    bomb = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'

    def with_bomb(name: str, data: bytes) -> bytes:
        return bomb + data.split(b"?>", 1)[-1] if name.endswith(("sheet1.xml", "workbook.xml")) else data

    assert code_of(changed(workbook(survey=SURVEY), with_bomb)) == "file_unsafe"


def test_a_workbook_that_swells_is_refused() -> None:
    content = changed(
        workbook(survey=SURVEY), lambda _name, data: data, **{"xl/media/a.bin": bytes(LIMITS.max_expanded_bytes)}
    )

    assert len(content) < LIMITS.max_bytes
    assert code_of(content) == "file_too_large"


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (lambda: b"type,name,label\ntext,a,A\n", "file_format_unknown"),
        (lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "file_format_unknown"),
        (lambda: workbook(survey=SURVEY)[:1500], "file_unreadable"),
        (lambda: bytes(LIMITS.max_bytes + 1), "file_too_large"),
        (lambda: without("xl/workbook.xml"), "file_format_unknown"),
        (lambda: changed(workbook(survey=SURVEY), lambda n, d: b"<a" if "sheet1" in n else d), "file_unreadable"),
        (lambda: changed(workbook(survey=SURVEY), lambda n, d: d, **{"../../etc/x": b"x"}), "file_archive_unsafe"),
        (lambda: changed(workbook(survey=SURVEY), lambda n, d: d, **{"xl/embedded.zip": b"x"}), "file_archive_unsafe"),
        (lambda: workbook(survey=[*SURVEY, *[("text", str(n), "A") for n in range(MOST_ROWS)]]), "file_too_large"),
    ],
)  # fmt: skip
def test_what_is_no_workbook_or_too_much_of_one_is_refused(make: Callable[[], bytes], code: str) -> None:
    assert code_of(make()) == code


def test_a_cell_far_away_costs_nothing() -> None:
    last = b'<row r="1048576"><c r="XFD1048576" t="n"><v>1</v></c></row></sheetData>'
    far = changed(workbook(survey=SURVEY), lambda _name, data: data.replace(b"</sheetData>", last))

    assert len(read_sheets(far, names=("survey",))["survey"].rows) == 1


@pytest.mark.parametrize("number", [b"1e999", b"-1E999"])
def test_number_that_is_too_large_is_read(number: bytes) -> None:
    content = workbook(survey=[*SURVEY, ("text", "b", 4.5)])
    content = changed(content, lambda _name, data: data.replace(b"<v>4.5</v>", b"<v>%b</v>" % number))

    assert read_sheets(content, names=("survey",))["survey"].rows[1].cells["label"].endswith("inf")
