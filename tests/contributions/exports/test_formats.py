"""Every format opened again, by GDAL and others, against the database."""

from __future__ import annotations

import contextlib
import csv
import html
import io
import re
import sqlite3
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree

import geopandas
import openpyxl
import pandas
import pyogrio
import pytest
import shapely
from django.contrib.gis.geos import GEOSGeometry
from django.db import DatabaseError, OperationalError, connection
from django.http import QueryDict
from django.utils import translation
from django.utils.timezone import localtime

from geoparticipation.contributions.domain.exports import extract_contributions
from geoparticipation.contributions.enums import Scope
from geoparticipation.contributions.models import Contribution
from layers.exports import extract, geopackage, shapefile, xlsx_file
from layers.exports.formats import FORMATS, FileFormat
from tests.contributions.exports.conftest import Written, assert_valid_geopackage, features_of, ogrinfo, unzipped
from tests.fixtures.odd_places import HOME, TEXTS, OddPlaces

COLUMNS = [
    "code",
    "kind",
    "title",
    "body",
    "status",
    "consultation",
    "districts",
    "district_codes",
    "street",
    "support_count",
    "submitted_at",
    "parent",
    "url",
]


def stored() -> dict[str, shapely.Geometry]:
    """Public places of what is online, by code, read from the database by GeoDjango."""
    rows = Contribution.objects.filter(status="published").values_list("code", "public_geometry")
    return {str(code): shapely.from_wkb(bytes(place.wkb)) for code, place in rows}


def assert_equal(found: dict[str, shapely.Geometry], *, exactly: bool = True) -> None:
    """The same codes with the same types and coordinates; not exactly: rings may begin and turn elsewhere."""
    expected = stored()
    assert set(found) == set(expected)
    for code, shape in expected.items():
        assert found[code].geom_type == shape.geom_type
        if exactly:
            assert shapely.equals_identical(found[code], shape), (found[code], shape)
        else:
            assert shapely.equals_exact(shapely.normalize(found[code]), shapely.normalize(shape), 1e-12)


def test_geopackage_holds_every_geometry_as_it_is_stored(odd_places: OddPlaces, written: Written) -> None:
    path = written(FileFormat.GPKG)

    frame = geopandas.read_file(path)
    assert_equal(dict(zip(frame["code"], frame.geometry, strict=True)))
    assert list(frame.columns) == [*COLUMNS, "geometry"]
    assert frame.crs.to_epsg() == 4326
    by_code = frame.set_index("code")
    for name, contribution in odd_places.online.items():
        row = by_code.loc[str(contribution.code)]
        assert (row["title"], row["body"]) == TEXTS[name]
        assert row["url"] == f"https://town.example/contributions/{contribution.code}/"
        assert (row["districts"], row["district_codes"]) == ("Tinyville; West", "TINY; W")
        assert row["submitted_at"] == pandas.Timestamp(contribution.submitted_at).round("ms")
        assert row["parent"] is None
    assert ogrinfo(path) == {"contributions": 7}
    assert_valid_geopackage(path)


def test_geopackage_has_an_index_and_says_what_it_is(odd_places: OddPlaces, written: Written) -> None:
    with sqlite3.connect(written(FileFormat.GPKG)) as database:
        assert database.execute("SELECT table_name, identifier, srs_id FROM gpkg_contents").fetchall() == [
            ("contributions", "Contributions", 4326)
        ]
        indexes = database.execute("SELECT table_name, column_name, extension_name FROM gpkg_extensions").fetchall()
        assert ("contributions", "geometry", "gpkg_rtree_index") in indexes
        assert database.execute("SELECT count(*) FROM rtree_contributions_geometry").fetchone() == (7,)
        (moment,) = database.execute("SELECT max(submitted_at) FROM contributions").fetchone()
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", moment)


def test_geopackage_of_whole_seconds_is_valid_too(
    odd_places: OddPlaces, written: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    Contribution.objects.update(submitted_at=datetime(2026, 3, 1, 12, tzinfo=UTC))
    monkeypatch.setattr(geopackage, "AT_ONCE", 3)

    path = written(FileFormat.GPKG)

    assert_valid_geopackage(path)
    assert set(geopandas.read_file(path)["submitted_at"]) == {pandas.Timestamp("2026-03-01T12:00:00Z")}
    with sqlite3.connect(path) as database:
        assert database.execute("SELECT count(*) FROM rtree_contributions_geometry").fetchone() == (7,)


def test_geojson_is_as_the_rfc_has_it(odd_places: OddPlaces, written: Written) -> None:
    path = written(FileFormat.GEOJSON)

    features = features_of(path)
    shapes = {feature["id"]: shapely.geometry.shape(feature["geometry"]) for feature in features}
    assert_equal(shapes, exactly=False)
    point = odd_places.online["Point"]
    assert shapes[str(point.code)].coords[0] == point.public_geometry.coords
    area = shapes[str(odd_places.online["Polygon"].code)]
    assert area.exterior.is_ccw
    assert not area.interiors[0].is_ccw
    properties = next(f["properties"] for f in features if f["id"] == str(point.code))
    assert properties["districts"] == [
        {"code": "TINY", "name": "Tinyville", "level": "commune"},
        {"code": "W", "name": "West", "level": "district"},
    ]
    assert datetime.fromisoformat(properties["submitted_at"]) == point.submitted_at
    assert {(f["properties"]["title"], f["properties"]["body"]) for f in features} == set(TEXTS.values())
    assert ogrinfo(path) == {"contributions": 7}


def test_csv_is_read_by_spreadsheet_and_gis(odd_places: OddPlaces, written: Written) -> None:
    path = written(FileFormat.CSV)

    content = path.read_bytes()
    assert content.startswith(b"\xef\xbb\xbfcode,")
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    assert list(rows[0]) == [*COLUMNS, "lon", "lat", "wkt"]
    assert_equal({row["code"]: shapely.from_wkt(row["wkt"]) for row in rows})
    for row in rows:
        assert shapely.from_wkt(row["wkt"]).distance(shapely.Point(float(row["lon"]), float(row["lat"]))) < 1e-7
    titles = {row["code"]: (row["title"], row["body"]) for row in rows}
    for name, contribution in odd_places.online.items():
        wanted = tuple(f"'{text}" if text[0] in "=+-@\t" else text for text in TEXTS[name])
        assert titles[str(contribution.code)] == wanted
        (row,) = (row for row in rows if row["code"] == str(contribution.code))
        assert datetime.fromisoformat(row["submitted_at"]) == contribution.submitted_at.replace(microsecond=0)
    assert ogrinfo(path) == {"export": 7}
    frame = pyogrio.read_dataframe(path)
    assert {shape.geom_type for shape in frame.geometry} == set(odd_places.online)


def test_workbook_keeps_text_as_text_and_numbers_as_numbers(odd_places: OddPlaces, written: Written) -> None:
    path = written(FileFormat.XLSX)

    book = openpyxl.load_workbook(path)
    head, *rows = book["Contributions"].iter_rows()
    names = [cell.value for cell in head]
    assert names == [*COLUMNS, "geometry_type", "lon", "lat", "wkt"]
    found = {row[0].value: dict(zip(names, row, strict=True)) for row in rows}
    assert_equal({code: shapely.from_wkt(row["wkt"].value) for code, row in found.items()})
    for name, contribution in odd_places.online.items():
        row = found[str(contribution.code)]
        for column, text in zip(("title", "body"), TEXTS[name], strict=True):
            assert row[column].data_type == "s"
            assert openpyxl.utils.escape.unescape(row[column].value).replace("\r\n", "\n") == text.replace("\r\n", "\n")
            assert row[column].quotePrefix == text.startswith(("=", "+", "-", "@", "\t"))
        assert row["geometry_type"].value == name
        assert row["support_count"].data_type == "n"
        assert row["url"].hyperlink is None
        moment = localtime(contribution.submitted_at).replace(tzinfo=None, microsecond=0)
        assert abs((row["submitted_at"].value - moment).total_seconds()) < 0.01
    facts = {row[0].value: row[1].value for row in book["About"].iter_rows()}
    assert facts["Rows"] == 7
    assert facts["Texts cut because a cell holds no more"] == 0


def test_shapefiles_hold_each_kind_and_the_note_says_what_was_cut(odd_places: OddPlaces, written: Written) -> None:
    folder = unzipped(written(FileFormat.SHP))

    kinds = ("points", "multipoints", "lines", "areas")
    assert {path.name for path in folder.iterdir()} == {"README.txt"} | {
        f"contributions_{kind}.{ending}" for kind in kinds for ending in ("shp", "shx", "dbf", "prj", "cpg")
    }
    assert (folder / "contributions_points.cpg").read_text() == "UTF-8"
    frames = {kind: geopandas.read_file(folder / f"contributions_{kind}.shp") for kind in kinds}
    assert all(frame.crs.to_epsg() == 4326 for frame in frames.values())
    assert list(frames["points"].columns) == [
        *("code", "kind", "title", "body", "status", "consultati", "districts", "district_c", "street", "support_co"),
        *("submitted_", "parent", "url", "geometry"),
    ]
    assert {kind: len(frame) for kind, frame in frames.items()} == {
        "points": 2,  # the point, and that of the collection
        "multipoints": 1,
        "lines": 3,
        "areas": 3,
    }
    expected = stored()
    collection = str(odd_places.online["GeometryCollection"].code)
    for frame in frames.values():
        for code, shape in zip(frame["code"], frame.geometry, strict=True):
            if code != collection:
                assert shape.equals(expected[code])
    parts = [shape for frame in frames.values() for shape in frame[frame["code"] == collection].geometry]
    assert shapely.GeometryCollection(parts).normalize() == expected[collection].normalize()
    areas = frames["areas"].set_index("code")
    assert areas.loc[str(odd_places.online["Polygon"].code), "body"] == "é" * 127
    assert areas.loc[str(odd_places.online["Polygon"].code), "title"] == "🌳🚲 trees"
    for kind in kinds:
        assert ogrinfo(folder / f"contributions_{kind}.shp") == {f"contributions_{kind}": len(frames[kind])}
    note = (folder / "README.txt").read_bytes().decode("utf-8-sig")
    for line in (
        "contributions_points.shp: 2 rows",
        "  support_count → support_co",
        "  consultation → consultati",
        "  body: 1 text cut",
        "1 place made of points, lines and areas was split",
    ):
        assert line in note


def test_note_of_shapefiles_is_in_the_readers_language(odd_places: OddPlaces, written: Written) -> None:
    folder = unzipped(written(FileFormat.SHP, language="fr"))

    assert "  body: 1 texte coupé" in (folder / "LISEZMOI.txt").read_text(encoding="utf-8-sig")


def test_kml_is_well_formed_with_a_style_for_each_kind(odd_places: OddPlaces, written: Written) -> None:
    path = written(FileFormat.KML)

    kml = {"k": "http://www.opengis.net/kml/2.2"}
    document = ElementTree.parse(path).getroot().find("k:Document", kml)
    assert document is not None
    kinds = {"proposal", "comment", "offer", "mission", "plan"}
    assert {style.get("id") for style in document.findall("k:Style", kml)} == kinds
    placemarks = document.findall("k:Placemark", kml)
    assert {mark.findtext("k:styleUrl", namespaces=kml) for mark in placemarks} == {"#proposal"}
    said = {
        (mark.findtext("k:name", namespaces=kml), mark.findtext("k:description", namespaces=kml)) for mark in placemarks
    }
    # XML has no place for control characters, and reads a carriage return as an end of line.
    texts = {title: re.sub("[\x07\x0b]", "", body).replace("\r\n", "\n") for title, body in TEXTS.values()}
    # Viewers show a description as HTML: what a person typed must be text there, too.
    assert {(title, html.unescape(shown)) for title, shown in said} == set(texts.items())
    assert all("<" not in shown for _title, shown in said)
    bodies = {mark.findtext(".//k:Data[@name='body']/k:value", namespaces=kml) for mark in placemarks}
    assert bodies == set(texts.values())
    assert ogrinfo(path) == {"Contributions": 7}
    frame = pyogrio.read_dataframe(path)
    shapes = dict(zip(frame["code"], shapely.force_2d(frame.geometry), strict=True))
    assert_equal(shapes, exactly=False)


def test_nothing_but_what_is_public_is_in_a_public_file(odd_places: OddPlaces, written: Written) -> None:
    for file_format in FileFormat:
        assert_nothing_leaks(file_format, written(file_format))


def assert_nothing_leaks(file_format: FileFormat, path: Path) -> None:
    files = unzipped(path).rglob("*") if file_format is FileFormat.SHP else [path]
    texts = [str(book_text(path))] if file_format is FileFormat.XLSX else [file.read_bytes() for file in files]

    home = GEOSGeometry(HOME, 4326)
    for content in texts:
        for secret in ("Hidden away", "A. Citizen", "Rue Haute 3", "citizen@", str(home.x), str(home.y)):
            assert secret not in content if isinstance(content, str) else secret.encode() not in content
        if isinstance(content, bytes):
            assert bytes(home.wkb)[5:13] not in content


def book_text(path: Path) -> list[object]:
    return [list(sheet.iter_rows(values_only=True)) for sheet in openpyxl.load_workbook(path).worksheets]


def test_nothing_chosen_is_a_file_all_the_same(odd_places: OddPlaces, written: Written) -> None:
    for file_format in FileFormat:
        assert_empty(file_format, written(file_format, filters="submitted_after=2999-01-01"))


def assert_empty(file_format: FileFormat, path: Path) -> None:

    if file_format is FileFormat.SHP:
        assert ogrinfo(unzipped(path) / "contributions_points.shp") == {"contributions_points": 0}
    elif file_format is FileFormat.XLSX:
        assert len(list(openpyxl.load_workbook(path)["Contributions"].iter_rows())) == 1
    elif file_format is FileFormat.KML:
        assert b"<Placemark>" not in path.read_bytes()
    else:
        assert list(ogrinfo(path).values()) == [0]
    if file_format is FileFormat.GPKG:
        assert_valid_geopackage(path)


@pytest.mark.parametrize("file_format", FileFormat)
def test_batches_make_the_same_file(
    file_format: FileFormat, odd_places: OddPlaces, written: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The same moment for all: the order's second field must carry over from one batch to the next.
    Contribution.objects.update(submitted_at=datetime(2026, 3, 1, 12, tzinfo=UTC))
    whole = contents(written(file_format), file_format)
    monkeypatch.setattr("layers.exports.extract.Extract.pages.__kwdefaults__", {"at_once": 2})
    monkeypatch.setattr("layers.exports.extract.Extract.batches.__kwdefaults__", {"at_once": 3})
    monkeypatch.setattr(geopackage, "AT_ONCE", 3)
    monkeypatch.setattr(shapefile, "AT_ONCE", 3)

    in_batches = contents(written(file_format), file_format)

    assert in_batches == whole


def contents(path: Path, file_format: FileFormat) -> object:
    if file_format is FileFormat.GPKG:
        return geopandas.read_file(path).to_wkt().to_dict()
    if file_format is FileFormat.SHP:
        return [geopandas.read_file(file).to_wkt().to_dict() for file in sorted(unzipped(path).glob("*.shp"))]
    if file_format is FileFormat.XLSX:
        return book_text(path)
    return features_of(path) if file_format is FileFormat.GEOJSON else path.read_text()


def test_planners_get_columns_and_moderators_get_exact_places(
    odd_places: OddPlaces, written: Written, cast: dict
) -> None:
    planning = geopandas.read_file(written(FileFormat.GPKG, scope=Scope.PLANNING, user=cast["planner"]))
    internal = geopandas.read_file(written(FileFormat.GPKG, scope=Scope.INTERNAL, user=cast["moderator"]))

    assert len(planning) == 7
    assert_equal(dict(zip(planning["code"], planning.geometry, strict=True)))
    assert {"phase", "origin", "located_by", "comment_count"} <= set(planning.columns)
    assert not {"author_name", "typed_address"} & set(planning.columns)
    assert len(internal) == 8
    assert {shape.wkt for shape in internal.geometry} == {shapely.from_wkt(HOME).wkt}
    assert set(internal["status"]) == {"published", "hidden"}
    assert set(internal["author_name"]) == {"A. Citizen"}


def test_sheets_follow_one_another_where_one_is_full(
    odd_places: OddPlaces, written: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(xlsx_file, "MOST_ROWS", 3)

    book = openpyxl.load_workbook(written(FileFormat.XLSX))

    assert book.sheetnames == ["Contributions", "Contributions 2", "Contributions 3", "About"]
    assert [sheet.max_row - 1 for sheet in book.worksheets[:3]] == [3, 3, 1]
    codes = [row[0] for sheet in book.worksheets[:3] for row in sheet.iter_rows(min_row=2, values_only=True)]
    assert sorted(codes) == sorted(str(contribution.code) for contribution in odd_places.online.values())


def test_place_longer_than_a_cell_is_left_out_of_the_workbook_and_counted(
    odd_places: OddPlaces, written: Written
) -> None:
    bends = ", ".join(f"{4.403 + at / 1e6:.6f} {50.845 + at % 2 / 1e5:.6f}" for at in range(2000))
    Contribution.objects.filter(pk=odd_places.online["LineString"].pk).update(
        public_geometry=GEOSGeometry(f"LINESTRING({bends})", 4326)
    )

    book = openpyxl.load_workbook(written(FileFormat.XLSX))

    (row,) = (
        row
        for row in book["Contributions"].iter_rows(min_row=2, values_only=True)
        if row[0] == str(odd_places.online["LineString"].code)
    )
    assert row[-1] is None
    assert row[-4] == "LineString"
    assert row[-3] == pytest.approx(4.404, abs=0.001)
    facts = {line[0].value: line[1].value for line in book["About"].iter_rows()}
    assert facts["Geometries left out because a cell holds no more"] == 1


def test_every_format_has_its_line_in_the_table() -> None:
    assert set(FORMATS) == set(FileFormat)
    assert len({written_as.extension for written_as in FORMATS.values()}) == len(FORMATS)


@pytest.mark.django_db(transaction=True)
def test_connection_lost_between_two_batches_is_made_again(
    odd_places: OddPlaces, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(extract, "PAUSES_S", (0.0,))
    export = extract_contributions(user=None, scope=Scope.PUBLIC, parameters=QueryDict(), file_format=FileFormat.CSV)

    codes = []
    for batch in export.batches(at_once=3):
        codes += [row[0] for row in batch]
        with contextlib.suppress(OperationalError), connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
    connection.close()

    assert sorted(codes) == sorted(str(contribution.code) for contribution in odd_places.online.values())


def test_csv_that_is_cut_short_says_so(odd_places: OddPlaces, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("layers.exports.extract.Extract.batches.__kwdefaults__", {"at_once": 3})
    export = extract_contributions(user=None, scope=Scope.PUBLIC, parameters=QueryDict(), file_format=FileFormat.CSV)
    pieces, last = FORMATS[FileFormat.CSV].stream(export), b""

    with translation.override("en"), pytest.raises(DatabaseError):  # noqa: PT012 (the last piece comes before it)
        for _header_and_batch in range(2):
            last = next(pieces)
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE contributions_contribution RENAME TO gone")
        for piece in pieces:
            last = piece

    assert last == b"INCOMPLETE: the rest could not be read. Fetch this file again.\r\n"
