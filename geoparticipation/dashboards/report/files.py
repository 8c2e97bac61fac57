"""The report as a file: HTML that asks nothing of any host, or PDF."""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final

from django.contrib.staticfiles import finders
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from geoparticipation.context import town_name
from geoparticipation.dashboards.report.gathering import Report
from layers.reports import MapGroup, picture_of, standalone_map

LISTED_ON_PAPER: Final = 300
"""So many contributions a PDF lists: laying out a row takes 7 ms, and two thousand would be 80 pages."""
_FONT: Final = "vendor/fonts/atkinson-hyperlegible-latin-{}-normal.woff2"


@cache
def _static_file(name: str) -> bytes:
    found = finders.find(name)
    if not found:
        raise FileNotFoundError(f"{name} is not installed: run make setup")
    return Path(str(found)).read_bytes()


def _fonts() -> SafeString:
    """The site's own letters, as part of the file."""
    rules = "".join(
        f'@font-face{{font-family:"Atkinson Hyperlegible";font-weight:{weight};'
        f'src:url("data:font/woff2;base64,{base64.b64encode(_static_file(_FONT.format(weight))).decode()}")}}'
        for weight in (400, 700)
    )
    return mark_safe(rules)  # two files of the font's package


def _context(report: Report) -> dict[str, Any]:
    return {
        "report": report,
        "listed": report.listed,
        "lists_all": report.are_single,
        "town_name": town_name(),
        "language": get_language(),
        "fonts": _fonts(),
    }


def _as_html(report: Report) -> bytes:
    drawn = standalone_map(
        groups=[*report.ground, report.districts, *report.kinds],
        bounds=report.bounds,
        library_script=_static_file("vendor/leaflet/leaflet.js").decode(),
        library_style=_static_file("vendor/leaflet/leaflet.css").decode(),
        label=_("Map"),
    )
    return render_to_string("dashboards/report.html", {**_context(report), "map": drawn}).encode()


def _as_pdf(report: Report) -> bytes:
    """Pictures of the maps on A4; WeasyPrint may fetch nothing but what the file itself holds."""
    from weasyprint import HTML
    from weasyprint.urls import URLFetcher

    def picture(groups: Sequence[MapGroup], highest: float = 0.62) -> str:
        """Two of this height fit on a page."""
        drawn = picture_of(groups=[*report.ground, *groups], bounds=report.bounds, highest=highest)
        return f"data:image/png;base64,{base64.b64encode(drawn.png).decode()}"

    maps = [(_("Everything that was said"), picture(report.kinds, 0.9))]
    maps += [(group.name, picture([group])) for group in reversed(report.kinds) if group.features]
    if report.districts.features:
        maps.append((report.districts.name, picture([report.districts])))
    on_paper = {"listed": report.listed[:LISTED_ON_PAPER], "lists_all": report.total <= LISTED_ON_PAPER, "maps": maps}
    page = render_to_string("dashboards/report_pdf.html", {**_context(report), **on_paper})
    pdf: bytes = HTML(string=page, url_fetcher=URLFetcher(allowed_protocols=["data"])).write_pdf()
    return pdf


FORMATS: Final[dict[str, tuple[str, Callable[[Report], bytes]]]] = {
    "html": ("text/html; charset=utf-8", _as_html),
    "pdf": ("application/pdf", _as_pdf),
}
"""Content type and maker of each format, by the ending of its name."""


def report_file(report: Report, *, file_format: str) -> bytes:
    """The report in one of FORMATS, in the language in force."""
    return FORMATS[file_format][1](report)
