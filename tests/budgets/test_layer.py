"""Projects on the map and in GIS: with their cost, and whether they are in once the votes are counted."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from geoparticipation.accounts.models import User
from geoparticipation.budgets.models import Budget
from layers.features import feature_collection
from layers.registry import get_layer
from tests.budgets.conftest import MakeBudget
from tests.budgets.test_result_pages import BALLOTS, hold
from tests.budgets.test_taken_off import hide

TILE = "/tiles/projects/14/8392/5496.mvt"
"""Where the projects of West are."""


def features() -> dict[str, dict[str, Any]]:
    layer = get_layer("projects")
    found = json.loads(feature_collection(layer.public_rows(), layer, limit=100))["features"]
    return {feature["properties"]["number"]: feature["properties"] for feature in found}


def test_before_the_count_nothing_is_won_and_afterwards_it_is(client: Client, budget: Budget, agent: User) -> None:
    before = features()
    tag = client.get(TILE).headers["ETag"]

    hold(budget, agent, BALLOTS)

    after = features()
    assert {number: row["won"] for number, row in before.items()} == dict.fromkeys("1234")
    assert {number: row["won"] for number, row in after.items()} == {"1": True, "2": True, "3": False, "4": True}
    assert (after["1"]["cost"], after["1"]["currency"], after["1"]["title"]) == (6000.0, "EUR", "Trees in Rue Haute")
    assert client.get(TILE).headers["ETag"] != tag


def test_what_is_not_public_is_not_in_it(budget: Budget, make_budget: MakeBudget, cast: dict[str, User]) -> None:
    draft = make_budget()
    draft.consultation.state = "draft"
    draft.consultation.save()
    hide(budget, cast["moderator"], "1")
    budget.projects.filter(number="2").update(state="refused")

    assert sorted(features()) == ["3", "4"]


@pytest.mark.parametrize("projects", [1, 3])
def test_queries_of_the_layer(projects: int, budget: Budget, django_assert_num_queries: Any) -> None:
    budget.projects.filter(number__gt=str(projects)).update(state="waiting")
    features()

    with django_assert_num_queries(1):
        features()
