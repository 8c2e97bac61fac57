"""The GeoPackage, opened again with geopandas and with SQLite."""

from __future__ import annotations

import sqlite3
import tempfile
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import pyogrio
import pytest
import shapely
from django.contrib.gis.geos import LineString, Polygon
from django.utils.timezone import localdate

from geoparticipation.accounts.models import User
from geoparticipation.mailings.domain.formats import geopackage
from geoparticipation.mailings.domain.write_mailing_list import COLUMNS
from geoparticipation.mailings.enums import FileFormat
from geoparticipation.mailings.models import MailingListDownload
from neighbourhoods.domain.targets import PartSpec, save_target
from neighbourhoods.enums import PartKind, PartOperation, Side
from neighbourhoods.models import Address
from tests.contributions.exports.conftest import assert_valid_geopackage, ogrinfo
from tests.fixtures.tiny_town import PARK_BOX, TinyTown
from tests.mailings.formats.conftest import Write, whole


@pytest.fixture
def package(write: Write, tmp_path: Path) -> Any:
    """Write a list and give its path."""

    def written(letterboxes_of: Any, **options: Any) -> Path:
        path = tmp_path / "list.gpkg"
        path.write_bytes(write(FileFormat.GPKG, letterboxes_of, **options))
        return path

    return written


def in_database(geometry: Any) -> shapely.Geometry:
    return shapely.from_wkb(bytes(geometry.wkb))


def test_layers_reference_system_and_types(tiny_town: TinyTown, package: Any) -> None:
    path = package(whole(tiny_town.rue_haute))

    assert pyogrio.list_layers(path).tolist() == [
        ["addresses", "Point"],
        ["target", "MultiPolygon"],
        ["parts", "Unknown"],
    ]
    for layer in ("addresses", "target", "parts"):
        assert pyogrio.read_info(path, layer=layer)["crs"] == "EPSG:4326"
    info = pyogrio.read_info(path, layer="addresses")
    assert tuple(info["fields"]) == COLUMNS
    assert dict(zip(info["fields"], info["dtypes"], strict=True)) == {
        **dict.fromkeys(COLUMNS, "object"),
        **{"address_id": "int64", "dwellings": "int32", "lon": "float64", "lat": "float64"},
    }


def test_file_is_whole_as_sqlite_and_as_geopackage(tiny_town: TinyTown, package: Any) -> None:
    with sqlite3.connect(package(whole(tiny_town.rue_haute))) as database:
        assert database.execute("PRAGMA application_id").fetchone() == (0x47504B47,)  # "GPKG"
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert database.execute("PRAGMA foreign_key_check").fetchall() == []
        contents = database.execute("SELECT table_name, data_type, srs_id FROM gpkg_contents").fetchall()
        boxes = database.execute("SELECT min_x, min_y, max_x, max_y FROM gpkg_contents").fetchall()
        indexed = database.execute("SELECT table_name FROM gpkg_extensions WHERE extension_name = 'gpkg_rtree_index'")
        assert contents == [(layer, "features", 4326) for layer in ("addresses", "target", "parts")]
        assert boxes[0] == pytest.approx((4.4025, 50.8447, 4.4065, 50.8453))
        assert {layer for (layer,) in indexed} == {"addresses", "target", "parts"}


def test_gdal_finds_nothing_wrong(tiny_town: TinyTown, package: Any) -> None:
    for parts in (whole(tiny_town.rue_haute, buffer_m=30), whole(tiny_town.rue_haute, number_from=1000)):
        path = package(parts)

        assert_valid_geopackage(path)
        assert set(ogrinfo(path)) == {"addresses", "target", "parts"}


def test_points_are_those_of_the_database(tiny_town: TinyTown, package: Any) -> None:
    frame = geopandas.read_file(package(whole(tiny_town.rue_haute, tiny_town.rue_basse)), layer="addresses")

    kept = {address.pk: in_database(address.geometry) for address in tiny_town.addresses.values()}
    assert len(frame) == 8
    for row in frame.itertuples():
        assert row.geometry == kept[row.address_id]
        assert (row.lon, row.lat) == (row.geometry.x, row.geometry.y)


def test_target_is_the_saved_one_with_its_counts(tiny_town: TinyTown, agent: User, package: Any) -> None:
    target = save_target(name="Saved", parts=whole(tiny_town.rue_haute, buffer_m=30), user=agent)
    target.refresh_from_db()

    frame = geopandas.read_file(package(target), layer="target")

    [row] = frame.itertuples()
    assert row.geometry == in_database(target.geometry)
    assert row.area_m2 == pytest.approx(target.area_m2)
    assert (row.name, row.letterboxes, row.duplicates_left_out, row.no_flyers_left_out) == ("A target", 5, 0, 1)
    assert str(row.listed_on)[:10] == localdate().isoformat()


def test_parts_have_their_geometry_and_sentence(tiny_town: TinyTown, package: Any) -> None:
    square = Polygon.from_bbox(PARK_BOX)
    square.srid = 4326
    path = LineString((4.411, 50.844), (4.413, 50.846), srid=4326)
    parts = [
        PartSpec(kind=PartKind.DISTRICT, district_id=tiny_town.west.pk),
        *whole(tiny_town.rue_basse, buffer_m=20),
        *whole(tiny_town.rue_haute, side=Side.EVEN, number_from=2, number_to=4),
        PartSpec(kind=PartKind.SHAPE, shape=path, buffer_m=50, ring_only=True),
        PartSpec(kind=PartKind.SHAPE, shape=square, operation=PartOperation.EXCLUDE),
    ]

    frame = geopandas.read_file(package(parts), layer="parts")

    assert [sentence.replace("\xa0", " ") for sentence in frame["sentence"]] == [
        "West",
        "Rue Basse · + 20 m",
        "Rue Haute · even side · numbers 2 to 4",
        "ring of 50 m around drawn line, without its own addresses",
        "except drawn area",
    ]
    assert list(frame["locality"]) == ["", "Tinyville", "Tinyville", "", ""]
    assert list(frame["operation"]) == ["include"] * 4 + ["exclude"]
    assert list(frame["position"]) == [1, 2, 3, 4, 5]
    assert frame.geometry[0] == in_database(tiny_town.west.geometry)
    assert frame.geometry[1] == in_database(tiny_town.rue_basse.geometry)
    # The even numbers 2 and 4 are 0.002° apart along the street; 1e-7° is a centimetre.
    assert frame.geometry[2].geom_type in {"LineString", "MultiLineString"}
    assert frame.geometry[2].bounds == pytest.approx((4.4025, 50.845, 4.4045, 50.845), abs=1e-7)
    assert frame.geometry[3] == in_database(path)
    assert frame.geometry[4] == in_database(square)


def test_target_that_reaches_nobody_has_all_layers(tiny_town: TinyTown, package: Any) -> None:
    path = package(whole(tiny_town.rue_haute, number_from=1000))

    assert [pyogrio.read_info(path, layer=layer)["features"] for layer in ("addresses", "target", "parts")] == [0, 1, 1]
    assert geopandas.read_file(path, layer="parts").geometry.isna().all()
    assert tuple(pyogrio.read_info(path, layer="addresses")["fields"]) == COLUMNS


def test_batches_are_appended_in_order(tiny_town: TinyTown, package: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    everywhere = whole(tiny_town.rue_haute, tiny_town.rue_basse, tiny_town.avenue_du_parc)
    at_once = geopandas.read_file(package(everywhere), layer="addresses")
    monkeypatch.setattr(geopackage, "AT_ONCE", 4)  # 12 letterboxes: the last batch is full

    in_batches = geopandas.read_file(package(everywhere), layer="addresses")

    assert len(in_batches) == 12
    assert in_batches.equals(at_once)


def test_odd_names_are_kept(tiny_town: TinyTown, package: Any) -> None:
    street = tiny_town.rue_haute
    type(street).objects.filter(pk=street.pk).update(name="=1+1 'Ελλάδα' \"Ж\" 𝔘")
    Address.objects.filter(street=street).update(box="'; DROP TABLE addresses")

    frame = geopandas.read_file(package(whole(street)), layer="addresses")

    assert set(frame["street"]) == {"=1+1 'Ελλάδα' \"Ж\" 𝔘"}
    assert set(frame["box"]) == {"'; DROP TABLE addresses"}
    assert np.issubdtype(frame["dwellings"].dtype, np.integer)


def test_failure_half_way_leaves_no_file_behind(
    tiny_town: TinyTown, write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    def fail(*_arguments: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(geopackage, "_write_parts", fail)

    with pytest.raises(OSError, match="No space"):
        write(FileFormat.GPKG, whole(tiny_town.rue_haute))

    assert list(tmp_path.iterdir()) == []
    assert not MailingListDownload.objects.exists()
