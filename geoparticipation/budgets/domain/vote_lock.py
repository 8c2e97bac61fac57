"""Voting and closing keep out of each other's way: many vote at once, closing waits for them and they for it."""

from __future__ import annotations

from typing import Final

from django.db import connection

from geoparticipation.budgets.errors import VoteClosed
from geoparticipation.budgets.models import Budget

_CLASS: Final = 0x0B0D  # of our advisory locks; the second number is the budget's key


def enter_vote(budget: Budget) -> None:
    """Hold the vote open until the transaction ends; raises VoteClosed. Voters do not wait for one another.

    Two queries, inside a transaction.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s, %s)", [_CLASS, budget.pk])
    _require_open(budget)


def leave_vote(budget: Budget) -> None:
    """Wait for all who are voting, and keep others out until the transaction ends; raises VoteClosed.

    Two queries, inside a transaction.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_CLASS, budget.pk])
    _require_open(budget)


def _require_open(budget: Budget) -> None:
    if Budget.objects.filter(pk=budget.pk, closed_at__isnull=False).exists():
        raise VoteClosed
