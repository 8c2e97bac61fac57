"""Which shapes a council's area covers, against what shapely says of the same shapes."""

from __future__ import annotations

import pytest
import shapely
from django.contrib.gis.geos import GEOSGeometry
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geoparticipation.councils.domain.area import shape_within, targets_within
from geoparticipation.councils.models import Council
from neighbourhoods.models import Target

pytestmark = pytest.mark.django_db

# Corners on a grid of 2^-10 degrees, so that both sides reckon with the same numbers and borders are often shared.
CELL = 2**-10
boxes = st.tuples(st.integers(0, 5), st.integers(0, 5), st.integers(1, 4), st.integers(1, 4))


def area_of(chosen: list[tuple[int, int, int, int]]) -> shapely.MultiPolygon:
    parts = [
        shapely.box(4 + CELL * x, 50 + CELL * y, 4 + CELL * (x + wide), 50 + CELL * (y + high))
        for x, y, wide, high in chosen
    ]
    united = shapely.union_all(parts)
    return united if united.geom_type == "MultiPolygon" else shapely.MultiPolygon([united])


def geos(shape: shapely.Geometry) -> GEOSGeometry:
    return GEOSGeometry(memoryview(shapely.to_wkb(shape)), srid=4326)


@given(area=st.lists(boxes, min_size=1, max_size=3), asked=st.lists(boxes, min_size=1, max_size=3))
@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_area_covers_what_shapely_says_it_covers(
    db: None, area: list[tuple[int, int, int, int]], asked: list[tuple[int, int, int, int]]
) -> None:
    whole, part = area_of(area), area_of(asked)
    kept = Target.objects.create(name="area", geometry=geos(whole))
    council = Council(name="Council", area=kept)
    target = Target.objects.create(name="asked", geometry=geos(part))
    shapeless = Target.objects.create(name="nothing")

    within = set(targets_within(council).values_list("pk", flat=True)) & {kept.pk, target.pk, shapeless.pk}

    expected = shapely.covers(whole, part)
    assert within == {kept.pk} | ({target.pk} if expected else set())
    assert shape_within(council, geos(part)) == expected
