"""`manage.py serve_demo`: the demo, from an empty checkout to a page in the browser."""

from __future__ import annotations

import contextlib
import fcntl
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from geoparticipation import local_postgres
from geoparticipation.children import StopAsked, start_child, stop_children, stop_on_signal
from geoparticipation.collected import collect_when_changed
from geoparticipation.demo_town.fetching import TownNotFetched, fetch_town
from geoparticipation.demo_town.loading import DEMO_PASSWORD, STAFF
from geoparticipation.demo_town.switching import town_title

# Two processes of eight threads: see docs/adr/0006-web-server.md for what was measured. Threads stay below
# DATABASE_POOL_SIZE, so that none waits for a connection.
WEB_WORKERS = 2
WEB_THREADS = 8
START_TIMEOUT_S = 60


class Command(BaseCommand):
    """Prepares the database and the files, loads the town when it is not loaded, serves until Ctrl-C.

    Stops what it started: the web server, the program of live streams, the worker, and the private database cluster
    unless that ran before.
    """

    help = "Load the demo's town and serve it (make demo)."
    requires_system_checks = []
    requires_migrations_checks = False

    def add_arguments(self, parser: CommandParser) -> None:
        """Port and town."""
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--osm-file", type=Path, help="OpenStreetMap extract of the town (.osm.pbf)")

    def handle(self, *args: Any, port: int, osm_file: Path | None, **options: Any) -> None:
        """Run until somebody asks to stop."""
        if osm_file and not osm_file.is_file():
            raise CommandError(f"There is no file {osm_file}.")
        with self._only_demo_of_this_checkout(), stop_on_signal():
            try:
                self._check_port(port)
                with self._database():
                    self._prepare(osm_file)
                    self._serve(port, town_title(osm_file) if osm_file else "")
            except StopAsked:
                self.stdout.write("Stopped.")
            except (local_postgres.LocalPostgresError, TownNotFetched) as error:
                raise CommandError(str(error)) from error

    @contextlib.contextmanager
    def _only_demo_of_this_checkout(self) -> Iterator[None]:
        """The kernel lets go of the lock when the process ends, however it ends."""
        settings.LOCAL_DIR.mkdir(exist_ok=True)
        with (settings.LOCAL_DIR / "demo.lock").open("a") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise CommandError(
                    "The demo of this checkout is running already: stop it first (Ctrl-C where it runs)."
                ) from None
            yield

    def _check_port(self, port: int) -> None:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except (OSError, OverflowError) as error:
                raise CommandError(f"Port {port} cannot be used ({error}). Try another: PORT=8001 make demo") from None

    def _free_port(self) -> int:
        """A port for the live streams; who takes it in the moment before they do ends the demo with a sentence."""
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            number: int = probe.getsockname()[1]
            return number

    @contextlib.contextmanager
    def _database(self) -> Iterator[None]:
        """Start the private cluster, and stop it at the end if it was this demo, or one that was killed, that did."""
        if settings.DATABASE_URL:
            yield
            return
        started_here = settings.LOCAL_DIR / "demo-started-database"
        if local_postgres.ensure_running(settings.BASE_DIR):
            started_here.touch()
        try:
            yield
        finally:
            if started_here.exists():
                local_postgres.stop(settings.BASE_DIR)
                started_here.unlink()

    def _prepare(self, osm_file: Path | None) -> None:
        self._step("Preparing the database")
        call_command("migrate", interactive=False, verbosity=0)
        self._step("Collecting scripts and styles")
        collect_when_changed()
        self._step("Loading the town")
        call_command("load_demo", osm_file=osm_file or fetch_town(settings.LOCAL_DIR / "towns"))

    def _serve(self, port: int, town_name: str) -> None:
        address, live_port = f"http://127.0.0.1:{port}", self._free_port()
        environment = {
            **{"TOWN_NAME": town_name, **os.environ, "DEMO": "1", "SITE_URL": address},
            "LIVE_URL": f"http://127.0.0.1:{live_port}",
        }
        granian = [sys.executable, "-m", "granian", "--host", "127.0.0.1", "--respawn-failed-workers", "--no-ws"]
        granian += ["--workers-kill-timeout", "5s", "--log-level", "error"]
        server = [
            *(*granian, "--interface", "wsgi", "--port", str(port), "--workers", str(WEB_WORKERS)),
            *("--blocking-threads", str(WEB_THREADS), "geoparticipation.wsgi:application"),
        ]
        live = [*granian, "--interface", "asgi", "--port", str(live_port), "geoparticipation.asgi:application"]
        worker = [sys.executable, "manage.py", "procrastinate", "worker", "--shutdown-graceful-timeout", "5"]
        children: list[subprocess.Popen[bytes]] = []
        try:
            children.append(start_child(server, cwd=settings.BASE_DIR, env=environment))
            children.append(start_child(live, cwd=settings.BASE_DIR, env=environment))
            children.append(start_child(worker, cwd=settings.BASE_DIR, env=environment))
            self._wait_until_served(address, children)
            self._announce(address)
            while all(child.poll() is None for child in children):
                time.sleep(0.5)
            raise CommandError("The web server, the live streams or the worker has ended; see the lines above.")
        finally:
            stop_children(children)

    def _wait_until_served(self, address: str, children: list[subprocess.Popen[bytes]]) -> None:
        deadline = time.monotonic() + START_TIMEOUT_S
        while True:
            try:
                urllib.request.urlopen(address, timeout=START_TIMEOUT_S).close()  # noqa: S310 (our own http address)
                return
            except urllib.error.HTTPError as error:
                raise CommandError(f"{address} answers {error.code}; see the lines above.") from error
            except OSError as error:
                if time.monotonic() > deadline or any(child.poll() is not None for child in children):
                    raise CommandError(f"The web server does not start ({error}); see the lines above.") from error
                time.sleep(0.1)

    def _announce(self, address: str) -> None:
        accounts = "\n".join(f"    {email}" for email, _name, _role in STAFF)
        self.stdout.write(
            f"\nAccounts of the demo, password {DEMO_PASSWORD}:\n{accounts}\n"
            "Mails are written to .local/mail. Ctrl-C stops the demo.\n\n"
            f"The town is open: {address}"
        )
        self.stdout.flush()

    def _step(self, what: str) -> None:
        self.stdout.write(f"{what} …")
        self.stdout.flush()
