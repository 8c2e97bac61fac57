"""One flyer to look at before all are written."""

from __future__ import annotations

import io
import threading
from dataclasses import dataclass
from typing import Final

import pypdfium2

from geoparticipation.mailings.domain.flyers.pages import ONE_BY_ONE, FlyerPages, PrintOptions
from geoparticipation.mailings.domain.flyers.sequence import Flyer
from geoparticipation.mailings.domain.flyers.streamed_pdf import StreamedPdf
from geoparticipation.mailings.models import FlyerDesign

SAMPLE_CODE: Final = "ABCDEFGH2"
"""Looks like a code and opens nothing: its check character is wrong."""
LONGER_EDGE_PX: Final = 1100
_ONE_AT_A_TIME: Final = threading.Lock()
"""PDFium takes calls from one thread at a time."""


@dataclass(frozen=True)
class Preview:
    """The first page of a design; whether the map found no room on it."""

    pdf: bytes
    is_map_left_out: bool


def preview_flyer(*, design: FlyerDesign, options: PrintOptions = ONE_BY_ONE) -> Preview:
    """Draw the first page of a design, saved or not, with a code that opens nothing. Raises FlyerTextTooLong."""
    pages = FlyerPages(design, options)
    first = design.mailing.letterboxes.order_by("position").values_list("lines", flat=True).first() or []
    file = io.BytesIO()
    pdf = StreamedPdf(file, pages.head, pages=1, page_boxes=pages.page_boxes)
    pdf.add_page(pages.page([Flyer((0, 1, 1), SAMPLE_CODE, tuple(first))] * pages.flyers_per_page))
    pdf.finish()
    return Preview(file.getvalue(), pages.is_map_left_out)


def picture_of(preview: Preview) -> bytes:
    """The page as a picture (WebP)."""
    with _ONE_AT_A_TIME:
        document = pypdfium2.PdfDocument(preview.pdf)
        page = document[0]
        scale = LONGER_EDGE_PX / max(page.get_size())
        picture = page.render(scale=scale).to_pil()
        document.close()
    file = io.BytesIO()
    picture.save(file, "WEBP", quality=85, method=2)
    return file.getvalue()
