"""Reading people's GIS files: what is read equals what geopandas reads, and what attacks is not opened."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import geopandas
import pyogrio
import pyogrio.raw
import pytest
import shapely
from django.contrib.gis.geos import GEOSGeometry

from layers.geometry import to_shapely
from layers.readers import FeatureFile, FileFeature, FileLimits, FileRefused, feature_file

BERN = 2056


@pytest.fixture
def places() -> geopandas.GeoDataFrame:
    return geopandas.GeoDataFrame(
        {
            "name": ["Haute-Rue", "Straße", None],
            "rank": [1, 2, 3],
            "share": [0.5, None, 1.25],
            "day": geopandas.pd.to_datetime(["2024-02-29", "2025-01-01", "2026-11-22"]),
        },
        geometry=[
            shapely.Point(7.44, 46.95),
            shapely.LineString([(7.44, 46.95), (7.45, 46.96)]),
            shapely.box(7.44, 46.95, 7.45, 46.96),
        ],
        crs=4326,
    )


def _read(path: Path, **options: Any) -> list[FileFeature]:
    with FeatureFile(path, **options) as file:
        return list(file)


def _refusal(path: Path, **options: Any) -> FileRefused:
    with pytest.raises(FileRefused) as refused:
        _read(path, **options)
    return refused.value


@pytest.mark.parametrize("suffix", [".geojson", ".gpkg", ".bin"])
@pytest.mark.parametrize("crs", [4326, BERN, 3857])
def test_features_are_those_that_geopandas_wrote(
    tmp_path: Path, places: geopandas.GeoDataFrame, suffix: str, crs: int
) -> None:
    path = tmp_path / f"places{suffix}"
    driver = "GPKG" if suffix == ".gpkg" else "GeoJSON"
    # GeoJSON of another reference system says so in a member that RFC 7946 dropped and everybody still writes.
    places.to_crs(crs).to_file(path, driver=driver)

    with FeatureFile(path) as file:
        features = list(file)

    assert file.fields == ("name", "rank", "share", "day")
    assert [feature.number for feature in features] == [1, 2, 3]
    assert [feature.attributes["name"] for feature in features] == ["Haute-Rue", "Straße", None]
    assert [feature.attributes["rank"] for feature in features] == [1, 2, 3]
    assert [feature.attributes["share"] for feature in features] == [0.5, None, 1.25]
    assert [str(feature.attributes["day"])[:10] for feature in features] == ["2024-02-29", "2025-01-01", "2026-11-22"]
    for feature, expected in zip(features, places.geometry, strict=True):
        assert isinstance(feature.geometry, GEOSGeometry)
        assert feature.geometry.srid == 4326
        assert to_shapely(feature.geometry).equals_exact(expected, 1e-7)


def test_batches_cover_a_file_larger_than_one(tmp_path: Path) -> None:
    path = tmp_path / "many.gpkg"
    points = geopandas.GeoSeries([shapely.Point(7 + i / 1e5, 46) for i in range(4_500)], crs=4326)
    geopandas.GeoDataFrame({"i": range(4_500)}, geometry=points).to_file(path)

    with FeatureFile(path) as file:
        sizes = [len(batch) for batch in file.batches()]
    with FeatureFile(path) as file:
        numbers = [feature.number for feature in file]

    assert sizes == [2000, 2000, 500]
    assert numbers == list(range(1, 4_501))


def test_heights_are_dropped_and_missing_geometry_is_none(tmp_path: Path) -> None:
    path = tmp_path / "a.geojson"
    high = {"type": "Feature", "properties": {"a": 1}, "geometry": {"type": "Point", "coordinates": [1, 2, 3]}}
    nowhere = {"type": "Feature", "properties": {"a": 2}, "geometry": None}
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [high, nowhere]}))

    first, second = _read(path)

    assert first.geometry is not None
    assert (first.geometry.wkt, second.geometry) == ("POINT (1 2)", None)


def test_utf8_mark_and_a_single_feature_are_read(tmp_path: Path) -> None:
    path = tmp_path / "a.geojson"
    feature = {"type": "Feature", "properties": {"n": "é"}, "geometry": {"type": "Point", "coordinates": [1, 2]}}
    path.write_text(json.dumps(feature, ensure_ascii=False), encoding="utf-8-sig")

    assert [feature.attributes for feature in _read(path)] == [{"n": "é"}]


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    path = tmp_path / "secret.csv"
    path.write_text("id,password,x,y\n1,hunter2,9.5,47.1\n")
    return path


def _vrt(secret: Path) -> str:
    return (
        f'<OGRVRTDataSource><OGRVRTLayer name="secret"><SrcDataSource>{secret}</SrcDataSource>'
        '<GeometryType>wkbPoint</GeometryType><GeometryField encoding="PointFromColumns" x="x" y="y"/>'
        "</OGRVRTLayer></OGRVRTDataSource>"
    )


@pytest.mark.parametrize("suffix", [".geojson", ".gpkg", ".json"])
def test_virtual_dataset_under_another_name_reads_nothing(tmp_path: Path, secret: Path, suffix: str) -> None:
    attack = tmp_path / f"attack{suffix}"
    attack.write_text(_vrt(secret))
    # What the attack gives to whoever opens the file without naming the driver:
    assert pyogrio.raw.read(attack)[3][1].tolist() == ["hunter2"]

    refused = _refusal(attack)

    assert refused.code == "file_format_unknown"
    assert "hunter2" not in f"{refused} {refused.extra}"


@pytest.mark.parametrize("driver", ["GeoJSON", "GPKG"])
def test_virtual_dataset_reads_nothing_even_past_the_first_look(tmp_path: Path, secret: Path, driver: str) -> None:
    attack = tmp_path / "attack.geojson"
    attack.write_text(_vrt(secret))

    worker = [sys.executable, "-I", str(feature_file.WORKER), driver, str(attack), "", "", "4000000000", "30"]
    output = subprocess.run(worker, capture_output=True, text=True, check=False).stdout

    assert json.loads(output)["refused"] == "file_unreadable"
    assert "hunter2" not in output


def test_virtual_dataset_dressed_as_geojson_reads_nothing(tmp_path: Path, secret: Path) -> None:
    attack = tmp_path / "attack.geojson"
    attack.write_text('{"type": "FeatureCollection", "features": [\n' + _vrt(secret))

    assert _refusal(attack).code == "file_unreadable"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"   ",
        b"name,lon,lat\nA,1,2\n",
        b'{"type": "Topology", "objects": {}}',
        b'{"displayFieldName": "", "geometryType": "esriGeometryPoint", "features": []}',
        b'{"type": "Point", "coordinates": [1, 2]}',
        b"SQLite format 3\x00" + b"\x00" * 84,
        b"GeoJSON:/etc/passwd",
        b"/vsicurl/http://127.0.0.1/x.geojson",
    ],
)
def test_other_formats_are_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.geojson"
    path.write_bytes(content)

    refused = _refusal(path)

    assert refused.code == "file_format_unknown"
    assert "GeoPackage" in refused.detail


def test_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    assert [_refusal(path).code for path in (tmp_path / "none.gpkg", tmp_path)] == ["file_missing"] * 2


@pytest.mark.parametrize(
    "text",
    [
        '{"type": "FeatureCollection", "features": [',
        '{"type": "FeatureCollection", "features": [{"type": "Feature", "geometry": {"type": "Point", "coord',
        '{"type": "FeatureCollection", "features": ' + "[" * 100_000,
    ],
)
def test_broken_geojson_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "a.geojson"
    path.write_text(text)

    assert _refusal(path).code == "file_unreadable"


def test_cut_geopackage_is_refused(tmp_path: Path, places: geopandas.GeoDataFrame) -> None:
    path = tmp_path / "a.gpkg"
    places.to_file(path)
    path.write_bytes(path.read_bytes()[:3000])

    assert _refusal(path).code == "file_unreadable"


def test_text_that_is_not_utf8_is_refused_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "a.geojson"
    path.write_bytes('{"type": "Feature",\n"properties": {"n": "é"},\n"geometry": null}'.encode("latin-1"))

    refused = _refusal(path)

    assert (refused.code, refused.extra) == ("file_encoding", {"line": 2})


def test_metres_without_a_reference_system_are_refused(tmp_path: Path, places: geopandas.GeoDataFrame) -> None:
    geojson, geopackage = tmp_path / "a.geojson", tmp_path / "a.gpkg"
    in_metres = places.to_crs(BERN)
    geojson.write_text(in_metres.set_crs(4326, allow_override=True).to_json(default=str))
    with pytest.warns(UserWarning, match="crs"):
        in_metres.set_crs(None, allow_override=True).to_file(geopackage)

    assert [_refusal(path).code for path in (geojson, geopackage)] == ["file_crs_missing"] * 2


def test_degrees_without_a_reference_system_are_taken(tmp_path: Path, places: geopandas.GeoDataFrame) -> None:
    path = tmp_path / "a.gpkg"
    with pytest.warns(UserWarning, match="crs"):
        places.set_crs(None, allow_override=True).to_file(path)

    assert [feature.geometry.num_coords for feature in _read(path) if feature.geometry] == [1, 2, 5]


@pytest.mark.parametrize("suffix", [".geojson", ".gpkg"])
@pytest.mark.parametrize("limits", [FileLimits(max_bytes=100), FileLimits(max_features=2), FileLimits(max_vertices=7)])
def test_limits(tmp_path: Path, places: geopandas.GeoDataFrame, suffix: str, limits: FileLimits) -> None:
    path = tmp_path / f"a{suffix}"
    places.to_file(path)

    refused = _refusal(path, limits=limits)

    assert refused.code == "file_too_large"
    assert refused.extra["limit"] in {100, 2, 7}


def test_memory_has_a_limit(tmp_path: Path) -> None:
    path = tmp_path / "a.geojson"
    ring = ",".join(["[1,2]"] * 2_000_000)
    path.write_text(
        '{"type": "FeatureCollection", "features": [{"type": "Feature", "properties": null, '
        f'"geometry": {{"type": "LineString", "coordinates": [{ring}]}}}}]}}'
    )

    refused = _refusal(path, limits=FileLimits(memory_bytes=450_000_000))

    assert refused.code in {"file_unreadable", "file_too_large"}


def test_layer_is_asked_for_where_there_are_several(tmp_path: Path, places: geopandas.GeoDataFrame) -> None:
    path = tmp_path / "a.gpkg"
    places.to_file(path, layer="north")
    places.iloc[:1].to_file(path, layer="south")

    refused = _refusal(path)

    assert (refused.code, refused.extra) == ("file_layer_needed", {"layers": ["north", "south"]})
    assert _refusal(path, layer="west").code == "file_layer_needed"
    assert len(_read(path, layer="south")) == 1


def test_table_without_places_is_refused(tmp_path: Path, places: geopandas.GeoDataFrame) -> None:
    path = tmp_path / "a.gpkg"
    pyogrio.write_dataframe(places.drop(columns="geometry"), path)

    assert _refusal(path).code == "file_without_geometry"


def test_view_in_a_geopackage_is_refused(tmp_path: Path, places: geopandas.GeoDataFrame) -> None:
    path = tmp_path / "a.gpkg"
    places.to_file(path, layer="places")
    with sqlite3.connect(path) as database:
        triggers = database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for (name,) in triggers:
            database.execute(f'DROP TRIGGER "{name}"')
        database.execute("ALTER TABLE places RENAME TO hidden")
        database.execute("CREATE VIEW places AS SELECT * FROM hidden")
        database.execute("UPDATE gpkg_contents SET table_name = 'places'")
    database.close()

    assert _refusal(path).code == "file_unreadable"


def test_names_that_mean_something_to_gdal_are_only_names(tmp_path: Path, places: geopandas.GeoDataFrame) -> None:
    folder = tmp_path / "zip:" / "vsicurl"
    folder.mkdir(parents=True)
    path = folder / "a!b.geojson,layer=x"
    path.write_text(places.to_json(default=str))

    assert len(_read(path)) == 3


def test_leaving_early_ends_the_process(tmp_path: Path, places: geopandas.GeoDataFrame) -> None:
    path = tmp_path / "a.geojson"
    path.write_text(places.to_json(default=str))

    with FeatureFile(path) as file:
        worker, folder = file._worker, Path(file._folder.name)

    assert worker.poll() is not None
    assert not folder.exists()
