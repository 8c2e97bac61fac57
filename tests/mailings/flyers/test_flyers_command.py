"""`manage.py flyers`."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.utils.translation import override

from geoparticipation.mailings.models import Mailing
from neighbourhoods.models import Street
from tests.fixtures.tiny_town import TinyTown
from tests.mailings.flyers.conftest import MakeMailing, words_of

pytestmark = pytest.mark.django_db


def run(*arguments: str) -> str:
    out = io.StringIO()
    with override("en"):
        call_command("flyers", *arguments, stdout=out)
    return out.getvalue()


def test_flyers_replace_the_file_and_leave_nothing_else(mailing: Mailing, tmp_path: Path) -> None:
    file = tmp_path / "flyers.pdf"
    file.write_text("old")

    said = run(str(mailing.pk), "--template", "dl", "-o", str(file))

    assert said == f"12 flyers written to {file}\n"
    assert len(words_of(file)) == 12
    assert [path.name for path in tmp_path.iterdir() if path.name != "media"] == ["flyers.pdf"]


def test_addresses_for_a_bulk_mailer_are_in_the_order_of_the_flyers(
    make_town_mailing: MakeMailing, tiny_town: TinyTown, tmp_path: Path
) -> None:
    Street.objects.filter(pk=tiny_town.rue_basse.pk).update(name="=Basse")
    mailing, file = make_town_mailing(), tmp_path / "flyers.csv"

    said = run(str(mailing.pk), "--format", "csv", "-o", str(file))

    assert said == f"12 addresses written to {file}\n"
    with file.open(encoding="utf-8-sig", newline="") as table:
        rows = list(csv.DictReader(table))
    assert [row["flyer"] for row in rows] == [str(number) for number in range(1, 13)]
    lines = [
        [line for line in several if line]
        for several in mailing.letterboxes.order_by("position").values_list("lines", flat=True)
    ]
    printed = [[row[f"line{n}"].removeprefix("'") for n in range(1, 5) if row[f"line{n}"]] for row in rows]
    assert printed == lines
    assert not any(cell.startswith("=") for row in rows for cell in row.values())
    assert {row["locality"] for row in rows} == {"Tinyville"}


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["0"], "no mailing of this number"),
        (["ID", "--addressed"], "Only the folded A4"),
    ],
)
def test_command_says_what_is_wrong_and_writes_nothing(
    mailing: Mailing, tmp_path: Path, options: list[str], sentence: str
) -> None:
    file = tmp_path / "flyers.pdf"
    named = [str(mailing.pk) if option == "ID" else option for option in options]

    with override("en"), pytest.raises(CommandError, match=sentence):
        call_command("flyers", *named, "-o", str(file))

    assert [path for path in tmp_path.iterdir() if path.name != "media"] == []
