"""Finding a place by what is typed, against a request that reads one row."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote

from geoparticipation.benchmarks.servers import Site
from geoparticipation.benchmarks.table import Row, written_ms
from geoparticipation.benchmarks.tiles import asked


def searching(site: Site) -> Iterator[Row]:
    """The third letter typed, a name with a typing error, a house number."""
    base_ms, _size = asked(site, ["/api/v1/consultations/"], 20)
    for what, typed in (
        ("the third letter", "rue"),
        ("a name with an error", "rue numerro 512"),
        ("a house number", "rue numero 512 44"),
    ):
        ms, _size = asked(site, [f"/api/v1/places/search?q={quote(typed)}"], 20)
        yield Row(
            what=f"search: {what}, against the list of one consultation",
            ours=written_ms(ms),
            other=written_ms(base_ms),
            ratio=ms / base_ms,
        )
