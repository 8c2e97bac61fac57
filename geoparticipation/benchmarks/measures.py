"""The measures: each gives the rows of one part of the table."""

from __future__ import annotations

import io
import math
import random
import statistics
import time
import tracemalloc
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from django.contrib.gis.geos import Point, Polygon
from django.db import connection
from django.test import Client

from geoparticipation.accounts.enums import IdentityLevel
from geoparticipation.accounts.identity import Actor
from geoparticipation.benchmarks.town import SIDE, SOUTH, WEST, BenchTown
from geoparticipation.contributions.domain import submit_contribution
from geoparticipation.contributions.enums import Kind
from geoparticipation.mailings.domain.write_mailing_list import write_mailing_list
from geoparticipation.mailings.enums import Channel
from neighbourhoods.domain.place_geometry import place_geometry
from neighbourhoods.domain.targets import PartSpec
from neighbourhoods.enums import PartKind
from neighbourhoods.models import Address

ZOOMS: Final = range(11, 18)


@dataclass(frozen=True)
class Row:
    """One line of the table; `ratio` is ours to the other, so that smaller is better."""

    what: str
    ours: str
    other: str
    ratio: float | None
    goal: str = ""


def median_ms(action: Callable[[], object], repeats: int) -> float:
    """Median duration of an action in milliseconds, after one run that is not counted."""
    action()
    durations = []
    for _ in range(repeats):
        start = time.perf_counter()
        action()
        durations.append((time.perf_counter() - start) * 1000)
    return statistics.median(durations)


def _tile(zoom: int) -> tuple[int, int]:
    """The tile (x, y) of this zoom over the middle of the town."""
    lon, lat = WEST + SIDE / 2 + 0.0001, math.radians(SOUTH + SIDE / 2 + 0.0001)
    scale = 2**zoom
    return int((lon + 180) / 360 * scale), int((1 - math.asinh(math.tan(lat)) / math.pi) / 2 * scale)


class Sizes:
    """What tile, list and page cost with few and with many contributions."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._first: dict[str, float] = {}

    def _paths(self) -> Iterator[tuple[str, str]]:
        for zoom in ZOOMS:
            x, y = _tile(zoom)
            yield f"tile of contributions at zoom {zoom}", f"/tiles/contributions/{zoom}/{x}/{y}.mvt"
        yield "list of 100 contributions (API)", "/api/v1/contributions/?limit=100"
        yield "page of contributions", "/contributions/"

    def measure(self, repeats: int = 5) -> dict[str, tuple[float, int]]:
        """Median in ms and bytes of each answer."""
        results = {}
        for name, path in self._paths():
            sizes: list[int] = []
            results[name] = (
                median_ms(lambda path=path, sizes=sizes: sizes.append(self._fetch(path)), repeats),
                sizes[0],
            )  # type: ignore[misc]
        return results

    def _fetch(self, path: str) -> int:
        response = self._client.get(path)
        if response.status_code not in {200, 204}:
            raise RuntimeError(f"{path} answered {response.status_code}")
        return len(response.content)

    @staticmethod
    def compare(few: dict[str, tuple[float, int]], many: dict[str, tuple[float, int]], n: int, m: int) -> Iterator[Row]:
        """Rows of the table: with `m` contributions against with `n`."""
        for name, (ms, size) in many.items():
            before = few[name][0]
            yield Row(
                f"{name}, {m:,} against {n:,}", f"{ms:.1f} ms, {size / 1000:.1f} kB", f"{before:.1f} ms", ms / before
            )


def mailing_list(town: BenchTown, letterboxes: int) -> Iterator[Row]:
    """A mailing list of about so many letterboxes against the bare COPY of their rows; its peak memory."""
    share = math.sqrt(letterboxes / Address.objects.count())
    lon, lat = WEST + SIDE * (1 - share) / 2, SOUTH + SIDE * (1 - share) / 2
    shape = Polygon.from_bbox((lon, lat, lon + SIDE * share, lat + SIDE * share))
    shape.srid = 4326
    parts = (PartSpec(kind=PartKind.SHAPE, shape=shape),)

    def ours() -> int:
        file = io.BytesIO()
        write_mailing_list(file=file, letterboxes_of=parts, name="bench", downloaded_by=None, channel=Channel.COMMAND)
        return file.getbuffer().nbytes

    def bare() -> int:
        written = 0
        with (
            connection.cursor() as cursor,
            cursor.copy(
                "COPY (SELECT address.* FROM neighbourhoods_address AS address"
                f" WHERE ST_Covers('{shape.hexewkb.decode()}'::geometry, address.geometry)) TO STDOUT WITH (FORMAT csv)"
            ) as copy,
        ):
            for block in copy:
                written += len(block)
        return written

    ours_ms, bare_ms = median_ms(ours, 3), median_ms(bare, 3)
    covered = Address.objects.filter(geometry__coveredby=shape).count()
    tracemalloc.start()
    with open("/dev/null", "wb") as nowhere:
        write_mailing_list(
            file=nowhere, letterboxes_of=parts, name="bench", downloaded_by=None, channel=Channel.COMMAND
        )
    peak_kb = tracemalloc.get_traced_memory()[1] / 1000
    tracemalloc.stop()
    what = f"mailing list of an area with {covered:,} letterboxes against bare COPY"
    yield Row(what, f"{ours_ms:.0f} ms", f"{bare_ms:.0f} ms", ours_ms / bare_ms, "≤ 1.3")
    yield Row("its peak memory in Python", f"{peak_kb:.0f} kB", "", None, "constant")


def placing(town: BenchTown, repeats: int) -> Iterator[Row]:
    """A point to its place, and a contribution placed and stored, against a bare one-table INSERT round trip."""
    chance = random.Random(7)  # noqa: S311  (a measure, not a secret)

    def anywhere() -> Point:
        return Point(WEST + SIDE * chance.random(), SOUTH + SIDE * chance.random(), srid=4326)

    def nothing() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")

    actor = Actor(user=town.agent, level=IdentityLevel.EMAIL)

    def submit() -> None:
        submit_contribution(
            actor=actor, consultation=town.consultation, kind=Kind.PROPOSAL, title="Idea", body="Text",
            geometry=anywhere(),
        )  # fmt: skip

    round_trip = median_ms(nothing, repeats)
    place = median_ms(lambda: place_geometry(anywhere()), repeats)
    store = median_ms(submit, repeats)
    yield Row(
        "a point to its place, against an empty round trip",
        f"{place:.2f} ms",
        f"{round_trip:.2f} ms",
        place / round_trip,
    )
    yield Row(
        "a contribution checked, placed and stored, against its place alone",
        f"{store:.1f} ms",
        f"{place:.2f} ms",
        store / place,
    )


def searching(client: Client, repeats: int) -> Iterator[Row]:
    """The third letter typed, and a name with a typing error, against an empty round trip over HTTP."""
    base = median_ms(lambda: client.get("/api/v1/consultations/"), repeats)
    for what, query in (
        ("the third letter", "rue"),
        ("a name with an error", "rue numerro 512"),
        ("a house number", "rue numero 512 44"),
    ):
        ms = median_ms(lambda query=query: client.get("/api/v1/places/search", {"q": query}), repeats)  # type: ignore[misc]
        yield Row(f"search: {what}, against the list of one consultation", f"{ms:.1f} ms", f"{base:.1f} ms", ms / base)
