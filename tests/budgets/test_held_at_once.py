"""An agent who changes the ballot and somebody who votes at the same moment: one waits for the other."""

from __future__ import annotations

import threading
from collections.abc import Callable
from decimal import Decimal

import pytest
from django.db import connection, transaction
from django.utils import timezone

from geoparticipation.accounts.models import User
from geoparticipation.budgets.ballot_paper import ballot_paper
from geoparticipation.budgets.domain.cast_ballot import cast_ballot, store_ballot
from geoparticipation.budgets.domain.projects import decide_project
from geoparticipation.budgets.domain.save_budget import EnvelopeInput, save_budget
from geoparticipation.budgets.domain.vote_lock import enter_vote, stop_vote
from geoparticipation.budgets.models import Budget
from tests.budgets.conftest import (
    MakeBudget,
    enter,
    on_ballots,
    picked,
    refusal_code,
    until_somebody_waits_for_a_lock,
)
from tests.budgets.test_one_browser import with_browser
from tests.fixtures.cast import MakeUser
from tests.fixtures.question import actor_of

pytestmark = pytest.mark.django_db(transaction=True)


def dearer(budget: Budget, agent: User) -> None:
    idea = budget.projects.get(number="1").contribution
    decide_project(user=agent, budget=budget, contribution=idea, state="shortlisted", cost=Decimal(9000), number="1")


def other_method(budget: Budget, agent: User) -> None:
    save_budget(
        user=agent, consultation=budget.consultation, envelopes=[EnvelopeInput(Decimal(500))], method="envelope"
    )


def meanwhile(act: Callable[[], object], answers: list[str]) -> threading.Thread:
    def run() -> None:
        answers.append(refusal_code(act))
        connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    until_somebody_waits_for_a_lock()
    return thread


@pytest.mark.parametrize("change", [dearer, other_method])
def test_what_people_vote_on_does_not_change_under_a_ballot(
    change: Callable[[Budget, User], None], budget: Budget, agent: User
) -> None:
    """The agent waits for the ballot that is being stored, and is then told that people have voted."""
    answers: list[str] = []
    with transaction.atomic():
        enter_vote(budget)
        agents = meanwhile(lambda: change(budget, agent), answers)
        store_ballot(paper=ballot_paper(budget, picked("1")), voter_hash="c" * 64, origin="web", at=timezone.now())
    agents.join()

    assert answers == ["vote_began"]
    assert (Budget.objects.get().method, budget.projects.get(number="1").cost) == ("approval", 6000)


def test_a_ballot_is_judged_by_what_the_agent_just_saved(budget: Budget, agent: User, citizen: User) -> None:
    """Whoever votes waits for the agent, and the ballot meets the new rules: one project at the most."""
    answers: list[str] = []
    known = Budget.objects.select_related("consultation").get()
    with transaction.atomic():
        stop_vote(budget)
        voter = meanwhile(lambda: cast_ballot(actor=actor_of(citizen), budget=known, choices=picked("1", "2")), answers)
        Budget.objects.update(max_projects=1)
    voter.join()

    assert answers == ["too_many_projects"]
    assert not budget.ballots.exists()


def test_a_person_with_two_browsers_at_once_has_one_ballot(make_budget: MakeBudget, citizen: User) -> None:
    """One browser voted signed out before: its ballot goes, though the other one is just being stored."""
    budget = make_budget(identity_level=0)
    cast_ballot(actor=with_browser(None, "a"), budget=budget, choices=picked("1"))
    known = Budget.objects.select_related("consultation").get()
    answers: list[str] = []
    with transaction.atomic():
        cast_ballot(actor=with_browser(citizen, "b"), budget=budget, choices=picked("2"))
        other = meanwhile(
            lambda: cast_ballot(actor=with_browser(citizen, "a"), budget=known, choices=picked("3")), answers
        )
    other.join()

    assert answers == ["taken"]
    assert on_ballots(budget) == [["3"]]


def test_a_paper_does_not_replace_the_ballot_that_its_voter_is_giving(
    budget: Budget, agent: User, citizen: User, make_user: MakeUser
) -> None:
    colleague, known = make_user("colleague", "agent"), Budget.objects.select_related("consultation").get()
    enter(agent, budget, "1", voter=citizen.email)
    answers: list[str] = []
    with transaction.atomic():
        cast_ballot(actor=actor_of(citizen), budget=budget, choices=picked("2"))
        paper = meanwhile(lambda: enter(colleague, known, "1", voter=citizen.email), answers)
    paper.join()

    assert answers == ["already_voted"]
    assert on_ballots(budget) == [["2"]]
