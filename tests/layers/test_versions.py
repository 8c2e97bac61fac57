"""Tags of tiles change with every committed write, and with nothing else."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import closing
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client

from layers import versions
from layers.versions import merge_versions, version_of
from neighbourhoods.models import Ground, Street, StreetName

pytestmark = pytest.mark.django_db
TILE = "/tiles/streets/13/4312/2878.mvt"
version = version_of(Street, StreetName)


def test_every_table_whose_version_is_asked_for_is_watched() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgfoid = 'layers_note_change'::regproc")
        watched = {table for (table,) in cursor.fetchall()}

    assert {model._meta.db_table for model in versions.VERSIONED} <= watched


def elsewhere(work: Callable[[], Any]) -> None:
    """Do it over another connection, and wait for it."""

    def run() -> None:
        with closing(connection):
            work()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()


def test_unchanged_tile_costs_one_small_query(client: Client, street: Street, django_assert_num_queries: Any) -> None:
    first = client.get(TILE)

    with django_assert_num_queries(1) as queries:
        again = client.get(TILE, headers={"If-None-Match": first["ETag"]})

    assert (first.status_code, again.status_code, again.content) == (200, 304, b"")
    assert (again["ETag"], again["Cache-Control"]) == (first["ETag"], "public, max-age=60")
    assert "FROM layers_version" in queries.captured_queries[0]["sql"]


@pytest.mark.django_db(transaction=True)
def test_write_of_another_connection_changes_the_tag_when_it_is_committed(client: Client, street: Street) -> None:
    first = client.get(TILE)["ETag"]
    written, may_commit = threading.Event(), threading.Event()

    def write() -> None:
        with closing(connection), transaction.atomic():
            Street.objects.update(name="Basse")
            written.set()
            assert may_commit.wait(30)

    writer = threading.Thread(target=write)
    writer.start()
    assert written.wait(30)
    during = client.get(TILE, headers={"If-None-Match": first})
    may_commit.set()
    writer.join()
    after = client.get(TILE, headers={"If-None-Match": first})

    assert during.status_code == 304
    assert (after.status_code, after["ETag"] != first, b"Basse" in after.content) == (200, True, True)


@pytest.mark.django_db(transaction=True)
def test_later_commit_of_an_earlier_write_changes_the_version_again(street: Street) -> None:
    """A sequence would fail here: the earlier write has the smaller number, and is committed last."""
    seen = [version()]
    written, may_commit = threading.Event(), threading.Event()

    def write_slowly() -> None:
        with closing(connection), transaction.atomic():
            StreetName.objects.create(street=street, language="fr", name="Haute", search_name="haute")
            written.set()
            assert may_commit.wait(30)

    slow = threading.Thread(target=write_slowly)
    slow.start()
    assert written.wait(30)
    elsewhere(lambda: Street.objects.update(name="Basse"))
    seen.append(version())
    may_commit.set()
    slow.join()
    seen.append(version())

    assert len(set(seen)) == 3


@pytest.mark.django_db(transaction=True)
def test_rolled_back_write_changes_nothing_and_savepoints_hide_none(street: Street) -> None:
    before = version()
    with transaction.atomic():
        Street.objects.update(name="Basse")
        transaction.set_rollback(True)
    assert version() == before

    with transaction.atomic():
        with transaction.atomic():
            Street.objects.update(name="Basse")
            transaction.set_rollback(True)
        Street.objects.update(name="Neuve")
    assert version() != before


def test_merging_the_rows_of_ended_connections_keeps_the_version(street: Street) -> None:
    none_has = 2**23  # as many processes has no system
    with connection.cursor() as cursor:
        for number in range(3):
            cursor.execute(
                "INSERT INTO layers_version VALUES ('neighbourhoods_street', %s, 5, NULL)", [none_has + number]
            )
        before = version()
        merge_versions()
        cursor.execute("SELECT count(*) FROM layers_version WHERE writer >= %s", [none_has])
        assert cursor.fetchone() == (0,)

    assert version() == before


def test_thousands_of_writes_in_one_transaction_are_quick_and_change_it(street: Street) -> None:
    before = version()
    with connection.cursor() as cursor:
        cursor.execute(
            "DO $$ BEGIN FOR n IN 1..3000 LOOP UPDATE neighbourhoods_street SET code = n WHERE false; END LOOP; END $$"
        )
        cursor.execute("SELECT changes FROM layers_version WHERE relation = 'neighbourhoods_street'")
        counted = cursor.fetchall()

    assert version() != before
    assert all(changes < 3000 for (changes,) in counted)


def test_other_tables_do_not_change_the_version(db: None) -> None:
    before, ground = version(), version_of(Ground)()

    Ground.objects.all().delete()

    assert version() == before
    assert version_of(Ground)() != ground


def test_every_way_of_writing_changes_the_version(street: Street) -> None:
    seen = [version()]
    for statement in (
        "COPY neighbourhoods_streetname (street_id, language, name, search_name) FROM STDIN",
        "UPDATE neighbourhoods_streetname SET name = 'x'",
        "DELETE FROM neighbourhoods_streetname",
        "TRUNCATE neighbourhoods_street CASCADE",
    ):
        with connection.cursor() as cursor:
            if statement.startswith("COPY"):
                with cursor.copy(statement) as copy:
                    copy.write_row([street.pk, "fr", "Haute", "haute"])
            else:
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
                cursor.execute(statement)
        seen.append(version())

    assert len(set(seen)) == 5


def test_new_release_of_the_platform_changes_the_tag(
    client: Client, street: Street, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = client.get(TILE)["ETag"]

    monkeypatch.setattr("layers.tags.code_fingerprint", lambda: "the next release")

    assert client.get(TILE, headers={"If-None-Match": first}).status_code == 200


def test_fingerprint_is_of_the_files(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    app = tmp_path / "app"
    app.mkdir()
    (app / "layers.py").write_text("a = 1")
    monkeypatch.setattr(versions.settings, "BASE_DIR", tmp_path)
    monkeypatch.setattr(versions.apps, "get_app_configs", lambda: [type("App", (), {"path": str(app)})])

    first, again = versions.code_fingerprint.__wrapped__(), versions.code_fingerprint.__wrapped__()
    (app / "layers.py").write_text("a = 2")

    assert first == again != versions.code_fingerprint.__wrapped__()


def test_description_of_a_layer_is_kept_by_language_and_host(client: Client, street: Street) -> None:
    tags = {
        (language, host): client.get("/tiles/streets.json", headers={"Accept-Language": language, "Host": host})["ETag"]
        for language in ("fr", "en")
        for host in ("127.0.0.1", "localhost")
    }
    assert len(set(tags.values())) == 4

    same = client.get(
        "/tiles/streets.json",
        headers={"Accept-Language": "fr", "Host": "localhost", "If-None-Match": tags["fr", "localhost"]},
    )
    assert (same.status_code, same["Vary"]) == (304, "Cookie, Accept-Language")
