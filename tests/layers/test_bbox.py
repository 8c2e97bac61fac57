"""Boxes in a query string."""

from __future__ import annotations

import pytest
from django.contrib.gis.geos import LineString, MultiLineString

from layers.bbox import BoxCrossesAntimeridian, BoxInvalid, in_bbox, parse_bbox
from neighbourhoods.layers import STREETS
from neighbourhoods.models import Street


@pytest.mark.parametrize(
    ("text", "wkt"),
    [
        ("9,47,10,48", "POLYGON ((9 47, 9 48, 10 48, 10 47, 9 47))"),
        (" 9.0 , 4.7e1 ,10, 48", "POLYGON ((9 47, 9 48, 10 48, 10 47, 9 47))"),
        ("-180,-90,180,90", "POLYGON ((-180 -90, -180 90, 180 90, 180 -90, -180 -90))"),
        ("9,47,9,47", "POINT (9 47)"),
        ("9,47,9,48", "LINESTRING (9 47, 9 48)"),
    ],
)
def test_box_is_read(text: str, wkt: str) -> None:
    box = parse_bbox(text)

    assert (box.wkt, box.srid) == (wkt, 4326)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "9,47,10",
        "9,47,10,48,1",
        "9;47;10;48",
        "a,b,c,d",
        "nan,47,10,48",
        "9,47,inf,48",
        "9,48,10,47",
        "652000,6862000,653000,6863000",
        "47,9,48,109",
        "1," * 100_000,
    ],
)
def test_bad_box_is_refused(text: str) -> None:
    with pytest.raises(BoxInvalid) as refused:
        parse_bbox(text)

    assert (refused.value.code, refused.value.field, refused.value.status) == ("bbox_invalid", "in_bbox", 400)


def test_box_over_the_180th_meridian_is_refused_with_what_to_do() -> None:
    with pytest.raises(BoxCrossesAntimeridian, match="180") as refused:
        parse_bbox("170,-20,-170,20", field="bbox")

    assert (refused.value.code, refused.value.field) == ("bbox_crosses_antimeridian", "bbox")


@pytest.mark.django_db
def test_lines_that_cross_or_touch_the_box_are_in_it() -> None:
    courses = {
        "inside": [(9.5, 47.5), (9.6, 47.6)],
        "across": [(8, 47.5), (11, 47.5)],
        "corner": [(8, 47), (9, 48)],
        "touches": [(10, 47.5), (11, 47.5)],
        "outside": [(11, 47.5), (12, 47.5)],
        # Its own box overlaps, the line does not.
        "around": [(8, 47.5), (8, 49), (9.5, 49)],
    }
    for code, course in courses.items():
        Street.objects.create(code=code, name=code, geometry=MultiLineString(LineString(course)))

    found = in_bbox(STREETS.queryset(None), STREETS, parse_bbox("9,47,10,48"))

    assert {street.code for street in found} == {"inside", "across", "corner", "touches"}
