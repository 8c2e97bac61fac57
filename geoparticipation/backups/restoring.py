"""Bringing a backup back."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tarfile
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import psycopg
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from psycopg import errors, sql

from geoparticipation.backups.errors import BackupError, BackupRefused
from geoparticipation.backups.manifest import (
    DATABASE_PART,
    FILES_PART,
    Manifest,
    applied_migrations,
    check_parts,
    count_rows,
    privacy_key_mark,
    read_manifest,
    tables_of,
)
from geoparticipation.backups.programs import connect, environment_of, explain, find_program, server_version

SWAP_ATTEMPTS: Final = 20
_OTHERS: Final = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = ANY(%s) AND pid <> pg_backend_pid()"
)


def restore_backup(*, folder: Path, replace: bool, tell: Callable[[str], None]) -> Manifest:
    """Put a backup in the place of an empty database and of no files; with `replace`, of what is there.

    Everything is checked before anything is touched: the manifest, every byte of the parts, the versions. Into an empty
    database in one transaction. In the place of a filled one: into a new database beside it, checked, then both renamed
    in one transaction; the old one goes last. Raises BackupRefused (nothing touched) or BackupError (as before).
    """
    manifest = read_manifest(folder)
    check_parts(folder, manifest, tell)
    try:
        with connect() as database:
            program = _check_versions(manifest, database)
            filled = bool(tables_of(database))
        files = Path(settings.MEDIA_ROOT)
        if (filled or _own_entries(files)) and not replace:
            raise BackupRefused(
                "There is something already (tables in the database, or files). To put the backup in its place, add "
                "--replace: what is there now is lost then. Make a backup of it first."
            )
        with _unpacked(folder / FILES_PART, files, manifest, tell) as unpacked:
            if filled:
                _replace_database(folder, manifest, program, unpacked, tell)
            else:
                _fill_database(folder, manifest, program, unpacked, tell)
    except OSError as error:
        raise BackupError(
            f"The backup cannot be restored: {error.strerror or error} ({error.filename or ''})."
        ) from error
    except psycopg.Error as error:
        raise BackupError(f"The database refused, and is as it was: {error}") from error
    return manifest


def has_same_privacy_key(manifest: Manifest) -> bool:
    """Whether codes and marks in the backup will be recognised by this site."""
    return manifest.privacy_key == privacy_key_mark()


def _check_versions(manifest: Manifest, database: psycopg.Connection[Any]) -> Path:
    """The program that reads the dump, if server and code are new enough for it."""
    made_by = int(manifest.postgresql.split(".")[0])
    if server_version(database) < made_by:
        raise BackupRefused(
            f"The backup comes from PostgreSQL {made_by}, and this server is {server_version(database)}: "
            "a backup goes to the same version or a newer one."
        )
    known = MigrationLoader(None).disk_migrations
    unknown = sorted(
        f"{app}.{name}" for app, names in manifest.migrations.items() for name in names if (app, name) not in known
    )
    if unknown:
        raise BackupRefused(
            f"The backup comes from a newer version of this program ({manifest.application}), with changes this one "
            f"does not know: {', '.join(unknown[:5])}. Update the program first."
        )
    return find_program("pg_restore", at_least=server_version(database))


# --- Database ---------------------------------------------------------------------------------------------------------
def _load(folder: Path, program: Path, database: str) -> None:
    """pg_restore in one transaction: all or nothing."""
    command = [program, "--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges", "--no-comments"]
    with tempfile.TemporaryFile() as said:
        with subprocess.Popen(
            [*command, f"--dbname={database}", folder / DATABASE_PART],
            stderr=said,
            stdin=subprocess.DEVNULL,
            env=environment_of(database),
        ) as process:
            try:
                process.wait()
            except BaseException:
                process.kill()
                raise
        said.seek(0)
        explain(program, process, said.read())


def _check_loaded(manifest: Manifest, name: str) -> None:
    """Every table has the rows it had."""
    with connect(name) as database:
        rows, migrations = count_rows(database), applied_migrations(database)
    different = sorted(
        f"{table} ({manifest.rows.get(table)} → {rows.get(table)})"
        for table in manifest.rows.keys() | rows.keys()
        if manifest.rows.get(table) != rows.get(table)
    )
    if different or migrations != manifest.migrations:
        raise BackupError(f"What came back is not what was backed up: {', '.join(different[:10]) or 'migrations'}.")


def _fill_database(
    folder: Path, manifest: Manifest, program: Path, unpacked: Unpacked, tell: Callable[[str], None]
) -> None:
    tell("Filling the empty database")
    name = connection.settings_dict["NAME"]
    _forget_connections()
    _load(folder, program, name)
    _check_loaded(manifest, name)
    _bring_up_to_date(tell)
    unpacked.put_in_place()


def _replace_database(
    folder: Path, manifest: Manifest, program: Path, unpacked: Unpacked, tell: Callable[[str], None]
) -> None:
    current = connection.settings_dict["NAME"]
    fresh, old = f"{current}_restoring", f"{current}_before"
    with connect("postgres") as server:
        if server.execute("SELECT pg_try_advisory_lock(hashtext(%s))", [fresh]).fetchone() != (True,):
            raise BackupRefused("Another restore is going on.")
        for leftover in (fresh, old):  # of one that was killed
            _drop(server, leftover)
        _create_like(server, current=current, fresh=fresh)
        try:
            tell("Filling a new database beside the one in use")
            _load(folder, program, fresh)
            _check_loaded(manifest, fresh)
            with _django_on(fresh):
                _bring_up_to_date(tell)
            tell("Taking it into use")
            _swap(server, current=current, fresh=fresh, old=old, unpacked=unpacked)
            unpacked.settle()
        except BaseException:
            _drop(server, fresh)
            raise
        tell("Removing what was there before")
        _drop(server, old)


def _create_like(server: psycopg.Connection[Any], *, current: str, fresh: str) -> None:
    """An empty database that sorts as the current one does."""
    query = "SELECT pg_encoding_to_char(encoding), datcollate, datctype FROM pg_database WHERE datname = %s"
    encoding, collate, ctype = server.execute(query, [current]).fetchone() or ("UTF8", "C", "C")
    server.execute(
        sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING {} LC_COLLATE {} LC_CTYPE {}").format(
            sql.Identifier(fresh), sql.Literal(encoding), sql.Literal(collate), sql.Literal(ctype)
        )
    )


def _swap(server: psycopg.Connection[Any], *, current: str, fresh: str, old: str, unpacked: Unpacked) -> None:
    """Rename both databases and move the files, or none of it; ends the connections to both."""
    rename = sql.SQL("ALTER DATABASE {} RENAME TO {}")
    _forget_connections()
    for attempt in range(SWAP_ATTEMPTS):
        try:
            with server.transaction():
                server.execute(_OTHERS, [[current, fresh]])
                server.execute(rename.format(sql.Identifier(current), sql.Identifier(old)))
                server.execute(rename.format(sql.Identifier(fresh), sql.Identifier(current)))
                unpacked.put_in_place()
        except errors.ObjectInUse:
            if attempt == SWAP_ATTEMPTS - 1:
                raise BackupError("Programs keep connecting to the database: stop the site and its worker.") from None
            time.sleep(0.2)
        else:
            return


def _drop(server: psycopg.Connection[Any], name: str) -> None:
    server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def _forget_connections() -> None:
    connection.close()
    if connection.settings_dict["OPTIONS"].get("pool"):
        connection.close_pool()


@contextlib.contextmanager
def _django_on(database: str) -> Iterator[None]:
    """Let Django use another database of the server."""
    _forget_connections()
    before = connection.settings_dict["NAME"]
    connection.settings_dict["NAME"] = database
    try:
        yield
    finally:
        _forget_connections()
        connection.settings_dict["NAME"] = before


def _bring_up_to_date(tell: Callable[[str], None]) -> None:
    """Carry out the migrations that came after the backup."""
    tell("Bringing the tables up to date")
    call_command("migrate", interactive=False, verbosity=0)


# --- Files ------------------------------------------------------------------------------------------------------------
class Unpacked:
    """Files of the backup, beside those in use, on their disk: taking them into use is a few renames."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.fresh = root / ".restoring"
        self.old = root / ".before"
        self._moved: list[tuple[Path, Path]] = []

    def put_in_place(self) -> None:
        """Move what is there aside, and the backup's files to their place."""
        self.old.mkdir(mode=0o700, exist_ok=True)
        for source, target in ((self.root, self.old), (self.fresh, self.root)):
            for entry in _own_entries(source):
                entry.rename(target / entry.name)
                self._moved.append((target / entry.name, entry))

    def put_back(self) -> None:
        """Undo what `put_in_place` did, unless it was settled."""
        while self._moved:
            there, here = self._moved.pop()
            there.rename(here)

    def settle(self) -> None:
        """From now on there is no way back."""
        self._moved.clear()


@contextlib.contextmanager
def _unpacked(tar_file: Path, root: Path, manifest: Manifest, tell: Callable[[str], None]) -> Iterator[Unpacked]:
    tell(f"Unpacking {manifest.files} files")
    root.mkdir(parents=True, exist_ok=True, mode=0o700)
    unpacked = Unpacked(root)
    shutil.rmtree(unpacked.fresh, ignore_errors=True)  # of one that was killed
    unpacked.fresh.mkdir(mode=0o700)
    try:
        with tarfile.open(tar_file, mode="r|") as tar:
            for member in tar:
                if member.isfile():
                    tar.extract(member, unpacked.fresh, filter="data")
        os.sync()
        yield unpacked
    except BaseException:
        unpacked.put_back()
        raise
    finally:
        for leftover in (unpacked.fresh, unpacked.old):
            shutil.rmtree(leftover, ignore_errors=True)


def _own_entries(root: Path) -> list[Path]:
    """What lies in the folder, without what passes."""
    return [entry for entry in root.iterdir() if not entry.name.startswith(".")] if root.exists() else []
