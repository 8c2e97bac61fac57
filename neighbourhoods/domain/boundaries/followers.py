"""Who is concerned when boundaries are replaced.

The territory knows nothing of the apps above it. What has a place in a district, or refers to one, registers a
`Follower` when its app is ready, and is then asked in the same transaction.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import connection

from neighbourhoods.domain.district_pieces import ON_BORDER_DEGREES
from neighbourhoods.domain.district_shares import stage_shares
from neighbourhoods.models import BoundaryRelease

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


@dataclass(frozen=True)
class Move:
    """So many things change from one district to another, by code; "" stands for outside all districts."""

    from_code: str
    from_name: str
    to_code: str
    to_name: str
    count: int


@dataclass(frozen=True, kw_only=True)
class Follower:
    """One kind of thing that follows the boundaries; whatever does not apply to it is left out.

    `moves` counts what changes district between the old and the new release, without writing. `place_again` is called
    once the new release is in force, and says how many rows it wrote; it must be right when called twice. `let_go`
    forgets what was worked out with the outlines of a release, because they were corrected; `place_again` follows.
    `references` names what refers to districts of a release and goes on doing so.
    """

    kind: str
    label: StrOrPromise
    moves: Callable[[BoundaryRelease, BoundaryRelease], list[Move]] | None = None
    place_again: Callable[[BoundaryRelease], int] | None = None
    let_go: Callable[[BoundaryRelease], None] | None = None
    references: Callable[[BoundaryRelease], list[str]] | None = None


_followers: dict[str, Follower] = {}


def register_follower(follower: Follower) -> Follower:
    """Have a kind of thing asked when boundaries are replaced; a second one of the same kind takes its place."""
    _followers[follower.kind] = follower
    return follower


def followers() -> list[Follower]:
    """All that follow, in the order in which they were registered: the territory's own first."""
    return list(_followers.values())


_MOVES_BY_SHARE = """
    WITH largest AS (
        SELECT DISTINCT ON (staged.n, staged.release_id) staged.n, staged.release_id, district.code, district.name
        FROM staged_move AS staged JOIN neighbourhoods_district AS district ON district.id = staged.district_id
        ORDER BY staged.n, staged.release_id, round(staged.share::numeric, 9) DESC, district.code COLLATE "C"
    ), place AS (
        SELECT n, coalesce(min(code) FILTER (WHERE release_id = %(old)s), '') AS from_code,
            coalesce(min(name) FILTER (WHERE release_id = %(old)s), '') AS from_name,
            coalesce(min(code) FILTER (WHERE release_id = %(new)s), '') AS to_code,
            coalesce(min(name) FILTER (WHERE release_id = %(new)s), '') AS to_name
        FROM largest GROUP BY n
    )
    SELECT from_code, from_name, to_code, to_name, count(*) FROM place
    WHERE from_code <> to_code GROUP BY 1, 2, 3, 4 ORDER BY 5 DESC, 1, 3
"""


def moves_of_rows(rows: str, *, old: BoundaryRelease, new: BoundaryRelease) -> list[Move]:
    """Count what changes from one district to another, of a query's rows (n, geom) of any type of geometry.

    The district of the largest share counts, on a border that of the lowest code.
    """
    stage_shares(rows=rows, releases=[old.pk, new.pk], table="staged_move")
    return _moves(_MOVES_BY_SHARE, old, new)


def _moves(sql: str, old: BoundaryRelease, new: BoundaryRelease) -> list[Move]:
    with connection.cursor() as cursor:
        cursor.execute(sql, {"old": old.pk, "new": new.pk})
        return [Move(*row) for row in cursor.fetchall()]


def street_moves(old: BoundaryRelease, new: BoundaryRelease) -> list[Move]:
    """Streets in force that change district: by where the greater part of their course lies."""
    rows = (
        "SELECT id AS n, geometry AS geom FROM neighbourhoods_street WHERE closed_at IS NULL AND geometry IS NOT NULL"
    )
    return moves_of_rows(rows, old=old, new=new)


# Points go the quick way, from the few pieces to the many addresses; districts are numbered in the order in which they
# win on a border.
_ADDRESS_MOVES = f"""
    WITH ordered AS MATERIALIZED (
        SELECT id, code, name, release_id = %(new)s AS is_new,
            row_number() OVER (ORDER BY code COLLATE "C", id) AS place
        FROM neighbourhoods_district WHERE release_id IN (%(old)s, %(new)s)
    ), place AS (
        SELECT address.id, min(ordered.place) FILTER (WHERE NOT is_new) AS before,
            min(ordered.place) FILTER (WHERE is_new) AS after
        FROM ordered
        JOIN neighbourhoods_districtpiece AS piece ON piece.district_id = ordered.id
        JOIN neighbourhoods_address AS address
            ON ST_DWithin(piece.geometry, address.geometry, {ON_BORDER_DEGREES}) AND address.closed_at IS NULL
        GROUP BY address.id
    )
    SELECT coalesce(old.code, ''), coalesce(old.name, ''), coalesce(new.code, ''), coalesce(new.name, ''), count(*)
    FROM place LEFT JOIN ordered AS old ON old.place = place.before LEFT JOIN ordered AS new ON new.place = place.after
    WHERE old.code IS DISTINCT FROM new.code GROUP BY 1, 2, 3, 4 ORDER BY 5 DESC, 1, 3
"""


def address_moves(old: BoundaryRelease, new: BoundaryRelease) -> list[Move]:
    """Addresses in force that change district."""
    return _moves(_ADDRESS_MOVES, old, new)
