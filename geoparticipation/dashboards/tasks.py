"""The clock of the indicators."""

from __future__ import annotations

from django.utils import timezone
from procrastinate.contrib.django import app

from geoparticipation.dashboards.indicators.counting import count_indicators
from geoparticipation.dashboards.indicators.people import record_people


@app.periodic(cron="*/15 * * * *")
@app.task(queueing_lock="count_indicators", pass_context=False)
def count_all(timestamp: int) -> None:
    """Every quarter of an hour, count the months anew, and the people of a month once it is over."""
    count_indicators()
    record_people(today=timezone.localdate())
