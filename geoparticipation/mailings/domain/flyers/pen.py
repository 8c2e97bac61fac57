"""Drawing in millimetres from the upper left corner, with one font."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfgen.canvas import Canvas

from geoparticipation.mailings.domain.flyers.measures import MM
from geoparticipation.theme import Colour

LEADING: Final = 1.28
BOLD: Final = 0.035
"""How thick the outline is that makes letters bold, in parts of their size."""
_BREAK: Final = re.compile(r"(?<!«)[ \t]+(?![?!:;»])")


class Pen:
    """Draws on a canvas whose origin is the lower left corner of a flyer `height_mm` high."""

    def __init__(self, canvas: Canvas, *, font: str, height_mm: float) -> None:
        self.canvas, self.font, self.height_mm = canvas, font, height_mm

    def split(self, text: str, size: float, width_mm: float, *, bold: bool = False) -> list[str]:
        """The lines of a text, cut inside a word where that is longer than a line."""
        width = width_mm * MM * (0.97 if bold else 1.0)
        lines: list[str] = []
        for line in self._broken(text, size, width):
            rest = line
            while pdfmetrics.stringWidth(rest, self.font, size) > width and len(rest) > 1:
                kept = len(rest) - 1
                while kept > 1 and pdfmetrics.stringWidth(rest[:kept], self.font, size) > width:
                    kept -= 1
                lines.append(rest[:kept])
                rest = rest[kept:]
            lines.append(rest)
        return lines

    def _broken(self, text: str, size: float, width: float) -> list[str]:
        """Lines broken where a person would: not at a no-break space, nor before French punctuation."""
        lines: list[str] = []
        for paragraph in text.split("\n"):
            line = ""
            for word in _BREAK.split(paragraph.strip(" \t\r")):
                longer = f"{line} {word}" if line else word
                if line and pdfmetrics.stringWidth(longer, self.font, size) > width:
                    lines.append(line)
                    longer = word
                line = longer
            if line:
                lines.append(line)
        return lines

    def lines(
        self,
        lines: Sequence[str],
        left: float,
        top: float,
        size: float,
        *,
        colour: Colour,
        leading: float = LEADING,
        bold: bool = False,
    ) -> float:
        """Write lines from `top` down; gives where they end."""
        self.canvas.setFont(self.font, size)
        self.canvas.setFillColorRGB(*colour)
        if bold:
            self.canvas.setStrokeColorRGB(*colour)
            self.canvas.setLineWidth(size * BOLD)
        for line in lines:
            baseline = top + size * 0.95 / MM
            self.canvas.drawString(left * MM, (self.height_mm - baseline) * MM, line, mode=2 if bold else None)
            top += size * leading / MM
        return top

    def rect(self, left: float, top: float, width: float, height: float, *, colour: Colour) -> None:
        """Fill a rectangle."""
        self.canvas.setFillColorRGB(*colour)
        self.canvas.rect(left * MM, (self.height_mm - top - height) * MM, width * MM, height * MM, stroke=0, fill=1)

    def rule(
        self, left: float, right: float, top: float, *, colour: Colour, width: float = 0.4, dashed: bool = False
    ) -> None:
        """Draw a line across; `width` in points."""
        self.canvas.setStrokeColorRGB(*colour)
        self.canvas.setLineWidth(width)
        if dashed:
            self.canvas.setDash(4, 3)
        self.canvas.line(left * MM, (self.height_mm - top) * MM, right * MM, (self.height_mm - top) * MM)
        self.canvas.setDash()

    def picture(self, picture: Any, left: float, top: float, width: float, height: float) -> None:
        """Draw a picture so that it fills a rectangle; what stands out is cut off on both sides alike."""
        across, down = picture.getSize()
        scale = max(width / across, height / down)
        shown_width, shown_height = across * scale, down * scale
        x, y = left - (shown_width - width) / 2, self.height_mm - top - height - (shown_height - height) / 2
        self.canvas.saveState()
        clip = self.canvas.beginPath()
        clip.rect(left * MM, (self.height_mm - top - height) * MM, width * MM, height * MM)
        self.canvas.clipPath(clip, stroke=0, fill=0)
        self.canvas.drawImage(picture, x * MM, y * MM, shown_width * MM, shown_height * MM)
        self.canvas.restoreState()

    def whole_picture(self, picture: Any, right: float, top: float, width: float, height: float) -> None:
        """Draw a whole picture within a rectangle, at its right edge, on white."""
        across, down = picture.getSize()
        scale = min(width / across, height / down)
        shown_width, shown_height = across * scale, down * scale
        left = right - shown_width
        self.rect(left - 1, top - 1, shown_width + 2, shown_height + 2, colour=(1, 1, 1))
        y = self.height_mm - top - shown_height
        self.canvas.drawImage(picture, left * MM, y * MM, shown_width * MM, shown_height * MM)
