"""Housekeeping of what is only kept for a while."""

from __future__ import annotations

from procrastinate.contrib.django import app

from geoparticipation.accounts.domain.rates import prune_rates


@app.periodic(cron="7 * * * *")
@app.task(queueing_lock="prune_rates", pass_context=False)
def prune_rate_counts(timestamp: int) -> None:
    """Every hour, forget how often whom was counted."""
    prune_rates()
