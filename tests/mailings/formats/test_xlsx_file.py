"""The workbook, opened again with openpyxl."""

from __future__ import annotations

import io
import tempfile
import zipfile
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest
from django.utils.timezone import localdate

from geoparticipation.mailings.domain.formats import xlsx_file
from geoparticipation.mailings.domain.write_mailing_list import COLUMNS
from geoparticipation.mailings.enums import FileFormat
from geoparticipation.mailings.errors import ListTooLong
from geoparticipation.mailings.models import MailingListDownload
from neighbourhoods.models import Address, Street
from tests.fixtures.tiny_town import TinyTown
from tests.mailings.formats.conftest import Write, whole


def opened(content: bytes) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(content))


def test_sheet_of_letterboxes(tiny_town: TinyTown, write: Write) -> None:
    book = opened(write(FileFormat.XLSX, whole(tiny_town.avenue_du_parc, number_from=3)))

    sheet = book["Letterboxes"]
    head, row = sheet.iter_rows(values_only=True)
    assert head == COLUMNS
    assert row == (
        tiny_town.addresses["parc 3"].pk,
        *("Avenue du Parc", "3", "A", "1000", "Tinyville", "East", 2, 4.4153, 50.846),
        *("To the residents", "Avenue du Parc 3 boîte A", "1000 Tinyville", None),
    )
    assert [cell.data_type for cell in sheet[2]] == ["n", *"ssssss", *"nnn", *"sss", "n"]
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref == "A1:N2"


def test_sheet_about_the_list(tiny_town: TinyTown, write: Write) -> None:
    book = opened(write(FileFormat.XLSX, whole(tiny_town.rue_haute)))

    said = dict(book["About"].iter_rows(values_only=True))
    assert isinstance(said["Date"], datetime)
    assert said == {
        "Target": "A target",
        "Date": datetime.combine(localdate(), datetime.min.time()),
        "Letterboxes": 5,
        "Duplicates left out": 0,
        "“No flyers” left out": 1,
    }
    assert isinstance(localdate(), date)


@pytest.mark.parametrize(
    "evil", ["=1+1", '=HYPERLINK("https://example.org")', "+1", "-1", "@SUM(A1)", "\t=1", "＝1", "{=1}", "1e5", "007"]
)
def test_text_stays_text(tiny_town: TinyTown, write: Write, evil: str) -> None:
    street = tiny_town.rue_haute
    Street.objects.filter(pk=street.pk).update(name=evil)
    Address.objects.filter(street=street).update(locality=evil, house_number=evil, postcode=evil[:16])

    content = write(FileFormat.XLSX, whole(street))

    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        assert b"<f>" not in parts.read("xl/worksheets/sheet1.xml")
    for row in opened(content)["Letterboxes"].iter_rows(min_row=2):
        for at, wanted in ((1, evil), (2, evil), (4, evil[:16]), (5, evil)):
            assert (row[at].data_type, row[at].value) == ("s", wanted)
            assert row[at].quotePrefix == wanted.startswith(tuple("=+-@\t＝"))


@pytest.mark.parametrize("address", ["https://example.org", "mailto:a@example.org", "internal:About!A1", "file:///etc"])
def test_nothing_becomes_a_link(tiny_town: TinyTown, write: Write, address: str) -> None:
    Street.objects.filter(pk=tiny_town.rue_haute.pk).update(name=address)

    sheet = opened(write(FileFormat.XLSX, whole(tiny_town.rue_haute)))["Letterboxes"]

    assert sheet["B2"].value == address
    assert sheet["B2"].hyperlink is None


def test_signs_that_xml_has_no_place_for_are_written_as_the_format_says(tiny_town: TinyTown, write: Write) -> None:
    name = "Rue\x01 & <b> \x0b _x0041_ 𝔘"
    Street.objects.filter(pk=tiny_town.rue_haute.pk).update(name=name)

    sheet = opened(write(FileFormat.XLSX, whole(tiny_town.rue_haute)))["Letterboxes"]

    assert openpyxl.utils.escape.unescape(sheet["B2"].value) == name


def test_target_that_reaches_nobody(tiny_town: TinyTown, write: Write) -> None:
    book = opened(write(FileFormat.XLSX, whole(tiny_town.rue_haute, number_from=1000)))

    assert list(book["Letterboxes"].iter_rows(values_only=True)) == [COLUMNS]


def test_list_longer_than_a_sheet_is_refused(
    tiny_town: TinyTown, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(xlsx_file, "MOST_ROWS", 4)

    with pytest.raises(ListTooLong, match="CSV or GeoPackage"):
        write(FileFormat.XLSX, whole(tiny_town.rue_haute))

    assert not MailingListDownload.objects.exists()


def test_failure_half_way_leaves_no_file_behind(
    tiny_town: TinyTown, write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    def fail(*_arguments: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(xlsx_file, "_write_about", fail)

    with pytest.raises(OSError, match="No space"):
        write(FileFormat.XLSX, whole(tiny_town.rue_haute))

    assert list(tmp_path.iterdir()) == []
    assert not MailingListDownload.objects.exists()
