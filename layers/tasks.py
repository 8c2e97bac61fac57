"""Upkeep: forgetting the answers kept for requests sent twice, folding density cells, merging versions."""

from __future__ import annotations

from django.utils import timezone
from procrastinate.contrib.django import app

from layers.models import KeptAnswer
from layers.registry import maintained_cells
from layers.versions import merge_versions


@app.periodic(cron="17 * * * *")
@app.task(
    queueing_lock="forget_kept_answers",
    pass_context=False,
    aliases=["geoparticipation.contributions.tasks.forget_kept_answers"],
)
def forget_kept_answers(timestamp: int) -> None:
    """Every hour, forget the answers that no repeated request may ask for any more."""
    KeptAnswer.objects.filter(expires_at__lt=timezone.now()).delete()


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="fold_cells", pass_context=False)
def fold_cells(timestamp: int) -> None:
    """Every minute, move the differences into the density cells. Reading is exact without it, and slower by and by."""
    for cells in maintained_cells():
        cells.fold()


@app.periodic(cron="27 * * * *")
@app.task(queueing_lock="merge_table_versions", pass_context=False)
def merge_table_versions(timestamp: int) -> None:
    """Every hour, merge the version rows of database connections that have ended."""
    merge_versions()
