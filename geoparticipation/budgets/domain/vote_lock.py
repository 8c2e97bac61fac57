"""Voting, and changing what people vote on, keep out of each other's way.

Many vote at once; closing and changing the ballot wait for them and they for it. The lock is taken before the row of
the budget or of any ballot, so that nobody waits in a circle; only the row of a voter's browser is locked before it.
"""

from __future__ import annotations

from typing import Final

from django.db import connection

from geoparticipation.budgets.errors import VoteClosed
from geoparticipation.budgets.models import Budget

_CLASS: Final = 0x0B0D  # of our advisory locks; the second number is the budget's key
_SETTINGS: Final = (
    "method", "min_projects", "max_projects", "max_points", "max_points_each", "one_per", "rule", "tie_rule",
    "tie_word", "open_to_outside", "closed_at",
)  # fmt: skip


def enter_vote(budget: Budget) -> None:
    """Hold the vote open until the transaction ends; raises VoteClosed. Voters do not wait for one another.

    Brings the budget's settings and the level that is asked for up to date: from here on they stay as they are. Two
    queries, inside a transaction.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s, %s)", [_CLASS, budget.pk])
    _require_open(budget)


def stop_vote(budget: Budget) -> None:
    """Wait for all who are voting, and keep others out until the transaction ends; raises VoteClosed.

    For closing the vote, and for changing what people vote on. Two queries, inside a transaction.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_CLASS, budget.pk])
    _require_open(budget)


def _require_open(budget: Budget) -> None:
    kept = Budget.objects.filter(pk=budget.pk).values(*_SETTINGS, "consultation__identity_level").get()
    budget.consultation.identity_level = kept.pop("consultation__identity_level")
    for field, value in kept.items():
        setattr(budget, field, value)
    if budget.closed_at is not None:
        raise VoteClosed
