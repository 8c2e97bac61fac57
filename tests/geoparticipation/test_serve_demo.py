"""The demo, whole, in a copy of the checkout: opens, survives a kill -9, stops with everything it started."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from geoparticipation import local_postgres
from geoparticipation.demo_town.fetching import fetch_town
from geoparticipation.local_postgres import _wait_until

CHECKOUT = Path(__file__).resolve().parents[2]
START_TIMEOUT_S = 300


@pytest.fixture
def checkout() -> Iterator[Path]:
    """A copy of this checkout with nothing started, using this one's packages and its fetched town."""
    folder = Path(tempfile.mkdtemp(prefix="gp-demo-", dir="/tmp"))
    folder.chmod(0o755)
    copy = folder / "town"
    left_out = shutil.ignore_patterns(".*", "node_modules", "__pycache__", "tests", "docs")
    shutil.copytree(CHECKOUT, copy, ignore=left_out)
    towns = copy / ".local" / "towns"
    towns.mkdir(parents=True)
    shutil.copy(fetch_town(CHECKOUT / ".local" / "towns"), towns)
    yield copy
    sockets = local_postgres.socket_folder(copy)
    local_postgres.stop(copy)
    shutil.rmtree(folder)
    shutil.rmtree(sockets, ignore_errors=True)


@pytest.fixture
def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        number: int = probe.getsockname()[1]
        return number


def start(checkout: Path, port: int) -> subprocess.Popen[str]:
    """Start the demo and wait until it says that the town is open."""
    log = checkout / ".local" / "demo.log"
    environment = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "SITE_URL"}}
    with log.open("w") as output:
        demo = subprocess.Popen(
            [sys.executable, "manage.py", "serve_demo", "--port", str(port)],
            cwd=checkout,
            env={**environment, "DEMO": "1"},
            stdout=output,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
    _wait_until(lambda: "The town is open" in log.read_text() or demo.poll() is not None, START_TIMEOUT_S)
    assert demo.poll() is None, log.read_text()
    return demo


def answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=60) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def test_demo_opens_survives_a_kill_and_stops_everything(checkout: Path, free_port: int) -> None:
    first = start(checkout, free_port)
    assert answers(free_port)

    # Everything dies at once; the server and the worker follow their parent.
    first.kill()
    first.wait()
    os.kill(local_postgres._process_id(checkout / ".local" / "postgres") or 0, signal.SIGKILL)
    assert _wait_until(lambda: not answers(free_port), 60)

    second = start(checkout, free_port)
    assert answers(free_port)
    assert "The demo is loaded already." in (checkout / ".local" / "demo.log").read_text()

    second.send_signal(signal.SIGTERM)
    assert second.wait(60) == 0
    assert not answers(free_port)
    assert not local_postgres.is_running(checkout)


def test_demo_says_which_port_is_taken() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(CommandError, match=r"cannot be used .* PORT=8001 make demo"):
            call_command("serve_demo", port=taken.getsockname()[1])


def test_demo_says_that_there_is_no_such_town() -> None:
    with pytest.raises(CommandError, match=r"There is no file nowhere\.osm\.pbf"):
        call_command("serve_demo", osm_file=Path("nowhere.osm.pbf"))
