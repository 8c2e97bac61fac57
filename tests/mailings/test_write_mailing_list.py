"""The file of letterboxes: rows, columns, what is left out, what is recorded."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from django.db import DatabaseError, connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from geoparticipation.accounts.models import User
from geoparticipation.mailings.domain.write_mailing_list import COLUMNS, ListOptions, write_mailing_list
from geoparticipation.mailings.enums import Channel, FileFormat
from geoparticipation.mailings.models import MailingListDownload
from neighbourhoods.domain.targets import PartSpec, save_target
from neighbourhoods.enums import PartKind, Side
from neighbourhoods.models import Address, Street
from tests.fixtures.tiny_town import TinyTown


@pytest.fixture(autouse=True)
def _in_belgium(settings: Any) -> None:
    settings.ADDRESS_COUNTRY = "BE"


def written(letterboxes_of: Any, **options: Any) -> tuple[list[dict[str, str]], MailingListDownload, bytes]:
    file = io.BytesIO()
    with translation.override("en"):
        download = write_mailing_list(
            file=file,
            letterboxes_of=letterboxes_of,
            name="A target",
            downloaded_by=None,
            channel=Channel.COMMAND,
            options=ListOptions(**options),
        )
    content = file.getvalue()
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig")))), download, content


def whole(street: Street, **options: Any) -> list[PartSpec]:
    return [PartSpec(kind=PartKind.STREET, street_id=street.pk, **options)]


def test_columns_and_cells_are_those_of_the_contract(tiny_town: TinyTown) -> None:
    rows, _download, content = written(whole(tiny_town.avenue_du_parc, number_from=3))

    assert content.startswith(
        b"\xef\xbb\xbfaddress_id,street,house_number,box,postcode,locality,district,dwellings,lon,lat,"
    )
    assert list(rows[0]) == list(COLUMNS)
    assert rows == [
        {
            "address_id": str(tiny_town.addresses["parc 3"].pk),
            "street": "Avenue du Parc",
            "house_number": "3",
            "box": "A",
            "postcode": "1000",
            "locality": "Tinyville",
            "district": "East",
            "dwellings": "2",
            "lon": "4.4153",
            "lat": "50.846",
            "line1": "To the residents",
            "line2": "Avenue du Parc 3 boîte A",
            "line3": "1000 Tinyville",
            "line4": "",
        }
    ]


def test_addressee_is_in_the_language_in_use(tiny_town: TinyTown) -> None:
    file = io.BytesIO()
    with translation.override("fr"):
        write_mailing_list(
            file=file,
            letterboxes_of=whole(tiny_town.rue_haute),
            name="x",
            downloaded_by=None,
            channel=Channel.PAGE,
        )

    assert "Aux habitants,Rue Haute 1,1000 Tinyville," in file.getvalue().decode()


def test_no_flyers_are_left_out_and_counted(tiny_town: TinyTown) -> None:
    rows, download, _content = written(whole(tiny_town.rue_haute))

    assert [row["house_number"] for row in rows] == ["1", "2", "3", "5 bis", "6"]
    assert (download.letterboxes, download.duplicates_left_out, download.no_flyers_left_out) == (5, 0, 1)


def test_no_flyers_can_be_kept(tiny_town: TinyTown) -> None:
    rows, download, _content = written(whole(tiny_town.rue_haute), respect_no_flyers=False)

    assert len(rows) == 6
    assert (download.letterboxes, download.no_flyers_left_out) == (6, 0)


def add_address(street: Street, register_id: str, **members: Any) -> Address:
    place = street.addresses.first().geometry
    return Address.objects.create(
        register_id=register_id, source="tiny", street=street, **{"geometry": place, "postcode": "1000", **members}
    )


def test_duplicates_are_left_out_and_counted_the_one_with_most_dwellings_stays(tiny_town: TinyTown) -> None:
    bigger = add_address(tiny_town.rue_haute, "again", house_number="1", number=1, dwellings=9)

    rows, download, _content = written(whole(tiny_town.rue_haute, number_to=1))

    assert [row["address_id"] for row in rows] == [str(bigger.pk)]
    assert (download.letterboxes, download.duplicates_left_out) == (1, 1)


def test_duplicates_can_be_kept(tiny_town: TinyTown) -> None:
    add_address(tiny_town.rue_haute, "again", house_number="1", number=1)

    rows, download, _content = written(whole(tiny_town.rue_haute, number_to=1), deduplicate=False)

    assert len(rows) == 2
    assert download.duplicates_left_out == 0


@pytest.mark.parametrize("other", [{"box": "2"}, {"number_suffix": "b"}, {"postcode": "1001"}, {"number": 11}], ids=str)
def test_other_box_suffix_postcode_or_number_is_another_letterbox(tiny_town: TinyTown, other: dict[str, Any]) -> None:
    add_address(tiny_town.rue_haute, "near", **{"house_number": "1", "number": 1, **other})

    _rows, download, _content = written(whole(tiny_town.rue_haute))

    assert download.duplicates_left_out == 0


def test_letterbox_is_left_out_for_one_reason_only(tiny_town: TinyTown) -> None:
    add_address(tiny_town.rue_haute, "again", house_number="4", number=4, no_flyers=True)

    _rows, download, _content = written(whole(tiny_town.rue_haute, number_from=4, number_to=4))

    assert (download.letterboxes, download.duplicates_left_out, download.no_flyers_left_out) == (0, 1, 1)


@pytest.mark.parametrize("evil", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1+1", "\r=1+1", "\n=1", "＝1"])
def test_no_cell_starts_a_formula(tiny_town: TinyTown, evil: str) -> None:
    street = tiny_town.rue_haute
    Street.objects.filter(pk=street.pk).update(name=evil)
    Address.objects.filter(street=street).update(box=evil, locality=evil, postcode=evil[:16], house_number=evil)

    rows, _download, _content = written(whole(street, side=Side.ODD))

    assert len(rows) == 3
    for row in rows:
        for column in ("street", "house_number", "box", "postcode", "locality", "line2", "line3"):
            assert row[column].startswith("'"), column
        assert row["street"] == f"'{evil}"


def test_ordinary_cells_stay_as_they_are(tiny_town: TinyTown) -> None:
    address = tiny_town.addresses["haute 1"]
    address.geometry = "SRID=4326;POINT(-0.123456789 -12.25)"
    address.locality = 'Saint-Jean, "le Vieux"'
    address.save()

    [row] = written(whole(tiny_town.rue_haute, number_to=1))[0]

    assert (float(row["lon"]), float(row["lat"])) == (-0.1234568, -12.25)
    assert row["locality"] == 'Saint-Jean, "le Vieux"'


def test_streets_come_as_in_a_dictionary_numbers_as_one_counts(tiny_town: TinyTown) -> None:
    street = tiny_town.rue_haute
    for box in ("10", "9", ""):
        add_address(street, f"100/{box}", house_number="100", number=100, box=box)
    add_address(street, "100 bis", house_number="100 bis", number=100, number_suffix="bis")
    Street.objects.filter(pk=street.pk).update(name="Église")
    Street.objects.filter(pk=tiny_town.rue_basse.pk).update(name="Zénith")
    parts = [PartSpec(kind=PartKind.STREET, street_id=pk) for pk in Street.objects.values_list("pk", flat=True)]

    rows = written(parts, respect_no_flyers=False)[0]

    assert [row["street"] for row in rows] == ["Avenue du Parc"] * 4 + ["Église"] * 10 + ["Zénith"] * 4
    assert [(row["house_number"], row["box"]) for row in rows[-8:-4]] == [
        ("100", ""),
        ("100", "9"),
        ("100", "10"),
        ("100 bis", ""),
    ]


def test_download_is_recorded(tiny_town: TinyTown, agent: User) -> None:
    target = save_target(name="Haute", parts=whole(tiny_town.rue_haute), user=agent)

    write_mailing_list(
        file=io.BytesIO(), letterboxes_of=target, name=target.name, downloaded_by=agent, channel=Channel.PAGE
    )

    record = MailingListDownload.objects.get()
    assert (record.downloaded_by, record.target, record.target_name) == (agent, target, "Haute")
    assert (record.channel, record.file_format, record.letterboxes) == (Channel.PAGE, "csv", 5)
    assert record.downloaded_at is not None


def test_target_that_reaches_nobody_makes_a_file_of_the_header_alone(tiny_town: TinyTown) -> None:
    rows, download, content = written(whole(tiny_town.rue_haute, number_from=1000))

    assert rows == []
    assert content.decode("utf-8-sig").strip() == ",".join(COLUMNS)
    assert download.letterboxes == 0


class FullDisk(io.BytesIO):
    def write(self, _content: Any) -> int:
        raise OSError(28, "No space left on device")


def test_what_could_not_be_written_is_not_recorded(tiny_town: TinyTown) -> None:
    with pytest.raises(OSError, match="No space"):
        write_mailing_list(
            file=FullDisk(),
            letterboxes_of=whole(tiny_town.rue_haute),
            name="x",
            downloaded_by=None,
            channel=Channel.PAGE,
        )

    assert not MailingListDownload.objects.exists()


@pytest.mark.parametrize("street_count", [1, 3])
def test_list_takes_the_same_queries_for_one_street_and_for_three(tiny_town: TinyTown, street_count: int) -> None:
    streets = [tiny_town.rue_haute, tiny_town.rue_basse, tiny_town.avenue_du_parc][:street_count]
    parts = [PartSpec(kind=PartKind.STREET, street_id=street.pk) for street in streets]

    with CaptureQueriesContext(connection) as queries:
        written(parts)

    # Savepoint, COPY, the record, the savepoint's release.
    assert len(queries) == 4


def test_no_table_is_left_behind(tiny_town: TinyTown) -> None:
    for file_format in (FileFormat.CSV, FileFormat.XLSX, FileFormat.XLSX):
        write_mailing_list(
            file=io.BytesIO(), letterboxes_of=whole(tiny_town.rue_haute), name="x", downloaded_by=None,
            channel=Channel.PAGE, file_format=file_format,
        )  # fmt: skip

    with pytest.raises(DatabaseError, match="chosen_letterbox"), connection.cursor() as cursor:
        cursor.execute("SELECT * FROM chosen_letterbox")


@pytest.mark.parametrize("left_out", [0, 1, 2])
def test_rows_beyond_one_batch_are_all_there(tiny_town: TinyTown, left_out: int) -> None:
    street = tiny_town.rue_haute
    street.addresses.all().delete()
    place = tiny_town.addresses["parc 3"].geometry
    Address.objects.bulk_create(
        Address(
            register_id=f"many {number}", source="tiny", street=street, house_number=str(number), number=number,
            geometry=place, no_flyers=number > 2500 - left_out,
        )
        for number in range(1, 2501)
    )  # fmt: skip

    rows, download, _content = written(whole(street))

    assert [row["house_number"] for row in rows] == [str(number) for number in range(1, 2501 - left_out)]
    assert (download.letterboxes, download.no_flyers_left_out) == (2500 - left_out, left_out)
