"""The form at the foot of a flyer, to be filled in by hand, cut off and given back."""

from __future__ import annotations

from typing import Final

from geoparticipation.mailings.domain.flyers.measures import BLEED_MM, MM, FlyerMeasures
from geoparticipation.mailings.domain.flyers.pen import LEADING, Pen
from geoparticipation.mailings.domain.flyers.words import ReplyWords
from geoparticipation.theme import Colour

LINE_MM: Final = 8.0
"""Between two lines to write on, as a hand needs it."""
_INK: Final[Colour] = (0.1, 0.1, 0.1)
_LINE: Final[Colour] = (0.55, 0.55, 0.55)


def draw_reply_form(
    pen: Pen, measures: FlyerMeasures, said: list[ReplyWords], *, colour: Colour, bleed: bool
) -> tuple[float, float]:
    """Draw it in the lowest third, in all languages at once; gives where the code goes (left edge and baseline)."""
    words = ReplyWords(*(" / ".join(dict.fromkeys(parts)) for parts in zip(*map(_parts, said), strict=True)))
    top = measures.height - measures.reply
    over = BLEED_MM if bleed else 0.0
    left, right = measures.margin, measures.width - measures.margin
    pen.rule(-over, measures.width + over, top, colour=_INK, width=0.6, dashed=True)
    pen.lines(["✂"], left, top - measures.text * 0.62 / MM, measures.text, colour=_INK)
    heading = pen.split(words.heading, measures.text, right - left, bold=True)
    at = pen.lines(heading, left, top + 5, measures.text, colour=colour, bold=True) + 0.5
    code_size = measures.code * 0.8
    label = pen.split(f"{words.code}:", measures.small, (right - left) / 3)[0]
    pen.lines([label], left, at + (code_size - measures.small) / MM, measures.small, colour=_INK)
    code = (left + pen.canvas.stringWidth(label, pen.font, measures.small) / MM + 2, at + code_size * 0.95 / MM)
    at += code_size * LEADING / MM + 1.5
    back = pen.split(words.back, measures.small, right - left)
    bottom = measures.height - measures.margin * 0.7 - len(back) * measures.small * LEADING / MM
    pen.lines(back, left, bottom, measures.small, colour=_INK)
    at = pen.lines(pen.split(words.title, measures.small, right - left)[:1], left, at, measures.small, colour=_INK)
    at += LINE_MM - 1.5
    pen.rule(left, right, at, colour=_LINE)
    at = pen.lines(pen.split(words.text, measures.small, right - left)[:1], left, at + 1, measures.small, colour=_INK)
    at += LINE_MM - 1.5
    while at <= bottom - 1.5:
        pen.rule(left, right, at, colour=_LINE)
        at += LINE_MM
    return code


def _parts(words: ReplyWords) -> tuple[str, str, str, str, str]:
    return words.heading, words.title, words.text, words.code, words.back
