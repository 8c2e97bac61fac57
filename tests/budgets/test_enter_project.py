"""A project of the commune's own: typed, chosen or drawn, by an agent, before anybody has voted."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from geoparticipation.accounts.models import User
from geoparticipation.budgets.domain.cast_ballot import cast_ballot
from geoparticipation.budgets.domain.save_budget import EnvelopeInput
from geoparticipation.budgets.models import Budget, Project
from geoparticipation.contributions.models import Contribution
from tests.budgets.conftest import IN_EAST, IN_WEST, MakeBudget, picked
from tests.budgets.test_vote_page import words
from tests.budgets.test_workspace_pages import address, signed_in
from tests.fixtures.question import actor_of
from tests.fixtures.tiny_town import TinyTown

FORM = {
    "title": "A ramp",
    "body": "For prams.",
    "cost": "2000",
    "upkeep": "50",
    "category": "street",
    "reason": "Asked for.",
}


def send(client: Client, budget: Budget, **change: str) -> Any:
    return client.post(address("workspace-budget-project-new", budget), {**FORM, **change})


def point(place: tuple[float, float]) -> str:
    return json.dumps({"type": "Point", "coordinates": place})


def test_a_typed_place_without_script_makes_a_project(budget: Budget, agent: User, tiny_town: TinyTown) -> None:
    answer = send(signed_in(agent), budget, place_text="West")

    assert answer.headers["Location"] == address("workspace-budget-projects", budget)
    project = Project.objects.get(number="5")
    idea = project.contribution
    assert (project.state, project.cost, project.upkeep, project.reason) == ("shortlisted", 2000, 50, "Asked for.")
    assert (idea.title, idea.status, idea.author, idea.district) == ("A ramp", "published", agent, tiny_town.west)
    assert (idea.located_by, idea.phase, idea.reviewed_at is not None) == ("district", None, True)


@pytest.mark.parametrize(
    ("geometry", "located_by"),
    [
        (point(IN_EAST), "pin"),
        (json.dumps({"type": "LineString", "coordinates": [IN_EAST, [IN_EAST[0] + 0.0004, IN_EAST[1]]]}), "drawn"),
    ],
)
def test_a_drawn_place_is_paid_from_its_districts_envelope(
    geometry: str, located_by: str, make_budget: MakeBudget, district_envelopes: list[EnvelopeInput], agent: User
) -> None:
    budget = make_budget(envelopes=district_envelopes)

    send(signed_in(agent), budget, geometry=geometry)

    project = Project.objects.get(number="5")
    assert (project.envelope.district.name, project.contribution.located_by) == ("East", located_by)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({}, "where"),
        ({"place_text": "Nowhere at all"}, "We found no “Nowhere at all” in this town."),
        ({"place_text": "West", "cost": "20000"}, "This costs more than its envelope holds"),
        ({"place_text": "West", "cost": "-1"}, "An amount must be more than 0."),
        ({"place_text": "West", "title": "  "}, "required"),
        ({"place_text": "West", "number": "1"}, "Another project already has this number."),
        ({"geometry": point((9.0, 9.0))}, "outside"),
    ],
)
def test_what_is_missing_is_said_and_what_was_typed_stays(
    change: dict[str, str], sentence: str, budget: Budget, agent: User
) -> None:
    answer = send(signed_in(agent), budget, **change)

    assert answer.status_code == 422
    assert sentence.lower() in words(answer).lower()
    assert "For prams." in answer.content.decode()
    assert (Project.objects.count(), Contribution.objects.count()) == (4, 4)


def test_sent_twice_it_is_made_once(budget: Budget, agent: User) -> None:
    client = signed_in(agent)
    token = client.get(address("workspace-budget-project-new", budget)).context["form"]["token"].value()

    for _again in range(2):
        send(client, budget, place_text="West", token=str(token))

    assert Project.objects.count() == 5


@pytest.mark.parametrize("who", ["moderator", "planner", "councillor", "citizen"])
def test_only_agents_enter_one(who: str, budget: Budget, cast: dict[str, User]) -> None:
    assert send(signed_in(cast[who]), budget, geometry=point(IN_WEST)).status_code == 403
    assert Project.objects.count() == 4


def test_once_somebody_voted_none_is_added(budget: Budget, agent: User, citizen: User) -> None:
    cast_ballot(actor=actor_of(citizen), budget=budget, choices=picked("1"))

    answer = send(signed_in(agent), budget, geometry=point(IN_WEST))

    assert (answer.status_code, "There are ballots already" in words(answer)) == (422, True)
    assert "A project of the commune" not in words(signed_in(agent).get(address("workspace-budget-projects", budget)))
    assert Contribution.objects.count() == 4


def test_it_is_voted_on_as_the_others(budget: Budget, agent: User) -> None:
    send(signed_in(agent), budget, geometry=point(IN_WEST))

    shown = Client().get(reverse("vote", args=[budget.consultation.slug]))

    assert "A ramp" in shown.content.decode()


@pytest.mark.parametrize("projects", [1, 3])
def test_queries_of_the_page(projects: int, budget: Budget, agent: User, django_assert_num_queries: Any) -> None:
    Contribution.objects.filter(project__position__gt=projects).delete()
    client = signed_in(agent)
    client.get(address("workspace-budget-project-new", budget))

    # session, user; budget, phases; ballots, papers
    with django_assert_num_queries(6):
        client.get(address("workspace-budget-project-new", budget))
