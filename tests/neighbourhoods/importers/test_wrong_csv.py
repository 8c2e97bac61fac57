"""Wrong address files: each a clear error with a code, and nothing half-written."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from neighbourhoods.importers.address_formats import ReadingOptions
from neighbourhoods.importers.load_addresses import import_addresses
from neighbourhoods.importers.report import ImportReport
from neighbourhoods.models import Address, Street

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]

GOOD = "id,housenumber,street,postcode,city,lon,lat\n"
ROW = "a1,12 bis,Rue Haute,1000,Bruxelles,4.35,50.84\n"
BAN = (
    "id;id_fantoir;numero;rep;nom_voie;code_postal;code_insee;nom_commune;code_insee_ancienne_commune;"
    "nom_ancienne_commune;x;y;lon;lat;type_position;alias;nom_ld;libelle_acheminement;nom_afnor;source_position;"
    "source_nom_voie;certification_commune;cad_parcelles\n"
)
BAN_ROW = (
    "75101_0044_00001;75101_0044;1;bis;Rue des Halles;75001;75101;Paris;;;651900.1;6862200.2;2.345;48.859;entrée;;;"
    "PARIS;RUE DES HALLES;commune;commune;1;\n"
)

WRONG_FILES = {
    "empty": (b"", "csv", "file_empty"),
    "only blanks": (b"\n  \n\n", "csv", "file_empty"),
    "header only": (GOOD.encode(), "csv", "file_empty"),
    "no header": (ROW.encode(), "csv", "header_missing"),
    "no header, one number": (b"4.35\n4.36\n", "csv", "header_missing"),
    "one column": (b"street\nRue Haute\n", "csv", "delimiter_wrong"),
    "another delimiter": (GOOD.replace(",", "#").encode() + ROW.replace(",", "#").encode(), "csv", "delimiter_wrong"),
    "no street": (GOOD.replace("street", "something").encode() + ROW.encode(), "csv", "column_missing"),
    "no longitude": (GOOD.replace(",lon", ",east").encode() + ROW.encode(), "csv", "column_missing"),
    "commas where the BAN has semicolons": (BAN.replace(";", ",").encode(), "ban", "delimiter_wrong"),
    "BAN without nom_voie": (BAN.replace("nom_voie", "voie").encode() + BAN_ROW.encode(), "ban", "column_missing"),
    "BAN with lon and lat swapped": (
        BAN.encode() + BAN_ROW.replace("2.345;48.859", "48.859;2.345").encode(),
        "ban",
        "coordinates_swapped",
    ),
    "lat beyond the pole": (GOOD.encode() + b"a,1,Rue,1,B,-33.9,151.2\n", "csv", "coordinates_swapped"),
    "workbook": (b"PK\x03\x04" + b"\x00" * 50, "csv", "file_binary"),
    "compressed": (gzip.compress(GOOD.encode()), "csv", "file_binary"),
    "picture": (b"\x89PNG\r\n\x1a\n" + b"\x00" * 50, "csv", "file_binary"),
    "GeoPackage": (b"SQLite format 3\x00" + b"\x00" * 50, "csv", "file_binary"),
    "NUL in the midst": ((GOOD + ROW + "a2,1\0,Rue,1,B,4.3,50.8\n").encode(), "csv", "file_binary"),
    "all rows bad": (
        GOOD.encode() + b"a1,1,,1000,B,4.35,50.84\na2,2,Rue,1000,B,here,there\n",
        "csv",
        "nothing_to_import",
    ),
    "no such format": (GOOD.encode() + ROW.encode(), "xml", "format_unknown"),
}


@pytest.mark.parametrize(("content", "format_name", "code"), WRONG_FILES.values(), ids=WRONG_FILES.keys())
def test_wrong_file_is_refused_as_a_whole(tmp_path: Path, content: bytes, format_name: str, code: str) -> None:
    path = tmp_path / "addresses.csv"
    path.write_bytes(content)

    with pytest.raises(CommandError, match=rf"\[{code}\] Nothing was changed"):
        call_command("import_addresses", path, format=format_name)

    assert not Address.objects.exists()
    assert not Street.objects.exists()


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"delimiter": ";"}, "delimiter_wrong"),
        ({"delimiter": "::"}, "delimiter_wrong"),
        ({"encoding": "utf-99"}, "encoding_unknown"),
        ({"encoding": "ascii"}, "encoding_unknown"),
        ({"crs": "EPSG:999999"}, "reference_system_unknown"),
        ({"column": ["street=Voie"]}, "column_missing"),
        ({"column": ["colour=street"]}, "column_option_wrong"),
        ({"column": ["street"]}, "column_option_wrong"),
    ],
)
def test_wrong_option_is_refused(tmp_path: Path, options: dict[str, object], code: str) -> None:
    path = tmp_path / "addresses.csv"
    path.write_text(GOOD + ROW.replace("Haute", "Élevée"), encoding="utf-8")

    with pytest.raises(CommandError, match=rf"\[{code}\]"):
        call_command("import_addresses", path, format="csv", **options)

    assert not Address.objects.exists()


WRONG_ROWS = {
    "too few cells": ("a2,3,Rue Basse,1000", "row_ragged"),
    "too many cells": ("a2,3,Rue Basse,1000,Bruxelles,4.35,50.84,more", "row_ragged"),
    "no street": ("a2,3,,1000,Bruxelles,4.35,50.84", "street_missing"),
    "no latitude": ("a2,3,Rue Basse,1000,Bruxelles,4.35,", "coordinates_missing"),
    "words for a number": ("a2,3,Rue Basse,1000,Bruxelles,east,50.84", "coordinates_not_a_number"),
    "not a number": ("a2,3,Rue Basse,1000,Bruxelles,nan,50.84", "coordinates_not_a_number"),
    "infinite": ("a2,3,Rue Basse,1000,Bruxelles,inf,50.84", "coordinates_not_a_number"),
    "beyond the globe": ("a2,3,Rue Basse,1000,Bruxelles,435,50.84", "coordinates_out_of_range"),
    "the sea off Africa": ("a2,3,Rue Basse,1000,Bruxelles,0,0", "coordinates_out_of_range"),
    "known identifier": ("a1,3,Rue Basse,1000,Bruxelles,4.36,50.84", "duplicate_id"),
    "endless house number": (f"a2,{'9' * 41},Rue Basse,1000,Bruxelles,4.36,50.84", "value_too_long"),
    "endless street": (f"a2,3,{'x' * 201},1000,Bruxelles,4.36,50.84", "value_too_long"),
}


@pytest.mark.parametrize(("row", "code"), WRONG_ROWS.values(), ids=WRONG_ROWS.keys())
def test_wrong_row_is_refused_with_its_reason_and_the_others_are_kept(tmp_path: Path, row: str, code: str) -> None:
    path, refused = tmp_path / "addresses.csv", tmp_path / "refused.csv"
    path.write_text(GOOD + ROW + row + "\n")

    call_command("import_addresses", path, format="csv", refused=refused)

    assert list(Address.objects.values_list("register_id", flat=True)) == ["a1"]
    lines = refused.read_text(encoding="utf-8-sig").splitlines()
    assert lines[0] == "kind,row,code,reason"
    assert lines[1].startswith(f"addresses,line 3,{code},")
    assert len(lines) == 2


@pytest.mark.parametrize(
    ("encoding", "delimiter"),
    [("utf-8", ","), ("utf-8-sig", ";"), ("cp1252", ";"), ("utf-16", "\t"), ("utf-16-le", ","), ("utf-8", "|")],
)
def test_encoding_and_delimiter_are_found(tmp_path: Path, encoding: str, delimiter: str) -> None:
    path = tmp_path / "addresses.csv"
    text = GOOD + ROW.replace("Rue Haute", "Rue de la Forêt")
    path.write_text(text.replace(",", delimiter), encoding=encoding)

    call_command("import_addresses", path, format="csv")

    assert Address.objects.get().street.name == "Rue de la Forêt"


def test_decimal_commas_and_a_projection_are_read(tmp_path: Path) -> None:
    """The Grand-Place in Belgian Lambert 72, of which the geographic coordinates are known."""
    path = tmp_path / "addresses.csv"
    path.write_text("rue;numero;x;y\nGrand-Place;1;148895,6;170644,8\n")

    call_command("import_addresses", path, format="csv", crs="EPSG:31370")

    assert Address.objects.get().geometry.coords == pytest.approx((4.3525, 50.8467), abs=0.001)


def test_columns_can_be_named(tmp_path: Path) -> None:
    path = tmp_path / "addresses.csv"
    path.write_text("Adresse,Nr,East,North,Flats,Pub\nRue Haute,4,4.35,50.84,6,non\nRue Haute,6,4.35,50.85,,oui\n")
    columns = ["street=Adresse", "house_number=Nr", "lon=East", "lat=North", "dwellings=Flats", "no_flyers=Pub"]

    call_command("import_addresses", path, format="csv", column=columns)

    rows = Address.objects.order_by("number").values_list("number", "dwellings", "no_flyers")
    assert list(rows) == [(4, 6, False), (6, 1, True)]


def test_ban_rows_are_read(tmp_path: Path) -> None:
    path = tmp_path / "adresses-75.csv"
    hamlet = BAN_ROW.replace("_00001;", "_99999;").replace(";1;bis;", ";99999;;")
    path.write_text(BAN + BAN_ROW + hamlet, encoding="utf-8")

    call_command("import_addresses", path, format="ban")

    address = Address.objects.get(register_id="75101_0044_00001")
    assert (address.house_number, address.number, address.number_suffix) == ("1 bis", 1, "bis")
    assert (address.postcode, address.locality, address.source) == ("75001", "Paris", "ban")
    assert (address.street.code, address.street.name) == ("75101_0044", "Rue des Halles")
    assert address.geometry.coords == (2.345, 48.859)
    assert Address.objects.get(register_id="75101_0044_99999").house_number == ""


def test_failure_in_the_middle_leaves_everything_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "addresses.csv"
    path.write_text(GOOD + ROW)
    call_command("import_addresses", path, format="csv")
    before = (list(Address.objects.values()), list(Street.objects.values()))
    path.write_text(GOOD + ROW.replace("12 bis", "14") + "a2,1,Rue Neuve,1000,Bruxelles,4.36,50.84\n")

    def broken(**_options: object) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr("neighbourhoods.importers.store.addresses.close_missing_addresses", broken)
    with pytest.raises(CommandError, match="the disk is full"):
        call_command("import_addresses", path, format="csv")

    assert (list(Address.objects.values()), list(Street.objects.values())) == before


def test_second_import_updates_by_identifier_and_keeps_what_the_register_does_not_know(tmp_path: Path) -> None:
    path = tmp_path / "addresses.csv"
    path.write_text(GOOD + ROW + "a2,1,Rue Neuve,1000,Bruxelles,4.36,50.84\n")
    call_command("import_addresses", path, format="csv")
    Address.objects.filter(register_id="a1").update(no_flyers=True, dwellings=5)
    keys = dict(Address.objects.values_list("register_id", "pk"))
    path.write_text(GOOD + ROW.replace("12 bis", "14"))
    report = ImportReport()

    import_addresses(path, format_name="csv", report=report, options=ReadingOptions())

    assert dict(Address.objects.values_list("register_id", "pk")) == keys
    changed = Address.objects.get(register_id="a1")
    assert (changed.house_number, changed.no_flyers, changed.dwellings) == ("14", True, 5)
    assert (report.created["addresses"], report.changed["addresses"]) == (0, 1)
