"""The progress of a loading register, visible while the import's own transaction is still open."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from neighbourhoods.models import RegisterUpload

TICK_S = 1.0


@contextmanager
def side_connection() -> Iterator[BaseDatabaseWrapper]:
    """A connection of its own, outside any pool and any transaction; closed at the end."""
    side = connections[DEFAULT_DB_ALIAS].copy()
    side.settings_dict["OPTIONS"].pop("pool", None)
    try:
        yield side
    finally:
        side.close()


class RowTicker:
    """Writes an upload's step and rows at most once a second; nothing else is written by it.

    `expected_rows` is the file's row count, where known: the total of the steps that do not know theirs.
    """

    def __init__(self, upload_id: int, side: BaseDatabaseWrapper, *, expected_rows: int | None) -> None:
        self.upload_id, self.side, self.expected_rows = upload_id, side, expected_rows
        self.description, self.total, self.done, self.written_at = "", expected_rows, 0, 0.0

    def step(self, description: str, total: int | None = None) -> RowTicker:
        """Begin a step, which shows at once."""
        self.description, self.total, self.done = description, total or self.expected_rows, 0
        self.write()
        return self

    def advance(self, amount: int = 1) -> None:
        """So many rows more are done."""
        self.done += amount
        if time.monotonic() - self.written_at >= TICK_S:
            self.write()

    def write(self) -> None:
        """Write what there is to say; one statement, committed by itself."""
        self.written_at = time.monotonic()
        with self.side.cursor() as cursor:
            cursor.execute(
                f"UPDATE {RegisterUpload._meta.db_table} SET step = %s, rows_done = %s, rows_total = %s WHERE id = %s",
                [self.description[:200], self.done, self.total, self.upload_id],
            )
