"""Closing the vote."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from geoparticipation.accounts.errors import NotAllowed
from geoparticipation.accounts.models import User
from geoparticipation.budgets.ballot_paper import ballot_paper
from geoparticipation.budgets.domain.cast_ballot import cast_ballot, store_ballot
from geoparticipation.budgets.domain.close_vote import close_vote
from geoparticipation.budgets.domain.paper_ballots import drop_paper_ballot
from geoparticipation.budgets.domain.vote_lock import enter_vote
from geoparticipation.budgets.errors import VoteClosed
from geoparticipation.budgets.models import Ballot, BallotChoice, BallotEvent, Budget
from geoparticipation.consultations.enums import PhaseKind
from tests.budgets.conftest import end_vote, enter, picked, refusal_code, until_somebody_waits_for_a_lock
from tests.fixtures.cast import MakeUser
from tests.fixtures.question import actor_of


def test_closing_counts_and_cuts_the_tie_to_the_voters(budget: Budget, agent: User, cast: dict[str, User]) -> None:
    receipts = {
        name: cast_ballot(actor=actor_of(cast[name]), budget=budget, choices=picked(*numbers)).ballot.receipt
        for name, numbers in (("citizen", ["1", "2"]), ("neighbour", ["1"]), ("outsider", ["3"]))
    }
    end_vote(budget.consultation)

    closed = close_vote(user=agent, budget=budget)

    assert closed.counted["winners"] == ["1", "2", "4"]  # 2 is level with 3 and cheaper; 3 no longer fits
    assert set(Ballot.objects.values_list("voter_hash", flat=True)) == {None}
    assert set(BallotEvent.objects.values_list("voter_hash", flat=True)) == {""}
    assert set(Ballot.objects.values_list("receipt", flat=True)) == set(receipts.values())
    with pytest.raises(VoteClosed):
        cast_ballot(actor=actor_of(cast["citizen"]), budget=budget, choices=picked("4"))


@pytest.mark.parametrize("who", ["moderator", "planner", "councillor", "citizen"])
def test_only_agents_close(who: str, cast: dict[str, User], budget: Budget) -> None:
    end_vote(budget.consultation)

    with pytest.raises(NotAllowed):
        close_vote(user=cast[who], budget=budget)


def test_nobody_closes_a_vote_that_is_open_or_has_papers_waiting(budget: Budget, agent: User) -> None:
    while_open = refusal_code(lambda: close_vote(user=agent, budget=budget))
    enter(agent, budget, "1")
    end_vote(budget.consultation)
    waiting = refusal_code(lambda: close_vote(user=agent, budget=budget))
    drop_paper_ballot(user=agent, budget=budget, paper_number="17")

    assert (while_open, waiting) == ("vote_still_open", "paper_waiting")
    assert refusal_code(lambda: close_vote(user=agent, budget=budget)) == "taken"
    assert refusal_code(lambda: close_vote(user=agent, budget=budget)) == "vote_closed"


@pytest.mark.django_db(transaction=True)
def test_a_ballot_that_comes_while_the_vote_is_closed_is_counted_or_refused(
    budget: Budget, agent: User, citizen: User
) -> None:
    """The vote is held open by somebody voting: closing waits, counts that ballot, and lets no later one in."""
    end_vote(budget.consultation)
    closed = threading.Event()

    def close() -> None:
        close_vote(user=agent, budget=budget)
        closed.set()
        connection.close()

    closing = threading.Thread(target=close)
    with transaction.atomic():
        enter_vote(budget)
        closing.start()
        until_somebody_waits_for_a_lock()
        store_ballot(paper=ballot_paper(budget, picked("4")), voter_hash="c" * 64, origin="web", at=timezone.now())
        assert not closed.is_set()
    closing.join()

    assert Budget.objects.get().counted["findings"]["4"]["points"] == 1
    with pytest.raises(VoteClosed), transaction.atomic():
        enter_vote(budget)


def test_a_closed_vote_keeps_nothing_of_the_order_in_which_people_voted(
    budget: Budget, agent: User, make_user: MakeUser
) -> None:
    """The traces have times: keys that grew with them would tell which ballot was given when."""
    for number in range(8):
        voter = actor_of(make_user(f"voter-{number}"))
        cast_ballot(actor=voter, budget=budget, choices=picked(str(number % 4 + 1), str((number + 1) % 4 + 1)))
    before = dict(budget.ballots.values_list("receipt", "pk"))
    rows = BallotChoice.objects.order_by("ballot__receipt", "position").values_list(
        "ballot__receipt", "project", "position"
    )
    chosen = list(rows)
    end_vote(budget.consultation)

    close_vote(user=agent, budget=budget)

    by_key = list(budget.ballots.order_by("pk").values_list("receipt", flat=True))
    assert by_key == sorted(before)
    choices = list(BallotChoice.objects.order_by("pk").values_list("ballot__receipt", flat=True))
    assert choices == sorted(choices)
    assert not set(before.values()) & set(budget.ballots.values_list("pk", flat=True))
    assert list(rows.all()) == chosen


def test_nobody_closes_a_vote_before_it_begins(budget: Budget, agent: User) -> None:
    begins = timezone.now() + timedelta(days=1)
    budget.consultation.phases.filter(kind=PhaseKind.VOTE).update(starts_at=begins, ends_at=None)

    assert refusal_code(lambda: close_vote(user=agent, budget=budget)) == "vote_not_started"
    budget.refresh_from_db()
    assert budget.closed_at is None
