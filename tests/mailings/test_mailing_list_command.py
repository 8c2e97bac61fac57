"""`manage.py mailing_list`."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pdfplumber
import pytest
from django.core.management import CommandError, call_command

from geoparticipation.mailings.management.commands import mailing_list
from geoparticipation.mailings.models import MailingListDownload
from neighbourhoods.models import Address
from tests.fixtures.tiny_town import TinyTown


def run(*arguments: str) -> str:
    out = io.StringIO()
    call_command("mailing_list", *arguments, stdout=out)
    return out.getvalue()


def numbers(file: Path) -> list[str]:
    with file.open(encoding="utf-8-sig", newline="") as rows:
        return [row["house_number"] for row in csv.DictReader(rows)]


def test_list_of_one_side_of_a_street(tiny_town: TinyTown, tmp_path: Path) -> None:
    file = tmp_path / "list.csv"

    report = run("--street", "Rue Haute:even:2-60", "-o", str(file))

    assert numbers(file) == ["2", "6"]
    assert "Rue Haute, Tinyville" in report
    assert str(file) in report
    assert [line[-1] for line in report.splitlines()[-2:]] == ["0", "1"]
    record = MailingListDownload.objects.get()
    assert (record.downloaded_by, record.target, record.channel) == (None, None, "command")
    assert (record.target_name, record.letterboxes, record.no_flyers_left_out) == ("Rue Haute:even:2-60", 2, 1)


def test_options_keep_what_is_left_out_by_default(tiny_town: TinyTown, tmp_path: Path) -> None:
    Address.objects.filter(register_id="haute 2").update(number=4, house_number="4")
    file = tmp_path / "list.csv"

    run("--street", "Rue Haute:even", "--keep-duplicates", "--include-no-flyers", "-o", str(file))

    assert numbers(file) == ["4", "4", "6"]


def test_existing_file_is_replaced_and_nothing_else_left(tiny_town: TinyTown, tmp_path: Path) -> None:
    file = tmp_path / "list.csv"
    file.write_text("old")

    run("--district", "W", "-o", str(file))

    assert numbers(file) == ["1", "2", "1", "2", "3", "5 bis", "6"]
    assert [path.name for path in tmp_path.iterdir()] == ["list.csv"]


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["--street", "Rue Absente"],
        ["--district", "Atlantis"],
        ["--street", "Rue Haute", "--buffer", "-3"],
        ["--area", "/nonexistent.geojson"],
    ],
)
def test_what_is_refused_leaves_the_file_as_it_was(tiny_town: TinyTown, tmp_path: Path, arguments: list[str]) -> None:
    file = tmp_path / "list.csv"
    file.write_text("old")

    with pytest.raises(CommandError):
        run(*arguments, "-o", str(file))

    assert file.read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["list.csv"]
    assert not MailingListDownload.objects.exists()


def test_failure_half_way_leaves_nothing(tiny_town: TinyTown, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail_after_some_rows(**options: object) -> None:
        options["file"].write(b"half a list")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(mailing_list, "write_mailing_list", fail_after_some_rows)

    with pytest.raises(CommandError, match="No space left"):
        run("--district", "W", "-o", str(tmp_path / "list.csv"))

    assert list(tmp_path.iterdir()) == []


def test_folder_that_is_not_there_is_said(tiny_town: TinyTown, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="absent"):
        run("--district", "W", "-o", str(tmp_path / "absent" / "list.csv"))


def test_format_that_is_not_there_is_said(tiny_town: TinyTown, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="csv"):
        run("--district", "W", "--format", "docx", "-o", str(tmp_path / "list.docx"))


@pytest.mark.parametrize(
    ("file_format", "beginning"),
    [("xlsx", b"PK\x03\x04"), ("gpkg", b"SQLite format 3\x00"), ("labels-pdf", b"%PDF-1.")],
)
def test_other_formats_are_written_and_recorded(
    tiny_town: TinyTown, tmp_path: Path, file_format: str, beginning: bytes
) -> None:
    file = tmp_path / "list"

    run("--street", "Rue Haute:even", "--format", file_format, "-o", str(file))

    assert file.read_bytes().startswith(beginning)
    assert [path.name for path in tmp_path.iterdir()] == ["list"]
    record = MailingListDownload.objects.get()
    assert (record.file_format, record.letterboxes, record.no_flyers_left_out) == (file_format, 2, 1)


def test_labels_on_the_sheet_asked_for(tiny_town: TinyTown, tmp_path: Path) -> None:
    file = tmp_path / "labels.pdf"

    run("--district", "W", "--format", "labels-pdf", "--sheet", "5160", "--start-at", "25", "-o", str(file))

    with pdfplumber.open(file) as labels:
        assert [page.extract_text().count("1000 T") for page in labels.pages] == [6, 1]
        assert (labels.pages[0].width, labels.pages[0].height) == (612, 792)  # US Letter in points


@pytest.mark.parametrize(
    "arguments", [["--start-at", "22"], ["--start-at", "0"], ["--sheet", "9999"], ["--start-at", "first"]]
)
def test_wrong_label_options_leave_the_file_as_it_was(
    tiny_town: TinyTown, tmp_path: Path, arguments: list[str]
) -> None:
    file = tmp_path / "labels.pdf"
    file.write_text("old")

    with pytest.raises(CommandError):
        run("--district", "W", "--format", "labels-pdf", *arguments, "-o", str(file))

    assert file.read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["labels.pdf"]
    assert not MailingListDownload.objects.exists()
