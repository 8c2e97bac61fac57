"""The database goes away, comes back, loses connections, or has no room: what a visitor and a program are told."""

from __future__ import annotations

import json
import signal
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path

from geoparticipation.accounts.domain.tokens import issue_token
from geoparticipation.accounts.models import User
from geoparticipation.consultations.models import Consultation
from geoparticipation.local_postgres import _wait_until
from geoparticipation.urls import handler500  # noqa: F401 (the site's own page of failures)
from geoparticipation.urls import urlpatterns as site_urls
from layers.models import KeptAnswer
from tests.bad_day.conftest import MakeSite
from tests.bad_day.served import Cluster, own_settings, url_of
from tests.fixtures.question import IN_RUE_HAUTE
from tests.fixtures.tiny_town import TinyTown
from tests.geoparticipation.test_backups import full_disk

CONTRIBUTIONS = "/api/v1/contributions/"
SEARCH = "/api/v1/places/search?q=haute"


def keep_a_file(request: HttpRequest) -> HttpResponse:
    """A page that keeps what it is sent."""
    return HttpResponse(default_storage.save("uploads/a.csv", ContentFile(request.body)))


urlpatterns = [path("keep/", keep_a_file), path("api/keep/", keep_a_file), *site_urls]


def a_feature(consultation: Consultation) -> str:
    return json.dumps(
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": IN_RUE_HAUTE},
            "properties": {"consultation": consultation.slug, "title": "Trees"},
        }
    )


@pytest.mark.django_db(transaction=True)
def test_stopped_server_finishes_what_it_was_asked(tiny_town: TinyTown, make_site: MakeSite) -> None:
    site = make_site(url_of(**own_settings()))
    with psycopg.connect(**own_settings()) as other, ThreadPoolExecutor(1) as pool:
        other.execute("LOCK TABLE neighbourhoods_street IN ACCESS EXCLUSIVE MODE")
        asked = pool.submit(lambda: urllib.request.urlopen(f"http://127.0.0.1:{site.port}{SEARCH}", timeout=60).status)
        waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'neighbourhoods_street'::regclass"
        assert _wait_until(lambda: other.execute(waiting).fetchone() != (0,), 60)

        assert site.process is not None
        site.process.send_signal(signal.SIGTERM)
        other.rollback()

        assert asked.result(60) == 200
    assert site.process.wait(60) == 0
    assert site.status("/healthz") == 0


@pytest.mark.django_db(transaction=True)
def test_site_outlives_its_database(tiny_town: TinyTown, cluster: Cluster, make_site: MakeSite) -> None:
    site = make_site(cluster.copy_test_database("restarted"), workers=1, threads=4)

    # Every connection of the pool is lost at once: nobody notices.
    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(site.status, [SEARCH] * 8)) == {200}
        with cluster.connect() as server:
            lost = server.execute(
                "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = 'restarted'"
            ).fetchone()
        assert lost is not None
        assert lost[0] >= 1
        assert set(pool.map(site.status, [SEARCH] * 8)) == {200}

    # A restart: who asks meanwhile waits for it.
    cluster.kill()
    with ThreadPoolExecutor(1) as pool:
        meanwhile = pool.submit(site.status, SEARCH)
        cluster.start()
        assert meanwhile.result(60) in {200, 503}
    assert site.status(SEARCH) == 200
    assert site.status("/healthz") == 200


@pytest.mark.django_db(transaction=True)
def test_without_a_database_pages_and_programs_are_told_to_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    client = Client(raise_request_exception=False)
    monkeypatch.setitem(connection.settings_dict, "HOST", "/nowhere")
    monkeypatch.delitem(connection.settings_dict, "CHECKOUT", raising=False)
    connection.close()
    try:
        page, api = client.get("/contributions/"), client.get(CONTRIBUTIONS)
    finally:
        monkeypatch.undo()

    assert (page.status_code, page["Retry-After"]) == (503, "30")
    assert "Le site revient bientôt" in page.content.decode()
    assert (api.status_code, api["Retry-After"], api.json()["code"]) == (503, "30", "not_available")


@pytest.mark.django_db(transaction=True)
def test_database_without_room_stores_nothing_and_takes_the_same_request_later(
    consultation: Consultation, citizen: User
) -> None:
    """The server's own error for a full disk (53100), raised where the row would be written."""
    client = Client(raise_request_exception=False)
    headers = {"authorization": f"Token {issue_token(email=citizen.email)}", "idempotency-key": "k"}
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = '53100'; END $$"
        )
        cursor.execute("CREATE TRIGGER no_room AFTER INSERT ON contributions_contribution EXECUTE FUNCTION no_room()")
        try:
            full = client.post(CONTRIBUTIONS, a_feature(consultation), "application/json", headers=headers)
            kept = (consultation.contributions.count(), KeptAnswer.objects.count())
        finally:
            cursor.execute("DROP FUNCTION no_room CASCADE")
    later = client.post(CONTRIBUTIONS, a_feature(consultation), "application/json", headers=headers)

    assert (full.status_code, full.json()["code"], full["Retry-After"]) == (503, "not_available", "30")
    assert kept == (0, 0)
    assert later.status_code == 201
    assert "Idempotency-Replayed" not in later


@pytest.mark.urls("tests.bad_day.test_lost_database")
def test_full_disk_of_files_leaves_no_half_file_and_is_said(settings: object) -> None:
    client = Client(raise_request_exception=False)
    with full_disk(1_000):
        page = client.post("/keep/", b"x" * 5_000, "text/csv")
        api = client.post("/api/keep/", b"x" * 5_000, "text/csv")
    later = client.post("/keep/", b"x" * 5_000, "text/csv")

    assert (page.status_code, page["Retry-After"]) == (503, "30")
    assert (api.status_code, api.json()["code"]) == (503, "not_available")
    assert later.content == b"uploads/a.csv"  # the name is free: nothing was left under it


@pytest.mark.django_db
def test_answers_are_promised_only_for_what_is_on_disk() -> None:
    report = Client().get("/healthz").json()

    assert report["database"]["durable"] is True


@pytest.mark.django_db
def test_health_tells_when_the_database_may_forget_what_it_promised() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL synchronous_commit = off")

    assert Client().get("/healthz").json()["database"]["durable"] is False
