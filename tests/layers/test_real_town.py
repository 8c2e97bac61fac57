"""Tiles of a whole country's streets: none too heavy, none lost."""

from __future__ import annotations

import math
from pathlib import Path

import geopandas
import mapbox_vector_tile
import pytest

from layers.readers import FeatureFile
from layers.tile_grid import Tile
from layers.tiles import MAX_TILE_BYTES, tile_content
from neighbourhoods.layers import STREETS
from neighbourhoods.models import Street

pytestmark = pytest.mark.django_db


def _tiles_over(bounds: tuple[float, float, float, float], z: int) -> list[Tile]:
    west, south, east, north = bounds
    n = 2**z
    columns = [int((lon + 180) / 360 * n) for lon in (west, east)]
    rows = [int((1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * n) for lat in (north, south)]
    return [Tile(z, x, y) for x in range(columns[0], columns[1] + 1) for y in range(rows[0], rows[1] + 1)]


def test_every_street_of_liechtenstein_is_in_light_tiles(real_data: Path) -> None:
    path = real_data / "liechtenstein" / "streets.geojson"
    with FeatureFile(path) as file:
        Street.objects.bulk_create(
            Street(code=str(feature.number), name=feature.attributes["name"], geometry=feature.geometry)
            for feature in file
        )
    expected = geopandas.read_file(path)
    assert Street.objects.count() == len(expected) == 1_022

    for z in (7, 10, 14):
        found: set[str] = set()
        for tile in _tiles_over(expected.total_bounds, z):
            content = tile_content(STREETS, STREETS.public_rows(), tile)
            assert len(content) <= MAX_TILE_BYTES
            if content:
                features = mapbox_vector_tile.decode(content)["streets"]["features"]
                found |= {feature["properties"]["name"] for feature in features}
        if z == 14:
            assert found == set(expected["name"])
        else:  # a lane of some metres is smaller than a tile's grid
            assert len(found) > 0.9 * expected["name"].nunique()
