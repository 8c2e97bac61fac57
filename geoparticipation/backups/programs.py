"""PostgreSQL's own programs, fitting the server, reaching the site's database."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import psycopg
from django.db import connection

from geoparticipation import local_postgres
from geoparticipation.backups.errors import BackupError, BackupRefused


def reach(database: str | None = None) -> dict[str, Any]:
    """How to reach the site's database (or another one of its server), for psycopg. Starts the private cluster."""
    known = connection.settings_dict
    local_postgres.ensure_running_for(known)
    reached = {
        "host": known["HOST"],
        "port": known["PORT"],
        "user": known["USER"],
        "password": known["PASSWORD"],
        "dbname": database or known["NAME"],
    }
    return {name: value for name, value in reached.items() if value}


def connect(database: str | None = None, *, autocommit: bool = True) -> psycopg.Connection[Any]:
    """A connection of its own, without Django's pool and limits."""
    return psycopg.connect(**reach(database), autocommit=autocommit, application_name="geoparticipation backup")


def server_version(server: psycopg.Connection[Any]) -> int:
    """Major version of the server."""
    return server.info.server_version // 10_000


def find_program(name: str, *, at_least: int) -> Path:
    """pg_dump or pg_restore of this major version, or else of the least newer one. Raises BackupRefused."""
    folders = {folder for folder in local_postgres.binary_folders() if (folder / name).exists()}
    on_path = shutil.which(name)
    if on_path:
        folders.add(Path(on_path).parent)
    fitting = sorted((version, folder) for folder in folders if (version := _version(folder / name)) >= at_least)
    if not fitting:
        raise BackupRefused(
            f"{name} of PostgreSQL {at_least} or newer is needed, as the server is. "
            f"Install it (on Debian: postgresql-client-{at_least})."
        )
    return fitting[0][1] / name


def _version(program: Path) -> int:
    said = subprocess.run([program, "--version"], capture_output=True, text=True, check=False).stdout
    digits = "".join(c for c in said.rpartition(") ")[2].split(".")[0].split(" ")[0] if c.isdigit())
    return int(digits or 0)


def environment_of(database: str | None = None) -> dict[str, str]:
    """Environment in which the programs reach the database; the password is not on a command line that others see."""
    names = {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD", "dbname": "PGDATABASE"}
    around = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    return {**around, **{names[name]: str(value) for name, value in reach(database).items()}}


def explain(program: Path, process: subprocess.Popen[bytes], said: bytes) -> None:
    """Raise BackupError when the program failed, with its last lines."""
    if process.returncode:
        lines = said.decode(errors="replace").strip().splitlines()[-10:]
        raise BackupError("\n".join([f"{program.name} failed ({process.returncode}):", *lines]))
