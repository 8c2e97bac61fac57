"""Who counts as one voter stays the same while people vote: else one person has a ballot under each level."""

from __future__ import annotations

from geoparticipation.budgets.domain.save_budget import has_ballots
from geoparticipation.budgets.domain.vote_lock import stop_vote
from geoparticipation.budgets.errors import LevelVotedAt
from geoparticipation.budgets.models import Budget
from geoparticipation.consultations.domain.identity_levels import register_keeper
from geoparticipation.consultations.models import Consultation


def keep_level_of_vote(consultation: Consultation) -> None:
    """Raise LevelVotedAt from the first ballot until the vote is closed; waits for whoever is voting."""
    budget = Budget.objects.filter(consultation=consultation, closed_at__isnull=True).first()
    if budget is None:
        return
    stop_vote(budget)
    if has_ballots(budget):
        raise LevelVotedAt


register_keeper(keep_level_of_vote)
