"""District look-ups: subdivided pieces of boundaries, and the smallest district of every address."""

from __future__ import annotations

from django.db import connection

from neighbourhoods.models import BoundaryRelease

PIECE_VERTICES = 128
"""Vertices a piece has at the most. Between 64 and 256 look-ups are equally quick; above 512 they slow down."""
ON_BORDER_DEGREES = 1e-9
"""How near to a piece a point is in it (0.1 mm).

ST_Subdivide rounds the points where it cuts a border, so that a point exactly on a border may lie a hair outside every
piece. Of several districts the lowest code in byte order wins, whatever the database's locale.
"""


def rebuild_pieces(release: BoundaryRelease) -> int:
    """Cut the release's districts into small polygons for look-ups (ST_Subdivide) and return how many pieces there are.

    Pieces of the release made earlier are replaced. Three queries, the last of which updates the table's statistics.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM neighbourhoods_districtpiece WHERE district_id IN "
            "(SELECT id FROM neighbourhoods_district WHERE release_id = %s)",
            [release.pk],
        )
        cursor.execute(
            """
            INSERT INTO neighbourhoods_districtpiece (district_id, geometry)
            SELECT id, piece.geom
            FROM neighbourhoods_district
            CROSS JOIN LATERAL ST_Subdivide(geometry, %s) AS cut (geom)
            CROSS JOIN LATERAL ST_Dump(ST_CollectionExtract(cut.geom, 3)) AS piece
            WHERE release_id = %s
            """,
            [PIECE_VERTICES, release.pk],
        )
        pieces: int = cursor.rowcount
        cursor.execute("ANALYZE neighbourhoods_district, neighbourhoods_districtpiece")
    return pieces


def place_addresses() -> int:
    """Set every address's smallest current district and return how many addresses changed.

    The smallest is the one of the level with the highest rank that covers the point; on a border the lowest code wins,
    as in `place_geometry`. An address outside all current districts has none. One query, from the few pieces to the
    many addresses (five times as quick as looking up each); addresses that stay as they are are not written.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            WITH ordered AS MATERIALIZED (
                SELECT district.id,
                    row_number() OVER (ORDER BY level.rank DESC, district.code COLLATE "C", district.id) AS place
                FROM neighbourhoods_district AS district
                JOIN neighbourhoods_boundaryrelease AS release ON release.id = district.release_id
                JOIN neighbourhoods_districtlevel AS level ON level.id = release.level_id
                WHERE release.is_current
            ), found AS (
                SELECT address.id, min(ordered.place) AS place
                FROM ordered
                JOIN neighbourhoods_districtpiece AS piece ON piece.district_id = ordered.id
                JOIN neighbourhoods_address AS address
                    ON ST_DWithin(piece.geometry, address.geometry, {ON_BORDER_DEGREES})
                GROUP BY address.id
            ), placed AS (
                SELECT address.id, ordered.id AS district_id
                FROM neighbourhoods_address AS address
                LEFT JOIN found ON found.id = address.id
                LEFT JOIN ordered ON ordered.place = found.place
                WHERE address.district_id IS DISTINCT FROM ordered.id
            )
            UPDATE neighbourhoods_address AS address SET district_id = placed.district_id
            FROM placed WHERE placed.id = address.id
            """
        )
        changed: int = cursor.rowcount
    return changed
