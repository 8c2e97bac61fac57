"""Making a backup."""

from __future__ import annotations

import os
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings

from geoparticipation.backups.errors import BackupError, BackupRefused
from geoparticipation.backups.manifest import (
    CHUNK,
    DATABASE_PART,
    FILES_PART,
    FORMAT,
    MANIFEST,
    NOT_KEPT,
    HashingWriter,
    Manifest,
    Part,
    application_version,
    applied_migrations,
    count_rows,
    postgis_version,
    privacy_key_mark,
)
from geoparticipation.backups.programs import connect, environment_of, explain, find_program, server_version


def write_backup(*, folder: Path, tell: Callable[[str], None]) -> Manifest:
    """Write the site as of now into a new folder, which appears under its name only when it is whole.

    Row counts and dump are of one snapshot; files are read after it. Streams: memory does not grow with the site.
    Nothing waits for it but changes of tables. Raises BackupError (BackupRefused when the folder exists).
    """
    if folder.exists() or folder.is_symlink():
        raise BackupRefused(f"{folder} exists. Each backup gets a folder of its own: choose another name.")
    partial = folder.with_name(f".{folder.name}.partial-{os.getpid()}")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        partial.mkdir(mode=0o700)
        manifest = _write_parts(partial, tell)
        _write_file(partial / MANIFEST, manifest.as_text().encode())
        _bring_to_disk(partial)
        partial.rename(folder)
        _bring_to_disk(folder.parent)
    except OSError as error:
        raise BackupError(
            f"The backup cannot be written: {error.strerror or error} ({error.filename or folder})."
        ) from (error)
    except psycopg.Error as error:
        raise BackupError(f"The database does not answer: {error}") from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return manifest


def _write_parts(folder: Path, tell: Callable[[str], None]) -> Manifest:
    with connect(autocommit=False) as database:
        database.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        tell("Counting rows")
        rows, migrations = count_rows(database), applied_migrations(database)
        if not migrations:
            raise BackupRefused("The database is empty: there is nothing to back up.")
        tell(f"Writing {DATABASE_PART} ({sum(rows.values()):,} rows)")
        dump = _dump(folder / DATABASE_PART, database)
        version = str(database.info.parameter_status("server_version")).split()[0]
        postgis = postgis_version(database)
    tell(f"Writing {FILES_PART}")
    files, tar = _pack_files(folder / FILES_PART)
    return Manifest(
        format=FORMAT,
        made_at=datetime.now(UTC).isoformat(timespec="seconds"),
        application=application_version(),
        postgresql=version,
        postgis=postgis,
        privacy_key=privacy_key_mark(),
        migrations=migrations,
        rows=rows,
        files=files,
        parts={DATABASE_PART: dump, FILES_PART: tar},
    )


def _dump(path: Path, database: psycopg.Connection[Any]) -> Part:
    """pg_dump of the connection's snapshot, digested as it comes."""
    program = find_program("pg_dump", at_least=server_version(database))
    snapshot = database.execute("SELECT pg_export_snapshot()").fetchone()
    command = [
        program,
        "--format=custom",
        "--no-owner",
        "--no-privileges",
        f"--snapshot={snapshot[0] if snapshot else ''}",
    ]
    command += [f"--exclude-table-data=public.{name}" for name in NOT_KEPT]
    with tempfile.TemporaryFile() as said, _new_file(path) as file:
        writer = HashingWriter(file)
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=said, stdin=subprocess.DEVNULL, env=environment_of()
        ) as process:
            try:
                while chunk := process.stdout.read(CHUNK):  # type: ignore[union-attr]
                    writer.write(chunk)
            except BaseException:
                process.kill()
                raise
        said.seek(0)
        explain(program, process, said.read())
        _flush(file)
    return writer.part()


def _pack_files(path: Path) -> tuple[int, Part]:
    """All files below MEDIA_ROOT, in the order of their names, without what is being written or restored."""
    count = 0
    with _new_file(path) as file:
        writer = HashingWriter(file)
        with tarfile.open(fileobj=writer, mode="w|", format=tarfile.PAX_FORMAT) as tar:  # type: ignore[call-overload]
            for source, name in _files_below(Path(settings.MEDIA_ROOT)):
                try:
                    content = source.open("rb")
                except FileNotFoundError:  # deleted since
                    continue
                with content:
                    tar.addfile(tar.gettarinfo(arcname=name, fileobj=content), content)
                count += 1
        _flush(file)
    return count, writer.part()


def _files_below(root: Path) -> Iterator[tuple[Path, str]]:
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            path = Path(folder, name)
            if not name.startswith(".") and path.is_file() and not path.is_symlink():
                yield path, str(path.relative_to(root))


def _new_file(path: Path) -> Any:
    return open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


def _write_file(path: Path, content: bytes) -> None:
    with _new_file(path) as file:
        file.write(content)
        _flush(file)


def _flush(file: Any) -> None:
    file.flush()
    os.fsync(file.fileno())


def _bring_to_disk(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
