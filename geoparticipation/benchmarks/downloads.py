"""Exports of contributions, each format against CSV."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from typing import Any

from django.contrib.auth.models import AnonymousUser

from geoparticipation.benchmarks.memory import growth_kb
from geoparticipation.benchmarks.table import Row, duration_ms, written_ms
from geoparticipation.contributions.layers import CONTRIBUTIONS
from layers.exports.extract import Extract
from layers.exports.formats import FORMATS, FileFormat


def write_export(file: Any, file_format: str, rows: int) -> None:
    """Write the latest contributions, so many of them."""
    visible = CONTRIBUTIONS.queryset(AnonymousUser())
    if rows < visible.count():
        last = visible.order_by("-pk").values_list("pk", flat=True)[rows - 1]
        visible = visible.filter(pk__gte=last)
    FORMATS[FileFormat(file_format)].write(file, Extract(layer=CONTRIBUTIONS, rows=visible, title="Bench"))


def exports(rows: int, database_url: str) -> Iterator[Row]:
    """Time of each format against CSV, and what a process grows by."""
    csv_ms = 0.0
    for file_format in FORMATS:
        with tempfile.TemporaryFile() as file:
            ms = duration_ms(lambda: write_export(file, file_format, rows))  # noqa: B023 (called at once)
        csv_ms = csv_ms or ms
        yield Row(
            what=f"export of {rows:,} contributions as {FileFormat(file_format).value}, against CSV",
            ours=f"{written_ms(ms)}; the process grows by {growth_kb(file_format, rows, database_url):,} kB",
            other=written_ms(csv_ms),
            ratio=ms / csv_ms,
        )
