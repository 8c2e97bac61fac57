"""Everything into the districts of a release that is in force from now on, or whose outlines have been corrected."""

from __future__ import annotations

import time
from typing import Final

from django.db import connection, transaction

from neighbourhoods.domain.boundaries.followers import followers
from neighbourhoods.models import BoundaryRelease

LONGEST_WAIT_S: Final = 10
"""For transactions that began before the change: those that put something in last milliseconds, a backup hours."""
_LOOK_S: Final = 0.05


def place_everything(release: BoundaryRelease, *, is_corrected: bool = False) -> dict[str, int]:
    """Have every follower place its rows by the release, which is in force; how many of each kind were written.

    With `is_corrected`, what was worked out with its outlines before is forgotten first. Call it inside a transaction.
    What is put in while that transaction runs is placed by the boundaries before it, and so placed again by a second
    pass after its end, which finds nothing to do when there is none.
    """
    if is_corrected:
        for follower in followers():
            if follower.let_go:
                follower.let_go(release)
    written = _place(release)
    transaction.on_commit(lambda: _catch_up(release))
    return written


def _place(release: BoundaryRelease) -> dict[str, int]:
    return {follower.kind: follower.place_again(release) for follower in followers() if follower.place_again}


def _catch_up(release: BoundaryRelease) -> None:
    _wait_for_those_who_read_before()
    with transaction.atomic():
        _place(release)


def _wait_for_those_who_read_before() -> None:
    """Wait until the transactions that may have looked up a place by the boundaries before this one have ended.

    Whoever has read the releases holds a lock on their table to the end of its transaction, which stops nobody.
    """
    readers = """
        SELECT count(*) FROM pg_locks
        WHERE locktype = 'relation' AND relation = 'neighbourhoods_boundaryrelease'::regclass AND granted
            AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
            AND pid <> pg_backend_pid()
    """
    until = time.monotonic() + LONGEST_WAIT_S
    with connection.cursor() as cursor:
        cursor.execute(readers.replace("count(*)", "coalesce(array_agg(virtualtransaction), '{}')"))
        [before] = cursor.fetchone()
        while before and time.monotonic() < until:
            time.sleep(_LOOK_S)
            cursor.execute(f"{readers} AND virtualtransaction = ANY(%s)", [before])
            if not cursor.fetchone()[0]:
                return
