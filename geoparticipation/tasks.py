"""Keeping the queue itself in order."""

from __future__ import annotations

from typing import Final

from procrastinate import JobContext
from procrastinate.contrib.django import app
from procrastinate.jobs import Status

STALLED_AFTER_S: Final = 30
"""A worker says every 10 seconds that it lives."""
MOST_ATTEMPTS: Final = 5
KEPT_H: Final = 7 * 24


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="take_up_stalled_jobs", pass_context=True)
async def take_up_stalled_jobs(context: JobContext, timestamp: int) -> None:
    """Every minute, put the jobs of workers that died back into the queue.

    A job that was begun five times and never came to its end is given up: it may be what kills the workers.
    """
    manager = context.app.job_manager
    for job in await manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_AFTER_S):
        if job.attempts + 1 < MOST_ATTEMPTS:
            await manager.retry_job(job)
        else:
            await manager.finish_job(job, status=Status.FAILED, delete_job=False)
    await manager.prune_stalled_workers(STALLED_AFTER_S)


@app.periodic(cron="41 3 * * *")
@app.task(queueing_lock="forget_finished_jobs", pass_context=True)
async def forget_finished_jobs(context: JobContext, timestamp: int) -> None:
    """Every night, delete the jobs that ended well a week ago; failed ones are kept for a person to look at."""
    await context.app.job_manager.delete_old_jobs(nb_hours=KEPT_H)
