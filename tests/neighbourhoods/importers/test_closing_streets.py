"""Streets that a later file of their register no longer has, from GIS files and from OpenStreetMap."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import geopandas
import pytest
from django.core.management import CommandError, call_command
from shapely.geometry import LineString

from neighbourhoods.importers.gis_rows import Fields
from neighbourhoods.importers.load_streets import import_streets
from neighbourhoods.importers.report import ImportReport
from neighbourhoods.models import Address, Street
from tests.neighbourhoods.importers.conftest import TinyOsm

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]


def street_file(path: Path, names: dict[str, str | None]) -> Path:
    """Streets by code; each has a course of its own."""
    rows = [{"code": code, "name": name} for code, name in names.items()]
    lines = [LineString([(4.3, 50.8 + at / 1000), (4.31, 50.8 + at / 1000)]) for at in range(len(rows))]
    geopandas.GeoDataFrame(rows, geometry=lines, crs=4326).to_file(path, driver="GeoJSON")
    return path


def load(path: Path) -> ImportReport:
    report = ImportReport()
    import_streets(path, fields=Fields("name", "code"), report=report)
    return report


def in_force() -> set[str]:
    return set(Street.objects.current().values_list("code", flat=True))


def test_a_street_that_is_gone_is_closed_and_reopened(tmp_path: Path) -> None:
    load(street_file(tmp_path / "a.geojson", {"1": "Haute", "2": "Basse", "3": "Neuve"}))
    gone = load(street_file(tmp_path / "b.geojson", {"1": "Haute", "2": "Basse"}))
    assert (gone.closed["streets"], in_force()) == (1, {"1", "2"})

    back = load(tmp_path / "a.geojson")
    assert (back.reopened["streets"], back.unchanged["streets"], in_force()) == (1, 2, {"1", "2", "3"})


def test_a_street_with_addresses_in_force_stays(tmp_path: Path) -> None:
    load(street_file(tmp_path / "a.geojson", {"1": "Haute", "2": "Basse"}))
    home = Address.objects.create(
        register_id="x", source="ban", street=Street.objects.get(code="2"), geometry="SRID=4326;POINT(4.3 50.8)"
    )
    report = load(street_file(tmp_path / "b.geojson", {"1": "Haute"}))
    assert (report.closed["streets"], in_force()) == (0, {"1", "2"})
    assert "addresses belong to them: 1" in report.notes[0]

    Address.objects.filter(pk=home.pk).update(closed_at="2026-01-01T00:00Z")
    assert (load(tmp_path / "b.geojson").closed["streets"], in_force()) == (1, {"1"})


def test_a_street_in_a_bad_row_is_not_gone(tmp_path: Path) -> None:
    load(street_file(tmp_path / "a.geojson", {"1": "Haute", "2": "Basse"}))
    report = load(street_file(tmp_path / "b.geojson", {"1": "Haute", "2": None}))

    assert (report.refused_of("streets"), in_force()) == (1, {"1", "2"})


def test_renamed_streets_are_counted_by_what_changed(tmp_path: Path) -> None:
    load(street_file(tmp_path / "a.geojson", {"1": "Haute", "2": "Basse", "3": "Neuve"}))
    report = load(street_file(tmp_path / "b.geojson", {"1": "Haute", "2": "du Bas", "3": "Neuve"}))

    assert (report.changed["streets"], report.unchanged["streets"]) == (1, 2)
    assert dict(report.columns_of("streets")) == {"name": 1, "names": 1}


def test_most_streets_are_not_closed_by_a_slip(tmp_path: Path) -> None:
    load(street_file(tmp_path / "a.geojson", {str(at): f"Rue {at}" for at in range(600)}))
    part = street_file(tmp_path / "part.geojson", {str(at): f"Rue {at}" for at in range(50)})

    with pytest.raises(CommandError, match=r"close 550 of the 600 .*--partial.*closes_too_much"):
        call_command("import_streets", part, code_field="code")
    call_command("import_streets", part, "--partial", code_field="code")
    assert len(in_force()) == 600
    call_command("import_streets", part, "--close-many", code_field="code")
    assert len(in_force()) == 50


def test_a_later_extract_closes_what_the_map_no_longer_has(
    tiny: TinyOsm, import_tiny: Callable[..., ImportReport]
) -> None:
    corners = [tiny.node(*corner) for corner in [(9.0, 47.0), (9.1, 47.0), (9.1, 47.1), (9.0, 47.1)]]
    tiny.commune("Ville", tiny.way([*corners, corners[0]]))
    for name, lat in (("Gasse", 47.02), ("Weg", 47.04)):
        tiny.way([(9.01, lat), (9.03, lat)], highway="residential", name=name)
    homes = [tiny.node(9.02, 47.0201 + at / 10_000, addr__street="Gasse", addr__housenumber=str(at)) for at in (1, 2)]
    lonely = tiny.node(9.05, 47.06, addr__street="Steg", addr__housenumber="1")
    first = import_tiny()
    again = import_tiny()

    def without(kind: str, *keep: Callable[[object], bool]) -> None:
        tiny.items[kind] = [item for item in tiny.items[kind] if all(test(item) for test in keep)]

    without("n", lambda item: item.id not in {homes[0], lonely})
    without("w", lambda item: dict(item.tags or {}).get("name") != "Weg")
    later = import_tiny()

    assert (first.created["addresses"], first.created["streets"]) == (3, 2)
    for kind in again.kinds:
        assert (again.created[kind], again.changed[kind], again.closed[kind], again.reopened[kind]) == (0, 0, 0, 0)
    assert (later.closed["addresses"], later.closed["streets"]) == (2, 1)
    assert later.closed["streets known only by their addresses"] == 1
    assert set(Street.objects.current().values_list("name", flat=True)) == {"Gasse"}
    assert set(Address.objects.current().values_list("house_number", flat=True)) == {"2"}
