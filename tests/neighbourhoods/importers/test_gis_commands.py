"""`import_districts` and `import_streets`: reference systems, releases, bad rows, bad files."""

from __future__ import annotations

from pathlib import Path

import geopandas
import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from shapely.geometry import LineString, MultiLineString, Point, Polygon, box

from neighbourhoods.domain.district_pieces import place_addresses
from neighbourhoods.importers.gis_rows import Fields
from neighbourhoods.importers.load_districts import import_districts
from neighbourhoods.importers.report import ImportReport
from neighbourhoods.models import Address, BoundaryRelease, District, DistrictPiece, Street

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]


def write(path: Path, rows: list[tuple[dict[str, object], object]], crs: int = 4326, to: int = 4326) -> Path:
    frame = geopandas.GeoDataFrame(
        [attributes for attributes, _shape in rows], geometry=[shape for _attributes, shape in rows], crs=crs
    )
    frame.to_crs(to).to_file(path, driver="GPKG" if path.suffix == ".gpkg" else "GeoJSON")
    return path


TOWN = [
    ({"name": "Nord", "code": 1.0}, box(4.30, 50.85, 4.40, 50.90)),
    ({"name": "Sud", "code": 2.0}, box(4.30, 50.80, 4.40, 50.85)),
]


def load(path: Path, release: str = "2020", level: str = "quartier") -> ImportReport:
    report = ImportReport()
    import_districts(path, level_name=level, release_name=release, fields=Fields("name", "code"), report=report)
    return report


@pytest.mark.parametrize(("name", "srid"), [("a.geojson", 4326), ("a.gpkg", 4326), ("a.gpkg", 31370), ("a.gpkg", 3857)])
def test_districts_in_any_reference_system(tmp_path: Path, name: str, srid: int) -> None:
    path = write(tmp_path / name, TOWN, to=srid)

    call_command("import_districts", path, level="quartier", name_field="name", code_field="code", release="2020")

    north = District.objects.get(code="1")
    assert north.geometry.extent == pytest.approx((4.30, 50.85, 4.40, 50.90), abs=1e-6)
    assert north.area_m2 == pytest.approx(39_150_000, rel=0.01)
    assert DistrictPiece.objects.filter(district=north).exists()


def test_first_edition_is_in_force_and_a_later_one_is_loaded_beside(tmp_path: Path) -> None:
    path = write(tmp_path / "a.geojson", TOWN)

    load(path, "2020")
    report = load(path, "2024")

    assert dict(BoundaryRelease.objects.values_list("name", "is_current")) == {"2020": True, "2024": False}
    assert "beside the current release" in report.notes[0]


def test_same_edition_again_keeps_keys_and_changes_only_what_differs(tmp_path: Path) -> None:
    load(write(tmp_path / "a.geojson", TOWN))
    before = dict(District.objects.values_list("code", "pk"))

    again = load(tmp_path / "a.geojson")
    renamed = load(write(tmp_path / "b.geojson", [({"name": "Le Nord", "code": 1.0}, TOWN[0][1]), TOWN[1]]))

    assert (again.unchanged["districts"], again.changed["districts"]) == (2, 0)
    assert (renamed.unchanged["districts"], renamed.changed["districts"]) == (1, 1)
    assert dict(District.objects.values_list("code", "pk")) == before
    assert District.objects.get(code="1").name == "Le Nord"


def test_bad_rows_are_refused_and_a_bow_tie_is_repaired(tmp_path: Path) -> None:
    bow_tie = Polygon([(4.3, 50.8), (4.4, 50.9), (4.4, 50.8), (4.3, 50.9)])  # two triangles of 0.0025 square degrees
    rows = [
        ({"name": "Bow tie", "code": "b"}, bow_tie),
        ({"name": "", "code": "c"}, box(4, 50, 5, 51)),
        ({"name": "Codeless", "code": None}, box(4, 50, 5, 51)),
        ({"name": "Line", "code": "d"}, LineString([(4, 50), (5, 51)])),
        ({"name": "Nowhere", "code": "e"}, None),
        ({"name": "Twice", "code": "b"}, box(4, 50, 5, 51)),
    ]

    report = load(write(tmp_path / "a.geojson", rows))

    assert {code: count for (_kind, code), count in report.refused.items()} == {
        "name_missing": 1,
        "code_missing": 1,
        "not_an_area": 1,
        "geometry_missing": 1,
        "duplicate_code": 1,
    }
    assert District.objects.get().geometry.area == pytest.approx(0.005)
    assert District.objects.get().geometry.valid
    assert any("repaired" in note for note in report.notes)


def test_address_on_the_border_has_the_district_with_the_lowest_code(tmp_path: Path) -> None:
    load(write(tmp_path / "a.geojson", TOWN))
    street = Street.objects.create(code="s", name="Rue du Milieu")
    Address.objects.create(register_id="1", source="t", street=street, geometry="SRID=4326;POINT(4.35 50.85)")
    Address.objects.create(register_id="2", source="t", street=street, geometry="SRID=4326;POINT(4.35 50.82)")
    Address.objects.create(register_id="3", source="t", street=street, geometry="SRID=4326;POINT(9 50.82)")

    changed = place_addresses()

    placed = Address.objects.order_by("register_id").values_list("district__code", flat=True)
    assert (changed, list(placed)) == (2, ["1", "2", None])
    assert place_addresses() == 0


def test_streets_are_merged_by_name_and_district(tmp_path: Path) -> None:
    load(write(tmp_path / "districts.geojson", TOWN))
    rows = [
        ({"nom": "Rue Haute", "nl": "Hoogstraat"}, LineString([(4.31, 50.86), (4.32, 50.86)])),
        ({"nom": "Rue Haute", "nl": "Hoogstraat"}, LineString([(4.32, 50.86), (4.33, 50.86)])),
        ({"nom": "Rue Haute", "nl": None}, LineString([(4.31, 50.82), (4.32, 50.82)])),
        ({"nom": "Place", "nl": None}, Point(4.31, 50.82)),
    ]
    path = write(tmp_path / "streets.gpkg", rows, to=31370)

    for _time in range(2):
        call_command("import_streets", path, name_field_nl="nl", refused=tmp_path / "refused.csv")

    streets = Street.objects.order_by("locality")
    assert [(street.name, street.locality, len(street.geometry)) for street in streets] == [
        ("Rue Haute", "Nord", 1),
        ("Rue Haute", "Sud", 1),
    ]
    assert sorted(streets[0].names.values_list("language", "name")) == [("", "Rue Haute"), ("nl", "Hoogstraat")]
    assert "feature 4 (Place),not_a_street" in (tmp_path / "refused.csv").read_text(encoding="utf-8-sig")


def test_surface_becomes_a_course_along_its_middle(tmp_path: Path) -> None:
    """A ribbon of 400 m by 10 m in Lambert 72, whose middle is known."""
    ribbon = box(149_000, 170_000, 149_400, 170_010)
    path = write(tmp_path / "streets.gpkg", [({"name": "Rue Droite", "id": 7}, ribbon)], crs=31370, to=31370)

    call_command("import_streets", path, code_field="id")

    street = Street.objects.get()
    course = street.geometry.transform(31370, clone=True)
    middle = LineString([(149_000, 170_005), (149_400, 170_005)])
    assert street.code == "7"
    assert course.length == pytest.approx(400, abs=0.5)
    assert middle.buffer(1).covers(MultiLineString([line.coords for line in course]))


@pytest.mark.parametrize(
    ("command", "options", "code"),
    [
        ("import_districts", {"level": "Quartier !", "name_field": "name"}, "level_wrong"),
        ("import_districts", {"level": "quartier", "name_field": "nom"}, "field_missing"),
        ("import_districts", {"level": "quartier", "name_field": "name", "code_field": "insee"}, "field_missing"),
        ("import_streets", {"name_field": "nom"}, "field_missing"),
        ("import_streets", {"code_field": "nom"}, "field_missing"),
    ],
)
def test_wrong_options_are_refused(tmp_path: Path, command: str, options: dict[str, str], code: str) -> None:
    path = write(tmp_path / "a.geojson", TOWN)

    with pytest.raises(CommandError, match=rf"\[{code}\]"):
        call_command(command, path, **options)

    assert not BoundaryRelease.objects.exists()


def test_virtual_dataset_called_geojson_reads_nothing(tmp_path: Path) -> None:
    secret = write(tmp_path / "secret.geojson", TOWN)
    path = tmp_path / "districts.geojson"
    path.write_text(
        f'<OGRVRTDataSource><OGRVRTLayer name="secret"><SrcDataSource>{secret}</SrcDataSource></OGRVRTLayer>'
        "</OGRVRTDataSource>"
    )

    for command, options in (("import_districts", {"level": "x", "name_field": "name"}), ("import_streets", {})):
        with pytest.raises(CommandError, match=r"\[file_format_unknown\]"):
            call_command(command, path, **options)

    assert not District.objects.exists()
    assert not Street.objects.exists()


def test_broken_half_of_a_file_leaves_nothing(tmp_path: Path) -> None:
    path = write(tmp_path / "a.geojson", TOWN * 200)
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])

    with pytest.raises(CommandError):
        call_command("import_districts", path, level="quartier", name_field="name")

    assert not BoundaryRelease.objects.exists()
