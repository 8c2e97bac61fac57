"""`manage.py bench`: ratios on this machine, in one run, as a table on the screen and in a file."""

from __future__ import annotations

import os
import platform
from argparse import ArgumentParser
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from rich.console import Console
from rich.table import Table

from geoparticipation.benchmarks import downloads, lists, registers, searching, sizes, tiles, writing
from geoparticipation.benchmarks.databases import TownDatabases
from geoparticipation.benchmarks.servers import TIPG, our_server, tipg_server
from geoparticipation.benchmarks.table import Row
from geoparticipation.children import StopAsked, stop_on_signal

_LETTERBOXES = 50_000
_TIPG_POINTS = 1_000_000
_EXPORTED = 100_000
_WIDTH = 200


class Command(BaseCommand):
    """Measures in databases of its own, made beside the site's and dropped afterwards."""

    help = (
        "Measure tiles, lists, pages, mailing lists, exports, writing and importing on a made-up town; write the table "
        "to docs/bench.md."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add sizes, what to measure, and the file."""
        parser.add_argument("--addresses", type=int, default=100_000, help="homes of the town")
        parser.add_argument("--few", type=int, default=100_000, help="contributions of the small town")
        parser.add_argument("--many", type=int, default=1_000_000, help="contributions of the large town")
        parser.add_argument("--register", type=int, default=200_000, help="addresses to import")
        parser.add_argument("--only", nargs="+", choices=_PARTS, default=list(_PARTS), help="measure these only")
        parser.add_argument("--keep", action="store_true", help="keep the towns' databases for the next run")
        parser.add_argument("-o", "--output", type=Path, default=settings.BASE_DIR / "docs" / "bench.md")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run it."""
        run = _Run(options)
        rows: list[Row] = []
        with stop_on_signal():
            try:
                for said in run.databases.build():
                    self.stderr.write(said)
                for part in options["only"]:
                    self.stderr.write(f"Measuring: {part} …")
                    for row in _PARTS[part](run):
                        self.stderr.write(f"  {row.what}: {row.ours} | {row.other} | {row.in_words}")
                        rows.append(row)
            except StopAsked:
                raise CommandError("Stopped; nothing was written.") from None
            finally:
                if not options["keep"]:
                    run.databases.drop()
        self._print(rows)
        options["output"].write_text(_markdown(rows, options))
        self.stdout.write(f"Written to {options['output']}.")

    def _print(self, rows: list[Row]) -> None:
        table = Table("what", "ours", "other", "ratio", "goal")
        for row in rows:
            table.add_row(row.what, row.ours, row.other, row.in_words, row.goal)
        Console(file=self.stdout, width=None if self.stdout.isatty() else _WIDTH).print(table)  # type: ignore[arg-type]


class _Run:
    """The towns of one run."""

    def __init__(self, options: dict[str, Any]) -> None:
        self.few, self.many, self.register = options["few"], options["many"], options["register"]
        self.for_tipg = min(_TIPG_POINTS, self.many)
        self.letterboxes = min(_LETTERBOXES, options["addresses"] // 2)
        self.databases = TownDatabases(addresses=options["addresses"], sizes=[self.few, self.for_tipg, self.many])

    def tiles(self) -> Iterator[Row]:
        """Against tipg."""
        with self.databases.open(self.for_tipg):
            tiles.make_tables_for_tipg()
        url = self.databases.url(self.for_tipg)
        with our_server(url) as ours, tipg_server(url, schema=tiles.SCHEMA) as tipg:
            yield from tiles.against_tipg(ours, tipg, self.for_tipg)

    def sizes(self) -> Iterator[Row]:
        """Few contributions and many."""
        with our_server(self.databases.url(self.few)) as few, our_server(self.databases.url(self.many)) as many:
            yield from sizes.compared(sizes.costs(few), sizes.costs(many), self.few, self.many)

    def cells(self) -> Iterator[Row]:
        """Whether the tiles' counts are right."""
        with self.databases.open(self.many):
            yield from sizes.recounted(self.many)

    def lists(self) -> Iterator[Row]:
        """Mailing lists."""
        with self.databases.open(self.few):
            yield from lists.mailing_list(self.letterboxes, self.databases.url(self.few))

    def writing(self) -> Iterator[Row]:
        """Places and contributions, in a town that is dropped."""
        with self.databases.copy_of(self.few) as url:
            yield from writing.placing(repeats=200)
            yield from writing.storing(each=100, database_url=url)

    def importing(self) -> Iterator[Row]:
        """A register, into a town that is dropped."""
        with self.databases.copy_of(0):
            registers.forget_addresses()
            yield from registers.importing(self.register)

    def exports(self) -> Iterator[Row]:
        """Exports."""
        with self.databases.open(self.for_tipg):
            yield from downloads.exports(min(_EXPORTED, self.for_tipg), self.databases.url(self.for_tipg))

    def searching(self) -> Iterator[Row]:
        """Places by what is typed."""
        with our_server(self.databases.url(self.few)) as site:
            yield from searching.searching(site)


_PARTS: dict[str, Callable[[_Run], Iterator[Row]]] = {
    "tiles": _Run.tiles,
    "sizes": _Run.sizes,
    "cells": _Run.cells,
    "lists": _Run.lists,
    "writing": _Run.writing,
    "importing": _Run.importing,
    "exports": _Run.exports,
    "searching": _Run.searching,
}


def _markdown(rows: list[Row], options: dict[str, Any]) -> str:
    missed = [row for row in rows if row.is_missed]
    reasons = dict.fromkeys(row.limit for row in missed)
    limits = "".join(
        "- " + "; ".join(f"{row.what}: {row.in_words}" for row in missed if row.limit == reason) + f". {reason}\n"
        for reason in reasons
    )
    return (
        _HEAD.format(
            python=platform.python_version(),
            server=_server_version(),
            processors=os.cpu_count(),
            load=os.getloadavg()[2],
            addresses=options["addresses"],
            tipg=TIPG.replace("==", " "),
        )
        + "".join(f"| {row.what} | {row.ours} | {row.other} | {row.in_words} | {row.goal} |\n" for row in rows)
        + ("\n## Goals that were missed, and why\n\n" + limits if limits else "")
    )


def _server_version() -> str:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_setting('server_version'), default_version FROM pg_available_extensions"
            " WHERE name = 'postgis'"
        )
        postgresql, postgis = cursor.fetchone()
    return f"PostgreSQL {postgresql.split()[0]} with PostGIS {postgis}"


_HEAD = """# Measures

Written by `make bench`. Every line compares two things on one machine in one run, so that the ratio means more than the
milliseconds: it is how many times as long ours takes, and below 1 ours is the quicker one.

Python {python}, {server}, {processors} processors, a made-up town of {addresses:,} addresses. The machine's load was
{load:.1f} at the end; above the number of processors, other programs took their share, and single lines tell less.

How it is measured: tiles, lists and pages over HTTP on the loopback interface, by one client that keeps its connection
open and asks for no compression; durations are medians, of up to five tiles in each zoom, after a first request that
does not count; no client cache is used. Ours is served by granian, {tipg} by uvicorn from a virtual environment of its
own, one process each. tipg reads a plain table of the same points with the columns that our tiles have and a GiST
index, and sends every feature of a tile; ours sends counts in cells below zoom 14 and wherever pins would cover one
another, which is what makes its tiles small. The bare COPY is read by the loop that psycopg's manual shows. What a
process grows by is asked of one that does nothing else.

| what | ours | other | ratio | goal |
|---|---|---|---|---|
"""
