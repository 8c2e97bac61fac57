"""The course of a figure as columns, an SVG made by the server; the table beside it says the same."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final

from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from geoparticipation.dashboards.indicators.reading import Number

HEIGHT_PX: Final = 160
TOP_PX: Final = 24
GAP: Final = 0.2
"""Of a column's width."""


def column_chart(course: Sequence[tuple[date, Number]], name: str) -> SafeString:
    """One column a month, its figure above it; a month that is not told has a dash. It fits any width.

    `name` is what the chart is called for those who do not see it.
    """
    most = max((float(value or 0) for _month, value in course), default=0.0) or 1.0
    width = 100 / max(len(course), 1)
    bars = format_html_join(
        "",
        '<g><rect class="chart-bar" x="{}%" y="{}" width="{}%" height="{}"/>'
        '<text class="chart-label" x="{}%" y="{}" text-anchor="middle">{}</text></g>',
        (
            (
                f"{at * width + width * GAP / 2:.2f}",
                f"{TOP_PX + HEIGHT_PX - height:.1f}",
                f"{width * (1 - GAP):.2f}",
                f"{height:.1f}",
                f"{at * width + width / 2:.2f}",
                f"{TOP_PX + HEIGHT_PX - height - 6:.1f}",
                "–" if value is None else in_figures(value),
            )
            for at, (_month, value) in enumerate(course)
            for height in [HEIGHT_PX * float(value or 0) / most]
        ),
    )
    ends = format_html_join(
        "",
        '<text class="chart-end" x="{}" y="{}" text-anchor="{}">{}</text>',
        (
            (x, TOP_PX + HEIGHT_PX + 20, anchor, date_format(course[at][0], "M Y"))
            for at, x, anchor in ((0, "0", "start"), (-1, "100%", "end"))
            if course
        ),
    )
    return format_html(
        '<svg class="chart" width="100%" height="{}" role="img" aria-label="{}" focusable="false">{}{}</svg>',
        TOP_PX + HEIGHT_PX + 28,
        name,
        bars,
        ends,
    )


def in_figures(value: Number) -> str:
    """A number as a column has room for: thousands as k."""
    number = float(value or 0)
    if number >= 10_000:
        return f"{number / 1000:.0f}k"
    return f"{number:.0f}"
