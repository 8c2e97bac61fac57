"""Files made to do harm, or broken beyond reading: refused with a sentence, or read for no more than they hold."""

from __future__ import annotations

import sqlite3
import stat
import struct
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import geopandas
import openpyxl
import pyogrio.raw
import pytest
import shapely
from django.utils import translation

from layers.readers import UPLOAD_LIMITS, FeatureFile, FileFeature, FileLimits, FileRefused
from tests.layers.bait import Bait
from tests.layers.gis_files import kml, placemark, write_gis, zip_shapefile

PLACES = geopandas.GeoDataFrame(
    {"name": ["Haute", "Basse"]}, geometry=[shapely.Point(4.35, 50.85), shapely.Point(4.36, 50.86)], crs=4326
)
IN_METRES = PLACES.to_crs(31370)


@pytest.fixture(autouse=True)
def in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def bait(tmp_path: Path) -> Iterator[Bait]:
    bait = Bait(tmp_path / "passwords.csv")
    yield bait
    assert not bait.was_opened()
    bait.close()


def _read(path: Path, **options: Any) -> list[FileFeature]:
    with FeatureFile(path, **{"limits": UPLOAD_LIMITS, **options}) as file:
        return list(file)


def _refusal(path: Path, **options: Any) -> FileRefused:
    with pytest.raises(FileRefused) as refused:
        _read(path, **options)
    assert refused.value.detail.endswith(".")
    return refused.value


def _code(path: Path) -> str:
    """The code of the refusal; empty where both places were read."""
    try:
        features = _read(path)
    except FileRefused as refused:
        return refused.code
    return "" if len(features) == 2 else f"{len(features)} features"


def _names(features: list[FileFeature]) -> list[Any]:
    return [feature.attributes.get("name", feature.attributes.get("Name")) for feature in features]


def _zip(path: Path, members: dict[str, bytes], **options: Any) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, **options) as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return path


def test_bait_tells_when_it_is_opened(tmp_path: Path) -> None:
    bait = Bait(tmp_path / "passwords.csv")
    attack = tmp_path / "a.geojson"
    attack.write_text(bait.vrt)

    assert not bait.was_opened()
    assert pyogrio.raw.read(attack)[3][1].tolist() == ["hunter2"]
    assert bait.was_opened()


@pytest.mark.parametrize("suffix", [".geojson", ".gpkg", ".kml", ".fgb", ".zip", ".vrt"])
def test_virtual_dataset_under_any_name(tmp_path: Path, bait: Bait, suffix: str) -> None:
    attack = tmp_path / f"a{suffix}"
    attack.write_text(bait.vrt)

    assert _refusal(attack).code == "file_format_unknown"


@pytest.mark.parametrize(
    "dressed", [lambda vrt: f"<kml>{vrt}</kml>", lambda vrt: f"<!-- <kml> -->{vrt}", lambda vrt: vrt + kml("")]
)
def test_virtual_dataset_dressed_as_kml(tmp_path: Path, bait: Bait, dressed: Callable[[str], str]) -> None:
    attack = tmp_path / "a.kml"
    attack.write_text(dressed(bait.vrt))

    assert _refusal(attack).code in {"file_unreadable", "file_without_geometry"}


@pytest.mark.parametrize("suffix", [".shp", ".dbf", ".prj", ".cpg"])
def test_virtual_dataset_within_a_zipped_shapefile(tmp_path: Path, bait: Bait, suffix: str) -> None:
    whole = zip_shapefile(PLACES, tmp_path / "a.zip", without=(suffix,))
    with zipfile.ZipFile(whole, "a") as archive:
        archive.writestr(f"a{suffix}", bait.vrt)

    if suffix in {".prj", ".cpg"}:
        assert _names(_read(whole)) == ["Haute", "Basse"]
    else:
        assert _refusal(whole).code == "file_unreadable"


@pytest.mark.parametrize(
    "name", ["../a.shp", "x/../../a.shp", "/etc/a.shp", "C:/a.shp", "..\\a.shp", "C:\\a.shp", "\\\\host\\a.shp"]
)
def test_path_out_of_the_archive(tmp_path: Path, name: str) -> None:
    whole = zip_shapefile(PLACES, tmp_path / "a.zip")
    with zipfile.ZipFile(whole, "a") as archive:
        archive.writestr(zipfile.ZipInfo(name), b"")

    refused = _refusal(whole)

    assert refused.code == "file_archive_unsafe"
    assert "leads out of it" in refused.detail


def test_link_in_an_archive(tmp_path: Path, bait: Bait) -> None:
    link = zipfile.ZipInfo("a.dbf")
    link.create_system = 3
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    whole = zip_shapefile(PLACES, tmp_path / "a.zip", without=(".dbf",))
    with zipfile.ZipFile(whole, "a") as archive:
        archive.writestr(link, str(bait.path))

    refused = _refusal(whole)

    assert refused.code == "file_archive_unsafe"
    assert "a link" in refused.detail


def test_archive_in_an_archive(tmp_path: Path) -> None:
    inner = zip_shapefile(PLACES, tmp_path / "inner.zip")

    refused = _refusal(_zip(tmp_path / "outer.zip", {"inner.zip": inner.read_bytes()}))

    assert refused.code == "file_archive_unsafe"
    assert "inner.zip" in refused.detail


def test_a_workbook_is_told_from_other_archives(tmp_path: Path) -> None:
    workbook = openpyxl.Workbook()
    workbook.active.append(["street", "lon", "lat"])
    workbook.save(tmp_path / "addresses.xlsx")

    refused = _refusal(tmp_path / "addresses.xlsx")

    assert refused.code == "file_format_unknown"
    assert "save it there as CSV" in refused.detail


def test_archive_with_a_password(tmp_path: Path) -> None:
    whole = zip_shapefile(PLACES, tmp_path / "a.zip")
    content = bytearray(whole.read_bytes())
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = -1
        while (at := content.find(signature, at + 1)) >= 0:
            content[at + offset] |= 1
    whole.write_bytes(content)

    refused = _refusal(whole)

    assert refused.code == "file_archive_unsafe"
    assert "password" in refused.detail


def test_archive_compressed_in_another_way(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    parts = zip_shapefile(PLACES, tmp_path / "parts.zip").with_suffix(".parts")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_LZMA) as archive:
        for part in parts.iterdir():
            archive.write(part, part.name)

    assert _refusal(path).code == "file_archive_unsafe"


@pytest.mark.parametrize("limits", [UPLOAD_LIMITS, FileLimits()])
@pytest.mark.parametrize("suffix", [".dbf", ".prj"])
def test_zip_bomb(tmp_path: Path, suffix: str, limits: FileLimits) -> None:
    whole = zip_shapefile(PLACES, tmp_path / "a.zip", without=(suffix,))
    with zipfile.ZipFile(whole, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"a{suffix}", bytes(60_000_000))
    assert whole.stat().st_size < 100_000

    assert _refusal(whole, limits=limits).code == "file_too_large"


def test_archive_that_expands_further_than_it_says(tmp_path: Path) -> None:
    whole = zip_shapefile(PLACES, tmp_path / "a.zip", without=(".dbf",))
    with zipfile.ZipFile(whole, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.dbf", bytes(30_000_000))
    content = whole.read_bytes()
    whole.write_bytes(content.replace(struct.pack("<I", 30_000_000), struct.pack("<I", 1000)))

    assert _refusal(whole).code == "file_unreadable"


def test_archive_of_very_many_files(tmp_path: Path) -> None:
    path = _zip(tmp_path / "a.zip", {f"{number}.txt": b"" for number in range(1001)})

    assert _refusal(path).code == "file_too_large"
    assert _refusal(path, limits=FileLimits()).code == "file_format_unknown"


def test_archive_whose_directory_would_fill_the_memory(tmp_path: Path) -> None:
    path = _zip(tmp_path / "a.zip", {"a.txt": b""})
    content = bytearray(path.read_bytes())
    content[-10:-6] = struct.pack("<I", 4_000_000_000)
    path.write_bytes(content)

    assert _refusal(path).code == "file_too_large"


@pytest.mark.parametrize("cut", [4, 30, 200, -30])
def test_broken_archive(tmp_path: Path, cut: int) -> None:
    path = zip_shapefile(PLACES, tmp_path / "a.zip")
    path.write_bytes(path.read_bytes()[:cut])

    assert _refusal(path).code == "file_unreadable"


def test_external_entity(tmp_path: Path, bait: Bait) -> None:
    path = tmp_path / "a.kml"
    path.write_text(
        kml(placemark("&x;"), before=f'<!DOCTYPE kml [<!ENTITY x SYSTEM "file://{bait.path}">]>'), encoding="utf-8"
    )

    assert _refusal(path).code == "file_unsafe"


def test_external_document_type(tmp_path: Path, bait: Bait) -> None:
    path = tmp_path / "a.kml"
    path.write_text(kml(placemark("x"), before=f'<!DOCTYPE kml SYSTEM "file://{bait.path}">'))

    assert _refusal(path).code == "file_unsafe"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_billion_laughs(tmp_path: Path, encoding: str) -> None:
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    path = tmp_path / "a.kml"
    text = kml(placemark("&l9;"), before=f'<!DOCTYPE kml [<!ENTITY l0 "ha">{laughs}]>')
    path.write_text(text.replace("UTF-8", encoding), encoding=encoding)

    refused = _refusal(path)

    assert refused.code == "file_unsafe"
    assert "ENTITY" in refused.detail


@pytest.mark.parametrize("prefix", ["", "k:"])
def test_network_link(tmp_path: Path, bait: Bait, prefix: str) -> None:
    link = (
        f'<{prefix}NetworkLink xmlns:k="http://www.opengis.net/kml/2.2"><{prefix}Link>'
        f"<{prefix}href>file://{bait.path}</{prefix}href></{prefix}Link></{prefix}NetworkLink>"
    )
    path = tmp_path / "a.kml"
    path.write_text(kml(placemark("Haute") + link))

    refused = _refusal(path)

    assert refused.code == "file_unsafe"
    assert "NetworkLink" in refused.detail


def test_pictures_and_styles_elsewhere_are_left_there(tmp_path: Path, bait: Bait) -> None:
    path = tmp_path / "a.kml"
    style = f"<styleUrl>file://{bait.path}#s</styleUrl>"
    overlay = f"<GroundOverlay><Icon><href>file://{bait.path}</href></Icon></GroundOverlay>"
    path.write_text(kml(placemark("Haute", more=style) + overlay))

    assert "Haute" in _names(_read(path))


def test_elements_nested_too_deep(tmp_path: Path) -> None:
    path = tmp_path / "a.kml"
    path.write_text(kml("<Folder>" * 50_000 + placemark("Haute") + "</Folder>" * 50_000))

    assert _refusal(path).code == "file_unreadable"


def test_coordinates_of_ten_megabytes(tmp_path: Path) -> None:
    path = tmp_path / "a.kml"
    path.write_text(kml(placemark("Haute", "4.351,50.85 4.35,50.85 " * 440_000, kind="LineString")))

    (line,) = _read(path, limits=FileLimits())

    assert path.stat().st_size > 10_000_000
    assert line.geometry is not None
    assert line.geometry.num_coords == 880_000


@pytest.mark.parametrize("start", [b"", b"PK\x03\x04", b"fgb\x03fgb\x00", b'{"type": "FeatureCollection"'])
def test_sparse_file_of_four_gigabytes(tmp_path: Path, start: bytes) -> None:
    path = tmp_path / "a.bin"
    with path.open("wb") as file:
        file.write(start)
        file.truncate(4 << 30)

    assert _refusal(path).code == "file_too_large"
    assert _refusal(path, limits=FileLimits()).code == "file_too_large"


def test_shapefile_without_a_reference_system(tmp_path: Path) -> None:
    metres = zip_shapefile(IN_METRES, tmp_path / "metres.zip", without=(".prj",))
    degrees = zip_shapefile(PLACES, tmp_path / "degrees.zip", without=(".prj",))

    refused = _refusal(metres)
    said = _read(metres, crs="EPSG:31370")

    assert refused.code == "file_crs_missing"
    assert ".prj" in refused.detail
    expected = IN_METRES.to_crs(4326).geometry
    for feature, point in zip(said, expected, strict=True):
        assert shapely.from_wkb(feature.wkb).equals_exact(point, 1e-9)
    assert [shapely.from_wkb(feature.wkb).coords[0] for feature in _read(degrees)] == [(4.35, 50.85), (4.36, 50.86)]
    assert _refusal(metres, crs="EPSG:999999").code == "file_crs_unknown"


@pytest.mark.parametrize("missing", [".shx", ".dbf"])
def test_shapefile_that_is_not_whole(tmp_path: Path, missing: str) -> None:
    refused = _refusal(zip_shapefile(PLACES, tmp_path / "a.zip", without=(missing,)))

    assert refused.code == "file_unreadable"
    assert missing in refused.detail


def test_one_file_of_a_shapefile(tmp_path: Path) -> None:
    parts = zip_shapefile(PLACES, tmp_path / "a.zip").with_suffix(".parts")

    refused = _refusal(parts / "a.shp")

    assert refused.code == "file_format_unknown"
    assert "one zip archive" in refused.detail


@pytest.mark.parametrize(("offset", "value"), [(4, 1_000_000_000), (8, 0xFFFFFFFF), (8, 0)])
def test_table_that_lies_about_its_size(tmp_path: Path, offset: int, value: int) -> None:
    whole = zip_shapefile(PLACES, tmp_path / "a.zip")
    table = bytearray((whole.with_suffix(".parts") / "a.dbf").read_bytes())
    table[offset : offset + 4] = struct.pack("<I", value)
    liar = zip_shapefile(PLACES, tmp_path / "b.zip", without=(".dbf",))
    with zipfile.ZipFile(liar, "a") as archive:
        archive.writestr("b.dbf", bytes(table))

    refused = _refusal(liar)

    assert refused.code == "file_unreadable"
    assert ".dbf" in refused.detail


def test_shapes_that_lie_about_their_length(tmp_path: Path) -> None:
    areas = IN_METRES.assign(geometry=IN_METRES.buffer(9))
    whole = zip_shapefile(areas, tmp_path / "a.zip")
    shapes = bytearray((whole.with_suffix(".parts") / "a.shp").read_bytes())
    shapes[100 + 8 + 4 + 32 : 100 + 8 + 4 + 32 + 8] = struct.pack("<II", 2_000_000_000, 2_000_000_000)
    liar = zip_shapefile(areas, tmp_path / "b.zip", without=(".shp",))
    with zipfile.ZipFile(liar, "a") as archive:
        archive.writestr("b.shp", bytes(shapes))

    # The row stays, and has no place: an importer refuses it as such.
    assert [feature.wkb is None for feature in _read(liar)] == [True, False]


@pytest.mark.parametrize("position", [8, 24, 40, 56])
def test_flatgeobuf_with_a_lying_header(tmp_path: Path, position: int) -> None:
    path = write_gis(PLACES, tmp_path / "a.fgb")
    content = bytearray(path.read_bytes())
    content[position : position + 4] = b"\xff\xff\xff\x7f"
    path.write_bytes(content)

    # Some bytes say something else, and the file is whole all the same; whatever they say, nothing worse happens.
    assert _code(path) in {"", "file_unreadable", "file_too_large", "file_encoding"}


@pytest.mark.parametrize("keep", [8, 0.5, 0.9])
def test_flatgeobuf_cut_short(tmp_path: Path, keep: float) -> None:
    path = write_gis(PLACES, tmp_path / "a.fgb")
    content = path.read_bytes()
    path.write_bytes(content[: int(keep if keep > 1 else len(content) * keep)])

    assert _refusal(path).code == "file_unreadable"


def test_trigger_in_a_geopackage_does_nothing(tmp_path: Path) -> None:
    path = write_gis(PLACES, tmp_path / "a.gpkg")
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE log (said text)")
        database.execute("CREATE TRIGGER spy AFTER INSERT ON log BEGIN DELETE FROM a; END")
    database.close()
    before = path.read_bytes()

    assert _names(_read(path)) == ["Haute", "Basse"]
    assert path.read_bytes() == before
    assert sorted(found.name for found in tmp_path.iterdir()) == ["a.gpkg"]


def test_geopackage_that_was_written_with_a_log_beside_it(tmp_path: Path) -> None:
    path = write_gis(PLACES, tmp_path / "a.gpkg")
    with sqlite3.connect(path) as database:
        database.execute("PRAGMA journal_mode = WAL")
    database.close()

    assert _names(_read(path)) == ["Haute", "Basse"]


@pytest.mark.parametrize("suffix", [".geojson", ".kml"])
def test_nul_bytes_in_text(tmp_path: Path, suffix: str) -> None:
    path = write_gis(PLACES, tmp_path / f"a{suffix}")
    path.write_bytes(path.read_bytes().replace(b"Haute", b"Hau\x00te"))

    assert _refusal(path).code == "file_unreadable"


@pytest.mark.parametrize("suffix", [".gpkg", ".kml"])
def test_three_hundred_columns(tmp_path: Path, suffix: str) -> None:
    wide = geopandas.GeoDataFrame({f"c{n:03}": ["x"] for n in range(300)}, geometry=PLACES.geometry[:1], crs=4326)

    (row,) = _read(write_gis(wide, tmp_path / f"a{suffix}"))

    assert {row.attributes[f"c{n:03}"] for n in range(300)} == {"x"}
