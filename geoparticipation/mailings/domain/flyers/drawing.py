"""What all flyers of a mailing share: colour band, texts, dates, help point, map; and where codes and addresses go."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.conf import settings
from django.db.models import Max, Min
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import override
from reportlab.lib.utils import simpleSplit
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfgen.canvas import Canvas

from geoparticipation.mailings.domain.flyers.measures import (
    BLEED_MM,
    MARKS_MM,
    MEASURES,
    MM,
    FlyerMeasures,
    address_corner,
)
from geoparticipation.mailings.domain.flyers.target_map import draw_target_map, read_target_map
from geoparticipation.mailings.errors import FlyerTextTooLong
from geoparticipation.mailings.models import FlyerDesign
from geoparticipation.theme import BLACK, WHITE, Colour, contrast

LEADING: Final = 1.28
LEAST_TEXT: Final = 0.72
"""Text that is too long is set smaller down to this part of its size; the map then gives up its place."""
LEAST_MAP_MM: Final = 28.0
GAP_MM: Final = 4.0
_INK: Final = (0.1, 0.1, 0.1)


@dataclass(frozen=True)
class Column:
    """What a flyer says in one language."""

    language: str
    title: str
    text: str
    when: str
    how: str
    help_point: str


@dataclass(frozen=True)
class Slots:
    """Where each flyer's own things go, in mm from its upper left corner."""

    qr: tuple[float, float, float]
    code: tuple[float, float]
    address: tuple[float, float] | None


def address_of_code(code: str) -> str:
    """Where the QR code of a flyer leads."""
    return f"{settings.SITE_URL.rstrip('/')}/l/{code}"


def columns_of(design: FlyerDesign) -> list[Column]:
    """The texts of a design, one column a language; one query for the dates."""
    consultation = design.mailing.consultation
    span = consultation.phases.aggregate(starts=Min("starts_at"), ends=Max("ends_at"))
    said = [(consultation.language, design.title or consultation.title, design.text or consultation.summary)]
    if design.second_language:
        said.append((design.second_language, design.second_title or consultation.title, design.second_text))
    columns = []
    for language, title, text in said:
        with override(language):
            typed = f"{settings.SITE_URL.split('://')[-1].rstrip('/')}/l/"
            columns.append(
                Column(
                    language=language,
                    title=title,
                    text=text,
                    when=_when(span),
                    how=_("Scan the square with your phone, or open %(address)s and type this code:")
                    % {"address": typed},
                    help_point=_help(consultation),
                )
            )
    return columns


def _when(span: dict[str, object]) -> str:
    starts, ends = (timezone.localtime(moment) if moment else None for moment in (span["starts"], span["ends"]))  # type: ignore[arg-type]
    if starts is None:
        return ""
    if ends is None:
        return _("From %(start)s on") % {"start": date_format(starts, "DATE_FORMAT")}
    return _("From %(start)s to %(end)s") % {
        "start": date_format(starts, "DATE_FORMAT"),
        "end": date_format(ends, "DATE_FORMAT"),
    }


def _help(consultation: object) -> str:
    said = [getattr(consultation, f"help_{part}") for part in ("place", "phone", "hours")]
    told = " · ".join(part for part in said if part)
    return _("No phone at hand? %(where)s") % {"where": told} if told else ""


def readable_on(colour: Colour) -> Colour:
    """White or black, whichever contrasts more."""
    return WHITE if contrast(WHITE, colour) >= contrast(BLACK, colour) else BLACK


class FlyerDrawing:
    """One design laid out on its template and drawn on a canvas, in mm from the flyer's upper left corner."""

    def __init__(self, canvas: Canvas, design: FlyerDesign, *, font: str, colour: Colour, town: str) -> None:
        self.canvas, self.design, self.font, self.colour, self.town = canvas, design, font, colour, town
        self.measures: FlyerMeasures = MEASURES[design.template]
        self.columns = columns_of(design)

    def draw(self, *, bleed: bool) -> Slots:
        """Draw it with the flyer's lower left corner at the canvas's; constant number of queries.

        With `bleed` the band runs over the edges, and crop marks stand around. Raises FlyerTextTooLong.
        """
        measures = self.measures
        self.canvas.setFillColorRGB(1, 1, 1)
        self.canvas.rect(0, 0, measures.width * MM, measures.height * MM, stroke=0, fill=1)
        below_band = self._draw_band(bleed)
        slots, above_foot = self._draw_foot()
        below_text = self._draw_texts(below_band + GAP_MM, above_foot - GAP_MM)
        room = above_foot - GAP_MM - below_text
        if self.design.with_map and room >= LEAST_MAP_MM:
            width = measures.width - 2 * measures.margin
            draw_target_map(
                self.canvas,
                read_target_map(self.design.mailing, proportion=width / room),
                left=measures.margin,
                bottom=measures.height - below_text - room,
                width=width,
                height=room,
                colour=self.colour,
                font=self.font,
            )
        if bleed:
            self._draw_marks()
        return slots

    def _draw_band(self, bleed: bool) -> float:
        """The town's name and the titles on the town's colour; gives where the band ends."""
        measures, canvas = self.measures, self.canvas
        titles = [self._split(column.title, measures.title, self._column_width()) for column in self.columns]
        lines = max(len(title) for title in titles)
        name_height = measures.small * LEADING / MM
        height = 2 * measures.margin * 0.7 + name_height + lines * measures.title * 1.15 / MM
        over = BLEED_MM if bleed else 0.0
        upwards = over if not measures.top else 0.0
        canvas.setFillColorRGB(*self.colour)
        self._rect(-over, measures.top - upwards, measures.width + 2 * over, height + upwards)
        canvas.setFillColorRGB(*readable_on(self.colour))
        top = measures.top + measures.margin * 0.7
        self._lines([self.town], measures.margin, top, measures.small)
        for place, title in enumerate(titles):
            self._lines(title, self._left_of(place), top + name_height + 0.8, measures.title, leading=1.15)
        return measures.top + height

    def _draw_foot(self) -> tuple[Slots, float]:
        """How to use the code and where help is; gives the places of code and address, and where this begins."""
        measures, canvas = self.measures, self.canvas
        top = measures.height - measures.margin - measures.qr
        left = measures.margin + measures.qr + GAP_MM
        width = measures.width - measures.margin - left
        canvas.setFillColorRGB(*_INK)
        told = [self._split(column.how, measures.small, width) for column in self.columns]
        helped = [self._split(column.help_point, measures.small, width) for column in self.columns if column.help_point]
        line = measures.small * LEADING / MM
        code_room = measures.code * 1.35 / MM
        needed = sum(len(lines) for lines in told + helped) * line + code_room + 2
        if needed > measures.qr + measures.margin * 0.6:
            helped = helped[:1]
            needed = sum(len(lines) for lines in told + helped) * line + code_room + 2
        at = max(top - 1, measures.height - measures.margin - max(needed, measures.qr))
        for lines in told:
            at = self._lines(lines, left, at, measures.small)
        code = (left, at + measures.code / MM + 0.5)
        at = code[1] + measures.code * 0.4 / MM + 0.5
        for lines in helped:
            at = self._lines(lines, left, at, measures.small)
        address = address_corner(settings.ADDRESS_COUNTRY) if self.design.addressed else None
        return Slots((measures.margin, top, measures.qr), code, address), min(
            top, measures.height - measures.margin - needed
        )

    def _draw_texts(self, top: float, bottom: float) -> float:
        """Dates and texts, a column for each language, smaller where they are long; gives where they end."""
        measures, width = self.measures, self._column_width()
        size = measures.text
        while True:
            blocks = [self._split(column.text, size, width) for column in self.columns]
            dated = any(column.when for column in self.columns)
            height = ((max(map(len, blocks)) + (1.4 if dated else 0)) * size * LEADING) / MM
            if top + height <= bottom:
                break
            size -= 0.25
            if size < LEAST_TEXT * measures.text:
                raise FlyerTextTooLong
        for place, (column, lines) in enumerate(zip(self.columns, blocks, strict=True)):
            at = top
            if dated:
                self.canvas.setFillColorRGB(*self._dark())
                self._lines([column.when], self._left_of(place), at, size)
                at += 1.4 * size * LEADING / MM
            self.canvas.setFillColorRGB(*_INK)
            self._lines(lines, self._left_of(place), at, size)
        return top + height + GAP_MM

    def _draw_marks(self) -> None:
        measures, canvas = self.measures, self.canvas
        canvas.setStrokeColorRGB(0, 0, 0)
        canvas.setLineWidth(0.25)
        start, end = BLEED_MM + 0.5, MARKS_MM - 0.5
        for x, outwards in ((0.0, -1), (measures.width, 1)):
            for y, upwards in ((0.0, -1), (measures.height, 1)):
                canvas.line((x + outwards * start) * MM, y * MM, (x + outwards * end) * MM, y * MM)
                canvas.line(x * MM, (y + upwards * start) * MM, x * MM, (y + upwards * end) * MM)

    def _column_width(self) -> float:
        inside = self.measures.width - 2 * self.measures.margin
        return (inside - GAP_MM * (len(self.columns) - 1)) / len(self.columns)

    def _left_of(self, place: int) -> float:
        return self.measures.margin + place * (self._column_width() + GAP_MM)

    def _dark(self) -> Colour:
        """The town's colour where it is readable on white, ink otherwise."""
        return self.colour if readable_on(self.colour) == WHITE else _INK

    def _split(self, text: str, size: float, width: float) -> list[str]:
        """The lines of a text, cut inside a word where that is longer than a line."""
        lines: list[str] = []
        for line in simpleSplit(text, self.font, size, width * MM):
            rest = line
            while pdfmetrics.stringWidth(rest, self.font, size) > width * MM and len(rest) > 1:
                kept = len(rest) - 1
                while kept > 1 and pdfmetrics.stringWidth(rest[:kept], self.font, size) > width * MM:
                    kept -= 1
                lines.append(rest[:kept])
                rest = rest[kept:]
            lines.append(rest)
        return lines

    def _lines(self, lines: Sequence[str], left: float, top: float, size: float, leading: float = LEADING) -> float:
        """Write lines from `top` down; gives where they end."""
        self.canvas.setFont(self.font, size)
        for line in lines:
            baseline = top + size * 0.95 / MM
            self.canvas.drawString(left * MM, (self.measures.height - baseline) * MM, line)
            top += size * leading / MM
        return top

    def _rect(self, left: float, top: float, width: float, height: float) -> None:
        self.canvas.rect(
            left * MM, (self.measures.height - top - height) * MM, width * MM, height * MM, stroke=0, fill=1
        )
