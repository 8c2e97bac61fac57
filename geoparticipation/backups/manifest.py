"""What a backup says about itself, and what the database says about itself."""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final

import psycopg
from django.conf import settings
from psycopg import sql

from geoparticipation.backups.errors import BackupRefused
from layers.keyed_hash import keyed_hash

FORMAT: Final = 1
MANIFEST: Final = "manifest.json"
DATABASE_PART: Final = "database.dump"
FILES_PART: Final = "files.tar"
NOT_KEPT: Final = ("django_session",)
"""Tables whose rows are left out: a session's key is as good as a password. People sign in again."""
CHUNK: Final = 1 << 20

_TABLES: Final = """
SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'r' AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_(toast|temp)'
  AND NOT EXISTS (
      SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
ORDER BY 1, 2
"""


@dataclass(frozen=True)
class Part:
    """One file of a backup."""

    bytes: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """What is in a backup. `rows` and `migrations` are of the very moment that the dump shows."""

    format: int
    made_at: str
    application: str
    postgresql: str
    postgis: str
    privacy_key: str
    migrations: dict[str, list[str]]
    rows: dict[str, int]
    files: int
    parts: dict[str, Part]

    def as_text(self) -> str:
        """As written to disk."""
        return json.dumps(asdict(self), indent=2, ensure_ascii=False) + "\n"


def application_version() -> str:
    """Version of this program."""
    return str(tomllib.loads((settings.BASE_DIR / "pyproject.toml").read_text())["project"]["version"])


def privacy_key_mark() -> str:
    """What tells whether two sites have the same PRIVACY_KEY, and nothing else about it."""
    return keyed_hash("backup", "privacy key")[:16]


def tables_of(database: psycopg.Connection[Any]) -> list[tuple[str, str]]:
    """Schema and name of each table that is not an extension's."""
    return list(database.execute(_TABLES))


def count_rows(database: psycopg.Connection[Any]) -> dict[str, int]:
    """Rows of each table; one query each."""
    return {
        f"{schema}.{name}": 0
        if name in NOT_KEPT
        else _single(database, sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(schema, name)))
        for schema, name in tables_of(database)
    }


def applied_migrations(database: psycopg.Connection[Any]) -> dict[str, list[str]]:
    """Names of each app's migrations that were carried out; empty without Django's table."""
    applied: dict[str, list[str]] = {}
    if _single(database, "SELECT to_regclass('public.django_migrations') IS NOT NULL"):
        for app, name in database.execute("SELECT app, name FROM public.django_migrations ORDER BY app, name"):
            applied.setdefault(app, []).append(name)
    return applied


def postgis_version(database: psycopg.Connection[Any]) -> str:
    """Version of PostGIS in this database."""
    return str(_single(database, "SELECT extversion FROM pg_extension WHERE extname = 'postgis'"))


def _single(database: psycopg.Connection[Any], query: Any) -> Any:
    row = database.execute(query).fetchone()
    return row[0] if row else None


class HashingWriter:
    """A file that is written to disk and digested at the same time."""

    def __init__(self, file: BinaryIO) -> None:
        self._file, self._digest, self._bytes = file, hashlib.sha256(), 0

    def write(self, chunk: bytes) -> int:
        """Write and digest."""
        self._digest.update(chunk)
        self._bytes += len(chunk)
        return self._file.write(chunk)

    def part(self) -> Part:
        """What was written so far."""
        return Part(self._bytes, self._digest.hexdigest())


def read_manifest(folder: Path) -> Manifest:
    """Read what a backup says about itself. Raises BackupRefused."""
    try:
        read = json.loads((folder / MANIFEST).read_text())
    except FileNotFoundError:
        raise BackupRefused(f"{folder} is no whole backup: it has no {MANIFEST}, which is written last.") from None
    except (OSError, ValueError) as error:
        raise BackupRefused(f"{folder / MANIFEST} cannot be read: {error}") from None
    if not isinstance(read, dict) or read.get("format") != FORMAT:
        raise BackupRefused(f"{folder} was made by another version of this program, in a format it does not know.")
    try:
        return Manifest(**{**read, "parts": {name: Part(**part) for name, part in read["parts"].items()}})
    except (KeyError, TypeError, AttributeError) as error:
        raise BackupRefused(f"{folder / MANIFEST} is not whole: {error}") from None


def check_parts(folder: Path, manifest: Manifest, tell: Callable[[str], None]) -> None:
    """Read every part and compare it with the manifest. Raises BackupRefused at the first difference."""
    for name in (DATABASE_PART, FILES_PART):
        tell(f"Reading {name}")
        promised = manifest.parts.get(name)
        digest, size = hashlib.sha256(), 0
        try:
            with (folder / name).open("rb") as file:
                while chunk := file.read(CHUNK):
                    digest.update(chunk)
                    size += len(chunk)
        except OSError as error:
            raise BackupRefused(f"{folder / name} cannot be read: {error.strerror}.") from None
        if promised != Part(size, digest.hexdigest()):
            raise BackupRefused(
                f"{folder / name} is not what was written ({size} bytes): the backup is damaged. Take another one."
            )
