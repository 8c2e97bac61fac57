"""Keeps one database per demo town in the private cluster, so that trying another town loses nothing."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import psycopg
from django.conf import settings
from django.db import connections
from psycopg import sql

from geoparticipation import local_postgres


def town_key(osm_file: Path) -> str:
    """Name of a town's database when it is set aside: the file's name and what is in it."""
    with osm_file.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()[:10]
    name = re.sub(r"[^a-z0-9]+", "_", osm_file.name.split(".")[0].lower()).strip("_")[:30]
    return f"town_{name or 'file'}_{digest}"


def town_title(osm_file: Path) -> str:
    """What to call the town of this file: `liechtenstein-2024.osm.pbf` gives "Liechtenstein"."""
    words = re.split(r"[\W\d_]+", osm_file.name.split(".")[0])
    return " ".join(word.capitalize() for word in words if word.lower() not in {"", "latest", "osm", "extract"})


def switch_to_town(osm_file: Path) -> bool:
    """Make the private cluster's database the one of this town; returns whether it was another's before.

    The database in use is renamed to its own town's key and kept; the wanted town's is taken up again, or made empty.
    Does nothing when DATABASE_URL chooses the database. Closes this process's connections.
    """
    if settings.DATABASE_URL:
        return False
    wanted = town_key(osm_file)
    note = settings.LOCAL_DIR / "demo-town"
    present = note.read_text().strip() if note.exists() else ""
    if not present or present == wanted:
        note.write_text(wanted)
        return False
    for connection in connections.all(initialized_only=True):
        connection.close()
        connection.close_pool()  # type: ignore[attr-defined]
    local_postgres.ensure_running(settings.BASE_DIR)
    current = local_postgres.DATABASE_NAME
    login = {
        "host": str(local_postgres.socket_folder(settings.BASE_DIR)),
        "port": local_postgres.PORT,
        "user": local_postgres.SUPERUSER,
        "dbname": "postgres",
    }
    with psycopg.connect(**login, autocommit=True) as server:
        server.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [current])
        server.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(*map(sql.Identifier, (current, present))))
        kept = server.execute("SELECT 1 FROM pg_database WHERE datname = %s", [wanted]).fetchone()
        change = "ALTER DATABASE {1} RENAME TO {0}" if kept else "CREATE DATABASE {0}"
        server.execute(sql.SQL(change).format(sql.Identifier(current), sql.Identifier(wanted)))
    note.write_text(wanted)
    return True
