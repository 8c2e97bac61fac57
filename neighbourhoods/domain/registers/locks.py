"""Who is working on which upload. The locks end with the transaction: a process that is killed lets go of them."""

from __future__ import annotations

from typing import Final

from django.db import connection

_ALL: Final = 7201
"""First key of the lock by which one register at a time is loaded."""
_ONE: Final = 7202
"""First key of the locks of single uploads; the second is the upload's id."""


def take_upload(upload_id: int) -> bool:
    """Take the upload until the transaction ends; False where another process has it. Inside a transaction."""
    return _take(_ONE, upload_id)


def take_turn() -> bool:
    """Take the turn to load until the transaction ends; False while another register is loaded."""
    return _take(_ALL, 0)


def _take(first: int, second: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", [first, second % 2**31])
        return bool(cursor.fetchone()[0])


def is_worked_on(upload_id: int) -> bool:
    """Whether some process has the upload at this moment; one query."""
    return upload_id % 2**31 in _held(_ONE)


def is_anything_loading() -> bool:
    """Whether any register is being loaded at this moment; one query."""
    return bool(_held(_ALL))


def uploads_worked_on() -> set[int]:
    """Ids of all uploads that some process has; one query."""
    return _held(_ONE)


def _held(first: int) -> set[int]:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT objid FROM pg_locks
            WHERE locktype = 'advisory' AND classid = %s AND objsubid = 2 AND granted
                AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
            """,
            [first],
        )
        return {int(row[0]) for row in cursor.fetchall()}
