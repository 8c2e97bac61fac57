"""Whether the site can work: for load balancers, monitors and the person on duty."""

from __future__ import annotations

from typing import Any, Final

from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

_QUEUE: Final = """
SELECT
    (SELECT count(*) FROM procrastinate_jobs WHERE status = 'todo' AND coalesce(scheduled_at, now()) <= now()),
    (SELECT count(*) FROM procrastinate_jobs WHERE status = 'doing'),
    (SELECT count(*) FROM procrastinate_jobs WHERE status = 'failed'),
    (SELECT extract(epoch FROM now() - min(e.at)) FROM procrastinate_jobs j
     JOIN procrastinate_events e ON e.job_id = j.id AND e.type = 'deferred'
     WHERE j.status = 'todo' AND coalesce(j.scheduled_at, now()) <= now()),
    (SELECT count(*) FROM procrastinate_workers WHERE last_heartbeat > now() - interval '1 minute'),
    (SELECT extract(epoch FROM now() - max(last_heartbeat)) FROM procrastinate_workers)
"""


def _queue_state() -> dict[str, Any]:
    with connection.cursor() as cursor:
        cursor.execute(_QUEUE)
        waiting, running, failed, oldest_s, workers, heartbeat_s = cursor.fetchone()
    return {
        "state": "ok",
        "waiting": waiting,
        "running": running,
        "failed": failed,
        "oldest_waiting_s": None if oldest_s is None else round(oldest_s),
        "workers": workers,
        "last_heartbeat_s": None if heartbeat_s is None else round(heartbeat_s),
    }


def _database_state() -> dict[str, Any]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_setting('server_version'), postgis_lib_version(), "
            "current_setting('synchronous_commit') <> 'off' AND current_setting('fsync')::boolean"
        )
        postgresql, postgis, durable = cursor.fetchone()
    # durable: what was answered with success is on disk, and outlives a power cut
    return {"state": "ok", "postgresql": postgresql.split()[0], "postgis": postgis, "durable": durable}


@never_cache
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """200 when the database and the queue's tables answer, 503 otherwise. Two queries.

    No worker running is not an error of the web process and stays 200: `queue.workers` says so.
    """
    report: dict[str, Any] = {"status": "ok"}
    for part, state in (("database", _database_state), ("queue", _queue_state)):
        try:
            report[part] = state()
        except DatabaseError as error:
            report["status"] = "unavailable"
            report[part] = {"state": "unavailable", "error": type(error).__name__}
    return JsonResponse(report, status=200 if report["status"] == "ok" else 503)
