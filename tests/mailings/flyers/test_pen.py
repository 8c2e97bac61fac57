"""Where lines of a flyer break."""

from __future__ import annotations

import io

import pytest
from reportlab.pdfgen.canvas import Canvas

from geoparticipation.mailings.domain.flyers.measures import MM
from geoparticipation.mailings.domain.flyers.pen import Pen

DIGIT_MM = 5.56 / MM
"""The width of a digit of Helvetica at ten points (Adobe's metrics); a space has half of it."""


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("11 22 33", ["11 22", "33"]),
        ("11 22 ?", ["11", "22 ?"]),
        ("11 22\xa0?", ["11", "22\xa0?"]),
        ("11 « 2 » 3", ["11", "« 2 »", "3"]),
        ("11\n\n22", ["11", "22"]),
        ("1111111", ["11111", "11"]),
    ],
)
def test_lines_break_where_a_person_would(text: str, lines: list[str]) -> None:
    pen = Pen(Canvas(io.BytesIO()), font="Helvetica", height_mm=100)

    assert pen.split(text, 10, 5.1 * DIGIT_MM) == lines
