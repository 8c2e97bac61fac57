"""`import_addresses --format gis`, and the description of registers before they are imported."""

from __future__ import annotations

from pathlib import Path

import geopandas
import pytest
import shapely
from django.core.management import call_command
from django.core.management.base import CommandError

from neighbourhoods.importers.address_description import describe_addresses, guess_format
from neighbourhoods.importers.address_formats import ReadingOptions
from neighbourhoods.importers.load_addresses import import_addresses
from neighbourhoods.importers.report import ImportReport
from neighbourhoods.models import Address
from tests.layers.gis_files import write_gis

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]

ADDRESSES = geopandas.GeoDataFrame(
    {
        "numero": [12.0, 14.0, 16.0],
        "rep": ["bis", None, None],
        "nom_voie": ["Rue Haute", "Rue Haute", "Rue Basse"],
        "cp": ["01000", "01000", "01000"],
    },
    geometry=[shapely.Point(4.35, 50.85), shapely.Point(4.351, 50.851), shapely.Point(4.352, 50.852)],
    crs=4326,
)


@pytest.mark.parametrize(("suffix", "crs"), [(".geojson", 4326), (".gpkg", 31370), (".zip", 3812), (".fgb", 3857)])
def test_addresses_of_any_gis_file(tmp_path: Path, suffix: str, crs: int) -> None:
    path = write_gis(ADDRESSES.to_crs(crs), tmp_path / f"a{suffix}")

    call_command("import_addresses", path, format=guess_format(path))

    found = {address.house_number: address for address in Address.objects.select_related("street")}
    assert set(found) == {"12 bis", "14", "16"}
    assert (found["12 bis"].street.name, found["12 bis"].postcode) == ("Rue Haute", "01000")
    for number, point in zip(("12 bis", "14", "16"), ADDRESSES.geometry, strict=True):
        assert found[number].geometry.coords == pytest.approx(point.coords[0], abs=2e-8)


def test_lines_areas_and_nowhere_are_refused_with_their_reason(tmp_path: Path) -> None:
    shapes = [
        shapely.MultiPoint([(4.35, 50.85)]),
        shapely.LineString([(4.35, 50.85), (4.36, 50.85)]),
        shapely.box(4.35, 50.85, 4.36, 50.86),
        None,
        shapely.MultiPoint([(4.35, 50.85), (4.36, 50.85)]),
    ]
    frame = geopandas.GeoDataFrame({"street": ["Rue Haute"] * 5, "number": range(5)}, geometry=shapes, crs=4326)
    report = ImportReport()

    import_addresses(write_gis(frame, tmp_path / "a.geojson"), format_name="gis", report=report)

    assert Address.objects.get().house_number == "0"
    assert dict(report.refused) == {("addresses", "not_a_point"): 3, ("addresses", "geometry_missing"): 1}
    assert report.examples["addresses", "not_a_point"][0] == (
        "feature 2: a LineString is no place of a letterbox: addresses are points"
    )


def test_what_has_lost_its_place_is_not_gone(tmp_path: Path) -> None:
    frame = ADDRESSES.assign(id=["a", "b", "c"])
    import_addresses(write_gis(frame, tmp_path / "a.geojson"), format_name="gis", report=ImportReport())
    later = frame.set_geometry([frame.geometry[0], None, None])[:2]
    import_addresses(write_gis(later, tmp_path / "b.geojson"), format_name="gis", report=ImportReport())

    assert set(Address.objects.current().values_list("register_id", flat=True)) == {"a", "b"}


def test_columns_that_a_person_says(tmp_path: Path) -> None:
    frame = geopandas.GeoDataFrame(
        {"weg": ["Rue Haute"], "hnr": [5], "street": ["not this one"]}, geometry=[shapely.Point(4.35, 50.85)], crs=4326
    )
    path = write_gis(frame, tmp_path / "a.gpkg")

    call_command("import_addresses", path, format="gis", column=["street=weg", "house_number=HNR"])

    assert str(Address.objects.select_related("street").get()) == "Rue Haute 5"


@pytest.mark.parametrize(
    ("columns", "code"),
    [(["street=none"], "column_missing"), (["lon=weg"], "column_option_wrong"), ([], "column_missing")],
)
def test_wrong_columns_change_nothing(tmp_path: Path, columns: list[str], code: str) -> None:
    frame = geopandas.GeoDataFrame({"weg": ["Rue Haute"]}, geometry=[shapely.Point(4.35, 50.85)], crs=4326)

    with pytest.raises(CommandError, match=rf"\[{code}\] Nothing was changed"):
        call_command("import_addresses", write_gis(frame, tmp_path / "a.gpkg"), format="gis", column=columns)

    assert not Address.objects.exists()


def test_description_of_a_gis_register(tmp_path: Path) -> None:
    path = write_gis(ADDRESSES.to_crs(31370), tmp_path / "a.zip")

    described = describe_addresses(path, format_name="gis")

    assert (described.format, described.crs, described.encoding, described.layer) == (
        "Shapefile", "EPSG:31370", "utf-8", "a"
    )  # fmt: skip
    assert described.mapping == {
        "house_number": "numero", "suffix": "rep", "street": "nom_voie", "postcode": "cp"
    }  # fmt: skip
    assert described.columns[0].samples == ("12", "14", "16")
    assert [(row.street, row.house_number) for row in described.rows] == [
        ("Rue Haute", "12 bis"), ("Rue Haute", "14"), ("Rue Basse", "16")
    ]  # fmt: skip
    assert [(row.lon, row.lat) for row in described.rows] == [
        pytest.approx(point.coords[0], abs=2e-8) for point in ADDRESSES.geometry
    ]


def test_description_of_a_file_with_several_layers_asks_which(tmp_path: Path) -> None:
    path = tmp_path / "a.gpkg"
    ADDRESSES.to_file(path, layer="north")
    ADDRESSES[:1].to_file(path, layer="south")

    asked = describe_addresses(path, format_name="gis")
    chosen = describe_addresses(path, format_name="gis", options=ReadingOptions(layer="south"))

    assert (asked.layers, asked.layer, asked.rows) == (("north", "south"), "", ())
    assert (chosen.layer, chosen.rows_read) == ("south", 1)


def test_description_of_a_csv(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(
        "Straße;Nr;X;Y;Anmerkung\nLindenstraße;5;650000,5;660000,5;\nAm Tor;six;650010;660010;süß\n"
        "Am Tor;7;here;660010;\nzu;kurz\n".encode("cp1252")
    )

    described = describe_addresses(path, options=ReadingOptions(crs="EPSG:3812"))
    expected = geopandas.GeoSeries.from_xy([650000.5, 650010], [660000.5, 660010], crs=3812).to_crs(4326)

    assert (described.format, described.encoding, described.delimiter, described.missing) == ("CSV", "cp1252", ";", ())
    assert described.mapping == {"house_number": "Nr", "street": "Straße", "lon": "X", "lat": "Y"}
    assert [column.name for column in described.columns] == ["Straße", "Nr", "X", "Y", "Anmerkung"]
    assert described.columns[0].samples == ("Lindenstraße", "Am Tor", "zu")
    assert [(row.lon, row.lat) for row in described.rows] == [
        pytest.approx((point.x, point.y), abs=2e-8) for point in expected
    ]
    assert described.refused == {
        "coordinates_not_a_number": (1, ("line 4: lon “here” is no number",)),
        "row_ragged": (1, ("line 5: it has 2 cells where the header has 5",)),
    }


def test_description_of_a_csv_names_what_is_missing(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("nom,numero,est,nord\nRue Haute,5,4.35,50.85\n")

    described = describe_addresses(path, format_name=guess_format(path))
    mapped = describe_addresses(path, options=ReadingOptions(columns={"street": "nom", "lon": "est", "lat": "nord"}))

    assert (described.missing, described.rows) == (("street", "lon", "lat"), ())
    assert [(row.street, row.lon, row.lat) for row in mapped.rows] == [("Rue Haute", 4.35, 50.85)]
