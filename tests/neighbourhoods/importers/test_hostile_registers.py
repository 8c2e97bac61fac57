"""Harmful, broken and odd registers by the commands: each refused as a whole with a code, or read; nothing between."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path

import geopandas
import pytest
import shapely
from django.core.management import call_command
from django.core.management.base import CommandError

from neighbourhoods.models import Address, District, Street, StreetName
from tests.layers.bait import Bait
from tests.layers.gis_files import kml, placemark, write_gis, zip_shapefile

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]

STREETS = geopandas.GeoDataFrame(
    {"name": ["Rue Haute"]}, geometry=[shapely.LineString([(4.35, 50.85), (4.36, 50.85)])], crs=4326
)
HEADER = "id,housenumber,street,postcode,city,lon,lat"
ROW = "a1,12,Rue Haute,1000,Bruxelles,4.35,50.84"


def _vrt(path: Path, bait: Bait) -> None:
    path.write_text(bait.vrt)


def _entity(path: Path, bait: Bait) -> None:
    path.write_text(kml(placemark("&x;"), before=f'<!DOCTYPE kml [<!ENTITY x SYSTEM "file://{bait.path}">]>'))


def _network_link(path: Path, bait: Bait) -> None:
    path.write_text(kml(f"<NetworkLink><Link><href>{bait.path}</href></Link></NetworkLink>"))


def _slip(path: Path, bait: Bait) -> None:
    zip_shapefile(STREETS, path)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(f"../{bait.path.name}", "overwritten")


def _bomb(path: Path, bait: Bait) -> None:
    zip_shapefile(STREETS, path, without=(".dbf",))
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"{path.stem}.dbf", bytes(40_000_000))


def _no_reference_system(path: Path, bait: Bait) -> None:
    zip_shapefile(STREETS.to_crs(31370), path, without=(".prj",))


def _sparse(path: Path, bait: Bait) -> None:
    with path.open("wb") as file:
        file.truncate(4 << 30)


@pytest.mark.parametrize(
    ("command", "attack", "suffix", "code"),
    [
        ("import_streets", _vrt, ".gpkg", "file_format_unknown"),
        ("import_districts", _entity, ".kml", "file_unsafe"),
        ("import_addresses", _network_link, ".kml", "file_unsafe"),
        ("import_streets", _slip, ".zip", "file_archive_unsafe"),
        ("import_districts", _bomb, ".zip", "file_too_large"),
        ("import_streets", _no_reference_system, ".zip", "file_crs_missing"),
        ("import_districts", _no_reference_system, ".zip", "file_crs_missing"),
        ("import_addresses", _no_reference_system, ".zip", "file_crs_missing"),
        ("import_addresses", _sparse, ".fgb", "file_too_large"),
    ],
)
def test_attack_is_refused_and_changes_nothing(
    tmp_path: Path, command: str, attack: Callable[[Path, Bait], None], suffix: str, code: str
) -> None:
    bait = Bait(tmp_path / "passwords.csv")
    path = tmp_path / f"register{suffix}"
    attack(path, bait)
    options = {
        "import_streets": {"name_field": "name"},
        "import_districts": {"level": "quartier", "name_field": "name"},
        "import_addresses": {"format": "gis", "column": ["street=name"]},
    }[command]

    with pytest.raises(CommandError, match=rf"\. \[{code}\] Nothing was changed"):
        call_command(command, path, **options)

    assert not bait.was_opened()
    assert "hunter2" in bait.path.read_text()
    assert not any(model.objects.exists() for model in (Address, District, Street))


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-8-sig"])
def test_csv_in_utf16_is_read(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(f"{HEADER}\n{ROW.replace('Rue Haute', 'Rue du Pré')}\n".encode(encoding))

    call_command("import_addresses", path, format="csv")

    assert Address.objects.get().street.name == "Rue du Pré"


def test_csv_of_three_hundred_columns_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(f"{','.join(f'c{n}' for n in range(300))},{HEADER}\n{','.join(str(n) for n in range(300))},{ROW}\n")

    call_command("import_addresses", path, format="csv")

    assert Address.objects.get().register_id == "a1"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (f"{HEADER}\n{ROW}\n".encode().replace(b"Haute", b"Hau\0te"), "file_binary"),
        (b"a,b" * 500_000, "header_missing"),
        (b'"' + b"a," * 500_000, "delimiter_wrong"),
        (f"{HEADER}\n".encode() + b"a" * 5_000_000, "nothing_to_import"),
        (f'{HEADER}\na1,12,"Rue'.encode() + b"x\n" * 80_000, "nothing_to_import"),
    ],
    ids=["NUL bytes", "endless header", "endless quoted header", "endless line", "quote never closed"],
)
def test_broken_csv_is_refused(tmp_path: Path, content: bytes, code: str) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(content)

    with pytest.raises(CommandError, match=rf"\[{code}\] Nothing was changed"):
        call_command("import_addresses", path, format="csv")

    assert not Address.objects.exists()


@pytest.mark.parametrize("suffix", [".zip", ".kml"])
def test_good_file_beside_them_is_read(tmp_path: Path, suffix: str) -> None:
    call_command("import_streets", write_gis(STREETS, tmp_path / f"a{suffix}"))

    street = Street.objects.get()
    assert street.name == "Rue Haute"
    assert street.geometry is not None
    assert street.geometry.extent == pytest.approx((4.35, 50.85, 4.36, 50.85))
    assert StreetName.objects.get().search_name
