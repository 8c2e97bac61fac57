"""Bars of a table, as SVG made by the server: no script, no inline style, colours by the stylesheet."""

from __future__ import annotations

from typing import Final

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from geoparticipation.surveys.results.tables import Table

BAND_PX: Final = 44
BAR_PX: Final = 14
LONGEST_LABEL: Final = 46
"""Letters of a label that fit a phone; the table below has all of it."""


def bar_chart(table: Table, name: str) -> SafeString:
    """One bar for each line, its label above and its figure beside it; the table's lines say the same in words.

    `name` is what the chart is called for those who do not see it. Lengths are shares of the width: it fits any.
    """
    bars = format_html_join(
        "",
        '<g><text class="chart-label" x="0" y="{}">{}</text>'
        '<rect class="chart-ground" x="0" y="{}" width="100%" height="{}" rx="4"/>'
        '<rect class="chart-bar" x="0" y="{}" width="{}%" height="{}" rx="4"/></g>',
        (
            (
                at * BAND_PX + 16,
                f"{_cut(line.label)} · {line.words}",
                at * BAND_PX + 23,
                BAR_PX,
                at * BAND_PX + 23,
                f"{100 * line.bar:.1f}",
                BAR_PX,
            )
            for at, line in enumerate(table.lines)
        ),
    )
    return format_html(
        '<svg class="chart" width="100%" height="{}" role="img" aria-label="{}" focusable="false">{}</svg>',
        len(table.lines) * BAND_PX,
        name,
        bars,
    )


def _cut(label: str) -> str:
    return label if len(label) <= LONGEST_LABEL else f"{label[: LONGEST_LABEL - 1].rstrip()}…"
