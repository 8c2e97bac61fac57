"""Housekeeping of what is only kept for a while."""

from __future__ import annotations

from procrastinate.contrib.django import app

from geoparticipation.surveys.domain.drafts import forget_drafts


@app.periodic(cron="47 * * * *")
@app.task(queueing_lock="forget_survey_drafts", pass_context=False)
def forget_survey_drafts(timestamp: int) -> None:
    """Every hour, forget what was filled in and not sent, once nobody came back to it for its time."""
    forget_drafts()
