"""Closing the vote: nobody can be tied to a ballot any more, and the result is fixed."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from geoparticipation.accounts.models import User
from geoparticipation.budgets import rules
from geoparticipation.budgets.counting.count import count_votes
from geoparticipation.budgets.counting.districts import money_by_district
from geoparticipation.budgets.counting.read_election import read_election
from geoparticipation.budgets.domain.vote_lock import leave_vote
from geoparticipation.budgets.enums import Rule
from geoparticipation.budgets.errors import NothingToCount, PaperWaiting, VoteStillOpen
from geoparticipation.budgets.models import Budget
from geoparticipation.consultations.enums import Feature
from geoparticipation.consultations.phases import open_phase


@transaction.atomic
def close_vote(*, user: User, budget: Budget, at: datetime | None = None) -> Budget:
    """Close the vote for good, count it by the rule that was announced, and publish result and ballots.

    Waits for whoever is voting at this moment. Erases what stands for the voters in ballots and traces. Returns the
    budget brought up to date. Raises NotAllowed, VoteClosed, VoteStillOpen, PaperWaiting, NothingToCount.
    """
    at = at or timezone.now()
    rules.require_may_run(user)
    leave_vote(budget)
    if open_phase(budget.consultation, Feature.BALLOT, at) is not None:
        raise VoteStillOpen
    waiting = budget.paper_entries.filter(taken_at__isnull=True).values_list("paper_number", flat=True)
    if waiting:
        raise PaperWaiting(sorted(set(waiting)))
    election = read_election(budget)
    if not election.candidates:
        raise NothingToCount
    outcome = count_votes(election, Rule(budget.rule))
    budget.counted = {**outcome.as_json(), "districts": money_by_district(budget, set(outcome.winners))}
    budget.closed_at = at
    budget.save(update_fields=["counted", "closed_at"])
    budget.ballots.update(voter_hash=None)
    budget.ballot_events.update(voter_hash="")
    return budget
