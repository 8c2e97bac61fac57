"""The pages of a mailing's flyers: the head with all that is shared, and what stands on one page only."""

from __future__ import annotations

import hashlib
import io
import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import segno
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import override
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfgen.canvas import Canvas

from geoparticipation.mailings.codes import ALPHABET, spaced_code
from geoparticipation.mailings.domain.flyers.covers import read_covers
from geoparticipation.mailings.domain.flyers.drawing import FlyerDrawing, Slots
from geoparticipation.mailings.domain.flyers.measures import BLEED_MM, MARKS_MM, MEASURES, MM, Sheet, sheet_for
from geoparticipation.mailings.domain.flyers.pen import BOLD, LEADING, Pen
from geoparticipation.mailings.domain.flyers.sequence import Flyer
from geoparticipation.mailings.domain.flyers.streamed_pdf import FORM, Head
from geoparticipation.mailings.domain.flyers.words import address_of_code
from geoparticipation.mailings.domain.formats.labels_pdf import label_font
from geoparticipation.mailings.enums import FlyerOrder
from geoparticipation.mailings.errors import FlyerTextTooLong
from geoparticipation.mailings.models import FlyerDesign, MailingLetterbox
from geoparticipation.theme import parse_colour
from neighbourhoods.domain.territory import town_name

QR_LEVEL: Final = "q"
"""A quarter of the square may be dirty or torn."""
QR_MASK: Final = 3
"""One of the eight patterns that the square may be crossed with. To try all takes five times as long (10 ms), and
readers do as well with any."""
_QUIET: Final = 4
ADDRESS_SIZE: Final = 10.0
ADDRESS_LEADING_MM: Final = 4.6


@dataclass(frozen=True)
class PrintOptions:
    """How the flyers come on paper: alone, with bleed and crop marks, or several on an A4 sheet; in which order.

    By round, each may have a cover sheet before its flyers.
    """

    bleed: bool = False
    on_a4: bool = False
    order: str = FlyerOrder.LIST
    with_covers: bool = False

    @property
    def has_covers(self) -> bool:
        """Whether there are cover sheets: without rounds there are none."""
        return self.with_covers and self.order == FlyerOrder.WALK


ONE_BY_ONE: Final = PrintOptions()


class FlyerPages:
    """Draws the pages of one design; made anew with the same rows it draws the same bytes."""

    def __init__(self, design: FlyerDesign, options: PrintOptions) -> None:
        """Lay out and draw what is shared; a constant number of queries. Raises FlyerTextTooLong."""
        self.design, self.options = design, options
        self.measures = MEASURES[design.template]
        bleed = options.bleed and not options.on_a4
        self.sheet: Sheet = sheet_for(self.measures, bleed=bleed, on_a4=options.on_a4)
        self._around = MARKS_MM if bleed else 0.0
        canvas = Canvas(io.BytesIO(), pageCompression=1, invariant=1, initialFontName=label_font())
        with override(design.mailing.consultation.language):
            canvas.setTitle(design.mailing.name)
            canvas.setCreator("geoparticipation")
            canvas.setViewerPreference("PrintScaling", "None")
            around = self._around * MM
            canvas.beginForm(
                FORM, -around, -around, self.measures.width * MM + around, self.measures.height * MM + around
            )
            drawing = FlyerDrawing(
                canvas,
                design,
                font=label_font(),
                colour=parse_colour(design.colour or settings.TOWN_COLOUR),
                town=town_name() or _("Our town"),
            )
            slots = drawing.draw(bleed=bleed)
            canvas.endForm()
            self.is_map_left_out = drawing.is_map_left_out
            self._covers = read_covers(design.mailing) if options.has_covers else {}
        if slots is None:  # said in the language of whoever asks
            raise FlyerTextTooLong
        self.slots: Slots = slots
        # ReportLab forgets how it numbered the characters when it has written the document.
        characters = set(ALPHABET + " …").union(*(cover.characters for cover in self._covers.values()))
        self._characters = _numbered_characters(canvas, "".join(sorted(characters | self._characters_of_addresses())))
        self.head = Head.of(canvas, width=self.sheet.width * MM, height=self.sheet.height * MM)

    @property
    def page_boxes(self) -> bytes:
        """Where the printer cuts, and how far the colour goes beyond; nothing without bleed."""
        if not self._around:
            return b""
        left, bleed = self._around, self._around - BLEED_MM
        right, top = left + self.measures.width, left + self.measures.height
        return b" /TrimBox [%.3f %.3f %.3f %.3f] /BleedBox [%.3f %.3f %.3f %.3f]" % tuple(
            edge * MM for edge in (left, left, right, top, bleed, bleed, right + left - bleed, top + left - bleed)
        )

    @property
    def covers_digest(self) -> str:
        """Tells whether the cover sheets are those of another run."""
        return hashlib.sha256(repr(sorted(self._covers.items())).encode()).hexdigest()

    @property
    def flyers_per_page(self) -> int:
        """How many flyers a page has."""
        return len(self.sheet.corners)

    def page(self, flyers: Sequence[Flyer]) -> bytes:
        """What stands on the page of these flyers, as a content stream."""
        return b"\n".join(self._flyer(flyer, corner) for flyer, corner in zip(flyers, self.sheet.corners, strict=False))

    def cover(self, round_number: int) -> bytes:
        """The cover sheet of a round, as a content stream: large and framed, to be found between the flyers."""
        cover, around, margin = self._covers[round_number], self._around, 8.0
        width, height = self.sheet.width - 2 * around, self.sheet.height - 2 * around
        scale = min(1.0, width / 148)
        pen = Pen(Canvas(io.BytesIO()), font=label_font(), height_mm=self.sheet.height)
        parts = [
            b"q 1.5 w %.3f %.3f %.3f %.3f re S"
            % tuple(edge * MM for edge in (around + 3, around + 3, width - 6, height - 6))
        ]
        at = around + margin + 3
        paragraphs = [(cover.mailing, 11.0, False), (cover.title, 24.0, True)]
        paragraphs += [(figure, 14.0, False) for figure in cover.figures] + [(cover.streets, 10.0, False)]
        for text, full_size, bold in paragraphs:
            size = full_size * scale
            leading = size * LEADING / MM
            lines = pen.split(text, size, width - 2 * margin, bold=bold)
            room = max(1, int((around + height - margin - at) / leading))
            if len(lines) > room:
                lines = [*lines[: room - 1], lines[room - 1].rstrip(" ,") + " …"]
            for line in lines:
                at += leading
                parts.append(self._text(line, (around + margin, at), size, below=self.sheet.height, bold=bold))
            at += leading * 0.5
        return b"\n".join([*parts, b"Q"])

    def _characters_of_addresses(self) -> set[str]:
        """Every character of the addresses; the fonts of the head take no more later."""
        if not self.design.addressed:
            return set()
        lines = MailingLetterbox.objects.filter(mailing=self.design.mailing).values_list("lines", flat=True)
        found: set[str] = set()
        for several in lines.iterator(chunk_size=2000):
            found.update(*several)
        return found

    def _flyer(self, flyer: Flyer, corner: tuple[float, float]) -> bytes:
        """The shared drawing moved to its corner, the QR code, the code in letters, the address."""
        height = self.measures.height
        moved = (corner[0] * MM, (self.sheet.height - corner[1] - height) * MM)
        left, top, size = self.slots.qr
        parts = [
            b"q 1 0 0 1 %.3f %.3f cm /D Do 0 g" % moved,
            qr_drawing(address_of_code(flyer.code), left=left * MM, bottom=(height - top - size) * MM, size=size * MM),
            self._text(spaced_code(flyer.code), self.slots.code, self.measures.code, bold=True),
        ]
        if self.slots.reply_code is not None:
            parts.append(self._text(spaced_code(flyer.code), self.slots.reply_code, self.measures.code * 0.8))
        if self.slots.address is not None:
            x, y = self.slots.address
            for place, line in enumerate(line for line in flyer.lines if line.strip()):
                parts.append(self._text(" ".join(line.split()), (x, y + place * ADDRESS_LEADING_MM), ADDRESS_SIZE))
        return b"\n".join([*parts, b"Q"])

    def _text(
        self, text: str, baseline: tuple[float, float], size: float, *, below: float | None = None, bold: bool = False
    ) -> bytes:
        """Write a line; `baseline` is in mm from the left and from `below`, which is the flyer's height or another."""
        x, y = baseline[0] * MM, ((below or self.measures.height) - baseline[1]) * MM
        runs = itertools.groupby((self._characters[character] for character in text), key=lambda known: known[0])
        shown = b"".join(
            b"%b %.2f Tf <%b> Tj " % (name, size, b"".join(code for _name, code in run).hex().encode())
            for name, run in runs
        )
        weight = b"2 Tr %.2f w " % (size * BOLD) if bold else b""
        return b"q BT %b1 0 0 1 %.3f %.3f Tm %bET Q" % (weight, x, y, shown)


def _numbered_characters(canvas: Canvas, characters: str) -> dict[str, tuple[bytes, bytes]]:
    """For each character the name of the part of the font that has it, and its number there."""
    font, document = pdfmetrics.getFont(label_font()), canvas._doc
    known = {}
    for character in characters:
        ((subset, code),) = font.splitString(character, document)
        known[character] = (font.getSubsetInternalName(subset, document).encode(), code)
    return known


def qr_drawing(content: str, *, left: float, bottom: float, size: float) -> bytes:
    """A QR code with its quiet zone in a square of `size` points, as one path: no seams between its modules."""
    code: Any = segno.make_qr(content, error=QR_LEVEL, mask=QR_MASK, boost_error=False)
    rows = [bytes(row) for row in code.matrix]
    module = size / (len(rows) + 2 * _QUIET)
    path = [
        b"q %.5f 0 0 %.5f %.3f %.3f cm" % (module, -module, left + _QUIET * module, bottom + size - _QUIET * module)
    ]
    for y, row in enumerate(rows):
        x = row.find(1)
        while x >= 0:
            end = row.find(0, x)
            end = len(row) if end < 0 else end
            path.append(b"%d %d %d 1 re" % (x, y, end - x))
            x = row.find(1, end)
    return b"\n".join([*path, b"f Q"])
