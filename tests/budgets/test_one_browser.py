"""One browser does not vote signed in and signed out, and one address not on paper and on the site."""

from __future__ import annotations

import pytest

from geoparticipation.accounts.identity import Actor
from geoparticipation.accounts.models import Device, User
from geoparticipation.budgets.domain.cast_ballot import cast_ballot
from geoparticipation.budgets.domain.close_vote import close_vote
from geoparticipation.budgets.models import Ballot, Budget
from tests.budgets.conftest import MakeBudget, end_vote, enter, on_ballots, picked, refusal_code
from tests.fixtures.cast import MakeUser
from tests.fixtures.question import actor_of


def with_browser(user: User | None, key: str = "a") -> Actor:
    """Somebody, or nobody, at a browser that has a mark."""
    known = actor_of(user)
    return Actor(user=user, device=Device(key_hash=key * 64), level=known.level)


@pytest.fixture
def anybody(make_budget: MakeBudget) -> Budget:
    """A vote that asks for no account."""
    return make_budget(identity_level=0)


def vote(budget: Budget, actor: Actor, number: str) -> str:
    return refusal_code(lambda: cast_ballot(actor=actor, budget=budget, choices=picked(number)))


def test_a_ballot_given_before_signing_in_becomes_the_persons(anybody: Budget, citizen: User) -> None:
    first = cast_ballot(actor=with_browser(None), budget=anybody, choices=picked("1"))

    second = cast_ballot(actor=with_browser(citizen), budget=anybody, choices=picked("2"))

    assert on_ballots(anybody) == [["2"]]
    assert (second.is_change, second.ballot.receipt) == (True, first.ballot.receipt)
    assert list(anybody.ballot_events.order_by("pk").values_list("kind", flat=True)) == ["cast", "changed"]
    assert len(set(anybody.ballot_events.values_list("voter_hash", flat=True))) == 1


def test_who_voted_elsewhere_and_here_without_an_account_has_one_ballot(anybody: Budget, citizen: User) -> None:
    cast_ballot(actor=with_browser(citizen, "b"), budget=anybody, choices=picked("1"))
    cast_ballot(actor=with_browser(None), budget=anybody, choices=picked("2"))
    assert len(on_ballots(anybody)) == 2  # nobody can know yet

    cast_ballot(actor=with_browser(citizen), budget=anybody, choices=picked("3"))

    assert on_ballots(anybody) == [["3"]]


def test_signed_out_the_browser_of_somebody_who_voted_has_no_ballot_of_its_own(
    anybody: Budget, citizen: User, neighbour: User
) -> None:
    assert vote(anybody, with_browser(citizen), "1") == "taken"

    assert vote(anybody, with_browser(citizen, "c"), "1") == "taken"  # with another one of theirs

    assert [vote(anybody, with_browser(None, key), "2") for key in ("a", "c")] == ["voted_signed_in"] * 2
    assert vote(anybody, with_browser(neighbour), "3") == "taken"  # an account of its own at the same browser
    assert vote(anybody, with_browser(None, "b"), "4") == "taken"
    assert on_ballots(anybody) == [["1"], ["3"], ["4"]]


def test_the_mark_of_the_browser_goes_with_the_closing(anybody: Budget, citizen: User, agent: User) -> None:
    cast_ballot(actor=with_browser(citizen), budget=anybody, choices=picked("1"))
    assert Ballot.objects.exclude(browser_hashes=[]).exists()
    end_vote(anybody.consultation)

    close_vote(user=agent, budget=anybody)

    assert list(Ballot.objects.values_list("voter_hash", "browser_hashes")) == [(None, [])]


def test_where_an_account_is_asked_for_a_browser_is_no_voter(budget: Budget, citizen: User, neighbour: User) -> None:
    """A family votes with one browser, each with an account."""
    assert [vote(budget, with_browser(person), "1") for person in (citizen, neighbour)] == ["taken", "taken"]

    assert list(Ballot.objects.values_list("browser_hashes", flat=True)) == [[], []]


def test_an_address_on_a_paper_does_not_vote_again_once_it_has_an_account(
    budget: Budget, agent: User, make_user: MakeUser
) -> None:
    colleague = make_user("colleague", "agent")
    for user in (agent, colleague):
        enter(user, budget, "1", voter="Late.Comer@example.org")

    late = make_user("late.comer")

    assert late.email == "late.comer@example.org"
    assert vote(budget, actor_of(late), "2") == "voted_on_paper"
    assert on_ballots(budget) == [["1"]]
