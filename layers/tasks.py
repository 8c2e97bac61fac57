"""Forgetting the answers kept for requests sent twice."""

from __future__ import annotations

from django.utils import timezone
from procrastinate.contrib.django import app

from layers.models import KeptAnswer


@app.periodic(cron="17 * * * *")
@app.task(
    queueing_lock="forget_kept_answers",
    pass_context=False,
    aliases=["geoparticipation.contributions.tasks.forget_kept_answers"],
)
def forget_kept_answers(timestamp: int) -> None:
    """Every hour, forget the answers that no repeated request may ask for any more."""
    KeptAnswer.objects.filter(expires_at__lt=timezone.now()).delete()
