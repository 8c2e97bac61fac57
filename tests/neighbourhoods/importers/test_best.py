"""`import_addresses --format best`: Belgium's BeSt Address, its languages, boxes, statuses and projections.

The header and the form of the rows are those of the files "openaddress-bebru.csv" and "openaddress-bewal.csv".
"""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from neighbourhoods.importers.address_description import describe_addresses, guess_format
from neighbourhoods.importers.load_addresses import import_addresses
from neighbourhoods.importers.report import ImportReport
from neighbourhoods.models import Address, Street, StreetName

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]

COLUMNS = (
    "EPSG:31370_x,EPSG:31370_y,EPSG:4326_lat,EPSG:4326_lon,address_id,box_number,house_number,municipality_id,"
    "municipality_name_de,municipality_name_fr,municipality_name_nl,postcode,postname_fr,postname_nl,street_id,"
    "streetname_de,streetname_fr,streetname_nl,region_code,status"
)
MONS = "21001,,Anderlecht,Anderlecht,1070,,,4568,,Chaussée de Mons,Bergense Steenweg,BE-BRU"
WET = "23088,,,Vilvoorde,1800,,VILVOORDE/Peutie,4568,,,Wetstraat,BE-VLG"
EUPEN = "63023,Eupen,Eupen,,4700,,,7701,Aachener Straße,Rue d'Aix,,BE-WAL"
BRUSSELS = [
    f"146321.07800,169504.60900,50.83595,4.31653,615867,RDC,475,{MONS},current",
    f"146321.07800,169504.60900,50.83595,4.31653,615868,1er,475,{MONS},current",
    f"146321.07800,169504.60900,50.83595,4.31653,615866,,475,{MONS},current",
    f"146059.99800,169206.03000,50.83327,4.31283,615900,,603,{MONS},current",
    f"146059.99800,169206.03000,50.83327,4.31283,615901,2eET,603,{MONS},retired",
    f"146059.99800,169206.03000,50.83327,4.31283,615902,,605,{MONS},proposed",
]


def write(path: Path, rows: list[str], header: str = COLUMNS) -> Path:
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return path


def load(path: Path) -> ImportReport:
    report = ImportReport()
    import_addresses(path, format_name="best", report=report)
    return report


def test_each_box_is_one_letterbox_and_its_house_is_none(tmp_path: Path) -> None:
    report = load(write(tmp_path / "a.csv", BRUSSELS))

    found = Address.objects.order_by("register_id").values_list("register_id", "house_number", "box", "dwellings")
    assert list(found) == [
        ("BE-BRU/615867", "475", "RDC", 1),
        ("BE-BRU/615868", "475", "1er", 1),
        ("BE-BRU/615900", "603", "", 1),
    ]
    assert report.read["addresses"] == 6
    assert dict(report.refused) == {("addresses", "not_current"): 2, ("addresses", "has_boxes"): 1}
    assert report.examples["addresses", "not_current"][0] == "line 6: its status is “retired”, not current"


def test_second_import_changes_nothing(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", BRUSSELS)
    load(path)
    before = list(StreetName.objects.order_by("pk").values_list())

    again = load(path)

    assert (again.unchanged["addresses"], again.created["addresses"], again.changed["addresses"]) == (3, 0, 0)
    assert list(StreetName.objects.order_by("pk").values_list()) == before


def test_what_cannot_be_read_any_more_is_not_closed_and_what_is_retired_is(tmp_path: Path) -> None:
    here = [f"1,1,50.8{at},4.31,{at},,{at},{MONS},current" for at in range(1, 5)]
    load(write(tmp_path / "a.csv", here))
    report = load(
        write(
            tmp_path / "b.csv",
            [
                here[0],
                f"0,0,0,0,2,,2,{MONS},current",
                f"1,1,950.83,4.31,3,,3,{MONS},current",
                here[3].replace("current", "retired"),
            ],
        )
    )

    assert set(Address.objects.current().values_list("register_id", flat=True)) == {f"BE-BRU/{at}" for at in (1, 2, 3)}
    assert report.closed["addresses"] == 1


def test_names_in_each_language(tmp_path: Path) -> None:
    rows = [
        *BRUSSELS,
        f"0.00000,0.00000,50.93000,4.42500,615867,,1,{WET},current",
        f"0.00000,0.00000,50.63000,6.03500,9,,3,{EUPEN},current",
    ]

    load(write(tmp_path / "a.csv", rows))

    names = {
        street.code: (
            street.name,
            street.locality,
            dict(street.names.exclude(language="").values_list("language", "name")),
        )
        for street in Street.objects.all()
    }
    assert names == {
        "BE-BRU/4568": (
            "Chaussée de Mons", "Anderlecht", {"fr": "Chaussée de Mons", "nl": "Bergense Steenweg"}
        ),
        "BE-VLG/4568": ("Wetstraat", "Vilvoorde", {"nl": "Wetstraat"}),
        "BE-WAL/7701": ("Rue d'Aix", "Eupen", {"fr": "Rue d'Aix", "de": "Aachener Straße"}),
    }  # fmt: skip
    # The same number in two regions is two addresses.
    assert Address.objects.filter(register_id__endswith="/615867").count() == 2


def test_addresses_join_the_street_that_is_there_and_give_it_their_names(tmp_path: Path) -> None:
    street = Street.objects.create(code="osm/1", name="Chaussée de Mons", locality="Anderlecht")
    StreetName.objects.create(street=street, name=street.name, search_name="chaussee de mons")

    load(write(tmp_path / "a.csv", BRUSSELS))

    assert set(Address.objects.values_list("street__code", flat=True)) == {"osm/1"}
    assert {"fr", "nl"} <= set(street.names.values_list("language", flat=True))


def lambert_2008_inverse(x: float, y: float) -> tuple[float, float]:
    """Longitude and latitude of a place in Belgian Lambert 2008, by the formulas of IOGP 373-7-2, method 9802.

    GRS 1980, parallels 49°50′ and 51°10′, origin 50°47′52.134″ N 4°21′33.177″ E, 649328 m E, 665262 m N.
    """
    a, f = 6378137.0, 1 / 298.257222101
    e = math.sqrt(2 * f - f * f)
    lat1, lat2 = math.radians(49 + 50 / 60), math.radians(51 + 10 / 60)
    lat0, lon0 = math.radians(50 + 47 / 60 + 52.134 / 3600), math.radians(4 + 21 / 60 + 33.177 / 3600)

    def m(lat: float) -> float:
        return math.cos(lat) / math.sqrt(1 - (e * math.sin(lat)) ** 2)

    def t(lat: float) -> float:
        s = e * math.sin(lat)
        return math.tan(math.pi / 4 - lat / 2) / ((1 - s) / (1 + s)) ** (e / 2)

    n = (math.log(m(lat1)) - math.log(m(lat2))) / (math.log(t(lat1)) - math.log(t(lat2)))
    factor = m(lat1) / (n * t(lat1) ** n)
    r0 = a * factor * t(lat0) ** n
    dx, dy = x - 649328.0, r0 - (y - 665262.0)
    t_ = (math.copysign(math.hypot(dx, dy), n) / (a * factor)) ** (1 / n)
    lat = math.pi / 2 - 2 * math.atan(t_)
    for _step in range(10):
        s = e * math.sin(lat)
        lat = math.pi / 2 - 2 * math.atan(t_ * ((1 - s) / (1 + s)) ** (e / 2))
    return math.degrees(math.atan2(dx, dy) / n + lon0), math.degrees(lat)


def test_lambert_2008_where_there_are_no_degrees(tmp_path: Path) -> None:
    header = COLUMNS.replace("31370", "3812").replace("EPSG:4326_lat,EPSG:4326_lon,", "")
    rows = [
        f"646321.07800,669504.60900,1,,475,{MONS},current",
        f"649328.00000,665262.00000,2,,477,{MONS},current",
        f"0.00000,0.00000,3,,479,{MONS},current",
    ]

    report = load(write(tmp_path / "a.csv", rows, header))

    for register_id, place in (("1", (646321.078, 669504.609)), ("2", (649328.0, 665262.0))):
        address = Address.objects.get(register_id=f"BE-BRU/{register_id}")
        # ETRS89, which Lambert 2008 is in, is taken for WGS 84.
        assert address.geometry.coords == pytest.approx(lambert_2008_inverse(*place), abs=2e-8)
    assert dict(report.refused) == {("addresses", "coordinates_missing"): 1}


def test_lambert_72_where_a_row_has_no_degrees(tmp_path: Path) -> None:
    # One place, as the register gives it in both: metres with millimetres, degrees to five places (a metre).
    rows = [
        f"146321.07800,169504.60900,50.83595,4.31653,1,,475,{MONS},current",
        f"146321.07800,169504.60900,0.00000,0.00000,2,,477,{MONS},current",
        f"146321.07800,169504.60900,,,3,,479,{MONS},current",
    ]

    load(write(tmp_path / "a.csv", rows))

    in_degrees, *in_metres = Address.objects.order_by("register_id")
    assert in_degrees.geometry.coords == (4.31653, 50.83595)
    for address in in_metres:
        assert address.geometry.coords == pytest.approx((4.31653, 50.83595), abs=1.5e-5)


def test_other_files_are_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", BRUSSELS, COLUMNS.replace("street_id", "road_id"))

    with pytest.raises(CommandError, match=r"no column “street_id”.*\[column_missing\] Nothing was changed"):
        call_command("import_addresses", path, format="best")

    assert not Address.objects.exists()


def test_description(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", BRUSSELS)

    described = describe_addresses(path, format_name=guess_format(path))

    assert guess_format(path) == "best"
    assert described.mapping["street"] == "streetname_fr"
    assert described.mapping["lon"] == "EPSG:4326_lon"
    assert [(row.street, row.house_number, row.box, row.lon, row.lat) for row in described.rows] == [
        ("Chaussée de Mons", "475", "RDC", 4.31653, 50.83595),
        ("Chaussée de Mons", "475", "1er", 4.31653, 50.83595),
        ("Chaussée de Mons", "603", "", 4.31283, 50.83327),
    ]
    assert {code: count for code, (count, _examples) in described.refused.items()} == {"not_current": 2, "has_boxes": 1}
    assert not Address.objects.exists()
