"""Databases of their own for the made-up town, one for each size, beside the site's."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote

from django.core.management import call_command
from django.db import connection
from psycopg import sql

from geoparticipation.benchmarks.town import BenchTown
from geoparticipation.contributions.models import Contribution
from layers.registry import maintained_cells
from neighbourhoods.models import Address


class TownDatabases:
    """Makes the databases when they are asked for, each from the next smaller one, and drops them unless they are kept.

    A kept database is found again by its size and brought to the newest migrations.
    """

    def __init__(self, *, addresses: int, sizes: Iterable[int]) -> None:
        """Nothing is made yet."""
        self._site = str(connection.settings_dict["NAME"])
        self._addresses = addresses
        self._sizes = sorted(set(sizes))

    def build(self) -> Iterator[str]:
        """Make what is missing, from the smallest; says what it does."""
        smaller = ""
        for size in [0, *self._sizes]:
            name = self.name(size)
            is_there = name in self._there()
            if not is_there:
                yield f"Building a town of {self._addresses:,} homes and {size:,} contributions …"
                self._make(name, of=smaller)
            with self.open(size):
                if is_there or not smaller:
                    call_command("migrate", verbosity=0)
                if not is_there:
                    town = BenchTown() if smaller else BenchTown.build(self._addresses)
                    town.grow_to(size)
                    for cells in maintained_cells():
                        cells.fold()
                found = (Contribution.objects.count(), Address.objects.count())
            if found != (size, self._addresses):
                raise RuntimeError(f"{name} has {found} contributions and addresses: drop it and run this again")
            smaller = name

    def drop(self) -> None:
        """Drop all of them."""
        with self._cursor_of_site() as cursor:
            for size in [0, *self._sizes]:
                name = sql.Identifier(self.name(size))
                cursor.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))

    def name(self, size: int) -> str:
        """Name of the database with so many contributions; of 0, the empty town."""
        return f"{self._site}_bench_{self._addresses}_{size}"

    def url(self, size: int) -> str:
        """The same as DATABASE_URL."""
        of = connection.settings_dict
        secret = f":{quote(of['PASSWORD'], safe='')}" if of.get("PASSWORD") else ""
        port = f":{of['PORT']}" if of.get("PORT") else ""
        return f"postgres://{quote(of['USER'], safe='')}{secret}@{quote(of['HOST'], safe='')}{port}/{self.name(size)}"

    @contextmanager
    def open(self, size: int) -> Iterator[None]:
        """Let this process use the database of this size."""
        before = connection.settings_dict["NAME"]
        _use(self.name(size))
        try:
            yield
        finally:
            _use(str(before))

    @contextmanager
    def copy_of(self, size: int) -> Iterator[str]:
        """Let this process use a copy of the database of this size, and drop it; gives its DATABASE_URL."""
        name = f"{self.name(size)}_copy"
        drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
        with self._cursor_of_site() as cursor:
            cursor.execute(drop)
        self._make(name, of=self.name(size))
        _use(name)
        try:
            yield self.url(size).replace(self.name(size), name)
        finally:
            with self._cursor_of_site() as cursor:
                cursor.execute(drop)

    def _there(self) -> set[str]:
        with self._cursor_of_site() as cursor:
            cursor.execute("SELECT datname FROM pg_database")
            return {name for (name,) in cursor.fetchall()}

    def _make(self, name: str, *, of: str) -> None:
        template = sql.SQL("TEMPLATE {} STRATEGY file_copy").format(sql.Identifier(of)) if of else sql.SQL("")
        with self._cursor_of_site() as cursor:
            cursor.execute(sql.SQL("CREATE DATABASE {} {}").format(sql.Identifier(name), template))

    @contextmanager
    def _cursor_of_site(self) -> Iterator[Any]:
        _use(self._site)
        with connection.cursor() as cursor:
            yield cursor


def _use(name: str) -> None:
    connection.close()
    connection.close_pool()
    connection.settings_dict["NAME"] = name
