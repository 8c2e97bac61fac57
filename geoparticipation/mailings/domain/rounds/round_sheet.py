"""The sheet of a round to print: a map with the numbered path, then the stops in walking order (PDF, A4)."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from typing import Any, Final
from xml.sax.saxutils import escape

import shapely
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from reportlab.lib.colors import HexColor, black, white
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.platypus import Flowable, LongTable, PageBreak, Paragraph, SimpleDocTemplate, Spacer
from shapely.geometry.base import BaseGeometry

from geoparticipation.mailings.domain.formats.labels_pdf import label_font
from geoparticipation.mailings.domain.rounds.round_contents import RoundContents
from geoparticipation.mailings.domain.rounds.route_files import side_label
from layers.geometry import WGS84, reprojected, to_shapely

MARGIN: Final = 36
"""In points, as all that is drawn here."""
MAP_HEIGHT: Final = 600
_STREET: Final = HexColor("#c4c4c4")
_PATH: Final = HexColor("#0b6e69")


def write_sheet(contents: RoundContents, name: str, streets: Sequence[BaseGeometry], metric: int, source: str) -> bytes:
    """Draw the map and the list of a round.

    `streets` are courses in the metric system `metric`, in which the map is drawn; north is up. `source` is whose data
    they are.
    """
    font = label_font()
    title = ParagraphStyle("title", fontName=font, fontSize=16, leading=20)
    text = ParagraphStyle("text", fontName=font, fontSize=9.5, leading=12)
    round_ = contents.round
    head = _("%(mailing)s: round %(number)d") % {"mailing": name, "number": round_.number}
    figures = ", ".join([
        ngettext("%(count)d letterbox", "%(count)d letterboxes", round_.letterbox_count)
        % {"count": round_.letterbox_count},
        ngettext("%(count)d flyer", "%(count)d flyers", round_.flyer_count) % {"count": round_.flyer_count},
        _("%(km).1f km") % {"km": round_.length_m / 1000},
        _("about %(minutes)d minutes") % {"minutes": math.ceil(round_.seconds / 60)},
    ])  # fmt: skip
    story: list[Any] = [Paragraph(escape(head), title), Paragraph(escape(figures), text), Spacer(1, 8)]
    story += [_Map(contents, streets, metric, font), PageBreak()]
    story += [Paragraph(escape(head), title), Spacer(1, 8), _table(contents, text)]
    if contents.skipped:
        story += [Spacer(1, 12), Paragraph(escape(_("No flyers here")), title), Spacer(1, 4)]
        story += [Paragraph(escape(f"{street} {door}"), text) for street, door in contents.skipped]
    file = io.BytesIO()

    def foot(canvas: Any, _document: Any) -> None:
        canvas.setFont(font, 8)
        canvas.drawString(MARGIN, MARGIN / 2, source)
        canvas.drawRightString(A4[0] - MARGIN, MARGIN / 2, f"{head} · {canvas.getPageNumber()}")

    document = SimpleDocTemplate(
        file, pagesize=A4, leftMargin=MARGIN, rightMargin=MARGIN, topMargin=MARGIN, bottomMargin=MARGIN, title=head,
        author="", creator="geoparticipation",
    )  # fmt: skip
    document.build(story, onFirstPage=foot, onLaterPages=foot)
    return file.getvalue()


def _table(contents: RoundContents, text: ParagraphStyle) -> LongTable:
    rows: list[list[Any]] = [
        [
            Paragraph(escape(cell), text)
            for cell in ("", _("Street and side"), _("House numbers, in this order"), _("Flyers"), _("Done"))
        ]
    ]
    for stop in contents.stops:
        where = f"{stop.street}, {side_label(stop)}"
        cells = (str(stop.stop.order), where, ", ".join(stop.doors), str(stop.stop.flyer_count), "☐")
        rows.append([Paragraph(escape(cell), text) for cell in cells])
    table = LongTable(rows, colWidths=[36, 165, 222, 50, 46], repeatRows=1)
    table.setStyle([
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LINEBELOW", (0, 0), (-1, -1), 0.4, _STREET),
        ("TOPPADDING", (0, 0), (-1, -1), 2),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 3),
    ])  # fmt: skip
    return table


class _Map(Flowable):  # type: ignore[misc]
    """Streets in grey, the path in colour, a number where each stop begins, north arrow and scale."""

    def __init__(self, contents: RoundContents, streets: Sequence[BaseGeometry], metric: int, font: str) -> None:
        super().__init__()
        self.width, self.height, self.font = A4[0] - 2 * MARGIN - 12, MAP_HEIGHT, font
        shapes = [to_shapely(stop.stop.geometry) for stop in contents.stops]
        if contents.round.geometry is not None:
            shapes.insert(0, to_shapely(contents.round.geometry))
        moved = shapely.get_parts(reprojected(shapely.GeometryCollection(shapes), WGS84, metric))
        self.path = moved[0] if contents.round.geometry is not None else None
        self.begins = [shapely.get_coordinates(shape)[0] for shape in moved[len(moved) - len(contents.stops) :]]
        west, south, east, north = shapely.total_bounds(moved)
        room = max(30.0, 0.04 * max(east - west, north - south))
        self.scale = min(self.width / (east - west + 2 * room), self.height / (north - south + 2 * room))
        self.west = (west + east) / 2 - self.width / 2 / self.scale
        self.south = (south + north) / 2 - self.height / 2 / self.scale
        seen = shapely.box(
            self.west, self.south, self.west + self.width / self.scale, self.south + self.height / self.scale
        )
        self.streets = [shapely.intersection(street, seen) for street in streets if street.intersects(seen)]

    def draw(self) -> None:
        """Draw at the place that the page gives it."""
        canvas = self.canv
        canvas.setLineCap(1)
        canvas.setLineJoin(1)
        canvas.setStrokeColor(_STREET)
        canvas.setLineWidth(max(1.0, min(6.0, 6 * self.scale)))
        for street in self.streets:
            self._line(street)
        canvas.setStrokeColor(_PATH)
        canvas.setLineWidth(1.8)
        if self.path is not None:
            self._line(self.path)
        taken: list[tuple[float, float]] = []
        for number, (x, y) in enumerate(self.begins, start=1):
            self._number(number, *self._on_paper(x, y), taken)
        self._scale_bar()
        canvas.setStrokeColor(black)
        canvas.setLineWidth(0.6)
        canvas.rect(0, 0, self.width, self.height)

    def _on_paper(self, x: float, y: float) -> tuple[float, float]:
        return (x - self.west) * self.scale, (y - self.south) * self.scale

    def _line(self, shape: BaseGeometry) -> None:
        for part in shapely.get_parts(shape):
            if part.geom_type != "LineString":
                continue
            path = self.canv.beginPath()
            positions = [self._on_paper(x, y) for x, y in shapely.get_coordinates(part)]
            path.moveTo(*positions[0])
            for position in positions[1:]:
                path.lineTo(*position)
            self.canv.drawPath(path)

    def _number(self, number: int, x: float, y: float, taken: list[tuple[float, float]]) -> None:
        """A number beside its place: where it hides no other, with a line to the place if that is further off."""
        canvas = self.canv
        at = (x, y)
        for step in range(49):
            turn, out = step * 2.4, 2.6 * math.sqrt(step)
            at = (x + out * math.cos(turn) * 2, y + out * math.sin(turn) * 2)
            inside = 7 < at[0] < self.width - 7 and 7 < at[1] < self.height - 7
            if inside and all(math.hypot(at[0] - other[0], at[1] - other[1]) > 12.5 for other in taken):
                break
        taken.append(at)
        canvas.setStrokeColor(black)
        canvas.setLineWidth(0.4)
        canvas.line(x, y, *at)
        canvas.setFillColor(white)
        canvas.circle(*at, 6, stroke=1, fill=1)
        canvas.setFillColor(black)
        canvas.setFont(self.font, 7 if number < 100 else 5.5)
        canvas.drawCentredString(at[0], at[1] - 2.4, str(number))

    def _scale_bar(self) -> None:
        canvas = self.canv
        metres = 10.0 ** math.floor(math.log10(120 / self.scale))
        metres *= next(factor for factor in (5, 2, 1) if metres * factor * self.scale <= 120)
        canvas.setFillColor(white)
        canvas.rect(0, 0, 150, 34, stroke=0, fill=1)
        canvas.setFillColor(black)
        canvas.setStrokeColor(black)
        canvas.setLineWidth(1.5)
        canvas.line(10, 10, 10 + metres * self.scale, 10)
        canvas.setFont(self.font, 8)
        canvas.drawString(10, 15, f"{metres:g} m" if metres < 1000 else f"{metres / 1000:g} km")
        canvas.drawCentredString(self.width - 16, self.height - 40, _("N"))
        arrow = canvas.beginPath()
        arrow.moveTo(self.width - 16, self.height - 10)
        arrow.lineTo(self.width - 21, self.height - 28)
        arrow.lineTo(self.width - 11, self.height - 28)
        arrow.close()
        canvas.drawPath(arrow, stroke=0, fill=1)
