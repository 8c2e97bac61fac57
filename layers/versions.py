"""A number that changes with every committed write to a table, for what clients and caches may keep.

Each connection counts its own transactions that wrote to a table, in a row of its own of `layers_version`: no writer
waits for another. The sum over the rows of one snapshot is the number of transactions committed in it, so a commit
always changes it and nothing else does. (A sequence would be wrong: numbers are given out before the commit.)
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Final

from django.apps import apps
from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import Model

_CREATE = """
CREATE TABLE layers_version (
    relation text NOT NULL,
    writer integer NOT NULL,
    changes bigint NOT NULL,
    last_change xid8,
    PRIMARY KEY (relation, writer)
);
CREATE FUNCTION layers_note_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- A change of each transaction is enough for the others. Its own later ones are counted up to the next thousand:
    -- ten thousand updates of one row in one transaction would take seconds.
    IF NOT EXISTS (
        SELECT FROM layers_version
        WHERE relation = TG_TABLE_NAME AND writer = pg_backend_pid() AND last_change = pg_current_xact_id()
            AND changes % 1000 = 0
    ) THEN
        INSERT INTO layers_version AS mine VALUES (TG_TABLE_NAME, pg_backend_pid(), 1, pg_current_xact_id())
        ON CONFLICT (relation, writer)
        DO UPDATE SET changes = mine.changes + 1, last_change = excluded.last_change;
    END IF;
    RETURN NULL;
END $$;
"""
_DROP = "DROP FUNCTION layers_note_change(); DROP TABLE layers_version;"
# The table's own number makes tags of a restored, older database different from those given out before.
_READ = """
SELECT 'layers_version'::regclass::oid::text || '-' || coalesce(sum(changes), 0)
FROM layers_version WHERE relation = ANY(%s)"""
# A connection that comes to life with the same number meanwhile is waited for, and merged as it is then.
_MERGE = """
WITH gone AS (
    DELETE FROM layers_version
    WHERE writer <> 0 AND writer NOT IN (SELECT pid FROM pg_stat_activity) RETURNING relation, changes
)
INSERT INTO layers_version AS rest SELECT relation, 0, sum(changes) FROM gone GROUP BY relation
ON CONFLICT (relation, writer) DO UPDATE SET changes = rest.changes + excluded.changes"""

VERSIONED: Final[set[type[Model]]] = set()
"""Models whose version is asked for: a migration of their app has each table watched."""


def creating_sql() -> tuple[str, str]:
    """SQL that makes the table and the trigger's function, and SQL that removes both: for this app's migration."""
    return _CREATE, _DROP


def watching_sql(*tables: str) -> tuple[str, str]:
    """SQL that notes the writes to these tables, and SQL that ends it: for the migrations of their apps."""
    create = "".join(
        f"CREATE TRIGGER {table}_version AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION layers_note_change();\n"
        for table in tables
    )
    return create, "".join(f"DROP TRIGGER {table}_version ON {table};\n" for table in tables)


def version_of(*models: type[Model]) -> Callable[[], str]:
    """A function that reads the version of what these models' tables hold: one small query."""
    VERSIONED.update(models)

    def version() -> str:
        with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
            cursor.execute(_READ, [[model._meta.db_table for model in models]])
            (text,) = cursor.fetchone()
        return str(text)

    return version


def merge_versions(*, using: str = DEFAULT_DB_ALIAS) -> None:
    """Merge the rows of connections that have ended, so that they do not pile up. Changes no version."""
    with connections[using].cursor() as cursor:
        cursor.execute(_MERGE)


@cache
def code_fingerprint() -> str:
    """A text that changes with the platform's code, translations and settings, so that a new release changes tags."""
    digest = hashlib.sha256(settings.SITE_URL.encode())
    roots = sorted({Path(app.path) for app in apps.get_app_configs() if _is_own(Path(app.path))})
    for root in roots:
        for path in sorted([*root.rglob("*.py"), *root.rglob("*.mo")]):
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _is_own(path: Path) -> bool:
    base = Path(settings.BASE_DIR)
    return path.is_relative_to(base) and "site-packages" not in path.parts
