"""Children end when they are told to, when they will not, and when their parent is killed."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from geoparticipation.children import StopAsked, start_child, stop_children, stop_on_signal
from geoparticipation.local_postgres import _is_alive, _wait_until

CHECKOUT = Path(__file__).resolve().parents[2]
STUBBORN = (
    "import signal, sys, time\n"
    "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
    "open(sys.argv[1], 'w').close()\n"
    "time.sleep(600)"
)


def test_stop_ends_a_child() -> None:
    child = start_child(["sleep", "600"])

    stop_children([child])

    assert child.returncode == -signal.SIGTERM


def test_stop_kills_a_child_that_does_not_end(tmp_path: Path) -> None:
    ready = tmp_path / "ready"
    child = start_child([sys.executable, "-c", STUBBORN, str(ready)])
    assert _wait_until(ready.exists, 30)

    stop_children([child], grace_s=0.2)

    assert child.returncode == -signal.SIGKILL


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_signals_ask_to_stop_and_handlers_come_back(number: signal.Signals) -> None:
    before = signal.getsignal(number)

    with pytest.raises(StopAsked, match=number.name), stop_on_signal():
        signal.raise_signal(number)

    assert signal.getsignal(number) == before


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells children of their parent's death")
def test_child_ends_when_its_parent_is_killed() -> None:
    code = (
        "from geoparticipation.children import start_child\n"
        "child = start_child(['sleep', '600'])\n"
        "print(child.pid, flush=True)\n"
        "child.wait()"
    )
    with subprocess.Popen([sys.executable, "-c", code], cwd=CHECKOUT, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        assert _is_alive(child)
        parent.kill()

    assert _wait_until(lambda: not _is_alive(child) or _is_zombie(child), 30)


def _is_zombie(process_id: int) -> bool:
    """Dead, and not yet fetched by whoever inherited it."""
    try:
        return Path(f"/proc/{process_id}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
    except FileNotFoundError:
        return True
