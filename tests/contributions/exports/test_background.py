"""Large files: asked for, written by the worker, told by e-mail, fetched, and removed."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import geopandas
import pytest
from django.core import mail
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from geoparticipation.accounts.models import User
from geoparticipation.contributions import tasks
from geoparticipation.contributions.domain import exports
from geoparticipation.contributions.domain.exports import forget_exports, token_of, write_export_file
from geoparticipation.contributions.models import Contribution, Export
from layers.exports import geopackage
from tests.contributions.test_api import token_client
from tests.fixtures.odd_places import OddPlaces

Worker = Callable[[], None]

URL = "/api/v1/contributions/exports/"


@pytest.fixture(autouse=True)
def media(tmp_path: Path, settings: Any) -> Path:
    """A folder of files of this test alone, and files that are large from the fourth contribution on."""
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.EXPORT_ROWS_AT_ONCE = 3
    return tmp_path / "media"


@pytest.fixture
def worker(empty_queue: None) -> Worker:
    """Carry out what is queued, as the worker does, within the test's own transaction."""

    def run() -> None:
        while (job := ProcrastinateJob.objects.filter(status="todo").order_by("pk").first()) is not None:
            with connection.cursor() as cursor:
                cursor.execute("DELETE FROM procrastinate_jobs WHERE id = %s", [job.pk])
            task = getattr(tasks, job.task_name.rpartition(".")[2])
            context = [SimpleNamespace(job=job)] if task.pass_context else []
            # What fails is tried again by the queue, not here.
            with contextlib.suppress(OSError):
                task(*context, **job.args)

    return run


def ask(user: User, **body: Any) -> Any:
    return token_client(user).post(URL, {"format": "gpkg", **body}, content_type="application/json")


def test_file_is_asked_for_written_told_and_fetched(
    odd_places: OddPlaces, citizen: User, worker: Worker, media: Path, tmp_path: Path
) -> None:
    client = token_client(citizen)
    response = ask(citizen, filters={"kind": "proposal"})
    asked = client.get(response["Location"]).json()
    worker()
    ready = client.get(response["Location"]).json()

    assert response.status_code == 202
    assert (asked["state"], asked["file"], asked["rows_total"]) == ("waiting", None, None)
    assert (ready["state"], ready["rows_written"], ready["rows_total"]) == ("ready", 7, 7)
    content = client.get(ready["file"])
    path = tmp_path / "fetched.gpkg"
    path.write_bytes(b"".join(content))
    assert len(geopandas.read_file(path)) == 7
    assert ready["size_bytes"] == path.stat().st_size
    assert [file.name for file in (media / "exports").iterdir()] == [f"{ready['code']}.gpkg"]
    (message,) = mail.outbox
    assert message.to == ["citizen@example.org"]
    assert "7 contributions" in message.body


def test_link_in_the_mail_opens_a_public_file_for_whoever_has_it(
    odd_places: OddPlaces, citizen: User, worker: Worker, client: Client, settings: Any
) -> None:
    ask(citizen)
    worker()

    (address,) = re.findall(r"http\S+", mail.outbox[0].body)
    page = client.get(address.removeprefix(settings.SITE_URL))
    (link,) = re.findall(r'href="(/exports/[^"]+/file/[^"]*)"', page.content.decode())
    assert b"".join(client.get(link)).startswith(b"SQLite format 3")
    export = Export.objects.get()
    for wrong in ("", "?token=", "?token=x", f"?token={token_of(Export(code=uuid4()))}"):
        assert client.get(f"/exports/{export.code}/{wrong}").status_code == 302
        assert client.get(f"/exports/{export.code}/file/{wrong}").status_code == 404


def test_file_of_another_person_is_not_there(
    odd_places: OddPlaces, citizen: User, neighbour: User, agent: User, worker: Worker
) -> None:
    code = ask(citizen).json()["code"]
    worker()

    for other in (neighbour, agent):
        for address in (f"{URL}{code}/", f"{URL}{code}/file/"):
            assert token_client(other).get(address).status_code == 404
    assert Client().get(f"{URL}{code}/").status_code == 401


def test_internal_file_wants_its_person_signed_in_and_in_their_role(
    odd_places: OddPlaces, moderator: User, worker: Worker, client: Client
) -> None:
    code = ask(moderator, scope="internal").json()["code"]
    worker()
    export = Export.objects.get()

    assert "token=" not in mail.outbox[0].body
    assert client.get(f"/exports/{code}/file/?token={token_of(export)}").status_code == 404
    client.force_login(moderator)
    assert client.get(f"/exports/{code}/file/").status_code == 200
    User.objects.filter(pk=moderator.pk).update(role="citizen")
    assert client.get(f"/exports/{code}/file/").status_code == 404


def test_role_that_is_lost_meanwhile_writes_no_file(odd_places: OddPlaces, moderator: User, worker: Worker) -> None:
    ask(moderator, scope="internal")
    User.objects.filter(pk=moderator.pk).update(role="citizen")
    worker()

    export = Export.objects.get()
    assert (export.state, export.file) == ("failed", "")
    assert export.reason
    assert export.reason in mail.outbox[0].body


def test_others_may_not_ask(odd_places: OddPlaces, citizen: User, client: Client) -> None:
    assert client.post(URL, {"format": "gpkg"}, content_type="application/json").status_code == 401
    assert ask(citizen, scope="internal").status_code == 403
    assert ask(citizen, filters={"kind": "nonsense"}).json()["code"] == "unknown_filter_value"
    assert ask(citizen, format="exe").status_code == 400
    assert not Export.objects.exists()


def test_asking_twice_is_asking_once(odd_places: OddPlaces, citizen: User, neighbour: User, worker: Worker) -> None:
    first, again = ask(citizen).json(), ask(citizen).json()
    other = ask(neighbour).json()
    worker()

    assert first["code"] == again["code"] != other["code"]
    assert len(mail.outbox) == 2
    Export.objects.create(requested_by=citizen, file_format="csv")
    with pytest.raises(IntegrityError), transaction.atomic():
        Export.objects.create(requested_by=citizen, file_format="csv")


def test_task_is_queued_with_the_row_or_not_at_all(odd_places: OddPlaces, citizen: User, empty_queue: None) -> None:
    ask(citizen)

    (job,) = ProcrastinateJob.objects.filter(task_name__endswith="write_export")
    export = Export.objects.get()
    assert job.args == {"export_id": export.pk}
    assert job.lock == f"export-{export.pk}"


def test_writing_that_is_killed_shows_no_half_file_and_is_taken_up_again(
    odd_places: OddPlaces, citizen: User, media: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    export = Export.objects.create(requested_by=citizen, file_format="gpkg")
    monkeypatch.setattr(geopackage, "AT_ONCE", 3)
    write = geopackage.write_layer
    batches = iter(range(10))

    def killed(*args: Any, **named: Any) -> None:
        if next(batches) == 1:
            raise SystemExit(137)
        write(*args, **named)

    monkeypatch.setattr(geopackage, "write_layer", killed)
    with pytest.raises(SystemExit):
        write_export_file(export_id=export.pk)
    half = Export.objects.get()
    files_then = list(media.rglob("*.gpkg"))
    write_export_file(export_id=export.pk)
    whole = Export.objects.get()

    assert (half.state, half.file, half.is_ready, files_then) == ("running", "", False, [])
    assert (whole.state, whole.rows_written) == ("ready", 7)
    assert len(geopandas.read_file(media / whole.file)) == 7


def test_file_that_was_kept_before_its_row_knew_is_replaced(odd_places: OddPlaces, citizen: User, media: Path) -> None:
    export = Export.objects.create(requested_by=citizen, file_format="csv", state="running")
    default_storage.save(f"exports/{export.code}.csv", ContentFile(b"half"))

    write_export_file(export_id=export.pk)

    (file,) = (media / "exports").iterdir()
    assert file.read_bytes().count(b"https://") + file.read_bytes().count(b"http://") >= 7
    assert write_export_file(export_id=export.pk) is None  # run again: there is nothing to do


def test_progress_is_seen_while_it_is_written(
    odd_places: OddPlaces, citizen: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    export = Export.objects.create(requested_by=citizen, file_format="gpkg")
    monkeypatch.setattr(exports, "TOLD_EVERY_S", 0.0)
    monkeypatch.setattr(geopackage, "AT_ONCE", 3)
    seen = []
    write = geopackage.write_layer

    def looked(*args: Any, **named: Any) -> None:
        seen.append(Export.objects.values_list("state", "rows_written", "rows_total").get())
        write(*args, **named)

    monkeypatch.setattr(geopackage, "write_layer", looked)
    write_export_file(export_id=export.pk)

    # Each batch is written when the next one is read.
    assert seen == [("running", 0, 7), ("running", 3, 7), ("running", 6, 7)]


def test_mail_is_sent_once(odd_places: OddPlaces, citizen: User, worker: Worker) -> None:
    export = Export.objects.create(requested_by=citizen, file_format="csv")
    write_export_file(export_id=export.pk)
    tasks.tell_of_export(export_id=export.pk)
    tasks.tell_of_export(export_id=export.pk)

    assert len(mail.outbox) == 1


def test_what_fails_for_good_is_told(
    odd_places: OddPlaces, citizen: User, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full_disk(**_named: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(tasks, "write_export_file", full_disk)
    monkeypatch.setattr(tasks, "_ATTEMPTS", 1)
    ask(citizen)
    worker()

    export = Export.objects.get()
    assert (export.state, export.told_at is not None) == ("failed", True)
    assert "n’a pas pu être écrit" in mail.outbox[0].body or "could not be written" in mail.outbox[0].body


def test_files_are_removed_when_their_days_are_over(
    odd_places: OddPlaces, citizen: User, moderator: User, media: Path, client: Client
) -> None:
    kept, over = (Export.objects.create(requested_by=citizen, file_format="csv", language=at) for at in ("fr", "en"))
    record = Export.objects.create(requested_by=moderator, file_format="csv", scope="internal")
    for export in (kept, over, record):
        write_export_file(export_id=export.pk)
    Export.objects.filter(pk__in=[over.pk, record.pk]).update(expires_at=timezone.now() - timedelta(seconds=1))
    client.force_login(citizen)
    assert client.get(f"/exports/{over.code}/file/").status_code == 404  # already before the hour strikes

    assert forget_exports() == 2

    assert [file.name for file in (media / "exports").iterdir()] == [f"{kept.code}.csv"]
    assert set(Export.objects.values_list("pk", "state")) == {(kept.pk, "ready"), (record.pk, "expired")}
    assert forget_exports() == 0


def test_files_of_nobody_are_removed(odd_places: OddPlaces, citizen: User, media: Path) -> None:
    export = Export.objects.create(requested_by=citizen, file_format="csv")
    write_export_file(export_id=export.pk)
    export.refresh_from_db()
    stray, fresh = (default_storage.save(f"exports/{name}.csv", ContentFile(b"x")) for name in ("stray", "fresh"))
    old = (timezone.now() - timedelta(days=2)).timestamp()
    for name in (stray, export.file):
        os.utime(default_storage.path(name), (old, old))

    forget_exports()

    assert {file.name for file in (media / "exports").iterdir()} == {f"{export.code}.csv", "fresh.csv"}
    assert default_storage.exists(fresh)


def test_what_nobody_writes_is_given_up_after_a_day(odd_places: OddPlaces, citizen: User) -> None:
    Export.objects.create(requested_by=citizen, file_format="csv", requested_at=timezone.now() - timedelta(days=2))

    forget_exports()

    assert not Export.objects.pending().exists()


def test_account_that_is_gone_gets_no_file(odd_places: OddPlaces, make_user: Any, worker: Worker) -> None:
    leaver = make_user("leaver")
    ask(leaver)
    User.objects.filter(pk=leaver.pk).delete()
    worker()

    assert Export.objects.get().state == "failed"
    assert mail.outbox == []


def test_rows_written_meanwhile_are_in_the_file_once_or_not_at_all(
    odd_places: OddPlaces, citizen: User, media: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    export = Export.objects.create(requested_by=citizen, file_format="gpkg")
    monkeypatch.setattr(geopackage, "AT_ONCE", 3)
    write = geopackage.write_layer
    newest = Contribution.objects.order_by("-submitted_at").first()

    def meanwhile(*args: Any, **named: Any) -> None:
        with connection.cursor() as cursor:  # one more, newer than all
            cursor.execute(
                "UPDATE contributions_contribution SET status = 'published', submitted_at = now() WHERE id = %s",
                [odd_places.hidden.pk],
            )
        write(*args, **named)

    monkeypatch.setattr(geopackage, "write_layer", meanwhile)
    write_export_file(export_id=export.pk)

    export.refresh_from_db()
    codes = list(geopandas.read_file(media / export.file)["code"])
    assert newest is not None
    assert len(codes) == len(set(codes))
    assert {str(c.code) for c in odd_places.online.values()} <= set(codes)
