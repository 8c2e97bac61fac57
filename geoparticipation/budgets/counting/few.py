"""Where so few voted that a result would tell what somebody chose who is known to have voted."""

from __future__ import annotations

from typing import Final

from django.db.models import Count

from geoparticipation.budgets.enums import ProjectState
from geoparticipation.budgets.models import BallotChoice, Budget

LEAST_BALLOTS: Final = 5
"""With fewer ballots, of the town or in one envelope, neither votes nor ballots are published: only who won."""


def envelopes_with_few_ballots(budget: Budget) -> frozenset[int]:
    """Keys of the envelopes of a closed vote that is not published in full; all where it has too few ballots at all.

    Where there are several, a ballot belongs to those that it has a project of. Two queries, three with several
    envelopes.
    """
    envelopes = list(budget.envelopes.values_list("pk", flat=True))
    total = budget.ballots.count()
    if total < LEAST_BALLOTS:
        return frozenset(envelopes)
    if len(envelopes) < 2:
        return frozenset()
    # By the projects, not by the ballots: a choice's project is of its ballot's budget, and the planner need not guess.
    chosen = BallotChoice.objects.filter(project__budget=budget, project__state=ProjectState.SHORTLISTED).order_by()
    given = dict(chosen.values_list("project__envelope").annotate(Count("ballot", distinct=True)))
    return frozenset(envelope for envelope in envelopes if given.get(envelope, 0) < LEAST_BALLOTS)
