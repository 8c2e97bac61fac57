"""A web server and a server of streams as real processes, and clients that follow a stream as a browser does."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlencode

from tests.bad_day.served import Answered, Site, ask

CHECKOUT = Path(__file__).resolve().parents[3]
CSRF = "c" * 32
Result = TypeVar("Result")


def run(coroutine: Coroutine[Any, Any, Result], timeout_s: float = 180) -> Result:
    """Run it in a thread of its own: after tests with a browser, Playwright's event loop runs in the tests' thread."""
    with ThreadPoolExecutor(1) as threads:
        return threads.submit(asyncio.run, asyncio.wait_for(coroutine, timeout_s)).result()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        number: int = probe.getsockname()[1]
        return number


@dataclass
class LiveProgram:
    """The program of streams on a port of its own."""

    environment: dict[str, str]
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    def start(self) -> None:
        """Start, and wait until it answers."""
        self.process = subprocess.Popen(
            [
                *(sys.executable, "-m", "granian", "--interface", "asgi", "--host", "127.0.0.1"),
                *("--port", str(self.port), "--workers", "1", "--no-ws", "--log-level", "critical"),
                "geoparticipation.asgi:application",
            ],
            cwd=CHECKOUT,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )

    def wait(self) -> None:
        """Wait until it answers."""
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
                return
            time.sleep(0.05)
        raise AssertionError("the program of streams does not start")

    def kill(self) -> None:
        """kill -9 of all its processes."""
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


@dataclass
class LiveSite:
    """Both programs."""

    web: Site
    live: LiveProgram


@dataclass
class Follower:
    """Somebody with the page open: follows the stream, comes back with the last number, and keeps all that came."""

    port: int
    path: str
    after: int
    came: list[dict[str, Any]] = field(default_factory=list)
    at: dict[int, float] = field(default_factory=dict)
    connections: int = 0
    writer: asyncio.StreamWriter | None = field(default=None, repr=False)

    @property
    def last(self) -> int:
        """The last number that came."""
        return self.came[-1]["seq"] if self.came else self.after

    async def follow(self) -> None:
        """For ever: connect, read, and connect again when the connection is lost."""
        while True:
            with contextlib.suppress(OSError, asyncio.IncompleteReadError):
                await self._read()
            await asyncio.sleep(0.1)

    async def _read(self) -> None:
        reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port)
        came_back = f"Last-Event-ID: {self.last}\r\n" if self.came else ""
        path = f"{self.path}?after={self.after}"
        self.writer.write(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{came_back}\r\n".encode())
        try:
            assert (await reader.readline()).split()[1] == b"200"
            self.connections += 1
            while line := await reader.readline():
                if line.startswith(b"data: {"):
                    change = json.loads(line[6:])
                    self.came.append(change)
                    self.at[change["seq"]] = time.monotonic()
        finally:
            self.writer.close()

    def drop(self) -> None:
        """Lose the connection."""
        if self.writer is not None:
            self.writer.transport.abort()

    async def until(self, holds: Callable[[Follower], bool]) -> None:
        """Wait for something about what came."""
        while not holds(self):
            await asyncio.sleep(0.01)


async def act(port: int, path: str, cookie: str = "", **said: str) -> tuple[Answered, str]:
    """Send what the page's script sends, again while the site is too busy; gives the answer and the device's cookie."""
    headers = {
        "Accept": "application/json",
        "Content-Type": "application/x-www-form-urlencoded",
        "X-CSRFToken": CSRF,
        "Cookie": "; ".join(filter(None, [f"csrftoken={CSRF}", cookie])),
    }
    while (answer := await ask(port, "POST", path, headers=headers, body=urlencode(said).encode())).status == 503:
        await asyncio.sleep(0.5)
    given = answer.headers.get("set-cookie", "")
    return answer, given.split(";")[0] if given.startswith("gp_device=") else cookie
