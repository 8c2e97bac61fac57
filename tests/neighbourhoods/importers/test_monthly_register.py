"""The same register again, a month later: what is new, changed, gone and back, and nothing else is touched.

`GEOPARTICIPATION_REGISTER_ROWS=200000` tries it with a large town's register.
"""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.utils import timezone

from neighbourhoods.importers.load_addresses import import_addresses
from neighbourhoods.importers.report import ImportReport
from neighbourhoods.importers.store.closing import Closing
from neighbourhoods.models import Address, Street
from tests.neighbourhoods.importers.monthly_register import Home, a_month_later, homes_of_a_town, write_register

ROWS = int(os.environ.get("GEOPARTICIPATION_REGISTER_ROWS", "20000"))
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]


def load(path: Path, homes: list[Home], *, closing: Closing = Closing.GUARDED) -> ImportReport:
    report = ImportReport()
    with transaction.atomic():
        import_addresses(write_register(path, homes), format_name="csv", report=report, closing=closing)
    return report


def as_stored(source: str = "csv") -> dict[str, tuple[str, str]]:
    """Where each row of the register lies in the table, and a digest of all it holds."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT register_id, xmin::text || ctid::text, md5(a::text) FROM neighbourhoods_address AS a"
            " WHERE source = %s",
            [source],
        )
        return {name: (place, digest) for name, place, digest in cursor.fetchall()}


def test_a_month_later(tmp_path: Path) -> None:
    homes = homes_of_a_town(ROWS)
    first = load(tmp_path / "first.csv", homes)
    Address.objects.create(
        register_id="A7", source="another", street=Street.objects.all()[0], geometry="SRID=4326;POINT(4.4 50.85)"
    )
    before, other_before = as_stored(), as_stored("another")
    later = a_month_later(homes)
    report = load(tmp_path / "later.csv", later.homes)
    after = as_stored()

    assert (first.created["addresses"], first.written("addresses")) == (ROWS, ROWS)
    part = ROWS // 100
    assert report.as_json()["kinds"][0] | {"columns": []} == {
        "kind": "addresses",
        "label": "addresses",
        "read": ROWS,
        "written": ROWS,
        "created": part,
        "changed": part,
        "unchanged": ROWS - 2 * part,
        "reopened": 0,
        "closed": part,
        "refused": 0,
        "columns": [],
    }
    assert dict(report.columns_of("addresses")) == dict.fromkeys(later.changed, part // 4)
    touched = set().union(*later.changed.values()) | later.gone
    assert {name for name in before if before[name] != after[name]} == touched
    assert after.keys() - before.keys() == later.added
    assert as_stored("another") == other_before
    assert set(Address.objects.exclude(closed_at=None).values_list("register_id", flat=True)) == later.gone


def test_what_is_in_force_is_what_the_file_says(tmp_path: Path) -> None:
    homes = homes_of_a_town(2000)
    load(tmp_path / "first.csv", homes)
    later = a_month_later(homes)
    load(tmp_path / "later.csv", later.homes)

    in_force = Address.objects.current().values_list(
        "register_id", "street__name", "house_number", "postcode", "dwellings", "geometry"
    )
    assert {(*row[:5], row[5].x, row[5].y) for row in in_force} == {
        (home.id, home.street, home.house_number, home.postcode, home.dwellings, home.lon, home.lat)
        for home in later.homes
    }


def test_the_same_file_again_writes_nothing(tmp_path: Path) -> None:
    homes = homes_of_a_town(1500)
    load(tmp_path / "first.csv", homes)
    before = as_stored()
    report = load(tmp_path / "again.csv", homes)

    assert as_stored() == before
    assert (report.unchanged["addresses"], report.written("addresses")) == (1500, 1500)
    assert not any(report.closed.values())


def test_what_comes_back_is_reopened_with_its_key(tmp_path: Path) -> None:
    homes = homes_of_a_town(300)
    load(tmp_path / "first.csv", homes)
    keys = dict(Address.objects.values_list("register_id", "pk"))
    gone = load(tmp_path / "gone.csv", homes[:150])
    back = load(tmp_path / "back.csv", homes)

    # Streets have a hundred homes: the third is without any, the second keeps half of them.
    assert (gone.closed["addresses"], gone.closed["streets known only by their addresses"]) == (150, 1)
    assert (back.reopened["addresses"], back.unchanged["addresses"], back.created["addresses"]) == (150, 150, 0)
    assert back.reopened["streets known only by their addresses"] == 1
    assert dict(Address.objects.values_list("register_id", "pk")) == keys
    assert Address.objects.current().count() == 300
    assert Street.objects.current().count() == Street.objects.count() == 3


def test_what_agents_noted_outlives_the_closing(tmp_path: Path) -> None:
    homes = homes_of_a_town(20)
    load(tmp_path / "first.csv", homes)
    Address.objects.filter(register_id="A5").update(no_flyers=True)
    load(tmp_path / "gone.csv", homes[:5] + homes[6:])
    load(tmp_path / "back.csv", homes)

    assert Address.objects.get(register_id="A5").no_flyers


def test_most_of_a_register_is_not_closed_by_a_slip(tmp_path: Path) -> None:
    homes = homes_of_a_town(1200)
    load(tmp_path / "first.csv", homes)
    before = as_stored()
    part = write_register(tmp_path / "part.csv", homes[:599])

    with pytest.raises(CommandError, match=r"close 601 of the 1,200 rows.*--partial.*--close-many.*closes_too_much"):
        call_command("import_addresses", part, format="csv")
    assert as_stored() == before

    call_command("import_addresses", part, "--partial", format="csv")
    assert as_stored() == before

    call_command("import_addresses", part, "--close-many", format="csv")
    assert Address.objects.current().count() == 599


@pytest.mark.parametrize(("in_register", "in_file"), [(1200, 600), (1000, 500), (900, 400), (600, 100)])
def test_up_to_half_or_up_to_500_are_closed_without_asking(tmp_path: Path, in_register: int, in_file: int) -> None:
    homes = homes_of_a_town(in_register)
    load(tmp_path / "first.csv", homes)
    report = load(tmp_path / "later.csv", homes[:in_file])

    assert report.closed["addresses"] == in_register - in_file


def test_a_part_closes_nothing_and_updates(tmp_path: Path) -> None:
    homes = homes_of_a_town(200)
    load(tmp_path / "first.csv", homes)
    later = a_month_later(homes[:100], share=0.02)
    report = load(tmp_path / "part.csv", later.homes, closing=Closing.NOTHING)

    assert Counter(report.closed) == Counter()
    assert report.changed["addresses"] == 2
    assert Address.objects.current().count() == 200 + len(later.added - {home.id for home in homes})


def test_what_the_file_has_in_a_bad_row_is_not_gone(tmp_path: Path) -> None:
    homes = homes_of_a_town(20)
    load(tmp_path / "first.csv", homes)
    path = write_register(tmp_path / "later.csv", homes[:19])
    with path.open("a") as file:
        file.write("A19,,20,,1000,Villeneuve,4.4,50.85,1\n")
    report = ImportReport()
    with transaction.atomic():
        import_addresses(path, format_name="csv", report=report)

    assert report.refused_of("addresses") == 1
    assert Address.objects.get(register_id="A19").closed_at is None


def test_what_the_file_has_in_a_line_of_other_cells_is_not_gone(tmp_path: Path) -> None:
    homes = homes_of_a_town(20)
    load(tmp_path / "first.csv", homes)
    path = write_register(tmp_path / "later.csv", homes[:18])
    with path.open("a") as file:
        file.write("A19,Rue Haute,20\n")
    report = ImportReport()
    with transaction.atomic():
        import_addresses(path, format_name="csv", report=report)

    assert dict(report.refused) == {("addresses", "row_ragged"): 1}
    assert list(Address.objects.exclude(closed_at=None).values_list("register_id", flat=True)) == ["A18"]


def test_rows_are_closed_at_the_time_of_the_import(tmp_path: Path) -> None:
    homes = homes_of_a_town(20)
    load(tmp_path / "first.csv", homes)
    before = timezone.now()
    load(tmp_path / "later.csv", homes[:19])

    closed_at = Address.objects.get(register_id="A19").closed_at
    assert closed_at is not None
    assert abs((closed_at - before).total_seconds()) < 3600
