"""Luxembourg's two levels, and Schaerbeek's streets drawn as surfaces and named in two languages."""

from __future__ import annotations

import math
from pathlib import Path

import geopandas
import pytest
import shapely
from django.db import transaction

from neighbourhoods.importers.gis_rows import Fields
from neighbourhoods.importers.load_streets import import_streets
from neighbourhoods.importers.osm.load import import_osm
from neighbourhoods.importers.report import ImportReport
from neighbourhoods.models import District, Street, StreetName

pytestmark = pytest.mark.django_db


def shape(geometry: object) -> shapely.Geometry:
    return shapely.from_wkb(bytes(geometry.wkb))  # type: ignore[attr-defined]


@pytest.fixture(scope="module")
def luxembourg(shared_database: None, real_data: Path) -> geopandas.GeoDataFrame:
    folder = real_data / "luxembourg-admin"
    with transaction.atomic():
        import_osm(folder / "lux_filtered.osm.pbf", report=ImportReport(), levels={"8": "", "9": ""})
    return geopandas.read_file(folder / "districts.geojson")


def test_luxembourg_has_102_communes_none_of_them_cut(luxembourg: geopandas.GeoDataFrame) -> None:
    expected = luxembourg[luxembourg["admin_level"].astype(str) == "8"].set_index("osm_id").geometry

    communes = District.objects.filter(release__level__name="commune")

    assert communes.count() == 102
    assert not communes.filter(is_clipped=True).exists()
    for commune in communes:
        key = int(commune.code.removeprefix("r"))
        if key in expected.index:
            assert shape(commune.geometry).symmetric_difference(expected[key]).area < 1e-8, commune.name


def test_the_quarters_of_the_city_of_luxembourg_are_below_it(luxembourg: geopandas.GeoDataFrame) -> None:
    quarters = District.objects.filter(release__level__name="district", parent__name="Luxembourg")

    assert quarters.count() == 24


@pytest.fixture(scope="module")
def schaerbeek(shared_database: None, real_data: Path) -> ImportReport:
    report = ImportReport()
    fields = Fields("PW_NAME_FR", "id_street", names={"fr": "PW_NAME_FR", "nl": "PW_NAME_DU"})
    path = real_data / "schaerbeek" / "URBIS_OSIRIS_StreetSurfaces_GroupStreet.geojson"
    with transaction.atomic():
        import_streets(path, fields=fields, report=report)
    return report


def test_streets_have_both_names(schaerbeek: ImportReport) -> None:
    streets = Street.objects.exclude(surface=None)

    assert streets.count() == 389
    vonck = StreetName.objects.get(language="nl", name="vonckstraat")
    assert (vonck.street.name, vonck.street.code) == ("rue vonck", "1")


def test_streets_have_a_course_along_their_surface(schaerbeek: ImportReport) -> None:
    for street in Street.objects.exclude(surface=None):
        surface, course = shape(street.surface), shape(street.geometry)
        assert surface.buffer(1e-5).covers(course), street.name
    streets = list(Street.objects.exclude(surface=None))
    metres = geopandas.GeoSeries([shape(street.geometry) for street in streets], crs=4326).to_crs(31370)
    surfaces = geopandas.GeoSeries([shape(street.surface) for street in streets], crs=4326).to_crs(31370)
    # A ribbon's middle is half as long as its rim, less its width.
    ratios = metres.length / (surfaces.length / 2)
    assert ratios.mean() == pytest.approx(0.92, abs=0.05)
    assert ratios.max() < 1.7
    # However ragged the rim, the course leads from one end of the surface to the other.
    boxes = [box.exterior.coords for box in surfaces.minimum_rotated_rectangle()]
    long_sides = [max(math.dist(*box[:2]), math.dist(*box[1:3])) for box in boxes]
    reached = (metres.length / long_sides)[surfaces.count_geometries() == 1]
    assert reached.min() > 0.85
    assert reached.median() == pytest.approx(1, abs=0.03)
