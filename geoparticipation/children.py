"""Programs that a command starts and must not leave behind."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from types import FrameType

_PR_SET_PDEATHSIG = 1  # linux/prctl.h


class StopAsked(Exception):
    """Somebody pressed Ctrl-C, or sent SIGTERM or SIGHUP."""


@contextmanager
def stop_on_signal() -> Iterator[None]:
    """Turn the signals that mean “stop” into StopAsked, once: a second one does not interrupt the stopping."""

    def ask(number: int, frame: FrameType | None) -> None:
        for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(each, signal.SIG_IGN)
        raise StopAsked(signal.Signals(number).name)

    before = {each: signal.signal(each, ask) for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


def _die_with_parent() -> Callable[[], None] | None:
    """On Linux, what makes the kernel end a child when its parent is killed with no chance to do so itself."""
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None).prctl
    parent = os.getpid()

    def before_exec() -> None:
        prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
        if os.getppid() != parent:  # it was killed before the line above
            os._exit(1)

    return before_exec


def start_child(command: Sequence[str], **options: object) -> subprocess.Popen[bytes]:
    """Start a program in a process group of its own, which Ctrl-C in the terminal does not reach."""
    return subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=_die_with_parent(),  # noqa: PLW1509 (this process has one thread)
        **options,  # type: ignore[call-overload]
    )


def stop_children(children: Sequence[subprocess.Popen[bytes]], grace_s: float = 10) -> None:
    """Ask all to end, wait, and kill the process groups of those that do not."""
    for child in children:
        if child.poll() is None:
            child.terminate()
    deadline = time.monotonic() + grace_s
    for child in children:
        try:
            child.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            _kill_group(child)
            child.wait()
        else:
            _kill_group(child)  # what it started itself and left


def _kill_group(child: subprocess.Popen[bytes]) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGKILL)
