"""Closing the vote: nobody can be tied to a ballot any more, and the result is fixed."""

from __future__ import annotations

from datetime import datetime

from django.db import connection, transaction
from django.utils import timezone

from geoparticipation.accounts.models import User
from geoparticipation.budgets import rules
from geoparticipation.budgets.counting.count import count_votes
from geoparticipation.budgets.counting.districts import money_by_district
from geoparticipation.budgets.counting.read_election import read_election
from geoparticipation.budgets.domain.vote_lock import stop_vote
from geoparticipation.budgets.enums import Rule
from geoparticipation.budgets.errors import (
    NothingToCount,
    PaperWaiting,
    ProjectsOutOfPlace,
    VoteNotStarted,
    VoteStillOpen,
)
from geoparticipation.budgets.models import Budget
from geoparticipation.consultations.enums import Feature
from geoparticipation.consultations.phases import open_phase


@transaction.atomic
def close_vote(*, user: User, budget: Budget, at: datetime | None = None) -> Budget:
    """Close the vote for good, count it by the rule that was announced, and publish result and ballots.

    Waits for whoever is voting at this moment. Erases what stands for the voters in ballots and traces. Returns the
    budget brought up to date. Raises NotAllowed, VoteClosed, VoteStillOpen, VoteNotStarted,
    PaperWaiting, ProjectsOutOfPlace, NothingToCount.
    """
    at = at or timezone.now()
    rules.require_may_run(user)
    stop_vote(budget)
    if open_phase(budget.consultation, Feature.BALLOT, at) is not None:
        raise VoteStillOpen
    if not rules.has_begun(budget, at) and not budget.ballots.exists():
        raise VoteNotStarted
    waiting = budget.paper_entries.filter(taken_at__isnull=True).values_list("paper_number", flat=True)
    if waiting:
        raise PaperWaiting(sorted(set(waiting)))
    missing = budget.projects.out_of_place(budget).values_list("number", flat=True)
    if missing:
        raise ProjectsOutOfPlace(list(missing))
    budget.closed_at = at  # from here on what moderation hides stays on the ballot that is counted
    election = read_election(budget)
    if not election.candidates:
        budget.closed_at = None
        raise NothingToCount
    outcome = count_votes(election, Rule(budget.rule))
    budget.counted = {**outcome.as_json(), "districts": money_by_district(budget, set(outcome.winners))}
    budget.save(update_fields=["counted", "closed_at"])
    budget.ballot_events.update(voter_hash="")
    _store_anew(budget)
    return budget


def _store_anew(budget: Budget) -> None:
    """Write the ballots again without voters, those of the site in the order of their receipts. Seven queries.

    The keys of ballots and choices grow as people vote, and those of the traces with them, which have times: beside
    each other they would tell when each ballot was given. Those of a file keep its order, which everybody knows.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """CREATE TEMPORARY TABLE closing_ballot ON COMMIT DROP AS
            SELECT id, budget_id, receipt, file_id, columns FROM budgets_ballot WHERE budget_id = %s""",
            [budget.pk],
        )
        cursor.execute(
            """CREATE TEMPORARY TABLE closing_choice ON COMMIT DROP AS
            SELECT ballot.receipt, choice.project_id, choice.position, choice.points
            FROM budgets_ballotchoice AS choice JOIN closing_ballot AS ballot ON ballot.id = choice.ballot_id"""
        )
        cursor.execute(
            "DELETE FROM budgets_ballotchoice AS choice USING closing_ballot AS ballot"
            " WHERE choice.ballot_id = ballot.id"
        )
        cursor.execute("DELETE FROM budgets_ballot WHERE budget_id = %s", [budget.pk])
        cursor.execute(
            """INSERT INTO budgets_ballot (budget_id, browser_hashes, receipt, file_id, columns)
            SELECT budget_id, '{}', receipt, file_id, columns FROM closing_ballot
            ORDER BY file_id = '', CASE WHEN file_id <> '' THEN id END, receipt"""
        )
        cursor.execute(
            """INSERT INTO budgets_ballotchoice (ballot_id, project_id, position, points)
            SELECT ballot.id, choice.project_id, choice.position, choice.points
            FROM closing_choice AS choice
            JOIN budgets_ballot AS ballot ON ballot.budget_id = %s AND ballot.receipt = choice.receipt
            ORDER BY ballot.id, choice.position""",
            [budget.pk],
        )
        cursor.execute("DROP TABLE closing_ballot, closing_choice")
