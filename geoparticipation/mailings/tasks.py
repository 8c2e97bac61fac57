"""What the worker does for mailings. Each task can be run again: what is done already is not done twice."""

from __future__ import annotations

from django.utils.translation import gettext as _
from procrastinate import JobContext, RetryStrategy
from procrastinate.contrib.django import app

from geoparticipation.mailings.domain.flyers.runs import forget_flyers, give_up_flyers, write_run
from geoparticipation.mailings.domain.order_mailing import carry_out_order
from geoparticipation.mailings.domain.rounds.ask_for_rounds import carry_out_plan

_ATTEMPTS = 4
_RETRY = RetryStrategy(max_attempts=_ATTEMPTS, exponential_wait=5)


@app.task(retry=_RETRY, pass_context=True)
def write_flyer_run(context: JobContext, run_id: int) -> None:
    """Write the flyers of a run; after a kill the next try goes on where it was."""
    try:
        write_run(run_id=run_id)
    except Exception:
        if context.job.attempts + 1 >= _ATTEMPTS:
            give_up_flyers(run_id=run_id, reason=_("The file could not be written. Have it gone on with later."))
        raise


@app.periodic(cron="47 * * * *")
@app.task(queueing_lock="forget_flyers", pass_context=False)
def forget_old_flyers(timestamp: int) -> None:
    """Every hour, remove the files whose days are over."""
    forget_flyers()


@app.task
def make_ordered_mailing(order_id: int) -> None:
    """Make a large mailing, so that no web request waits for it."""
    carry_out_order(order_id=order_id)


@app.task
def plan_mailing_rounds(plan_id: int) -> None:
    """Plan the rounds that were asked for last. May run again: what is planned already is left alone."""
    carry_out_plan(plan_id=plan_id)
