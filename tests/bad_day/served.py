"""A site of its own to be killed: a database cluster in a folder of its own, and Granian with several processes."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import psycopg
from django.conf import settings
from django.db import connection

from geoparticipation import local_postgres
from geoparticipation.local_postgres import _binaries, _wait_until

CHECKOUT = Path(__file__).resolve().parents[2]
START_TIMEOUT_S = 120


def own_settings() -> dict[str, str]:
    """How programs of PostgreSQL reach the test's database."""
    known = connection.settings_dict
    return {"host": known["HOST"], "port": str(known["PORT"]), "user": known["USER"], "dbname": known["NAME"]}


def url_of(*, dbname: str, host: str, user: str, port: str) -> str:
    """The same as a DATABASE_URL."""
    return f"postgres://{user}@{quote(host, safe='')}:{port}/{dbname}"


@dataclass
class Cluster:
    """A private cluster in a folder of its own."""

    folder: Path

    def settings(self, dbname: str) -> dict[str, str]:
        """How programs reach a database in it."""
        known = local_postgres.django_database(self.folder)
        return {"host": known["HOST"], "port": known["PORT"], "user": known["USER"], "dbname": dbname}

    def connect(self, dbname: str = "postgres") -> psycopg.Connection:
        """A connection that commits at once."""
        return psycopg.connect(**self.settings(dbname), autocommit=True)

    def copy_test_database(self, dbname: str) -> str:
        """Copy the test's database, as committed, into a new one here; returns its DATABASE_URL."""
        with self.connect() as server:
            server.execute(f'DROP DATABASE IF EXISTS "{dbname}" WITH (FORCE)')
            server.execute(f'CREATE DATABASE "{dbname}"')
        binaries = _binaries(self.folder / ".local" / "postgres")
        source, target = own_settings(), self.settings(dbname)

        def reach(known: dict[str, str]) -> list[str]:
            return ["-h", known["host"], "-p", known["port"], "-U", known["user"], "-d", known["dbname"]]

        with subprocess.Popen([binaries / "pg_dump", *reach(source)], stdout=subprocess.PIPE) as dump:
            loaded = subprocess.run(
                [binaries / "psql", "-q", "-X", "-v", "ON_ERROR_STOP=1", *reach(target)],
                stdin=dump.stdout,
                stdout=subprocess.DEVNULL,
                check=False,
            )
        assert (dump.returncode, loaded.returncode) == (0, 0)
        return url_of(**target)

    def process_ids(self) -> list[int]:
        """The server's processes, the first one first."""
        postmaster = local_postgres._server_process(self.folder / ".local" / "postgres")
        assert postmaster is not None
        with self.connect() as server:
            return [postmaster, *(row[0] for row in server.execute("SELECT pid FROM pg_stat_activity"))]

    def kill(self) -> None:
        """Pull the plug (kill -9 of every process)."""
        for process_id in self.process_ids():
            with contextlib.suppress(ProcessLookupError):
                os.kill(process_id, signal.SIGKILL)

    def start(self) -> None:
        """Start it, with crash recovery where needed; nothing when it runs."""
        data = self.folder / ".local" / "postgres"
        _wait_until(lambda: local_postgres._server_process(data) is None or local_postgres.is_running(self.folder), 30)
        local_postgres.ensure_running(self.folder)


@dataclass
class Site:
    """The site's web server with these variables, on a free port."""

    environment: dict[str, str]
    workers: int = 2
    threads: int = 8
    options: tuple[str, ...] = ()
    port: int = 0
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    def full_environment(self) -> dict[str, str]:
        """The variables of a process of this site."""
        return {
            **os.environ,
            "SECRET_KEY": settings.SECRET_KEY,
            "PRIVACY_KEY": settings.PRIVACY_KEY,
            "LOG_LEVEL": "CRITICAL",
            "DEMO": "0",
            **self.environment,
        }

    def start(self) -> Site:
        """Start, and wait until it answers that it is well."""
        if not self.port:
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", 0))
                self.port = probe.getsockname()[1]
        self.process = subprocess.Popen(
            [
                *(sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1"),
                *("--port", str(self.port), "--workers", str(self.workers), "--blocking-threads", str(self.threads)),
                *("--log-level", "critical", *self.options, "geoparticipation.wsgi:application"),
            ],
            cwd=CHECKOUT,
            env=self.full_environment(),
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
        process = self.process
        _wait_until(lambda: self.status("/healthz") == 200 or process.poll() is not None, START_TIMEOUT_S)
        assert self.status("/healthz") == 200, "the site does not start"
        return self

    def status(self, path: str) -> int:
        """HTTP status of a page; 0 without an answer."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=60) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            return error.code
        except OSError:
            return 0

    def kill(self) -> None:
        """kill -9 of all its processes."""
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def manage(self, *arguments: str, **options: object) -> list[str]:
        """The command line of a management command of this site."""
        return [sys.executable, str(CHECKOUT / "manage.py"), *arguments]


@dataclass(frozen=True)
class Answered:
    """What came back; `status` 0 when nothing did, `is_whole` when as much as was announced."""

    status: int
    headers: dict[str, str]
    body: bytes
    is_whole: bool


async def ask(
    port: int, method: str, path: str, *, headers: dict[str, str] | None = None, body: bytes = b""
) -> Answered:
    """One request on a connection of its own."""
    sent = {"Host": "127.0.0.1", "Connection": "close", "Content-Length": str(len(body)), **(headers or {})}
    head = "".join(f"{name}: {value}\r\n" for name, value in sent.items())
    answer = b""
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            writer.write(f"{method} {path} HTTP/1.1\r\n{head}\r\n".encode() + body)
            while chunk := await reader.read(65536):
                answer += chunk
        finally:
            writer.close()
    except OSError:
        pass
    return read_answer(answer)


def read_answer(answer: bytes) -> Answered:
    """Take an HTTP/1.1 response with a Content-Length apart."""
    head, _blank, body = answer.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    if not first:
        return Answered(0, {}, b"", False)
    headers = {name.lower(): value.strip() for name, _colon, value in (line.partition(":") for line in lines)}
    return Answered(int(first.split()[1]), headers, body, len(body) == int(headers.get("content-length", "-1")))
