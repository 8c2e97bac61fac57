"""A mailing list as sheets of labels to print (PDF)."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import BinaryIO, Final

from django.utils.translation import gettext as _
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from geoparticipation.mailings.domain.label_sheets import SHEETS, SheetMeasures
from geoparticipation.mailings.domain.listing import LINES, LabelOptions, Listing
from geoparticipation.mailings.errors import ListTooLong, StartBeyondSheet

MOST_LABELS: Final = 100_000
"""Most labels of one file: what is drawn is kept in memory until the fonts it needs are known."""
POINT_MM: Final = 25.4 / 72
FONT_SIZE: Final = 10.0
SMALLEST_FONT_SIZE: Final = 6.0
"""In points. A line that is too long is set smaller down to this; what is still too long is cut, with an ellipsis."""
LINE_HEIGHT_MM: Final = 4.4
MARGIN_MM: Final = 4.0
"""Left free at the left and the right of each label: printers and gummed paper are off by as much as 2 mm."""
ELLIPSIS: Final = "…"
_HOUSE_NUMBER: Final = re.compile(r"\s+\d.{0,22}$")
"""What a line may end in that must be read even where the street's name before it is cut."""
_FONT: Final = "DejaVuSansCondensed"
_FONT_FILE: Final = Path(__file__).parents[2] / "fonts" / f"{_FONT}.ttf"
_CAPITALS: Final = 0.729
"""Height of DejaVu's capitals, in parts of the font's size."""


def write_labels(file: BinaryIO, listing: Listing) -> None:
    """Write a label for each letterbox: its address lines, from the left, in the middle of the label's height.

    Labels go row by row from `listing.labels.start_at`. The embedded font has the Latin, Greek and Cyrillic alphabets.
    The file asks to be printed in its true size. Raises StartBeyondSheet or ListTooLong.
    """
    sheet = checked_sheet(listing.labels)
    if listing.selection.letterboxes > MOST_LABELS:
        raise ListTooLong(
            _("A file holds %(limit)s labels at the most. Take a smaller target.") % {"limit": MOST_LABELS},
            limit=MOST_LABELS,
        )
    canvas = Canvas(
        file,
        pagesize=(sheet.page_width / POINT_MM, sheet.page_height / POINT_MM),
        pageCompression=1,
        initialFontName=label_font(),
    )
    canvas.setTitle(listing.name)
    canvas.setCreator("geoparticipation")
    canvas.setViewerPreference("PrintScaling", "None")
    place = listing.labels.start_at - 1
    for lines in listing.rows(LINES):
        if place == sheet.labels:
            canvas.showPage()
            place = 0
        _draw_label(canvas, sheet, place, [" ".join(line.split()) for line in lines if line.strip()])
        place += 1
    canvas.showPage()
    canvas.save()


def checked_sheet(labels: LabelOptions) -> SheetMeasures:
    """Give the measures of the sheet; raises StartBeyondSheet."""
    sheet = SHEETS[labels.sheet]
    if not 1 <= labels.start_at <= sheet.labels:
        raise StartBeyondSheet(
            _("This sheet has the labels 1 to %(limit)d: start at one of them.") % {"limit": sheet.labels},
            field="start_at",
            limit=sheet.labels,
        )
    return sheet


def _draw_label(canvas: Canvas, sheet: SheetMeasures, place: int, lines: list[str]) -> None:
    left, top = sheet.corner(place)
    width = (sheet.label_width - 2 * MARGIN_MM) / POINT_MM
    block = (len(lines) - 1) * LINE_HEIGHT_MM + FONT_SIZE * _CAPITALS * POINT_MM
    baseline = top + (sheet.label_height - block) / 2 + FONT_SIZE * _CAPITALS * POINT_MM
    for line in lines:
        text, size = fitted(line, width)
        canvas.setFont(label_font(), size)
        canvas.drawString((left + MARGIN_MM) / POINT_MM, (sheet.page_height - baseline) / POINT_MM, text)
        baseline += LINE_HEIGHT_MM


def fitted(text: str, width: float) -> tuple[str, float]:
    """Give a text and the font size, in points, with which it is no wider than `width` points.

    A text that would be smaller than SMALLEST_FONT_SIZE is cut; a house number at its end stays.
    """
    full = pdfmetrics.stringWidth(text, label_font(), FONT_SIZE)
    if full <= width:
        return text, FONT_SIZE
    # Rounded down to a tenth, so that what fits here fits on paper.
    size = int(FONT_SIZE * width / full * 10) / 10
    if size >= SMALLEST_FONT_SIZE:
        return text, size
    number = _HOUSE_NUMBER.search(text)
    body, tail = (text[: number.start()], ELLIPSIS + number[0]) if number else (text, ELLIPSIS)
    kept = len(body) - 1
    while kept and pdfmetrics.stringWidth(body[:kept].rstrip() + tail, label_font(), SMALLEST_FONT_SIZE) > width:
        kept -= 1
    return body[:kept].rstrip() + tail, SMALLEST_FONT_SIZE


@cache
def label_font() -> str:
    """Name of the font of all print files, registered once in a process; half a megabyte, read when first needed."""
    pdfmetrics.registerFont(TTFont(_FONT, str(_FONT_FILE)))
    return _FONT
