"""Sheets of labels, as their makers publish them, and where each label lies on the paper."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from geoparticipation.mailings.enums import LabelSheet

INCH_MM: Final = 25.4


@dataclass(frozen=True, kw_only=True)
class SheetMeasures:
    """Measures in millimetres: the paper, one label, the paper's edge to the first label, and label to label."""

    page_width: float
    page_height: float
    columns: int
    rows: int
    label_width: float
    label_height: float
    left: float
    top: float
    column_gutter: float = 0
    row_gutter: float = 0

    @property
    def labels(self) -> int:
        """How many labels a sheet has."""
        return self.columns * self.rows

    def corner(self, place: int) -> tuple[float, float]:
        """Give the upper left corner of a label, from the paper's upper left; places count from 0, row by row."""
        row, column = divmod(place, self.columns)
        return (
            self.left + column * (self.label_width + self.column_gutter),
            self.top + row * (self.label_height + self.row_gutter),
        )


SHEETS: Final[dict[LabelSheet, SheetMeasures]] = {
    # Avery L7160: A4, 3 by 7 labels of 63.5 mm by 38.1 mm, columns 66.0 mm apart.
    LabelSheet.L7160: SheetMeasures(
        page_width=210,
        page_height=297,
        columns=3,
        rows=7,
        label_width=63.5,
        label_height=38.1,
        left=7.2,
        top=15.1,
        column_gutter=2.5,
    ),
    # Avery 5160: US Letter, 3 by 10 labels of 2 5/8 by 1 inch, 1/2 inch from the top, 3/16 from the left, 1/8 between.
    LabelSheet.US5160: SheetMeasures(
        page_width=8.5 * INCH_MM,
        page_height=11 * INCH_MM,
        columns=3,
        rows=10,
        label_width=2.625 * INCH_MM,
        label_height=1 * INCH_MM,
        left=0.1875 * INCH_MM,
        top=0.5 * INCH_MM,
        column_gutter=0.125 * INCH_MM,
    ),
}
