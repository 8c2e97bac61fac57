"""What a sheet cannot hold."""

from __future__ import annotations

import io

import openpyxl

from layers.exports.xlsx_file import LONGEST_TEXT, sheet_name, workbook


def test_names_of_sheets_are_ones_that_spreadsheets_take() -> None:
    assert sheet_name("Contributions") == "Contributions"
    assert sheet_name("a/b[c]:*?\\'") == "a b c"
    assert sheet_name("x" * 40) == "x" * 31
    assert sheet_name("x" * 40, 12) == "x" * 26 + " 12"
    assert sheet_name("''") == "1"


def test_text_longer_than_a_cell_is_cut_and_counted() -> None:
    file = io.BytesIO()
    with workbook(file) as book:
        sheet = book.add_table("Texts", ["text"], {})
        for number, text in enumerate(("a" * LONGEST_TEXT, "a" * (LONGEST_TEXT + 1), "🌳" * 20_000), start=1):
            book.write_row(sheet, number, [text])
        cut = book.cut

    texts = [row[0] for row in openpyxl.load_workbook(file)["Texts"].iter_rows(min_row=2, values_only=True)]
    assert cut == 2
    assert texts[0] == "a" * LONGEST_TEXT
    assert texts[1] == "a" * (LONGEST_TEXT - 1) + "…"
    assert texts[2] == "🌳" * ((LONGEST_TEXT - 1) // 2) + "…"
