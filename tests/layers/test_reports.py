"""Maps without a connection: where on the picture a shape is, and what the page's script holds."""

from __future__ import annotations

import io
import json
import math
import re
from typing import Any

import pytest
from PIL import Image

from layers.reports import MapGroup, feature, picture_of, standalone_map

RED, BLUE = "#ff0000", "#0000ff"
BOUNDS = (4.40, 50.84, 4.42, 50.85)


def _polygon(west: float, south: float, east: float, north: float, **properties: Any) -> Any:
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Feature", "geometry": {"type": "Polygon", "coordinates": [ring]}, "properties": properties}


def _pixel(png: bytes, lon: float, lat: float) -> tuple[int, int, int]:
    """The colour at a place, by the formula of Web Mercator and the picture's centre being that of the bounds."""
    image = Image.open(io.BytesIO(png)).convert("RGB")

    def mercator(x: float, y: float) -> tuple[float, float]:
        return math.radians(x), math.log(math.tan(math.pi / 4 + math.radians(y) / 2))

    west, south = mercator(*BOUNDS[:2])
    east, north = mercator(*BOUNDS[2:])
    x, y = mercator(lon, lat)
    # The bounds are wider than high, so the margin of 4 % of the width is on either side.
    scale = image.width / ((east - west) * 1.08)
    across = image.width / 2 + (x - (west + east) / 2) * scale
    down = image.height / 2 - (y - (south + north) / 2) * scale
    return image.getpixel((round(across), round(down)))  # type: ignore[return-value]


def test_a_picture_shows_each_shape_in_its_place_and_colour() -> None:
    line = '{"type":"LineString","coordinates":[[4.41,50.841],[4.41,50.849]]}'
    groups = [
        MapGroup("areas", [_polygon(4.405, 50.842, 4.408, 50.844)], BLUE, fill_opacity=1),
        MapGroup("lines", [feature(line)], RED, weight=8),
        MapGroup("points", [feature('{"type":"Point","coordinates":[4.415,50.845]}')], RED, size=30),
    ]

    picture = picture_of(groups=groups, bounds=BOUNDS)

    assert _pixel(picture.png, 4.4065, 50.843) == (0, 0, 255)
    assert _pixel(picture.png, 4.41, 50.847) == (255, 0, 0)
    assert _pixel(picture.png, 4.415, 50.845) == (255, 0, 0)
    assert _pixel(picture.png, 4.4035, 50.8455) == (247, 244, 238)  # the paper


def test_a_picture_of_a_tall_area_is_not_higher_than_nine_tenths_of_its_width() -> None:
    picture = picture_of(groups=[], bounds=(4.40, 50.0, 4.41, 51.0), width_mm=100, dpi=100)

    assert (picture.width, picture.height) == (393, 354)  # 100 mm are 393.7 pixels, nine tenths of it 354.3
    assert Image.open(io.BytesIO(picture.png)).size == (picture.width, picture.height)


def test_a_picture_draws_the_parts_of_a_collection() -> None:
    collection = {
        "type": "GeometryCollection",
        "geometries": [
            {"type": "Point", "coordinates": [4.402, 50.848]},
            {"type": "MultiPolygon", "coordinates": [_polygon(4.41, 50.842, 4.415, 50.846)["geometry"]["coordinates"]]},
        ],
    }

    picture = picture_of(
        groups=[MapGroup("all", [feature(json.dumps(collection))], RED, fill_opacity=1, size=30)], bounds=BOUNDS
    )

    assert _pixel(picture.png, 4.402, 50.848) == (255, 0, 0)
    assert _pixel(picture.png, 4.4125, 50.844) == (255, 0, 0)


def test_a_name_with_dollar_signs_is_no_formula() -> None:
    area = _polygon(4.405, 50.842, 4.415, 50.846, label=r"Caf\é $\frac$ · 3")

    assert picture_of(groups=[MapGroup("areas", [area], RED)], bounds=BOUNDS).width > 0


@pytest.mark.parametrize(("shade", "expected"), [(0.0, (247, 244, 238)), (1.0, (255, 0, 0))])
def test_an_area_may_have_a_shade_of_its_own(shade: float, expected: tuple[int, int, int]) -> None:
    area = _polygon(4.405, 50.842, 4.415, 50.846, shade=shade)

    picture = picture_of(groups=[MapGroup("areas", [area], RED)], bounds=BOUNDS)

    assert _pixel(picture.png, 4.41, 50.844) == expected


def test_the_map_of_a_page_loads_nothing_and_carries_no_markup_of_a_title() -> None:
    evil = "</script><script>alert(1)</script>"

    drawn = standalone_map(
        groups=[MapGroup(evil, [feature('{"type":"Point","coordinates":[4.41,50.845]}', words="a")], RED)],
        bounds=BOUNDS,
        library_script="/* library */",
        library_style="/* style */",
        label=evil,
    )

    whole = drawn.styles + drawn.element + drawn.script
    assert re.findall(r'(?:src|href)\s*=\s*["\'][^"\']', whole) == []
    assert "alert(1)</script>" not in whole
    assert "/* library */" in drawn.script
    assert "/* style */" in drawn.styles


def test_a_collection_becomes_a_feature_for_each_of_its_parts() -> None:
    parts = [{"type": "Point", "coordinates": [4.41, 50.845]}, {"type": "Point", "coordinates": [4.411, 50.845]}]
    collection = {"type": "GeometryCollection", "geometries": [*parts]}

    drawn = standalone_map(
        groups=[MapGroup("G", [feature(json.dumps(collection), words="both")], RED)],
        bounds=BOUNDS,
        library_script="",
        library_style="",
        label="Map",
    )

    (data,) = re.findall(r'_add\((\{"features".*\})\);', drawn.script)
    features = json.loads(data)["features"]
    assert [item["geometry"] for item in features] == parts
    assert {item["properties"]["words"] for item in features} == {"both"}
