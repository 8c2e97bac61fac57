"""A plan of the tiny town's park: as it is, trees, tram; three places."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.contrib.gis.geos import GEOSGeometry, LineString, Point, Polygon
from django.utils import translation

from geoparticipation.accounts.models import User
from geoparticipation.consultations.models import Consultation
from geoparticipation.scenarios.domain.places import add_place
from geoparticipation.scenarios.domain.plans import publish_plan, save_plan
from geoparticipation.scenarios.domain.variants import FeatureInput, replace_features, save_variant
from geoparticipation.scenarios.models import Plan, PlanPlace, Variant
from tests.fixtures.tiny_town import TinyTown

CORNER = Polygon.from_bbox((4.4108, 50.8438, 4.4120, 50.8450))
CORNER.srid = 4326
MIDDLE = Polygon.from_bbox((4.4120, 50.8444, 4.4126, 50.8450))
MIDDLE.srid = 4326
STREET = Point(4.4150, 50.8450, srid=4326)
TREES = [Point(4.4112, 50.8441, srid=4326), Point(4.4115, 50.8446, srid=4326), Point(4.4123, 50.8447, srid=4326)]
TRAM = LineString((4.4110, 50.8445), (4.4150, 50.8450), srid=4326)


@dataclass(frozen=True)
class ParkPlan:
    """The plan, its variants "today", "trees" (three trees), "tram" (a line), and its places."""

    plan: Plan
    today: Variant
    trees: Variant
    tram: Variant
    corner: PlanPlace
    middle: PlanPlace
    street: PlanPlace

    @property
    def variants(self) -> list[Variant]:
        """In their order."""
        return [self.today, self.trees, self.tram]


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """Refusals in English."""
    with translation.override("en"):
        yield


MakePlan = Callable[..., ParkPlan]


def tree(point: GEOSGeometry, place_name: str = "") -> FeatureInput:
    """A tree that costs 800."""
    return FeatureInput(point, "Tree", "tree", "800", place_name)


@pytest.fixture
def make_plan(tiny_town: TinyTown, consultation: Consultation, agent: User) -> MakePlan:
    """Make the plan, published unless told otherwise, in the consultation that takes ideas unless told otherwise."""

    def make(*, published: bool = True, into: Consultation | None = None, **said: Any) -> ParkPlan:
        plan = save_plan(**{"agent": agent, "consultation": into or consultation, "title": "The park", **said})
        today, trees, tram = (
            save_variant(agent=agent, plan=plan, name=name) for name in ("As it is", "Many trees", "A tram")
        )
        replace_features(agent=agent, variant=trees, features=[tree(point) for point in TREES])
        replace_features(agent=agent, variant=tram, features=[FeatureInput(TRAM, "Tram line", "tram", 1_000_000)])
        corner, middle, street = (
            add_place(agent=agent, plan=plan, name=name, geometry=geometry)
            for name, geometry in (("Corner", CORNER), ("Middle", MIDDLE), ("Stop", STREET))
        )
        if published:
            publish_plan(agent=agent, plan=plan)
        for one in (plan, corner, middle, street):
            one.refresh_from_db()
        return ParkPlan(plan, today, trees, tram, corner, middle, street)

    return make


@pytest.fixture
def park(make_plan: MakePlan) -> ParkPlan:
    """The published plan."""
    return make_plan()
