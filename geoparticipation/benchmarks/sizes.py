"""What tile, list and page cost with few and with many contributions."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Final

from geoparticipation.benchmarks.servers import Site
from geoparticipation.benchmarks.table import Row, written_bytes, written_ms
from geoparticipation.benchmarks.tiles import ZOOMS, asked, tiles_of
from geoparticipation.benchmarks.town import CONSULTATION
from layers.registry import maintained_cells

Costs = dict[str, tuple[float, float]]
_SAME: Final = 1.5
"""What counts as the same: the duration of one request of a few milliseconds differs by as much between two runs."""
PAGES: Final = {
    "list of 100 contributions (API)": ["/api/v1/contributions/?limit=100"],
    "page of contributions": ["/contributions/"],
    "page of a consultation": [f"/consultations/{CONSULTATION}/"],
    "home page": ["/"],
    "list of consultations (API)": ["/api/v1/consultations/"],
}
_LIMITS: Final = {
    "tile": "At this zoom more contributions are more work: more of them are in the tile as pins, or more cells hold "
    "any.",
    "page": "Something on this page reads more rows where there are more of them; its plans will tell.",
    "home": "Something on this page reads more rows where there are more of them; its plans will tell.",
    "list": "The list reads its hundred rows from an index, whose depth grows with the logarithm of the number.",
}


def costs(site: Site) -> Costs:
    """Median in ms and bytes of each answer."""
    tiles = {
        f"tile at zoom {zoom}": [f"/tiles/contributions/{zoom}/{x}/{y}.mvt" for x, y in tiles_of(zoom)]
        for zoom in ZOOMS
    }
    return {name: asked(site, paths) for name, paths in (tiles | PAGES).items()}


def compared(few: Costs, many: Costs, n: int, m: int) -> Iterator[Row]:
    """Rows of the table: with `m` contributions against with `n`."""
    for name, (ms, size) in many.items():
        before_ms, before_size = few[name]
        yield Row(
            what=f"{name}, {m:,} contributions against {n:,}",
            ours=f"{written_ms(ms)}, {written_bytes(size)}",
            other=f"{written_ms(before_ms)}, {written_bytes(before_size)}",
            ratio=ms / before_ms,
            goal="the same",
            at_most=_SAME,
            limit=_LIMITS[name.split()[0]],
        )


def recounted(contributions: int) -> Iterator[Row]:
    """The cells that tiles are made from against a full recount of the current database's rows."""
    for cells in maintained_cells():
        start = time.perf_counter()
        found = cells.recount(repair=False)
        took_ms = (time.perf_counter() - start) * 1000
        yield Row(
            what=f"cells of {contributions:,} contributions against a full recount: cells that differ",
            ours=f"{found.cells:,}",
            other=f"the recount takes {written_ms(took_ms)}",
            ratio=float(found.cells),
            goal="0",
            at_most=0,
            limit="The triggers have missed a write.",
        )
