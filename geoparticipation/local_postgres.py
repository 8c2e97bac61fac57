"""The checkout's private PostgreSQL cluster under `.local/`: on a Unix socket only, never run as root.

Standard library only, so that it can be used before anything else is installed.
"""

from __future__ import annotations

import contextlib
import fcntl
import getpass
import hashlib
import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

DATABASE_NAME = "geoparticipation"
SUPERUSER = "geoparticipation"


def socket_folder(checkout: Path) -> Path:
    """Folder of the Unix socket; short, since a socket's path may have 107 bytes at the most."""
    digest = hashlib.sha256(str(checkout.resolve()).encode()).hexdigest()[:12]
    return Path("/tmp") / f"geoparticipation-{os.getuid()}-{digest}"


def django_database(checkout: Path) -> dict[str, Any]:
    """Settings of the private cluster's database for Django."""
    return {"NAME": DATABASE_NAME, "USER": SUPERUSER, "HOST": str(socket_folder(checkout)), "CHECKOUT": checkout}


def ensure_running_for(settings_dict: dict[str, Any]) -> None:
    """Start the private cluster if these database settings are its own and it is not running."""
    checkout = settings_dict.get("CHECKOUT")
    if checkout is not None:
        ensure_running(Path(checkout))


def _binaries() -> Path:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda p: int(p.parent.parent.name))
    if found:
        return found[-1].parent
    path = shutil.which("postgres")
    if path:
        return Path(path).resolve().parent
    raise RuntimeError("PostgreSQL is not installed: run `make setup`, or install postgresql and postgis.")


def _as_owner(command: list[str]) -> list[str]:
    return ["runuser", "-u", "postgres", "--", *command] if os.getuid() == 0 else command


def _data_folder(checkout: Path) -> Path:
    return checkout / ".local" / "postgres"


@contextlib.contextmanager
def _alone(checkout: Path) -> Iterator[None]:
    local = checkout / ".local"
    local.mkdir(exist_ok=True)
    with (local / "postgres.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def is_running(checkout: Path) -> bool:
    """Whether the cluster answers on its socket."""
    return (
        subprocess.run(
            [str(_binaries() / "pg_isready"), "-q", "-h", str(socket_folder(checkout))], check=False
        ).returncode
        == 0
    )


def ensure_running(checkout: Path) -> bool:
    """Create and start the cluster where needed; returns whether this call started it."""
    if is_running(checkout):
        return False
    with _alone(checkout):
        if is_running(checkout):
            return False
        owner = "postgres" if os.getuid() == 0 else getpass.getuser()
        entry = pwd.getpwnam(owner)
        data = _data_folder(checkout)
        sockets = socket_folder(checkout)
        sockets.mkdir(mode=0o700, exist_ok=True)
        os.chown(sockets, entry.pw_uid, entry.pw_gid)
        bins = _binaries()
        if not (data / "PG_VERSION").exists():
            shutil.rmtree(data, ignore_errors=True)
            data.mkdir(mode=0o700)
            os.chown(data, entry.pw_uid, entry.pw_gid)
            subprocess.run(
                _as_owner(
                    [
                        str(bins / "initdb"),
                        "-D",
                        str(data),
                        "-U",
                        SUPERUSER,
                        "-A",
                        "trust",
                        "-E",
                        "UTF8",
                        "--locale=C.UTF-8",
                    ]
                ),
                check=True,
                stdout=subprocess.DEVNULL,
            )
        subprocess.run(
            _as_owner(
                [
                    str(bins / "pg_ctl"),
                    "-D",
                    str(data),
                    "-w",
                    "-l",
                    str(data / "server.log"),
                    "start",
                    "-o",
                    (
                        f"-c listen_addresses='' -c unix_socket_directories='{sockets}' -c max_connections=60"
                        " -c shared_buffers=512MB"
                    ),
                ]
            ),
            check=True,
            stdout=subprocess.DEVNULL,
        )
        psql = [str(bins / "psql"), "-qtA", "-h", str(sockets), "-U", SUPERUSER]
        there = subprocess.run(
            [*psql, "-d", "postgres", "-c", f"SELECT 1 FROM pg_database WHERE datname='{DATABASE_NAME}'"],
            check=True,
            capture_output=True,
            text=True,
        )
        if not there.stdout.strip():
            subprocess.run([*psql, "-d", "postgres", "-c", f"CREATE DATABASE {DATABASE_NAME}"], check=True)
        return True


def stop(checkout: Path) -> None:
    """Stop the cluster, if it runs."""
    subprocess.run(
        _as_owner([str(_binaries() / "pg_ctl"), "-D", str(_data_folder(checkout)), "-m", "fast", "-w", "stop"]),
        check=False,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
