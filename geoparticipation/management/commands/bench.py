"""`manage.py bench`: ratios on this machine, in one run, as a table on the screen and in a file."""

from __future__ import annotations

import platform
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import connection
from django.test import Client
from rich.console import Console
from rich.table import Table

from geoparticipation.benchmarks import measures
from geoparticipation.benchmarks.measures import Row
from geoparticipation.benchmarks.town import BenchTown


class Command(BaseCommand):
    """Measures in a database of its own, made beside the site's and dropped afterwards."""

    help = "Measure tiles, lists, mailing lists and placing on a made-up town; write the table to docs/bench.md."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add sizes and the file."""
        parser.add_argument("--addresses", type=int, default=100_000)
        parser.add_argument("--few", type=int, default=10_000, help="contributions at first")
        parser.add_argument("--many", type=int, default=1_000_000, help="contributions in the end")
        parser.add_argument("-o", "--output", type=Path, default=settings.BASE_DIR / "docs" / "bench.md")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run it."""
        settings.ALLOWED_HOSTS.append("testserver")
        site_database = settings.DATABASES["default"]["NAME"]
        connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
        try:
            rows = list(self._rows(options["addresses"], options["few"], options["many"]))
        finally:
            connection.creation.destroy_test_db(site_database, verbosity=0)
        self._print(rows)
        options["output"].write_text(_markdown(rows, options))
        self.stdout.write(f"Written to {options['output']}.")

    def _rows(self, addresses: int, few: int, many: int) -> Iterator[Row]:
        client = Client()
        self.stderr.write(f"Building a town of {addresses:,} homes …")
        town = BenchTown(addresses)
        yield from measures.mailing_list(town, min(50_000, addresses // 2))
        yield from measures.placing(town, repeats=50)
        yield from measures.searching(client, repeats=20)
        sizes = measures.Sizes(client)
        town.grow_to(few)
        first = sizes.measure()
        self.stderr.write(f"Growing to {many:,} contributions …")
        town.grow_to(many)
        yield from sizes.compare(first, sizes.measure(), few, many)

    def _print(self, rows: list[Row]) -> None:
        table = Table("what", "ours", "other", "ratio", "goal")
        for row in rows:
            table.add_row(row.what, row.ours, row.other, _ratio(row), row.goal)
        Console(file=self.stdout).print(table)  # type: ignore[arg-type]


def _ratio(row: Row) -> str:
    return "" if row.ratio is None else f"{row.ratio:.2f} ×"


def _markdown(rows: list[Row], options: dict[str, Any]) -> str:
    head = (
        "# Measures\n\n"
        "Written by `make bench`; every line compares two things on one machine in one run, so that the ratio means"
        " more than the milliseconds. Below 1 × ours is the quicker one.\n\n"
        f"Python {platform.python_version()}, {options['addresses']:,} addresses, {options['many']:,} contributions."
        "\n\n"
        "| what | ours | other | ratio | goal |\n|---|---|---|---|---|\n"
    )
    return head + "".join(f"| {r.what} | {r.ours} | {r.other} | {_ratio(r)} | {r.goal} |\n" for r in rows)
