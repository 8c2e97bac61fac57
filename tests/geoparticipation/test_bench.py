"""`manage.py bench` runs, on a small town; what it measures is for people to read."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection
from pytest_django import DjangoDbBlocker

from geoparticipation.benchmarks import lists, sizes, tiles
from geoparticipation.benchmarks.databases import TownDatabases
from geoparticipation.benchmarks.servers import our_server
from geoparticipation.benchmarks.table import Row
from geoparticipation.benchmarks.town import BenchTown
from geoparticipation.contributions.models import Contribution, ContributionDistrict
from neighbourhoods.models import Address, District

HOMES, FEW, MANY = 400, 60, 150


@pytest.fixture(scope="module")
def towns(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[TownDatabases]:
    """The towns' databases, made once for all tests of this module and dropped after the last."""
    with django_db_blocker.unblock():
        databases = TownDatabases(addresses=HOMES, sizes=[FEW, MANY])
        databases.drop()
        assert [said.split()[-3] for said in databases.build()] == ["0", str(FEW), str(MANY)]
        yield databases
        databases.drop()
        with connection.cursor():  # the tests after these find the connection as it was
            pass


@pytest.mark.parametrize("size", [FEW, MANY])
def test_town_has_the_size_asked_and_everything_in_its_district(towns: TownDatabases, size: int) -> None:
    with towns.open(size):
        assert Address.objects.count() == HOMES
        assert District.objects.count() == 400
        assert Contribution.objects.public().count() == ContributionDistrict.objects.count() == size
        for contribution in Contribution.objects.select_related("district"):
            assert contribution.district.geometry.covers(contribution.geometry)
        for address in Address.objects.select_related("district"):
            assert address.district.geometry.covers(address.geometry)


def test_indexes_and_references_are_the_same_after_a_large_fill(
    towns: TownDatabases, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Conditions come back with their casts written in another way; what is of a table's columns is the same.
    made_of = """SELECT regexp_replace(indexdef, ' WHERE .*', '') FROM pg_indexes
         WHERE tablename LIKE 'contributions_contribution%'
        UNION ALL SELECT conrelid::regclass || ' ' || conname || pg_get_constraintdef(oid) FROM pg_constraint
        ORDER BY 1"""
    with towns.copy_of(FEW), connection.cursor() as cursor:
        cursor.execute(made_of)
        before = cursor.fetchall()
        monkeypatch.setattr("geoparticipation.benchmarks.town._AT_ONCE", 20)

        BenchTown().grow_to(FEW + 50)

        cursor.execute(made_of)
        assert cursor.fetchall() == before
        assert Contribution.objects.count() == FEW + 50


def test_tiles_that_are_measured_touch_the_town() -> None:
    assert len(tiles.tiles_of(8)) == 1
    assert len(tiles.tiles_of(17)) == 5
    # The tile of zoom 14 over the middle of the town (6.14° E, 49.62° N), by the formula of the OpenStreetMap wiki.
    assert tiles.tiles_of(14)[0] == (8471, 5583)


def test_mailing_list_is_of_a_square_with_about_as_many_homes(towns: TownDatabases) -> None:
    with towns.open(FEW):
        square = lists.square_of(100)

        # A quarter of the area: half of the 100 homes along each of the middle 2 of the 4 streets.
        assert Address.objects.filter(geometry__coveredby=square).count() == 100


def test_sizes_are_measured_over_http_and_compared(towns: TownDatabases, monkeypatch: pytest.MonkeyPatch) -> None:
    # The pages need the collected static files, which take longer to collect than this test.
    monkeypatch.setattr(
        "geoparticipation.benchmarks.sizes.PAGES", {"list of 100": ["/api/v1/contributions/?limit=100"]}
    )
    monkeypatch.setattr("geoparticipation.benchmarks.sizes.ZOOMS", range(14, 15))

    with our_server(towns.url(FEW)) as site:
        costs = sizes.costs(site)
        answer = site.get("/api/v1/contributions/?limit=100")
    rows = list(sizes.compared(costs, costs, FEW, MANY))

    assert [row.what for row in rows] == [
        f"tile at zoom 14, {MANY} contributions against {FEW}",
        f"list of 100, {MANY} contributions against {FEW}",
    ]
    assert [row.ratio for row in rows] == [1, 1]
    assert costs["list of 100"][1] == len(answer)
    assert len(json.loads(answer)["features"]) == FEW


@pytest.mark.django_db(transaction=True)  # one test must say so for pytest-django to make the database of them all
def test_command_writes_its_table_and_leaves_no_copy(
    towns: TownDatabases, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("geoparticipation.management.commands.bench._LETTERBOXES", 100)
    monkeypatch.setattr("geoparticipation.benchmarks.lists._REPEATS", 1)
    output, file = StringIO(), tmp_path / "bench.md"

    call_command(
        "bench", addresses=HOMES, few=FEW, many=MANY, register=100, keep=True, output=file, stdout=output,
        stderr=StringIO(), only=["lists", "importing", "cells"],
    )  # fmt: skip

    text = file.read_text()
    for expected in (
        "| mailing list of an area with 100 letterboxes, against bare COPY |",
        "| import of 100 addresses of a CSV file, against ogr2ogr with COPY |"
        if shutil.which("ogr2ogr")
        else "ogr2ogr is not installed",
        f"| cells of {MANY} contributions against a full recount: cells that differ | 0 |",
    ):
        assert expected in text
    assert str(file) in output.getvalue().replace("\n", "")
    with connection.cursor() as cursor:
        cursor.execute("SELECT datname FROM pg_database WHERE datname LIKE '%_bench_400_%'")
        there = {name for (name,) in cursor.fetchall()}
    assert there == {towns.name(size) for size in (0, FEW, MANY)}


@pytest.mark.parametrize(
    ("ratio", "missed", "words"), [(0.004, False, "1 / 250"), (1.3, False, "1.30 ×"), (1.31, True, "1.31 ×")]
)
def test_row_says_when_its_goal_is_missed(ratio: float, missed: bool, words: str) -> None:
    row = Row(what="x", ours="1", ratio=ratio, goal="≤ 1.3", at_most=1.3)

    assert (row.is_missed, row.in_words) == (missed, words)
