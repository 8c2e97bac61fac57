"""What all flyers of a mailing share: band, picture, texts, map, help point; and where codes and addresses go."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.conf import settings
from reportlab.pdfgen.canvas import Canvas

from geoparticipation.mailings.domain.flyers.measures import (
    BLEED_MM,
    MARKS_MM,
    MEASURES,
    MM,
    FlyerMeasures,
    address_corner,
)
from geoparticipation.mailings.domain.flyers.pen import LEADING, Pen
from geoparticipation.mailings.domain.flyers.pictures import open_picture
from geoparticipation.mailings.domain.flyers.reply_form import draw_reply_form
from geoparticipation.mailings.domain.flyers.target_map import draw_target_map, read_target_map
from geoparticipation.mailings.domain.flyers.words import columns_of
from geoparticipation.mailings.models import FlyerDesign
from geoparticipation.theme import BLACK, WHITE, Colour, contrast, mixed, readable

LEAST_TEXT: Final = 0.8
"""Text that is too long is set smaller down to this part of its size; the map gives up its place before."""
LEAST_MAP_MM: Final = 28.0
GAP_MM: Final = 4.0
PICTURE: Final = 0.24
"""The most that the picture has of a flyer's height."""
LEAST_PICTURE: Final = 0.08
TITLE_LEADING: Final = 1.15
_INK: Final[Colour] = (0.1, 0.1, 0.1)


@dataclass(frozen=True)
class Slots:
    """Where each flyer's own things go, in mm from its upper left corner: left edge and baseline; the QR's square."""

    qr: tuple[float, float, float]
    code: tuple[float, float]
    reply_code: tuple[float, float] | None
    address: tuple[float, float] | None


@dataclass(frozen=True)
class _SetTexts:
    """Dates and texts cut into lines, a list for each language; heights in mm, `above` that of the dates."""

    dates: list[list[str]]
    texts: list[list[str]]
    above: float
    height: float


def readable_on(colour: Colour) -> Colour:
    """White or black, whichever contrasts more."""
    return WHITE if contrast(WHITE, colour) >= contrast(BLACK, colour) else BLACK


class FlyerDrawing:
    """One design laid out on its template and drawn on a canvas, in mm from the flyer's upper left corner."""

    def __init__(self, canvas: Canvas, design: FlyerDesign, *, font: str, colour: Colour, town: str) -> None:
        self.design, self.colour, self.town = design, colour, town
        self.measures: FlyerMeasures = MEASURES[design.template]
        self.pen = Pen(canvas, font=font, height_mm=self.measures.height)
        self.columns = columns_of(design)
        self.is_map_left_out = False
        self._dark = readable(colour, WHITE, BLACK, 4.5)

    def draw(self, *, bleed: bool) -> Slots | None:
        """Draw it with the flyer's lower left corner at the canvas's; None where the texts do not fit.

        With `bleed` colours run over the edges, and crop marks stand around. Constant number of queries.
        """
        measures, pen = self.measures, self.pen
        over = BLEED_MM if bleed else 0.0
        pen.rect(-over, -over, measures.width + 2 * over, measures.height + 2 * over, colour=WHITE)
        below_band = self._draw_band(self._draw_sender(), over)
        bottom = measures.height - (measures.reply if self.design.with_reply else 0.0)
        qr, code, above_foot = self._draw_foot(bottom, over)
        reply_code = None
        if self.design.with_reply:
            reply = [column.reply for column in self.columns]
            reply_code = draw_reply_form(pen, measures, reply, colour=self._dark, bleed=bleed)
        below_head = self._draw_picture(below_band, above_foot, over)
        below_text = self._draw_texts(below_head + GAP_MM, above_foot - GAP_MM)
        if below_text is None:
            return None
        if self.design.with_map:
            self._draw_map(below_text, above_foot - GAP_MM - below_text)
        if bleed:
            self._draw_marks()
        address = address_corner(settings.ADDRESS_COUNTRY) if self.design.addressed else None
        return Slots(qr, code, reply_code, address)

    def _draw_sender(self) -> float:
        """Who sends it, above the address; gives where the band begins."""
        measures = self.measures
        if not self.design.addressed:
            return 0.0
        self.pen.lines([self.town], measures.margin, measures.margin * 0.7, measures.text, colour=_INK, bold=True)
        if logo := open_picture(self.design.logo):
            size = 3 * measures.logo, measures.logo
            self.pen.whole_picture(logo, measures.width - measures.margin, measures.margin * 0.7, *size)
        return measures.fold

    def _draw_band(self, top: float, over: float) -> float:
        """The town's name and the titles on the town's colour; gives where the band ends."""
        measures, pen = self.measures, self.pen
        is_front = bool(measures.fold) and not self.design.addressed
        size = measures.title * (1.3 if is_front else 1.0)
        titles = [pen.split(column.title, size, self._column_width(), bold=True) for column in self.columns]
        pad = min(measures.margin * 0.7, 8.5)
        logo = None if self.design.addressed else open_picture(self.design.logo)
        row = max(measures.small * LEADING / MM, measures.logo + 2 if logo else 0.0)
        title_height = max(map(len, titles)) * size * TITLE_LEADING / MM
        height = pad + row + 1 + title_height + pad
        if is_front and not self.design.picture:
            height = max(height, measures.fold)
        pen.rect(
            -over,
            top - (0 if top else over),
            measures.width + 2 * over,
            height + (0 if top else over),
            colour=self.colour,
        )
        ink = readable_on(self.colour)
        pen.lines([self.town], measures.margin, top + pad, measures.small * (1.3 if is_front else 1.0), colour=ink)
        if logo:
            right = measures.width - measures.margin
            pen.whole_picture(logo, right, top + pad, 3 * measures.logo, measures.logo)
        for place, title in enumerate(titles):
            at = top + height - pad - title_height
            pen.lines(title, self._left_of(place), at, size, colour=ink, leading=TITLE_LEADING, bold=True)
        return top + height

    def _draw_picture(self, top: float, above_foot: float, over: float) -> float:
        """The picture over the whole width, lower where texts and map need its room; gives where it ends.

        On the front of a folded sheet it goes down to the fold.
        """
        measures = self.measures
        picture = open_picture(self.design.picture)
        if picture is None:
            return top
        across, down = picture.getSize()
        height: float = min(measures.width * down / across, PICTURE * measures.height)
        if measures.fold and not self.design.addressed:
            height = max(measures.fold - top, LEAST_PICTURE * measures.height)
        room = above_foot - top - 2 * GAP_MM - self._set_texts(measures.text).height
        for_map = LEAST_MAP_MM + GAP_MM if self.design.with_map else 0.0
        if room - for_map >= 1.5 * LEAST_PICTURE * measures.height:
            room -= for_map
        height = max(min(height, room), LEAST_PICTURE * measures.height)
        self.pen.picture(picture, -over, top, measures.width + 2 * over, height)
        return top + height

    def _draw_foot(self, bottom: float, over: float) -> tuple[tuple[float, float, float], tuple[float, float], float]:
        """How to use the code and where help is, on a tint; gives the places of QR and code, and where this begins."""
        measures, pen = self.measures, self.pen
        left = measures.margin + measures.qr + GAP_MM
        width = measures.width - measures.margin - left
        told = [pen.split(column.how, measures.small, width) for column in self.columns]
        helped = [pen.split(column.help_point, measures.small, width) for column in self.columns if column.help_point]
        line, code_room = measures.small * LEADING / MM, measures.code * 1.35 / MM + 1
        if sum(map(len, told + helped)) * line + code_room > measures.qr + 4:
            helped = helped[:1]
        needed = sum(map(len, told + helped)) * line + code_room
        pad = min(measures.margin * 0.55, 6.0)
        is_last = bottom == measures.height
        height = max(measures.qr, needed) + 2 * pad
        top = bottom - height
        tint = mixed(self.colour, WHITE, 0.9)
        pen.rect(-over, top, measures.width + 2 * over, height + (over if is_last else 0.0), colour=tint)
        qr = (measures.margin, top + (height - measures.qr) / 2, measures.qr)
        pen.rect(*qr[:2], measures.qr, measures.qr, colour=WHITE)
        at = top + (height - needed) / 2
        for lines in told:
            at = pen.lines(lines, left, at, measures.small, colour=_INK)
        code = (left, at + measures.code / MM + 0.5)
        at = code[1] + measures.code * 0.35 / MM + 0.5
        for lines in helped:
            at = pen.lines(lines, left, at, measures.small, colour=_INK)
        return qr, code, top

    def _set_texts(self, size: float) -> _SetTexts:
        width, line = self._column_width(), size * LEADING / MM
        dates = [self.pen.split(column.when, size, width, bold=True) if column.when else [] for column in self.columns]
        texts = [self.pen.split(column.text, size, width) for column in self.columns]
        dated = max(map(len, dates))
        above = (dated + 0.4) * line if dated else 0.0
        return _SetTexts(dates, texts, above, above + max(map(len, texts)) * line)

    def _draw_texts(self, top: float, bottom: float) -> float | None:
        """Dates and texts, a column for each language, smaller where they are long; gives where they end, if at all."""
        size = self.measures.text
        while top + (block := self._set_texts(size)).height > bottom:
            size -= 0.25
            if size < LEAST_TEXT * self.measures.text:
                return None
        for place, (dates, lines) in enumerate(zip(block.dates, block.texts, strict=True)):
            self.pen.lines(dates, self._left_of(place), top, size, colour=self._dark, bold=True)
            self.pen.lines(lines, self._left_of(place), top + block.above, size, colour=_INK)
        return top + block.height + GAP_MM

    def _draw_map(self, top: float, room: float) -> None:
        measures = self.measures
        if room < LEAST_MAP_MM:
            self.is_map_left_out = True
            return
        width = measures.width - 2 * measures.margin
        draw_target_map(
            self.pen.canvas,
            read_target_map(self.design.mailing, proportion=width / room),
            left=measures.margin,
            bottom=measures.height - top - room,
            width=width,
            height=room,
            colour=self.colour,
            font=self.pen.font,
        )

    def _draw_marks(self) -> None:
        measures, canvas = self.measures, self.pen.canvas
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
