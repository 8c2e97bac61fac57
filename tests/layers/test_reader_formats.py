"""Zipped Shapefile, FlatGeobuf, KML and KMZ read as geopandas wrote them; encodings; what describes a file."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import geopandas
import pytest
import shapely

from layers.readers import FeatureFile, FileFeature, FileRefused, describe_file, recognise_format
from layers.readers.encodings import known_encoding
from tests.layers.gis_files import kml, placemark, write_gis, zip_shapefile

PLACES = geopandas.GeoDataFrame(
    {"name": ["Haute-Rue", "Straße"], "rank": [1, 2]},
    geometry=[
        shapely.LineString([(4.35, 50.85), (4.36, 50.86)]),
        shapely.LineString([(4.37, 50.85), (4.38, 50.86), (4.38, 50.87)]),
    ],
    crs=4326,
)


def _read(path: Path, **options: Any) -> list[FileFeature]:
    with FeatureFile(path, **options) as file:
        return list(file)


@pytest.mark.parametrize("crs", [4326, 31370, 3812])
@pytest.mark.parametrize("suffix", [".zip", ".fgb"])
def test_features_are_those_that_geopandas_reads(tmp_path: Path, suffix: str, crs: int) -> None:
    written = PLACES.to_crs(crs)
    path = write_gis(written, tmp_path / f"places{suffix}")

    with FeatureFile(path) as file:
        features = list(file)

    assert file.fields == ("name", "rank")
    assert file.layer == "places"
    by_name = {feature.attributes["name"]: feature for feature in features}
    for row in geopandas.read_file(path).to_crs(4326).itertuples():
        feature = by_name.pop(row.name)
        assert feature.attributes["rank"] == row.rank
        assert shapely.from_wkb(feature.wkb).equals_exact(row.geometry, 1e-9)
    assert not by_name


@pytest.mark.parametrize("packed", [False, True])
def test_kml_and_kmz(tmp_path: Path, packed: bool) -> None:
    path = write_gis(PLACES, tmp_path / "places.kml")
    if packed:
        with zipfile.ZipFile(tmp_path / "places.kmz", "w") as archive:
            archive.writestr("files/picture.png", b"")
            archive.writestr("files/other.kml", kml(placemark("Other")))
            archive.write(path, "doc.kml")
        path = tmp_path / "places.kmz"

    features = _read(path)

    assert [feature.attributes["Name"] for feature in features] == ["Haute-Rue", "Straße"]
    assert [feature.attributes["rank"] for feature in features] == ["1", "2"]
    for feature, line in zip(features, PLACES.geometry, strict=True):
        assert shapely.from_wkb(feature.wkb).equals_exact(line, 1e-9)


def test_folders_of_a_kml_are_its_layers(tmp_path: Path) -> None:
    path = tmp_path / "a.kml"
    folders = [f"<Folder><name>{name}</name>{placemark(name)}</Folder>" for name in ("north", "south")]
    path.write_text(kml("".join(folders)))

    with pytest.raises(FileRefused) as refused:
        _read(path)

    assert (refused.value.code, refused.value.extra["layers"]) == ("file_layer_needed", ["north", "south"])
    assert [feature.attributes["Name"] for feature in _read(path, layer="south")] == ["south"]


def test_one_of_several_shapefiles_is_asked_for(tmp_path: Path) -> None:
    path = zip_shapefile(PLACES, tmp_path / "places.zip", inside="register/")
    zip_shapefile(PLACES[:1], tmp_path / "places.zip", inside="__MACOSX/")
    (path.with_suffix(".parts") / "places.cpg").rename(path.with_suffix(".parts") / "x.cpg")
    with zipfile.ZipFile(path, "a") as archive:
        for part in path.with_suffix(".parts").glob("places.*"):
            archive.write(part, f"register/older{part.suffix.upper()}")
        archive.writestr("register/._older.shp", b"what macOS adds")
        archive.writestr("register/readme.txt", b"")

    described = describe_file(path)
    with pytest.raises(FileRefused) as refused:
        _read(path, layer="newer")

    assert (described.format, described.layers, described.layer, described.fields) == (
        "Shapefile", ("places", "older"), "", ()
    )  # fmt: skip
    assert refused.value.code == "file_layer_needed"
    assert len(_read(path, layer="older")) == 1
    assert len(_read(path, layer="places")) == 2


ACCENTS = geopandas.GeoDataFrame({"name": ["Château d’Été", "Hôtel"]}, geometry=PLACES.geometry, crs=4326)


@pytest.mark.parametrize(
    ("written", "name", "without", "said", "read_as"),
    [
        ("UTF-8", "Straße Łódź", (), "", "utf-8"),
        ("CP1252", "Château d’Été", (), "", "cp1252"),
        ("CP850", "Château", (), "", "cp850"),
        ("CP932", "日本", (), "", "cp932"),
        ("UTF-8", "Straße Łódź", (".cpg",), "", "utf-8"),
        ("CP1252", "Château d’Été", (".cpg",), "", "cp1252"),
        ("CP1251", "Привет", (".cpg",), "windows-1251", "cp1251"),
        ("CP850", "Château", (".cpg",), "850", "cp850"),
    ],
)
def test_encodings_of_a_shapefile(
    tmp_path: Path, written: str, name: str, without: tuple[str, ...], said: str, read_as: str
) -> None:
    frame = PLACES.assign(name=name)
    path = zip_shapefile(frame, tmp_path / "a.zip", without=without, encoding=written)

    with FeatureFile(path, encoding=said) as file:
        features = list(file)

    assert file.encoding == read_as
    assert [feature.attributes["name"] for feature in features] == [name, name]


def test_dbase_byte_tells_the_code_page_where_nothing_else_does(tmp_path: Path) -> None:
    path = zip_shapefile(PLACES.assign(name="Château"), tmp_path / "a.zip", without=(".cpg", ".dbf"), encoding="CP850")
    table = bytearray((path.with_suffix(".parts") / "a.dbf").read_bytes())
    table[29] = 0x02
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("a.dbf", bytes(table))

    assert [feature.attributes["name"] for feature in _read(path)] == ["Château", "Château"]


@pytest.mark.parametrize(("encoding", "said"), [("utf-16", ""), ("latin-1", "latin-1")])
@pytest.mark.parametrize("suffix", [".geojson", ".kml"])
def test_text_in_another_encoding_is_read(tmp_path: Path, suffix: str, encoding: str, said: str) -> None:
    path = write_gis(PLACES, tmp_path / f"a{suffix}")
    path.write_bytes(path.read_text(encoding="utf-8").replace("UTF-8", encoding).encode(encoding))

    names = [feature.attributes.get("name", feature.attributes.get("Name")) for feature in _read(path, encoding=said)]

    assert names == ["Haute-Rue", "Straße"]


def test_kml_that_declares_its_encoding(tmp_path: Path) -> None:
    path = tmp_path / "a.kml"
    path.write_bytes(kml(placemark("Château")).replace("UTF-8", "ISO-8859-1").encode("latin-1"))

    assert [feature.attributes["Name"] for feature in _read(path)] == ["Château"]


def test_encoding_that_does_not_fit_or_does_not_exist_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.kml"
    path.write_bytes(kml(placemark("Château")).encode("latin-1"))

    for said, code in (("", "file_unreadable"), ("ascii", "file_encoding"), ("utf-99", "file_encoding")):
        with pytest.raises(FileRefused) as refused:
            _read(path, encoding=said)
        assert refused.value.code == code


@pytest.mark.parametrize(
    ("written", "known"),
    [
        *(("UTF-8", "utf-8"), ("utf8", "utf-8"), ("65001", "utf-8"), ("1252", "cp1252"), ("ANSI 1252", "cp1252")),
        *(("ISO-8859-15", "iso8859-15"), ("8859_1", "iso8859-1"), ("88591", "iso8859-1"), ("CP850", "cp850")),
        *(("Windows-1251", "cp1251"), ("OEM 437", "cp437"), ("UTF-8\x00\r\n", "utf-8"), ("hex", ""), ("x", "")),
    ],
)
def test_names_of_encodings(written: str, known: str) -> None:
    assert known_encoding(written) == known


def test_reference_system_that_a_person_says_wins(tmp_path: Path) -> None:
    path = write_gis(PLACES.to_crs(31370).set_crs(3812, allow_override=True), tmp_path / "a.gpkg")

    (first, _second) = _read(path, crs="EPSG:31370")

    assert shapely.from_wkb(first.wkb).equals_exact(PLACES.geometry[0], 1e-7)


def test_description_of_a_file(tmp_path: Path) -> None:
    many = geopandas.GeoDataFrame(
        {"name": [f"Rue {number % 7}" for number in range(30)], "empty": None, "rank": [1.0] * 30},
        geometry=[shapely.Point(4 + number / 100, 50) for number in range(30)],
        crs=4326,
    )
    path = write_gis(many.to_crs(31370), tmp_path / "a.gpkg")

    described = describe_file(path)

    assert (described.format, described.layers, described.layer, described.crs) == (
        "GeoPackage", ("a",), "a", "EPSG:31370"
    )  # fmt: skip
    assert (described.geometry_type, described.feature_count) == ("Point", 30)
    assert {field.name: field.samples for field in described.fields} == {
        "name": ("Rue 0", "Rue 1", "Rue 2", "Rue 3", "Rue 4"),
        "empty": (),
        "rank": ("1",),
    }
    assert len(described.first) == 20
    assert described.first[0].geometry is not None
    assert described.first[0].geometry.coords == pytest.approx((4, 50), abs=1e-6)


def test_formats_are_known_by_their_first_bytes(tmp_path: Path) -> None:
    named = {suffix: write_gis(PLACES, tmp_path / f"a{suffix}") for suffix in (".geojson", ".gpkg", ".fgb", ".kml")}

    assert [recognise_format(path).name for path in named.values()] == ["GeoJSON", "GeoPackage", "FlatGeobuf", "KML"]
