"""A backup of a filled site, brought back: equal to the last row, file, trigger and tile; and every way it may fail."""

from __future__ import annotations

import contextlib
import json
import os
import re
import resource
import shutil
import subprocess
from collections.abc import Callable, Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import mapbox_vector_tile
import psycopg
import pytest
from django.conf import settings
from django.contrib.gis.geos import Point
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.test import Client
from psycopg import sql

from geoparticipation.accounts.models import User
from geoparticipation.backups import restoring
from geoparticipation.backups.programs import connect
from geoparticipation.contributions.models import Contribution
from tests.fixtures.question import Submit
from tests.fixtures.tiny_town import TOWN_BOX

SECRETS = ("secret-of-the-test", "privacy-of-the-test")
PAGES = [
    "/",
    "/contributions/",
    "/api/v1/contributions/",
    "/api/v1/consultations/",
    "/api/v1/places/search?q=haute",
    "/tiles/contributions/14/8392/5496.mvt",
    "/tiles/contributions/10/524/343.mvt",
    "/tiles/streets/14/8392/5496.mvt",
    "/tiles/districts/12/2098/1374.mvt",
]
_SCHEMA = """
SELECT 'column', table_name || '.' || column_name, data_type || is_nullable || coalesce(generation_expression, '')
  || coalesce(column_default, '') FROM information_schema.columns WHERE table_schema = 'public'
UNION ALL SELECT 'trigger', tgrelid::regclass::text || '.' || tgname, pg_get_triggerdef(oid) || tgenabled::text
  FROM pg_trigger WHERE NOT tgisinternal
UNION ALL SELECT 'constraint', conrelid::regclass::text || '.' || conname, pg_get_constraintdef(oid)
  || convalidated::text FROM pg_constraint WHERE connamespace = 'public'::regnamespace
UNION ALL SELECT 'index', indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'
UNION ALL SELECT 'function', p.oid::regprocedure::text, pg_get_functiondef(p.oid) FROM pg_proc p
  WHERE pronamespace = 'public'::regnamespace AND prokind = 'f'
  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')
UNION ALL SELECT 'extension', extname, extversion FROM pg_extension
ORDER BY 1, 2, 3
"""


def run(*arguments: str, **options: Any) -> str:
    said = StringIO()
    call_command(*arguments, stdout=said, stderr=said, **options)
    return said.getvalue()


def everything(database: str) -> dict[str, Any]:
    """Schema and the digest of each table's rows."""
    with connect(database) as server:
        # Reading a definition back writes `x::text = ANY (ARRAY[…]::text[])` in another way.
        casts = re.compile(r"::(text\[\]|text|character varying)|[() ]")
        found: dict[str, Any] = {
            "schema": sorted((kind, name, casts.sub("", said)) for kind, name, said in server.execute(_SCHEMA))
        }
        tables = server.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1").fetchall()
        for (table,) in tables:
            if table not in {"django_session", "spatial_ref_sys"}:
                rows = sql.SQL("SELECT md5(string_agg(t::text, ',' ORDER BY t::text)) FROM {} t")
                found[table] = server.execute(rows.format(sql.Identifier(table))).fetchone()
        return found


def shown(path: str) -> Any:
    """What the site answers, without what is new each time and without the order of a tile's features."""
    answer = Client(headers={"accept-language": "fr"}).get(path)
    assert answer.status_code == 200, path
    content = b"".join(answer)
    if path.endswith(".mvt"):
        layers = mapbox_vector_tile.decode(content)
        return {
            name: sorted(json.dumps(row, sort_keys=True) for row in tile["features"]) for name, tile in layers.items()
        }
    return re.sub(rb'(nonce|name="(csrfmiddlewaretoken|token)" value)="[^"]+"', b"", content)


def files_below(folder: Path) -> dict[str, bytes]:
    """Files by name, without what passes."""
    found = {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    return {name: content for name, content in found.items() if not name.startswith(".")}


@pytest.fixture
def filled(submit: Submit, agent: User) -> None:
    """A site with contributions, a job in the queue, a session, and files."""
    west, south, east, north = TOWN_BOX
    for number in range(12):
        place = Point(west + (east - west) * (number + 1) / 14, south + (north - south) * (number + 1) / 14)
        submit(title=f"Idée n° {number}", geometry=place)
    Client().force_login(agent)
    default_storage.save("photos/2026/été.jpg", ContentFile(os.urandom(70_000)))
    default_storage.save("uploads/register.csv", ContentFile(b""))
    (settings.MEDIA_ROOT / ".restoring").mkdir()
    (settings.MEDIA_ROOT / ".restoring" / "half").write_bytes(b"of a restore that was killed")


@pytest.fixture
def empty_database() -> Iterator[Callable[[], str]]:
    """Let Django use a new, empty database."""
    before, name = connection.settings_dict["NAME"], f"{connection.settings_dict['NAME']}_empty"

    def use() -> str:
        connection.close()
        with connect("postgres") as server:
            server.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
            server.execute(f'CREATE DATABASE "{name}" TEMPLATE template0')
        connection.settings_dict["NAME"] = name
        return name

    yield use
    connection.close()
    connection.settings_dict["NAME"] = before
    with connect("postgres") as server:
        server.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def databases() -> set[str]:
    """This test database and what is called after it: other processes make theirs at the same time."""
    own = f"{connection.settings_dict['NAME']}%"
    with connect("postgres") as server:
        return {row[0] for row in server.execute("SELECT datname FROM pg_database WHERE datname LIKE %s", [own])}


@pytest.mark.django_db(transaction=True)
def test_backup_of_a_filled_site_comes_back_equal(
    filled: None, empty_database: Callable[[], str], tmp_path: Path, settings: Any
) -> None:
    settings.SECRET_KEY, settings.PRIVACY_KEY = SECRETS
    run("backup", str(tmp_path / "monday"))
    before, kept = everything(connection.settings_dict["NAME"]), files_below(settings.MEDIA_ROOT)
    pages = {path: shown(path) for path in PAGES}

    assert (tmp_path / "monday").stat().st_mode & 0o777 == 0o700
    assert sorted(path.name for path in tmp_path.iterdir() if path.name != "media") == ["monday"]
    manifest = json.loads((tmp_path / "monday" / "manifest.json").read_text())
    assert manifest["rows"]["public.contributions_contribution"] == 12
    assert manifest["rows"]["public.django_session"] == 0
    assert manifest["files"] == 2
    assert not any(
        secret.encode() in path.read_bytes() for path in (tmp_path / "monday").iterdir() for secret in SECRETS
    )

    settings.MEDIA_ROOT = tmp_path / "other-media"
    empty = empty_database()
    run("restore", str(tmp_path / "monday"))

    assert everything(empty) == before
    assert {path: shown(path) for path in PAGES} == pages
    assert files_below(settings.MEDIA_ROOT) == kept


@pytest.mark.django_db(transaction=True)
def test_restore_in_the_place_of_a_filled_site(filled: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    database = connection.settings_dict["NAME"]
    run("backup", str(tmp_path / "monday"))
    monday, kept_monday = everything(database), files_below(settings.MEDIA_ROOT)
    Contribution.objects.filter(title="Idée n° 3").delete()
    Contribution.objects.filter(title="Idée n° 4").update(title="Changed")
    default_storage.save("photos/later.jpg", ContentFile(b"later"))
    tuesday, kept_tuesday, around = everything(database), files_below(settings.MEDIA_ROOT), databases()

    with pytest.raises(CommandError, match="--replace") as refused:
        run("restore", str(tmp_path / "monday"))
    assert refused.value.returncode == 2

    # It fails at the last moment: all is as it was.
    put_in_place = restoring.Unpacked.put_in_place

    def break_off(unpacked: restoring.Unpacked) -> None:
        put_in_place(unpacked)
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(restoring.Unpacked, "put_in_place", break_off)
    with pytest.raises(CommandError, match="No space left on device") as failed:
        run("restore", str(tmp_path / "monday"), "--replace")
    monkeypatch.setattr(restoring.Unpacked, "put_in_place", put_in_place)
    assert failed.value.returncode == 1
    assert everything(database) == tuesday
    assert files_below(settings.MEDIA_ROOT) == kept_tuesday
    assert databases() == around

    # It works, while a program is connected.
    with connect() as forgotten:
        forgotten.execute("SELECT 1")
        run("restore", str(tmp_path / "monday"), "--replace")
    assert everything(database) == monday
    assert files_below(settings.MEDIA_ROOT) == kept_monday
    assert databases() == around


def damage_last_byte(folder: Path) -> None:
    with (folder / "database.dump").open("r+b") as file:
        file.seek(-1, os.SEEK_END)
        last = file.read(1)
        file.seek(-1, os.SEEK_END)
        file.write(bytes([last[0] ^ 1]))


def cut_files(folder: Path) -> None:
    os.truncate(folder / "files.tar", 512)


def without_manifest(folder: Path) -> None:
    (folder / "manifest.json").unlink()


def changed(**members: Any) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        path = folder / "manifest.json"
        path.write_text(json.dumps({**json.loads(path.read_text()), **members}))

    return change


@pytest.fixture(scope="module")
def whole_backup(tmp_path_factory: pytest.TempPathFactory, django_db_setup: None, django_db_blocker: Any) -> Path:
    folder = tmp_path_factory.mktemp("backups") / "whole"
    with django_db_blocker.unblock():
        run("backup", str(folder))
    return folder


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("harm", "sentence"),
    [
        (damage_last_byte, "database.dump is not what was written"),
        (cut_files, "files.tar is not what was written"),
        (without_manifest, "is no whole backup"),
        (changed(format=2), "in a format it does not know"),
        (changed(rows=None, parts={}), "damaged"),
        (changed(postgresql="99.1"), "comes from PostgreSQL 99"),
        (changed(migrations={"contributions": ["9999_later"]}), "contributions.9999_later"),
    ],
)
def test_backup_that_is_not_right_is_refused_before_anything_is_touched(
    harm: Callable[[Path], None], sentence: str, whole_backup: Path, tmp_path: Path
) -> None:
    harmed = tmp_path / "harmed"
    shutil.copytree(whole_backup, harmed)
    harm(harmed)

    with pytest.raises(CommandError, match=sentence) as refused:
        run("restore", str(harmed), "--replace")

    assert refused.value.returncode == 2
    assert not settings.MEDIA_ROOT.exists()


@pytest.mark.django_db
def test_backup_never_overwrites(whole_backup: Path) -> None:
    with pytest.raises(CommandError, match="exists") as refused:
        run("backup", str(whole_backup))

    assert refused.value.returncode == 2


@contextlib.contextmanager
def full_disk(bytes_left: int) -> Iterator[None]:
    """A limit of file sizes stands for the full disk: writing fails in the same place, for every user."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (bytes_left, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.django_db
def test_backup_on_a_full_disk_leaves_nothing(tmp_path: Path) -> None:
    with full_disk(20_000), pytest.raises(CommandError, match="cannot be written: File too large") as failed:
        run("backup", str(tmp_path / "monday"))

    assert failed.value.returncode == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.django_db
def test_backup_counts_the_rows_that_the_dump_shows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A row that comes while the backup is made is neither counted nor dumped."""
    from geoparticipation.backups import writing

    count = writing.count_rows

    def count_then_write(database: psycopg.Connection[Any]) -> dict[str, int]:
        counted = count(database)
        with connect() as other:
            other.execute(
                "INSERT INTO accounts_ratecount (key_hash, window_starts_at, count) VALUES ('late', now(), 1)"
            )
        return counted

    monkeypatch.setattr(writing, "count_rows", count_then_write)
    try:
        run("backup", str(tmp_path / "monday"))
        dumped = subprocess.run(
            [
                "pg_restore",
                "--data-only",
                "--table=accounts_ratecount",
                "-f",
                "-",
                tmp_path / "monday" / "database.dump",
            ],
            capture_output=True,
            text=True,
            check=True,
        )
    finally:
        with connect() as other:
            other.execute("DELETE FROM accounts_ratecount WHERE key_hash = 'late'")

    assert "COPY public.accounts_ratecount" in dumped.stdout
    assert "late" not in dumped.stdout
