"""What happens to plans by itself."""

from __future__ import annotations

from django.utils import timezone
from procrastinate.contrib.django import app

from geoparticipation.scenarios.domain.results import release_results
from geoparticipation.scenarios.models import Plan


@app.periodic(cron="3 * * * *")
@app.task(queueing_lock="release_plan_results", pass_context=False)
def release_plan_results(timestamp: int) -> None:
    """Bring the results that everybody reads up to date, of every plan where that is due."""
    now = timezone.now()
    for plan in Plan.objects.public().select_related("consultation").prefetch_related("consultation__phases"):
        release_results(plan=plan, at=now)
