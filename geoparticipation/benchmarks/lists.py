"""A mailing list against the bare COPY of the same rows."""

from __future__ import annotations

import math
import tempfile
import tracemalloc
from collections.abc import Iterator

from django.contrib.gis.geos import Polygon
from django.db import connection

from geoparticipation.benchmarks.memory import growth_kb
from geoparticipation.benchmarks.table import Row, median_ms, written_ms
from geoparticipation.benchmarks.town import SIDE, SOUTH, WEST
from geoparticipation.mailings.domain.write_mailing_list import write_mailing_list
from geoparticipation.mailings.enums import Channel
from neighbourhoods.domain.targets import PartSpec
from neighbourhoods.enums import PartKind
from neighbourhoods.models import Address

_REPEATS = 7
_LIMIT = (
    "COPY alone writes rows as the index finds them. The list also sorts them by street, number, suffix and box, finds "
    "what is there twice, takes the names of street and district from two more tables, puts together the lines for "
    "the envelope and looks at each cell for a formula. It is one query with one sort and no temporary table; of the "
    "database's processor time, with the bare COPY as 1, the same columns without an order took 1.1 when this was "
    "taken apart, the names 0.2, the key of the order 0.2, the sort 0.3, duplicates 0.3, the lines 0.5, the cells 0.3."
)


def square_of(letterboxes: int) -> Polygon:
    """A square in the middle of the town with about so many letterboxes."""
    share = math.sqrt(letterboxes / Address.objects.count())
    lon, lat = WEST + SIDE * (1 - share) / 2, SOUTH + SIDE * (1 - share) / 2
    square = Polygon.from_bbox((lon, lat, lon + SIDE * share, lat + SIDE * share))
    square.srid = 4326
    return square


def write_list(file: object, square: Polygon) -> int:
    """Write the list of a square; the number of letterboxes."""
    return write_mailing_list(
        file=file,  # type: ignore[arg-type]
        letterboxes_of=(PartSpec(kind=PartKind.SHAPE, shape=square),),
        name="bench",
        downloaded_by=None,
        channel=Channel.COMMAND,
    ).letterboxes


def mailing_list(letterboxes: int, database_url: str) -> Iterator[Row]:
    """Time against COPY; the peak of Python's objects; what a process grows by after a short list."""
    square = square_of(letterboxes)

    def ours() -> None:
        with tempfile.TemporaryFile() as file:
            write_list(file, square)

    def bare() -> None:
        statement = (
            "COPY (SELECT address.* FROM neighbourhoods_address AS address"
            f" WHERE ST_Covers('{square.hexewkb.decode()}'::geometry, address.geometry)) TO STDOUT WITH (FORMAT csv)"
        )
        with tempfile.TemporaryFile() as file, connection.cursor() as cursor, cursor.copy(statement) as copy:
            for row in copy:
                file.write(row)

    ours_ms, bare_ms = median_ms(ours, _REPEATS), median_ms(bare, _REPEATS)
    covered = Address.objects.filter(geometry__coveredby=square).count()
    what = f"mailing list of an area with {covered:,} letterboxes"
    yield Row(
        what=f"{what}, against bare COPY",
        ours=written_ms(ours_ms),
        other=written_ms(bare_ms),
        ratio=ours_ms / bare_ms,
        goal="≤ 1.3",
        at_most=1.3,
        limit=_LIMIT,
    )
    peak_kb, short_kb = _python_peak_kb(square), _python_peak_kb(square_of(max(1, letterboxes // 100)))
    yield Row(
        what=f"{what}: peak of Python's objects, against one of a hundredth",
        ours=f"{peak_kb:,.0f} kB",
        other=f"{short_kb:,.0f} kB",
        goal="constant",
    )
    grown_kb = growth_kb("mailing-list", letterboxes, database_url)
    yield Row(what=f"{what}: what the process grows by after a short list", ours=f"{grown_kb:,} kB", goal="constant")


def _python_peak_kb(square: Polygon) -> float:
    tracemalloc.start()
    with tempfile.TemporaryFile() as file:
        write_list(file, square)
    peak_kb = tracemalloc.get_traced_memory()[1] / 1000
    tracemalloc.stop()
    return peak_kb
