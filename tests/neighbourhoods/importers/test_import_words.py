"""The import commands speak the language of the site; codes, kinds and columns stay the same in all of them."""

from __future__ import annotations

import csv
import os
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.utils import translation

from neighbourhoods.importers.errors import FileBinary
from neighbourhoods.importers.report import kind_in_words
from neighbourhoods.importers.text_file import find_encoding

CHECKOUT = Path(__file__).resolve().parents[3]
HEADER = "id,housenumber,street,postcode,city,lon,lat\n"
GOOD = "a1,12,Rue Haute,1000,Bruxelles,4.35,50.84\n"
BAD = "a2,3,,1000,Bruxelles,4.35,50.84\n"


@pytest.mark.parametrize(
    ("language", "said"),
    [
        (None, "Il n’y a pas de fichier « nowhere.geojson ». [file_missing] Rien n’a été changé."),
        ("en", "There is no file “nowhere.geojson”. [file_missing] Nothing was changed."),
    ],
)
def test_command_speaks_the_language_of_the_site(language: str | None, said: str) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "DEFAULT_LANGUAGE"}
    if language:
        environment["DEFAULT_LANGUAGE"] = language

    run = subprocess.run(
        [sys.executable, "manage.py", "import_districts", "nowhere.geojson", "--level=x", "--name-field=name"],
        cwd=CHECKOUT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )

    assert run.returncode == 1
    assert run.stderr.replace("\N{NO-BREAK SPACE}", " ").strip() == f"CommandError: {said}"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("language", "headings", "row", "colon", "reason"),
    [
        (
            "fr",
            ["Import", "lues", "écrites", "refusées", "Lignes refusées"],
            "ligne 3",
            "\N{NO-BREAK SPACE}: ",
            "le nom de la rue manque",
        ),
        ("en", ["Import", "read", "written", "refused", "Refused rows"], "line 3", ": ", "it names no street"),
    ],
)
def test_report_is_in_the_language_and_its_codes_are_not(
    tmp_path: Path, language: str, headings: list[str], row: str, colon: str, reason: str
) -> None:
    path, refused, printed = tmp_path / "addresses.csv", tmp_path / "refused.csv", StringIO()
    path.write_text(HEADER + GOOD + BAD)

    with translation.override(language):
        call_command("import_addresses", path, format="csv", refused=refused, stdout=printed)

    for words in [*headings, "street_missing", f"{row}{colon}{reason}"]:
        assert words in printed.getvalue()
    with refused.open(encoding="utf-8-sig", newline="") as file:
        assert list(csv.reader(file)) == [
            ["kind", "row", "code", "reason"],
            ["addresses", row, "street_missing", reason],
        ]


@pytest.mark.django_db
def test_what_a_file_says_is_no_mark_up_in_the_report(tmp_path: Path) -> None:
    path, printed = tmp_path / "addresses.csv", StringIO()
    path.write_text(HEADER + GOOD + "a2,3,Rue Basse,1000,Bruxelles,[/b],50.84\n")

    call_command("import_addresses", path, format="csv", stdout=printed)

    assert "[/b]" in printed.getvalue()


def test_kind_of_file_is_named_in_the_language_of_the_moment(tmp_path: Path) -> None:
    """The names stand in a table made when the program starts; they are translated when they are read."""
    path = tmp_path / "addresses.csv"
    path.write_bytes(b"%PDF-1.7")

    said = []
    for language in ("fr", "en"):
        with translation.override(language), pytest.raises(FileBinary) as refusal:
            find_encoding(path)
        said.append(refusal.value.detail)

    assert said == [
        "addresses.csv n’est pas un fichier texte, mais un document PDF.",
        "addresses.csv is no text file but a PDF document.",
    ]


def test_level_of_districts_keeps_its_name() -> None:
    with translation.override("fr"):
        assert kind_in_words("districts (commune)") == "quartiers (commune)"
        assert kind_in_words("addresses") == "adresses"


@pytest.mark.django_db
def test_file_that_cannot_be_written_is_told_in_french(tmp_path: Path) -> None:
    path = tmp_path / "addresses.csv"
    path.write_text(HEADER + GOOD)

    with translation.override("fr"), pytest.raises(CommandError, match=r"lu ou écrit.*\[file_unreadable\] Rien"):
        call_command("import_addresses", path, format="csv", refused=tmp_path)
