"""What the worker does for mailings. Each task can be run again: what is done already is not done twice."""

from __future__ import annotations

from procrastinate.contrib.django import app

from geoparticipation.mailings.domain.order_mailing import carry_out_order
from geoparticipation.mailings.domain.rounds.ask_for_rounds import carry_out_plan


@app.task
def make_ordered_mailing(order_id: int) -> None:
    """Make a large mailing, so that no web request waits for it."""
    carry_out_order(order_id=order_id)


@app.task
def plan_mailing_rounds(plan_id: int) -> None:
    """Plan the rounds that were asked for last. May run again: what is planned already is left alone."""
    carry_out_plan(plan_id=plan_id)
