"""A point to its place, and contributions placed and stored: by one writer, and by eight at once."""

from __future__ import annotations

import os
import random
import statistics
import subprocess
import sys
from collections.abc import Iterator

from django.contrib.gis.geos import Point
from django.db import connection

from geoparticipation.benchmarks.table import Row, median_ms, written_ms
from geoparticipation.benchmarks.town import SIDE, SOUTH, WEST
from neighbourhoods.domain.place_geometry import place_geometry

WRITERS = 8
_BARE = """
SELECT district.id, district.name FROM neighbourhoods_districtpiece AS piece
  JOIN neighbourhoods_district AS district ON district.id = piece.district_id
 WHERE ST_Covers(piece.geometry, ST_SetSRID(ST_MakePoint(%s, %s), 4326))"""
_QUEUE = (
    "Eight writers share the processors of this machine with the database: where there are fewer than eight, a "
    "contribution waits for its turn on one of them, whoever else writes."
)


def anywhere(chance: random.Random) -> Point:
    """A point of the town."""
    return Point(WEST + SIDE * chance.random(), SOUTH + SIDE * chance.random(), srid=4326)


def placing(repeats: int) -> Iterator[Row]:
    """A point to its districts, street and address, against a bare look-up of its districts in the same index."""
    chance = random.Random(7)  # noqa: S311 (a measure, not a secret)

    def bare() -> None:
        with connection.cursor() as cursor:
            point = anywhere(chance)
            cursor.execute(_BARE, [point.x, point.y])
            cursor.fetchall()

    bare_ms = median_ms(bare, repeats)
    place_ms = median_ms(lambda: place_geometry(anywhere(chance)), repeats)
    yield Row(
        what="a point to its districts, street and address, against a bare indexed look-up of its districts",
        ours=written_ms(place_ms),
        other=written_ms(bare_ms),
        ratio=place_ms / bare_ms,
    )


def storing(each: int, database_url: str) -> Iterator[Row]:
    """A contribution checked, placed and stored: against its place alone, and by eight processes against by one."""
    chance = random.Random(8)  # noqa: S311 (a measure, not a secret)
    place_ms = median_ms(lambda: place_geometry(anywhere(chance)), each)
    [alone] = _written_by(1, each, database_url)
    together = _written_by(WRITERS, each, database_url)
    alone_ms = statistics.median(alone)
    together_ms = statistics.median(ms for durations in together for ms in durations)
    rate = 1000 * each / sum(alone)
    rate_together = sum(1000 * each / sum(durations) for durations in together)
    yield Row(
        what="a contribution checked, placed and stored, against its place alone",
        ours=written_ms(alone_ms),
        other=written_ms(place_ms),
        ratio=alone_ms / place_ms,
    )
    yield Row(
        what=f"the same by {WRITERS} writers at once, against by one",
        ours=f"{written_ms(together_ms)}; {rate_together:,.0f} a second",
        other=f"{written_ms(alone_ms)}; {rate:,.0f} a second",
        ratio=together_ms / alone_ms,
        goal=f"≤ {WRITERS / min(WRITERS, os.cpu_count() or 1):.0f} ({WRITERS} writers, {os.cpu_count()} processors)",
        at_most=WRITERS / min(WRITERS, os.cpu_count() or 1),
        limit=_QUEUE,
    )


def _written_by(writers: int, each: int, database_url: str) -> list[list[float]]:
    """Start so many processes, let them begin together; the durations in ms that each of them took."""
    environment = {**os.environ, "DATABASE_URL": database_url}
    children = [
        subprocess.Popen(
            [sys.executable, "-m", "geoparticipation.benchmarks.writer", str(each), str(number)],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for number in range(writers)
    ]
    try:
        for child in children:
            assert child.stdout is not None  # noqa: S101 (it is a pipe)
            if child.stdout.readline() != "ready\n":
                raise RuntimeError("a writer does not start")
        for child in children:
            assert child.stdin is not None  # noqa: S101 (it is a pipe)
            child.stdin.write("go\n")
            child.stdin.flush()
        return [[float(ms) for ms in child.communicate()[0].split()] for child in children]
    finally:
        for child in children:
            child.kill()
            child.wait()
