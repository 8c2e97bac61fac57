"""A whole country from its OpenStreetMap extract, compared with what other tools made of the same file."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import geopandas
import pandas
import pytest
import shapely
from django.db import transaction

from neighbourhoods.importers.osm.load import import_osm
from neighbourhoods.importers.report import ImportReport
from neighbourhoods.models import Address, BoundaryRelease, District, DistrictPiece, Ground, Street, StreetName

pytestmark = pytest.mark.django_db


@dataclass
class Town:
    folder: Path
    report: ImportReport


@pytest.fixture(scope="module")
def town(shared_database: None, real_data: Path) -> Town:
    folder = real_data / "liechtenstein"
    report = ImportReport()
    with transaction.atomic():
        import_osm(folder / "liechtenstein-2024.osm.pbf", report=report)
    return Town(folder, report)


def shape(geometry: object) -> shapely.Geometry:
    return shapely.from_wkb(bytes(geometry.wkb))  # type: ignore[attr-defined]


def test_communes_are_those_of_the_folder_with_their_exclaves(town: Town) -> None:
    expected = geopandas.read_file(town.folder / "districts.geojson").set_index("name").geometry

    ours = {district.name: district for district in District.objects.all()}

    assert sorted(ours) == sorted(expected.index)
    for name, district in ours.items():
        area = shape(district.geometry)
        assert area.symmetric_difference(expected[name]).area < 1e-9
        assert len(area.geoms) == len(expected[name].geoms)
        assert not district.is_clipped
    assert max(len(shape(district.geometry).geoms) for district in ours.values()) >= 5


def test_release_is_named_after_the_day_of_the_data_and_is_current(town: Town) -> None:
    release = BoundaryRelease.objects.get()

    assert (release.level.name, release.name, release.is_current) == ("commune", "OSM 2024-03-04", True)


def test_neighbours_that_the_file_only_shows_the_rim_of_are_refused(town: Town) -> None:
    assert town.report.refused["districts (commune)", "neighbour"] == 11


def test_every_address_is_in_the_commune_that_geopandas_says(town: Town) -> None:
    communes = geopandas.read_file(town.folder / "districts.geojson")
    rows = list(Address.objects.values_list("register_id", "district__name", "geometry"))
    points = geopandas.GeoDataFrame(
        {"ours": [name for _id, name, _point in rows]}, geometry=[shape(point) for *_, point in rows], crs=4326
    )

    joined = points.sjoin(communes[["name", "geometry"]], predicate="covered_by")

    assert len(joined) == len(rows)
    assert (joined["ours"] == joined["name"]).all()


def test_addresses_are_those_of_the_folder(town: Town) -> None:
    expected = pandas.read_csv(town.folder / "addresses.csv", dtype=str, keep_default_na=False)
    ours = {
        register_id.partition("#")[0]: (street, postcode)
        for register_id, street, postcode in Address.objects.values_list("register_id", "street__name", "postcode")
    }

    missing = [row.id for row in expected.itertuples() if row.id not in ours]

    assert abs(Address.objects.count() / len(expected) - 1) < 0.01
    assert len(missing) < 0.001 * len(expected)
    postcodes = [row.postcode == ours[row.id][1] for row in expected.itertuples() if row.id in ours]
    assert all(postcodes)


def test_streets_have_the_names_of_the_folder(town: Town) -> None:
    expected = geopandas.read_file(town.folder / "streets.geojson")
    inside = set(expected[expected["district"].fillna("") != ""]["name"])

    ours = set(Street.objects.exclude(geometry=None).values_list("name", flat=True))

    assert inside <= ours
    assert abs(len(ours) / len(expected) - 1) < 0.01


def test_streets_lie_in_their_commune(town: Town) -> None:
    communes = {district.name: shape(district.geometry).buffer(0.0004) for district in District.objects.all()}

    for street in Street.objects.exclude(geometry=None):
        assert communes[street.locality].covers(shape(street.geometry)), (street.name, street.locality)


def test_streets_together_are_as_long_as_their_ways(town: Town) -> None:
    expected = geopandas.read_file(town.folder / "streets.geojson").to_crs(32632)
    inside = expected[expected["district"].fillna("") != ""].union_all()

    ours = geopandas.GeoSeries([shape(street.geometry) for street in Street.objects.exclude(geometry=None)], crs=4326)

    assert ours.to_crs(32632).union_all().length == pytest.approx(inside.length, rel=0.01)


def test_one_name_in_three_villages_is_three_streets(town: Town) -> None:
    streets = Street.objects.filter(name="Dorfstrasse").order_by("locality")

    assert [street.locality for street in streets] == ["Planken", "Ruggell", "Triesen"]
    for street in streets:
        communes = set(street.addresses.values_list("district__name", flat=True))
        assert communes == {street.locality}


def test_addresses_have_the_street_of_their_register(town: Town) -> None:
    expected = pandas.read_csv(town.folder / "addresses.csv", dtype=str, keep_default_na=False)
    named = dict(zip(expected["id"], expected["street"], strict=True))
    names = {(name.street_id, name.name) for name in StreetName.objects.all()}

    ours = Address.objects.exclude(register_id__contains="#").values_list("register_id", "street_id", "street__name")
    wrong = [(key, name) for key, street, name in ours if key in named and (street, named[key]) not in names]

    # Spellings that are one name to the search ("St." and "Sankt", "-" and " ") may differ; nothing else may.
    assert len(wrong) < 0.01 * len(expected)


def test_ground_is_there(town: Town) -> None:
    kinds = Counter(Ground.objects.values_list("kind", flat=True))

    assert kinds["building"] == pytest.approx(17_696, rel=0.01)
    assert kinds["park"] > 1000
    assert kinds["water"] > 50


def test_pieces_cover_the_communes(town: Town) -> None:
    whole = sum(shape(district.geometry).area for district in District.objects.all())

    assert sum(shape(piece.geometry).area for piece in DistrictPiece.objects.all()) == pytest.approx(whole)
    assert max(piece.geometry.num_coords for piece in DistrictPiece.objects.all()) <= 129


def test_a_second_import_changes_nothing(town: Town) -> None:
    tables = (District, DistrictPiece, Street, StreetName, Address, Ground)
    before = {table: list(table.objects.order_by("pk").values()) for table in tables}
    report = ImportReport()

    with transaction.atomic():
        import_osm(town.folder / "liechtenstein-2024.osm.pbf", report=report)

    assert not +report.created
    assert not +report.changed
    assert {table: list(table.objects.order_by("pk").values()) for table in tables} == before
    assert report.refused == town.report.refused
