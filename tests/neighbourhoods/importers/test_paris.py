"""Paris: two levels of districts, an address list, and ten thousand reports to place."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import geopandas
import pytest
import shapely
from django.contrib.gis.geos import Point
from django.db import connection, transaction

from neighbourhoods.domain.place_geometry import place_geometry
from neighbourhoods.importers.gis_rows import Fields
from neighbourhoods.importers.load_addresses import import_addresses
from neighbourhoods.importers.load_districts import import_districts
from neighbourhoods.importers.report import ImportReport
from neighbourhoods.models import Address, District, DistrictLevel, Street

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def paris(shared_database: None, real_data: Path) -> Path:
    folder = real_data / "paris-dansmarue"
    # The small ones first: ranks and parents must not depend on the order.
    for level, file, name, code in (
        ("quartier", "quartier_paris.geojson", "l_qu", "c_qu"),
        ("arrondissement", "arrondissements.geojson", "l_ar", "c_ar"),
    ):
        with transaction.atomic():
            import_districts(
                folder / file, level_name=level, release_name="2021", fields=Fields(name, code), report=ImportReport()
            )
    with transaction.atomic():
        import_addresses(folder / "addresses_from_reports.csv", format_name="csv", report=ImportReport())
    return folder


@pytest.fixture(scope="module")
def reports(paris: Path) -> geopandas.GeoDataFrame:
    """The reports' points with the code of the quartier that geopandas' spatial join gives."""
    with (paris / "dans-ma-rue-10k.csv").open(encoding="utf-8-sig", newline="") as file:
        places = [json.loads(row["geo_point_2d"].replace("'", '"')) for row in csv.DictReader(file)]
    points = geopandas.GeoDataFrame(geometry=[shapely.Point(place["lon"], place["lat"]) for place in places], crs=4326)
    quartiers = geopandas.read_file(paris / "quartier_paris.geojson")[["c_qu", "geometry"]]
    return points.sjoin(quartiers, predicate="intersects")


def test_there_are_80_quartiers_in_20_arrondissements(paris: Path) -> None:
    assert District.objects.filter(release__level__name="quartier").count() == 80
    assert District.objects.filter(release__level__name="arrondissement").count() == 20
    assert dict(DistrictLevel.objects.values_list("name", "rank")) == {"arrondissement": 0, "quartier": 1}


def test_each_quartier_is_in_its_arrondissement(paris: Path) -> None:
    expected = geopandas.read_file(paris / "quartier_paris.geojson")
    expected = dict(zip(expected["c_qu"].astype(str), expected["c_ar"].astype(str), strict=True))

    quartiers = District.objects.filter(release__level__name="quartier").values_list("code", "parent__code")

    assert dict(quartiers) == expected


def test_all_addresses_are_there_each_on_its_street(paris: Path) -> None:
    with (paris / "addresses_from_reports.csv").open(encoding="utf-8-sig", newline="") as file:
        expected = sorted((row["housenumber"], row["postcode"]) for row in csv.DictReader(file))

    rows = Address.objects.values_list("house_number", "postcode")

    assert len(rows) == 8_938
    assert sorted(rows) == expected
    assert Street.objects.filter(names__search_name="boulevard voltaire").count() == 1


def test_every_address_has_its_quartier(paris: Path) -> None:
    quartiers = geopandas.read_file(paris / "quartier_paris.geojson")[["c_qu", "geometry"]]
    rows = list(Address.objects.values_list("district__code", "geometry"))
    points = geopandas.GeoDataFrame(
        {"ours": [code for code, _point in rows]},
        geometry=[shapely.Point(point.x, point.y) for _code, point in rows],
        crs=4326,
    )

    joined = points.sjoin(quartiers, predicate="intersects", how="left")

    assert len(joined) == len(rows)
    assert (joined["ours"] == joined["c_qu"].astype(str)).all()


def test_every_report_falls_in_the_quartier_of_the_spatial_join(reports: geopandas.GeoDataFrame) -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE report (id integer, place geometry(Point, 4326)) ON COMMIT DROP")
        with cursor.copy("COPY report FROM STDIN") as copy:
            for number, point in reports.geometry.items():
                copy.write_row((number, f"SRID=4326;{point.wkt}"))
        cursor.execute(
            """
            SELECT report.id, district.code FROM report
            JOIN neighbourhoods_districtpiece AS piece ON ST_Covers(piece.geometry, report.place)
            JOIN neighbourhoods_district AS district ON district.id = piece.district_id
            JOIN neighbourhoods_boundaryrelease AS release ON release.id = district.release_id
            JOIN neighbourhoods_districtlevel AS level ON level.id = release.level_id AND level.name = 'quartier'
            """
        )
        ours = set(cursor.fetchall())

    assert len(reports) == 10_000
    assert ours == {(number, str(code)) for number, code in reports["c_qu"].items()}


def test_reports_are_placed_one_by_one_where_the_spatial_join_puts_them(reports: geopandas.GeoDataFrame) -> None:
    for _number, report in reports.iloc[::50].iterrows():
        place = place_geometry(Point(report.geometry.x, report.geometry.y, srid=4326))

        smallest = place.smallest_district
        assert smallest is not None
        assert (smallest.level, smallest.code) == ("quartier", str(report["c_qu"]))
