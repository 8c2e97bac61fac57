"""Real registers in every format and several reference systems give the territory that their GeoJSON gives."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import geopandas
import pandas
import pytest
import shapely
from django.core.management import call_command
from django.db import transaction

from neighbourhoods.models import Address, District, Street
from tests.fixtures.real_data import real_file
from tests.layers.gis_files import write_gis

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.filterwarnings("ignore:Column names longer:UserWarning"),
    pytest.mark.filterwarnings("ignore:Normalized:RuntimeWarning"),
    pytest.mark.filterwarnings("ignore:Could not parse column:UserWarning"),
]

Found = TypeVar("Found")
METRE = 1e-5
"""About a metre, in degrees."""


def _after(read: Callable[[], Found], command: str, path: Path, **options: Any) -> Found:
    """What the import gives; it is then undone."""
    with transaction.atomic():
        call_command(command, path, **options)
        found = read()
        transaction.set_rollback(True)
    return found


def _districts() -> dict[str, tuple[str, shapely.Geometry]]:
    return {
        district.code: (district.name, shapely.from_wkb(district.geometry.wkb.tobytes()))
        for district in District.objects.all()
    }


@pytest.mark.parametrize(
    ("source", "name", "code", "formats"),
    [
        ("schaerbeek/quartiers.geojson", "SectorName", "id", {".zip": 31370, ".kml": 4326}),
        ("paris-dansmarue/quartier_paris.geojson", "l_qu", "c_qu", {".fgb": 2154}),
    ],
)
def test_districts(tmp_path: Path, source: str, name: str, code: str, formats: dict[str, int]) -> None:
    original = real_file(source)
    frame = geopandas.read_file(original)
    frame = frame[[name, code, "geometry"]].rename(columns={name: "label", code: "key"})
    frame = frame.set_geometry(frame.geometry.make_valid())  # what crosses itself cannot be written as KML
    plain = write_gis(frame, tmp_path / "plain.geojson")
    options = {"level": "quartier", "name_field": "label", "code_field": "key"}
    expected = _after(_districts, "import_districts", plain, **options)
    assert len(expected) == len(frame)

    for suffix, crs in formats.items():
        path = write_gis(frame.to_crs(crs), tmp_path / f"a{suffix}")

        found = _after(_districts, "import_districts", path, **options)

        assert found.keys() == expected.keys()
        for key, (label, shape) in expected.items():
            assert found[key][0] == label
            assert found[key][1].hausdorff_distance(shape) < METRE / 100


def test_streets_of_schaerbeek(tmp_path: Path) -> None:
    frame = geopandas.read_file(real_file("schaerbeek/URBIS_OSIRIS_StreetSurfaces_GroupStreet.geojson"))
    frame = frame[["PW_NAME_FR", "PW_NAME_DU", "geometry"]].rename(columns={"PW_NAME_FR": "fr", "PW_NAME_DU": "nl"})[
        :60
    ]
    # The register draws streets as collections of collections, which a Shapefile has not.
    frame = frame.set_geometry(frame.geometry.map(lambda shape: shapely.unary_union(shapely.make_valid(shape))))
    frame = frame[frame.geom_type.isin(["Polygon", "MultiPolygon"])]
    assert len(frame) > 15
    options = {"name_field": "fr", "name_field_nl": "nl"}
    expected = _after(_streets, "import_streets", write_gis(frame, tmp_path / "plain.geojson"), **options)
    assert len(expected) == len(frame)

    for suffix, crs in ((".zip", 31370),):
        path = write_gis(frame.to_crs(crs), tmp_path / f"a{suffix}")

        found = _after(_streets, "import_streets", path, **options)

        assert found.keys() == expected.keys()
        for key, surface in expected.items():
            assert found[key].symmetric_difference(surface).area < surface.area * 1e-3


def _streets() -> dict[tuple[str, ...], shapely.Geometry]:
    return {
        tuple(sorted(street.names.values_list("name", flat=True))): shapely.from_wkb(street.surface.wkb.tobytes())
        for street in Street.objects.exclude(surface=None)
    }


def test_addresses_of_paris(tmp_path: Path) -> None:
    table = pandas.read_csv(real_file("paris-dansmarue/addresses_from_reports.csv"), dtype=str)[:1500]
    table.to_csv(tmp_path / "plain.csv", index=False)
    expected = _after(_addresses, "import_addresses", tmp_path / "plain.csv", format="csv")
    assert len(expected) > 1000
    frame = geopandas.GeoDataFrame(
        table.drop(columns=["lon", "lat"]),
        geometry=geopandas.points_from_xy(table["lon"].astype(float), table["lat"].astype(float)),
        crs=4326,
    )

    for suffix, crs in ((".zip", 2154), (".fgb", 3857)):
        path = write_gis(frame.to_crs(crs), tmp_path / f"a{suffix}")

        assert _after(_addresses, "import_addresses", path, format="gis") == expected


def _addresses() -> set[tuple[str, str, str, float, float]]:
    return {
        (address.street.name, address.house_number, address.postcode, round(address.geometry.x, 6),
         round(address.geometry.y, 6))
        for address in Address.objects.select_related("street")
    }  # fmt: skip
