"""Paper read twice."""

from __future__ import annotations

import pytest

from geoparticipation.accounts.errors import NotAllowed
from geoparticipation.accounts.models import User
from geoparticipation.budgets.domain.cast_ballot import cast_ballot
from geoparticipation.budgets.domain.close_vote import close_vote
from geoparticipation.budgets.domain.paper_ballots import PaperState
from geoparticipation.budgets.models import Budget, PaperEntry
from tests.budgets.conftest import end_vote, enter, on_ballots, picked, refusal_code
from tests.fixtures.question import actor_of


def test_two_agents_who_read_the_same_make_a_ballot(budget: Budget, agent: User, colleague: User) -> None:
    first = enter(agent, budget, "1", "2")
    assert (first, budget.ballots.count()) == ("waiting", 0)

    second = enter(colleague, budget, "2", "1", voter="anna  PEETERS 3.5.1941")

    assert (second, on_ballots(budget)) == ("taken", [["1", "2"]])
    assert list(budget.ballot_events.values_list("kind", "origin")) == [("cast", "paper")]
    assert list(PaperEntry.objects.values_list("choices", "voter_hash")) == [([], "")] * 2


@pytest.mark.parametrize(
    "typed", ["HELENE DHONT 3/5/1941", "dhont, He\u0301le\u0300ne 3-5-1941", "Dhont Hélène (03.05.1941)"]
)
def test_a_voter_is_the_same_however_the_name_is_typed(
    typed: str, budget: Budget, agent: User, colleague: User
) -> None:
    """With or without accents, family name first or last, the date with or without zeros."""
    for user in (agent, colleague):
        enter(user, budget, "1", voter="Hélène Dhont, 03.05.1941")

    assert refusal_code(lambda: enter(agent, budget, "2", paper="18", voter=typed)) == "already_voted"


@pytest.mark.parametrize("typed", ["Hélène Dhont, 5.3.1941", "Helen Dhont, 3.5.1941", "12 A 3", "A12 3", "123", "1 23"])
def test_another_voter_is_another(typed: str, budget: Budget, agent: User, colleague: User) -> None:
    for known in ("Hélène Dhont, 3.5.1941", "12 3"):
        for user in (agent, colleague):
            enter(user, budget, "1", paper=known, voter=known)

    assert enter(agent, budget, "2", paper="18", voter=typed) == "waiting"


def test_one_agent_alone_makes_no_ballot(budget: Budget, agent: User) -> None:
    assert [enter(agent, budget, "1"), enter(agent, budget, "1")] == ["waiting", "waiting"]
    assert budget.ballots.count() == 0


@pytest.mark.parametrize("second", [{"numbers": ["3"]}, {"numbers": ["1"], "voter": "Anna Peters, 3.5.1941"}])
def test_agents_who_read_differently_look_again(
    second: dict[str, object], budget: Budget, agent: User, colleague: User
) -> None:
    numbers = second.pop("numbers")
    enter(agent, budget, "1")

    assert enter(colleague, budget, *numbers, **second) == "different"
    assert budget.ballots.count() == 0
    assert enter(colleague, budget, "1") == PaperState.TAKEN.value


def test_who_voted_on_the_site_does_not_vote_on_paper(
    budget: Budget, agent: User, colleague: User, citizen: User
) -> None:
    enter(agent, budget, "1", voter=citizen.email.upper())
    cast_ballot(actor=actor_of(citizen), budget=budget, choices=picked("2"))

    assert refusal_code(lambda: enter(colleague, budget, "1", voter=citizen.email)) == "already_voted"
    assert on_ballots(budget) == [["2"]]


def test_a_second_paper_of_a_voter_is_refused(budget: Budget, agent: User, colleague: User) -> None:
    enter(agent, budget, "1")
    enter(colleague, budget, "1")

    assert refusal_code(lambda: enter(agent, budget, "2", paper="18")) == "already_voted"
    assert refusal_code(lambda: enter(agent, budget, "2", voter="Someone else")) == "paper_taken"


@pytest.mark.parametrize("who", ["moderator", "planner", "councillor", "citizen"])
def test_only_agents_enter_paper(who: str, cast: dict[str, User], budget: Budget) -> None:
    with pytest.raises(NotAllowed):
        enter(cast[who], budget, "1")


def test_paper_comes_in_until_the_vote_is_closed(budget: Budget, agent: User, colleague: User) -> None:
    end_vote(budget.consultation)

    enter(agent, budget, "1")

    assert enter(colleague, budget, "1") == "taken"
    close_vote(user=agent, budget=budget)
    assert refusal_code(lambda: enter(agent, budget, "1", paper="18")) == "vote_closed"
