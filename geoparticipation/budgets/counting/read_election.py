"""From the database to an election."""

from __future__ import annotations

from itertools import groupby

from geoparticipation.budgets.counting.election import Candidate, Election, Vote
from geoparticipation.budgets.enums import Method, TieRule
from geoparticipation.budgets.models import BallotChoice, Budget


def read_election(budget: Budget) -> Election:
    """Everything that the result of a budget depends on; four queries.

    A ranking gives its first project as many points as there may be ranks (or projects, without a limit), the next
    one less, and so on (Borda). What was taken off the ballot counts for nothing, and leaves the other choices as they
    are: there are as many ranks as somebody gave while it was there. Ballots come in no order that says anything: by
    receipt.
    """
    on_ballot = budget.projects.on_ballot(budget)
    candidates = tuple(Candidate(*row) for row in on_ballot.values_list("number", "cost", "envelope_id"))
    numbers = {candidate.number for candidate in candidates}
    rows = BallotChoice.objects.filter(ballot__budget=budget).order_by("ballot__receipt", "position")
    choices = [
        row for row in rows.values_list("ballot_id", "project__number", "position", "points") if row[1] in numbers
    ]
    ranks = budget.max_projects or max([len(candidates), *(position + 1 for _b, _n, position, _p in choices)])
    votes = [
        Vote(tuple(
            (number, max(1, ranks - position) if budget.method == Method.RANKING else points)
            for _ballot, number, position, points in group
        ))
        for _ballot, group in groupby(choices, key=lambda row: row[0])
    ]  # fmt: skip
    blank = budget.ballots.count() - len(votes)
    return Election(
        candidates=candidates,
        envelopes=dict(budget.envelopes.order_by("name", "pk").values_list("pk", "amount")),
        votes=(*votes, *[Vote(())] * blank),
        method=Method(budget.method),
        tie_rule=TieRule(budget.tie_rule),
        tie_word=budget.tie_word,
    )
