"""Areas and counts as pages write them."""

from __future__ import annotations

import pytest
from django.utils import translation

from geoparticipation.templatetags.front import grouped
from geoparticipation.templatetags.workspace import area


@pytest.mark.parametrize(
    ("area_m2", "written"),
    [
        (0, "0 m²"),
        (9_999, "9,999 m²"),
        (10_000, "1.0 ha"),
        (91_960, "9.2 ha"),
        (17_360_000, "17.4 km²"),
    ],
)
def test_area_in_the_unit_one_speaks_of(area_m2: float, written: str) -> None:
    with translation.override("en"):
        assert area(area_m2) == written


def test_counts_have_their_thousands_apart() -> None:
    with translation.override("en"):
        assert [grouped(None), grouped(12_483)] == ["0", "12,483"]
