"""Servers that the measures ask, on the loopback interface, stopped when they are done."""

from __future__ import annotations

import http.client
import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

from geoparticipation.children import start_child, stop_children

TIPG = "tipg==1.6.1"
_START_TIMEOUT_S = 60


class Site:
    """A client with one connection, kept open, to one server; asks for no compression."""

    def __init__(self, port: int) -> None:
        """Connect when first asked."""
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=600)

    def get(self, path: str) -> bytes:
        """The body of an answer, which must be 200 or 204."""
        try:
            self._connection.request("GET", path)
            response = self._connection.getresponse()
        except http.client.RemoteDisconnected:  # idle for longer than the server waits
            self._connection.request("GET", path)
            response = self._connection.getresponse()
        body = response.read()
        if response.status not in {200, 204}:
            raise RuntimeError(f"{path} answered {response.status}: {body[:200]!r}")
        return body


@contextmanager
def our_server(database_url: str) -> Iterator[Site]:
    """This platform on a database, as it is run on a server: granian, one process of eight threads."""
    port = _free_port()
    command = [
        *(sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port)),
        *("--workers", "1", "--blocking-threads", "8", "--no-ws", "--log-level", "error"),
        "geoparticipation.wsgi:application",
    ]
    environment = {**os.environ, "DATABASE_URL": database_url, "DEBUG": "0"}
    with _running(command, environment, port) as site:
        yield site


@contextmanager
def tipg_server(database_url: str, *, schema: str) -> Iterator[Site]:
    """Tipg on one schema of a database: uvicorn, one process; every tile has all of its features."""
    port = _free_port()
    command = [
        *(str(_tipg_python()), "-m", "uvicorn", "tipg.main:app", "--host", "127.0.0.1", "--port", str(port)),
        *("--log-level", "error", "--no-access-log"),
    ]
    environment = {
        **os.environ,
        "DATABASE_URL": database_url.replace("postgres://", "postgresql://", 1),
        "TIPG_DB_SCHEMAS": json.dumps([schema]),
        "TIPG_MAX_FEATURES_PER_TILE": str(10**9),
        "TIPG_CATALOG_TTL": "86400",
    }
    with _running(command, environment, port) as site:
        yield site


def _tipg_python() -> Path:
    """Python of tipg's own virtual environment, which is made when it is missing: tipg is no part of the platform."""
    folder = settings.LOCAL_DIR / "bench" / TIPG
    python = folder / "bin" / "python"
    if not (folder / "complete").exists():
        uv = shutil.which("uv")
        if uv is None:
            raise RuntimeError("uv, which would install tipg, is not found")
        subprocess.run([uv, "venv", "--quiet", "--clear", "--python", sys.executable, folder], check=True)
        subprocess.run([uv, "pip", "install", "--quiet", "--python", python, TIPG, "uvicorn"], check=True)
        (folder / "complete").touch()
    return python


@contextmanager
def _running(command: list[str], environment: dict[str, str], port: int) -> Iterator[Site]:
    child = start_child(command, cwd=settings.BASE_DIR, env=environment)
    try:
        deadline = time.monotonic() + _START_TIMEOUT_S
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                if child.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError(f"{command[2]} does not start") from None
                time.sleep(0.1)
        yield Site(port)
    finally:
        stop_children([child])


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
