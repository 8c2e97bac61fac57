"""Whether the site says that it can work."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection
from django.test import Client


@pytest.mark.django_db
def test_health_tells_of_database_and_queue() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs")
        cursor.execute("DELETE FROM procrastinate_workers")
        cursor.execute(
            "INSERT INTO procrastinate_jobs (task_name, queue_name, status) VALUES ('a', 'default', 'todo'), "
            "('b', 'default', 'failed')"
        )
        cursor.execute("INSERT INTO procrastinate_workers DEFAULT VALUES")

    response = Client().get("/healthz")

    assert response.status_code == 200
    report = response.json()
    assert (report["status"], report["database"]["state"]) == ("ok", "ok")
    queue = report["queue"]
    assert (queue["waiting"], queue["running"], queue["failed"], queue["workers"]) == (1, 0, 1, 1)
    assert queue["last_heartbeat_s"] == 0
    assert "no-cache" in response["Cache-Control"]


@pytest.mark.django_db
def test_health_is_503_without_the_queues_tables() -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE procrastinate_jobs RENAME TO lost")

    response = Client().get("/healthz")

    assert response.status_code == 503
    assert response.json()["queue"] == {"state": "unavailable", "error": "ProgrammingError"}


@pytest.mark.django_db
def test_health_is_503_without_a_database(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise DatabaseError

    monkeypatch.setattr("geoparticipation.health.connection.cursor", fail)

    response = Client().get("/healthz")

    assert response.status_code == 503
    assert response.json()["status"] == "unavailable"
