"""A PDF of very many pages that share one drawing, written page after page, which a kill does not spoil.

The head is a small whole PDF made by ReportLab: the fonts, and the drawing as one form XObject. The pages are an
incremental update of it (ISO 32000-1, 7.5.6): they are appended with a page tree and a cross-reference section of their
own. So nothing but 16 bytes for a page is kept in memory, and a file cut off behind any page can be gone on with.
"""

from __future__ import annotations

import re
import zlib
from array import array
from dataclasses import dataclass
from typing import BinaryIO, Final

from reportlab.pdfgen.canvas import Canvas

FORM: Final = "drawing"
_IN_NODE: Final = 256
"""Pages under one node of the page tree: readers find a page without going through all."""
_PER_NODE: Final = 2 * _IN_NODE + 1


@dataclass(frozen=True)
class Head:
    """The PDF that all pages refer to; `inherited` is what each page has from the tree, in PDF's own words."""

    content: bytes
    objects: int
    pages_object: int
    trailer: bytes
    inherited: bytes

    @classmethod
    def of(cls, canvas: Canvas, *, width: float, height: float) -> Head:
        """Close a canvas into which the form FORM was drawn; pages are so wide and high, in points.

        Its fonts take no more characters after this: split with them before whatever a page may need.
        """
        canvas.doForm(FORM)
        canvas.showPage()
        content: bytes = canvas.getpdfdata()
        numbers = canvas._doc.idToObjectNumberAndVersion
        fonts, drawing = numbers["BasicFonts"][0], numbers[f"FormXob.{FORM}"][0]
        _before, _word, trailer = content.rpartition(b"\ntrailer\n")
        kept = b" ".join(_found(rb"/%s \d+ 0 R" % name, trailer) for name in (b"Info", b"Root"))
        previous = _found(rb"startxref\s+(\d+)", trailer)
        return cls(
            content=content,
            objects=len(numbers) + 1,
            pages_object=int(_found(rb"/Pages (\d+) 0 R", content)),
            trailer=kept + b" /Prev " + previous + b" /ID " + _found(rb"\[<\w+><\w+>\]", trailer),
            inherited=b"/MediaBox [0 0 %.3f %.3f] /Resources << /Font %d 0 R /XObject << /D %d 0 R >> >>"
            % (width, height, fonts, drawing),
        )


def _found(pattern: bytes, content: bytes) -> bytes:
    match = re.search(pattern, content)
    if match is None:
        raise ValueError(f"ReportLab writes its documents otherwise than expected: no {pattern!r}")
    return match[match.re.groups]


class StreamedPdf:
    """Pages appended to a file behind a head. `pages` is how many there will be; `offsets` where each one lies."""

    def __init__(self, file: BinaryIO, head: Head, *, pages: int, page_boxes: bytes = b"") -> None:
        """Start behind the head, which is written now; to go on with a file, call `go_on`.

        `page_boxes` are boxes of each page that are not inherited, as trim and bleed.
        """
        self._file, self._head, self._pages, self._boxes = file, head, pages, page_boxes
        self.offsets = array("Q")
        self._end = len(head.content)
        file.seek(0)
        file.write(head.content)

    @property
    def pages_written(self) -> int:
        """How many pages are in the file."""
        return len(self.offsets) // 2

    @property
    def end(self) -> int:
        """How long the file is, in bytes."""
        return self._end

    def go_on(self, offsets: array[int], end: int) -> None:
        """Cut the file at `end`, where the pages of these offsets end, and go on there."""
        self.offsets, self._end = offsets, end
        self._file.truncate(end)
        self._file.seek(end)

    def add_page(self, drawing: bytes) -> None:
        """Append a page with this content stream; `/D Do` draws what all share."""
        number = self._page_number(self.pages_written)
        stream = zlib.compress(drawing, 9)
        self.offsets.append(self._end)
        self._write(
            b"%d 0 obj\n<< /Filter /FlateDecode /Length %d >>\nstream\n%b\nendstream\nendobj\n"
            % (number - 1, len(stream), stream)
        )
        self.offsets.append(self._end)
        self._write(
            b"%d 0 obj\n<< /Type /Page /Parent %d 0 R /Contents %d 0 R%b >>\nendobj\n"
            % (number, self._node_number(self.pages_written - 1), number - 1, self._boxes)
        )

    def finish(self) -> None:
        """Append the page tree and the cross-reference section; the file is a whole PDF then."""
        if self.pages_written != self._pages:
            raise ValueError(f"{self.pages_written} pages of {self._pages}")
        starts = range(0, self._pages, _IN_NODE)
        entries: list[int] = []
        for start in starts:
            inside = range(start, min(start + _IN_NODE, self._pages))
            entries.append(self._end)
            entries += self.offsets[2 * start : 2 * inside.stop]
            kids = b" ".join(b"%d 0 R" % self._page_number(page) for page in inside)
            self._write(
                b"%d 0 obj\n<< /Type /Pages /Parent %d 0 R /Count %d /Kids [%b] >>\nendobj\n"
                % (self._node_number(start), self._head.pages_object, len(inside), kids)
            )
        tree = self._end
        nodes = b" ".join(b"%d 0 R" % self._node_number(start) for start in starts)
        self._write(
            b"%d 0 obj\n<< /Type /Pages /Count %d /Kids [%b] %b >>\nendobj\n"
            % (self._head.pages_object, self._pages, nodes, self._head.inherited)
        )
        section = self._end
        self._write(b"xref\n%d 1\n%010d 00000 n \n" % (self._head.pages_object, tree))
        self._write(b"%d %d\n" % (self._head.objects, len(entries)))
        for entry in entries:
            self._write(b"%010d 00000 n \n" % entry)
        self._write(
            b"trailer\n<< /Size %d %b >>\nstartxref\n%d\n%%%%EOF\n"
            % (self._head.objects + len(entries), self._head.trailer, section)
        )

    def _node_number(self, page: int) -> int:
        return self._head.objects + page // _IN_NODE * _PER_NODE

    def _page_number(self, page: int) -> int:
        """The key of a page; its content stream has the one before."""
        return self._node_number(page) + 2 * (page % _IN_NODE) + 2

    def _write(self, words: bytes) -> None:
        self._file.write(words)
        self._end += len(words)
