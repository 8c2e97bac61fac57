"""A register whose worker is killed while it loads, and two that are loaded at once."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client

from geoparticipation.accounts.models import User
from geoparticipation.local_postgres import _wait_until
from neighbourhoods.domain.registers import (
    Outcome,
    choices_of,
    describe_upload,
    load_upload,
    receive_upload,
    request_loading,
    save_choices,
)
from neighbourhoods.domain.registers.locks import is_worked_on
from neighbourhoods.models import Address, RegisterUpload
from tests.bad_day.served import CHECKOUT, Site, own_settings, url_of
from tests.fixtures.register_files import HOMES, latin_csv
from tests.fixtures.tiny_town import TinyTown

pytestmark = pytest.mark.django_db(transaction=True)
PATIENCE_S = 60


@pytest.fixture
def waiting(agent: User, tiny_town: TinyTown, tmp_path: Path) -> RegisterUpload:
    """Four addresses that are in line to be loaded."""
    file = SimpleUploadedFile("commune.csv", latin_csv(tmp_path / "commune.csv").read_bytes())
    upload = receive_upload(kind="addresses", file=file, user=agent, language="en")
    described = describe_upload(upload_id=upload.pk)
    assert described is not None
    return request_loading(upload=save_choices(upload=described, choices=choices_of(described)))


@pytest.fixture
def beside() -> Iterator[psycopg.Connection]:
    """A second connection to the test's database."""
    with psycopg.connect(url_of(**own_settings())) as other:
        yield other


def shown(client: Client, agent: User, upload: RegisterUpload) -> str:
    client.force_login(agent)
    return client.get(f"/workspace/registers/{upload.pk}/", headers={"Accept-Language": "en"}).content.decode()


def test_one_register_waits_while_another_is_loaded(
    client: Client, agent: User, waiting: RegisterUpload, beside: psycopg.Connection
) -> None:
    beside.execute("SELECT pg_advisory_xact_lock(7201, 0)")  # what the loading of another register holds

    first = load_upload(upload_id=waiting.pk)
    page = shown(client, agent, waiting)
    beside.rollback()
    second = load_upload(upload_id=waiting.pk)
    third = load_upload(upload_id=waiting.pk)

    assert (first, second, third) == (Outcome.NOT_ITS_TURN, Outcome.LOADED, Outcome.NOTHING_TO_DO)
    assert "Another register is being loaded. Yours comes next" in page
    assert Address.objects.filter(source="commune").count() == len(HOMES)


def test_a_worker_killed_in_the_middle_leaves_nothing_and_the_next_one_loads_it_all(
    client: Client, agent: User, waiting: RegisterUpload, beside: psycopg.Connection, settings: object
) -> None:
    before = Address.objects.count()
    beside.execute("LOCK TABLE neighbourhoods_address IN SHARE MODE")  # the loading stops before it writes addresses
    site = Site({"DATABASE_URL": url_of(**own_settings()), "MEDIA_ROOT": str(settings.MEDIA_ROOT)})  # type: ignore[attr-defined]
    code = (
        "import django; django.setup(); from neighbourhoods.domain.registers import load_upload; "
        f"load_upload(upload_id={waiting.pk})"
    )
    environment = {**site.full_environment(), "DJANGO_SETTINGS_MODULE": "geoparticipation.settings"}
    worker = subprocess.Popen([sys.executable, "-c", code], cwd=CHECKOUT, env=environment, stdin=subprocess.DEVNULL)

    def is_held_up() -> bool:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted "
                "AND relation = 'neighbourhoods_address'::regclass)"
            )
            return bool(cursor.fetchone()[0])

    try:
        assert _wait_until(is_held_up, PATIENCE_S)
        in_the_middle = shown(client, agent, waiting)
    finally:
        worker.kill()
        worker.wait()
        beside.rollback()
    assert _wait_until(lambda: not is_worked_on(waiting.pk), PATIENCE_S)
    after_the_kill = shown(client, agent, waiting)
    addresses_after_the_kill = Address.objects.count()
    outcome = load_upload(upload_id=waiting.pk)

    assert "The register is being loaded" in in_the_middle
    assert "of about 4 rows" in in_the_middle
    assert "The server was stopped in the middle. Nothing of the file was kept" in after_the_kill
    assert addresses_after_the_kill == before
    assert outcome is Outcome.LOADED
    waiting.refresh_from_db()
    assert (waiting.state, waiting.attempts) == ("loaded", 2)
    assert Address.objects.filter(source="commune").count() == len(HOMES)


def test_what_dies_again_and_again_is_given_up(waiting: RegisterUpload) -> None:
    RegisterUpload.objects.filter(pk=waiting.pk).update(state="loading", attempts=3)

    outcome = load_upload(upload_id=waiting.pk)

    waiting.refresh_from_db()
    assert (outcome, waiting.state, waiting.refusal_code) == (Outcome.REFUSED, "refused", "loading_interrupted")
    assert "Loading stopped 3 times before its end. Nothing was changed." in waiting.refusal
