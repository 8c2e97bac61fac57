"""What the worker does for mailings."""

from __future__ import annotations

from procrastinate.contrib.django import app

from geoparticipation.mailings.domain.rounds.ask_for_rounds import carry_out_plan


@app.task
def plan_mailing_rounds(plan_id: int) -> None:
    """Plan the rounds that were asked for last. May run again: what is planned already is left alone."""
    carry_out_plan(plan_id=plan_id)
