"""The south of Liechtenstein cut out of its extract, so that the boundaries of some communes are cut with it."""

from __future__ import annotations

from pathlib import Path

import geopandas
import osmium
import pytest
import shapely
from django.db import transaction

from neighbourhoods.importers.osm.load import import_osm
from neighbourhoods.importers.report import ImportReport
from neighbourhoods.models import Address, District

pytestmark = pytest.mark.django_db

CUT = shapely.box(9.471, 47.047, 9.637, 47.14)
"""Through Vaduz and Triesenberg; of Balzers and others only exclaves are beyond."""


def cut_out(source: Path, target: Path) -> Path:
    """Nodes in the box, and the ways and relations with a member in it: nodes outside are missing."""
    west, south, east, north = CUT.bounds
    header = osmium.io.Header()
    header.add_box(osmium.osm.Box(osmium.osm.Location(west, south), osmium.osm.Location(east, north)))
    nodes: set[int] = set()
    ways: set[int] = set()
    with osmium.SimpleWriter(str(target), header=header) as writer:
        for item in osmium.FileProcessor(str(source)):
            if item.is_node():
                if west <= item.lon <= east and south <= item.lat <= north:
                    nodes.add(item.id)
                    writer.add_node(item)
            elif item.is_way():
                if any(node.ref in nodes for node in item.nodes):
                    ways.add(item.id)
                    writer.add_way(item)
            elif any(member.type == "w" and member.ref in ways for member in item.members):
                writer.add_relation(item)
    return target


@pytest.fixture(scope="module")
def south(shared_database: None, real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> geopandas.GeoSeries:
    """The import of the cut file; gives the true communes."""
    folder = real_data / "liechtenstein"
    path = cut_out(folder / "liechtenstein-2024.osm.pbf", tmp_path_factory.mktemp("cut") / "south.osm.pbf")
    with transaction.atomic():
        import_osm(path, report=ImportReport())
    return geopandas.read_file(folder / "districts.geojson").set_index("name").geometry


def test_cut_communes_are_their_true_area_within_the_cut(south: geopandas.GeoSeries) -> None:
    ours = {
        district.name: (shapely.from_wkb(bytes(district.geometry.wkb)), district.is_clipped)
        for district in District.objects.all()
    }

    assert {"Balzers", "Triesen", "Triesenberg", "Vaduz"} <= set(ours)
    for name in ("Balzers", "Triesen", "Triesenberg", "Vaduz"):
        area, is_clipped = ours[name]
        expected = south[name].intersection(CUT)
        # The last segment of a cut line is unknown: up to its length, the border goes straight to the edge instead.
        assert area.symmetric_difference(expected).area < 0.02 * expected.area, name
        assert is_clipped == (not CUT.covers(south[name])), name


def test_cut_communes_do_not_overlap(south: geopandas.GeoSeries) -> None:
    areas = [shapely.from_wkb(bytes(district.geometry.wkb)) for district in District.objects.all()]

    assert sum(area.area for area in areas) == pytest.approx(shapely.unary_union(areas).area, rel=1e-6)


def test_addresses_of_the_cut_have_their_commune(south: geopandas.GeoSeries) -> None:
    for name in ("Balzers", "Triesen", "Triesenberg", "Vaduz"):
        points = [
            shapely.Point(point.x, point.y)
            for point in Address.objects.filter(district__name=name).values_list("geometry", flat=True)
        ]
        assert len(points) > 200
        around = south[name].buffer(0.001)
        assert shapely.covers(around, points).all()
