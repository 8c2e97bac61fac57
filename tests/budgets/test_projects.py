"""From ideas to projects, before the vote and once it has begun."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest

from geoparticipation.accounts.errors import NotAllowed
from geoparticipation.accounts.models import User
from geoparticipation.budgets.domain.cast_ballot import cast_ballot
from geoparticipation.budgets.domain.projects import decide_project
from geoparticipation.budgets.domain.save_budget import EnvelopeInput, save_budget
from geoparticipation.budgets.errors import VoteBegan
from geoparticipation.budgets.models import Budget
from tests.budgets.conftest import MakeBudget, picked, refusal_code
from tests.fixtures.question import MakeConsultation, actor_of
from tests.fixtures.tiny_town import TinyTown


def test_nothing_changes_once_somebody_voted(budget: Budget, agent: User, citizen: User) -> None:
    project = budget.projects.get(number="1")
    cast_ballot(actor=actor_of(citizen), budget=budget, choices=picked("1"))

    with pytest.raises(VoteBegan):
        save_budget(user=agent, consultation=budget.consultation, envelopes=[EnvelopeInput(Decimal(5))])
    with pytest.raises(VoteBegan):
        decide_project(user=agent, budget=budget, contribution=project.contribution, state="refused", reason="Too late")


WRONG_PROJECTS = [
    ({"state": "shortlisted"}, "budget_incomplete"),  # no cost
    ({"state": "shortlisted", "cost": Decimal(10_001)}, "too_expensive"),
    ({"state": "shortlisted", "cost": Decimal(-1)}, "budget_incomplete"),
    ({"state": "shortlisted", "cost": Decimal(1), "number": "2"}, "budget_incomplete"),
    ({"state": "refused"}, "budget_incomplete"),  # no reason
    ({"state": "refused", "reason": "Not on the town's land."}, "taken"),
    ({"state": "shortlisted", "cost": Decimal(10_000), "upkeep": Decimal(120)}, "taken"),
]


@pytest.mark.parametrize(("decision", "answer"), WRONG_PROJECTS)
def test_a_project_needs_a_cost_or_a_reason(
    decision: dict[str, object], answer: str, budget: Budget, agent: User
) -> None:
    idea = budget.projects.get(number="1").contribution

    act = lambda: decide_project(user=agent, budget=budget, contribution=idea, **decision)  # noqa: E731

    assert refusal_code(act) == answer


def test_a_project_is_paid_from_its_districts_envelope(
    make_budget: MakeBudget, district_envelopes: list[EnvelopeInput], tiny_town: TinyTown
) -> None:
    budget = make_budget(envelopes=[*district_envelopes, EnvelopeInput(Decimal(500))])

    paid = dict(budget.projects.values_list("number", "envelope__district__name"))

    assert paid == {"1": "West", "2": "West", "3": "East", "4": "East"}


def test_an_idea_of_another_consultation_is_no_project(
    budget: Budget, agent: User, make_consultation: MakeConsultation, submit: Callable[..., object]
) -> None:
    elsewhere = submit(into=make_consultation())

    act = lambda: decide_project(  # noqa: E731
        user=agent, budget=budget, contribution=elsewhere, state="shortlisted", cost=Decimal(5)
    )

    assert refusal_code(act) == "cannot_be_project"


@pytest.mark.parametrize("who", ["moderator", "planner", "councillor", "citizen"])
def test_only_agents_make_budgets_and_decide(who: str, cast: dict[str, User], budget: Budget) -> None:
    idea = budget.projects.get(number="1").contribution

    with pytest.raises(NotAllowed):
        save_budget(user=cast[who], consultation=budget.consultation, envelopes=[EnvelopeInput(Decimal(5))])
    with pytest.raises(NotAllowed):
        decide_project(user=cast[who], budget=budget, contribution=idea, state="waiting")
