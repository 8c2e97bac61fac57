"""Cells that no spreadsheet runs."""

from __future__ import annotations

import pytest

from layers.spreadsheets import harmless_cell


@pytest.mark.parametrize(
    "cell", ["=1+1", "+41 1", "-2", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1", "＋1", "－1", "＠A"]
)
def test_formula_is_shown_and_not_run(cell: str) -> None:
    assert harmless_cell(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["", "Rue Haute", "12-14", "1 = 1", "'quoted", 12])
def test_other_cells_stay_as_they_are(cell: object) -> None:
    assert harmless_cell(cell) == str(cell)
