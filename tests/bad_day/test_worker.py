"""A worker that is stopped or killed in the middle of a task: a mail, which a real SMTP server holds up."""

from __future__ import annotations

import contextlib
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator

import pytest
from django.db import connection
from procrastinate.exceptions import AlreadyEnqueued

from geoparticipation.local_postgres import _wait_until
from geoparticipation.tasks import MOST_ATTEMPTS, take_up_stalled_jobs
from tests.bad_day.served import CHECKOUT, Site, own_settings, url_of
from tests.fixtures.question import Submit

pytestmark = pytest.mark.django_db(transaction=True)
PATIENCE_S = 60


class MailServer:
    """An SMTP server that greets nobody until it is told to `go_on`, and keeps what it gets."""

    def __init__(self) -> None:
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.callers = 0
        self.mails: list[str] = []
        self.may_go_on = threading.Event()
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                caller, _address = self.socket.accept()
            except OSError:
                return
            self.callers += 1
            threading.Thread(target=self._talk, args=[caller], daemon=True).start()

    def _talk(self, caller: socket.socket) -> None:
        self.may_go_on.wait(PATIENCE_S)
        try:
            with caller, caller.makefile("rwb", buffering=0) as lines:
                lines.write(b"220 ready\r\n")
                while line := lines.readline():
                    if line.upper().startswith(b"DATA"):
                        lines.write(b"354 go on\r\n")
                        mail = b""
                        while (part := lines.readline()) != b".\r\n":
                            mail += part
                        self.mails.append(mail.decode())
                    lines.write(b"221 bye\r\n" if line.upper().startswith(b"QUIT") else b"250 ok\r\n")
        except OSError:
            return


@pytest.fixture
def mail_server() -> Iterator[MailServer]:
    server = MailServer()
    yield server
    server.may_go_on.set()
    server.socket.close()


@pytest.fixture
def start_worker(mail_server: MailServer) -> Iterator[Callable[[], subprocess.Popen[bytes]]]:
    """Start a worker on the test's database; killed at the end."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs")  # of tests before
        cursor.execute("DELETE FROM procrastinate_workers")
    mail = {"EMAIL_HOST": "127.0.0.1", "EMAIL_PORT": str(mail_server.port)}
    site = Site({"DATABASE_URL": url_of(**own_settings()), **mail})
    started: list[subprocess.Popen[bytes]] = []

    def start() -> subprocess.Popen[bytes]:
        started.append(
            subprocess.Popen(
                [sys.executable, "manage.py", "procrastinate", "worker"],
                cwd=CHECKOUT,
                env=site.full_environment(),
                stdin=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
        )
        return started[-1]

    yield start
    for worker in started:
        worker.kill()
        worker.wait()


def receipt() -> tuple[str, int] | None:
    """How the one mail's job stands."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT status::text, attempts FROM procrastinate_jobs WHERE task_name LIKE '%%send_receipt'")
        row: tuple[str, int] | None = cursor.fetchone()
        return row


def queue_taking_up() -> None:
    """Have dead workers' jobs looked for, as every minute; a worker of this test may have queued that already."""
    with contextlib.suppress(AlreadyEnqueued):
        take_up_stalled_jobs.defer(timestamp=0)


def test_worker_told_to_stop_finishes_its_task(
    submit: Submit, mail_server: MailServer, start_worker: Callable[[], subprocess.Popen[bytes]]
) -> None:
    submit()
    worker = start_worker()
    assert _wait_until(lambda: mail_server.callers == 1, PATIENCE_S)

    worker.send_signal(signal.SIGTERM)
    mail_server.may_go_on.set()

    assert worker.wait(PATIENCE_S) == 0
    assert receipt() == ("succeeded", 1)
    assert len(mail_server.mails) == 1


def test_task_of_a_killed_worker_is_taken_up_by_another(
    submit: Submit, mail_server: MailServer, start_worker: Callable[[], subprocess.Popen[bytes]]
) -> None:
    submit()
    first = start_worker()
    assert _wait_until(lambda: mail_server.callers == 1, PATIENCE_S)
    first.kill()
    first.wait()
    assert receipt() == ("doing", 0)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '31 seconds'")

    mail_server.may_go_on.set()
    queue_taking_up()
    start_worker()

    assert _wait_until(lambda: receipt() == ("succeeded", 2), PATIENCE_S), receipt()
    assert len(mail_server.mails) == 1


def test_task_that_kills_its_workers_is_given_up_and_a_living_one_is_left_alone(
    start_worker: Callable[[], subprocess.Popen[bytes]],
) -> None:
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() + interval '1 hour')")
        cursor.execute(
            "INSERT INTO procrastinate_jobs (task_name, queue_name, status, attempts, worker_id) VALUES "
            "('deadly', 'default', 'doing', %s, NULL), "
            "('living', 'default', 'doing', 0, (SELECT max(id) FROM procrastinate_workers))",
            [MOST_ATTEMPTS - 1],
        )
    queue_taking_up()
    start_worker()

    def states() -> dict[str, str]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT task_name, status::text FROM procrastinate_jobs")
            return {name.rpartition(".")[2]: status for name, status in cursor.fetchall()}

    assert _wait_until(lambda: states()["take_up_stalled_jobs"] == "succeeded", PATIENCE_S), states()
    assert (states()["deadly"], states()["living"]) == ("failed", "doing")
