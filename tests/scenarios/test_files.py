"""Variants from real GIS files: what is taken equals what geopandas reads, and what is not says why."""

from __future__ import annotations

import io
import zipfile
from decimal import Decimal
from pathlib import Path

import geopandas
import pytest
import shapely
from shapely.geometry import LineString, Point, Polygon

from geoparticipation.accounts.models import User
from geoparticipation.scenarios.domain.files import choose_columns, preview_rows, read_variant_file, take_file
from geoparticipation.scenarios.domain.places import make_places
from geoparticipation.scenarios.errors import PlanIncomplete, VariantFileRefused
from geoparticipation.scenarios.models import VariantFile
from layers.errors import Refusal
from layers.geometry import to_shapely
from tests.scenarios.conftest import MakePlan, ParkPlan

pytestmark = pytest.mark.django_db

POINTS = [Point(4.4112, 50.8441), Point(4.4115, 50.8446), Point(4.4150, 50.8452)]


@pytest.fixture
def draft(make_plan: MakePlan) -> ParkPlan:
    return make_plan(published=False)


def trees() -> geopandas.GeoDataFrame:
    """Three trees with French names of columns."""
    columns = {
        "nom": ["Tilleul", "Érable", "Chêne"],
        "type": ["arbre", "arbre", None],
        "coût": ["800", "1 200,50", None],
        "lieu": ["Coin", "Coin", "Arrêt"],
    }
    return geopandas.GeoDataFrame(columns, geometry=POINTS, crs="EPSG:4326")


def written(frame: geopandas.GeoDataFrame, folder: Path, kind: str) -> Path:
    """The frame as a file of this kind."""
    path = folder / f"trees.{kind}"
    if kind == "zip":
        frame.to_crs("EPSG:31370").to_file(folder / "trees.shp", encoding="utf-8")
        with zipfile.ZipFile(path, "w") as archive:
            for part in folder.glob("trees.*"):
                if part != path:
                    archive.write(part, part.name)
    elif kind == "kml":
        frame.rename(columns={"nom": "Name"}).to_file(path, driver="LIBKML")
    else:
        frame.to_crs("EPSG:31370" if kind == "gpkg" else "EPSG:4326").to_file(path)
    return path


def read(path: Path, draft: ParkPlan, agent: User) -> VariantFile:
    with path.open("rb") as content:
        return read_variant_file(agent=agent, variant=draft.today, content=content, name=path.name)


@pytest.mark.parametrize("kind", ["geojson", "gpkg", "zip", "kml", "fgb"])
def test_file_is_taken_as_geopandas_wrote_it(draft: ParkPlan, agent: User, tmp_path: Path, kind: str) -> None:
    file = read(written(trees(), tmp_path, kind), draft, agent)
    if kind == "kml":
        choose_columns(agent=agent, file=file, chosen={**file.chosen, "label": "Name"})
    assert [row.refusal for row in preview_rows(file)] == ["", "", ""]

    assert take_file(agent=agent, file=file) == 3
    kept = {feature.label: feature for feature in draft.today.features.all()}
    assert set(kept) == {"Tilleul", "Érable", "Chêne"}
    for label, point in zip(["Tilleul", "Érable", "Chêne"], POINTS, strict=True):
        assert shapely.hausdorff_distance(to_shapely(kept[label].geometry), point) < 1e-7
    if kind != "kml":
        assert {label: (one.kind, one.cost, one.place_name) for label, one in kept.items()} == {
            "Tilleul": ("arbre", 800, "Coin"),
            "Érable": ("arbre", Decimal("1200.50"), "Coin"),
            "Chêne": ("", None, "Arrêt"),
        }
    assert not VariantFile.objects.exists()


def test_rows_that_are_refused_say_why_and_the_others_are_taken(draft: ParkPlan, agent: User, tmp_path: Path) -> None:
    bow = Polygon([(4.411, 50.844), (4.412, 50.845), (4.412, 50.844), (4.411, 50.845)])
    frame = geopandas.GeoDataFrame(
        {"name": ["good", "far", "bow", "none", "dear"], "cost": ["1", "1", "1", "1", "beaucoup"]},
        geometry=[LineString([(4.411, 50.844), (4.412, 50.845)]), Point(5, 51), bow, None, Point(4.412, 50.845)],
        crs="EPSG:4326",
    )
    file = read(written(frame, tmp_path, "gpkg"), draft, agent)

    reasons = [row.refusal for row in preview_rows(file)]
    assert reasons[0] == ""
    for reason, words in zip(reasons[1:], ["outside", "crosses itself", "no geometry", "no amount"], strict=True):
        assert words in reason
    assert take_file(agent=agent, file=file) == 1
    assert [feature.label for feature in draft.today.features.all()] == ["good"]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "file_format_unknown"),
        (b"<OGRVRTDataset><OGRVRTLayer/></OGRVRTDataset>", "file_format_unknown"),
        (b'{"type": "FeatureCollection", "features": [', "file_unreadable"),
        (b"x" * 10_000_001, "file_too_large"),
    ],
)
def test_file_that_is_not_read(draft: ParkPlan, agent: User, content: bytes, code: str) -> None:
    with pytest.raises(Refusal) as refused:
        read_variant_file(agent=agent, variant=draft.today, content=io.BytesIO(content), name="a.geojson")

    assert refused.value.code == code
    assert not VariantFile.objects.exists()


def test_file_of_too_many_elements_is_refused(draft: ParkPlan, agent: User, tmp_path: Path) -> None:
    frame = geopandas.GeoDataFrame(geometry=[POINTS[0]] * 301, crs="EPSG:4326")
    with pytest.raises(Refusal, match="300"):
        read(written(frame, tmp_path, "geojson"), draft, agent)


def test_file_without_any_good_row_leaves_the_variant(draft: ParkPlan, agent: User, tmp_path: Path) -> None:
    frame = geopandas.GeoDataFrame({"name": ["far"]}, geometry=[Point(5, 51)], crs="EPSG:4326")
    file = read(written(frame, tmp_path, "geojson"), draft, agent)
    file.variant = draft.trees
    with pytest.raises(VariantFileRefused):
        take_file(agent=agent, file=file)

    assert draft.trees.features.count() == 3


def test_places_from_a_column_hold_what_is_built_there(draft: ParkPlan, agent: User, tmp_path: Path) -> None:
    with pytest.raises(PlanIncomplete, match="column of places"):
        make_places(agent=agent, plan=draft.plan)
    take_file(agent=agent, file=read(written(trees(), tmp_path, "geojson"), draft, agent))

    made = {place.name: to_shapely(place.geometry) for place in make_places(agent=agent, plan=draft.plan)}
    assert set(made) == {"Coin", "Arrêt"}
    assert made["Coin"].covers(shapely.MultiPoint(POINTS[:2]))
    assert made["Arrêt"].covers(POINTS[2])
    ten_metres = made["Arrêt"].area * 111_250 * 70_400
    assert ten_metres == pytest.approx(3.1416 * 100, rel=0.02)
    assert make_places(agent=agent, plan=draft.plan) == []
