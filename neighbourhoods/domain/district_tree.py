"""The order of the levels, and the tree of the districts."""

from __future__ import annotations

from django.db import connection


def rank_levels() -> None:
    """Number the levels from the largest districts (0) to the smallest, by median area, then renew the tree.

    Each district's parent is the district of the next coarser level, in its current release, with the largest overlap.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
        UPDATE neighbourhoods_districtlevel AS level SET rank = ranked.rank
        FROM (
            SELECT release.level_id,
                row_number() OVER (
                    ORDER BY percentile_cont(0.5) WITHIN GROUP (ORDER BY district.area_m2) DESC, release.level_id
                ) - 1 AS rank
            FROM neighbourhoods_district AS district
            JOIN neighbourhoods_boundaryrelease AS release ON release.id = district.release_id
            WHERE release.is_current
            GROUP BY release.level_id
        ) AS ranked
        WHERE ranked.level_id = level.id AND level.rank <> ranked.rank
        """
        )
        cursor.execute(
            """
        UPDATE neighbourhoods_district AS child SET parent_id = found.parent_id
        FROM (
            SELECT child.id, largest.id AS parent_id
            FROM neighbourhoods_district AS child
            JOIN neighbourhoods_boundaryrelease AS release ON release.id = child.release_id
            JOIN neighbourhoods_districtlevel AS level ON level.id = release.level_id
            LEFT JOIN LATERAL (
                SELECT parent.id
                FROM neighbourhoods_district AS parent
                JOIN neighbourhoods_boundaryrelease AS above ON above.id = parent.release_id AND above.is_current
                JOIN neighbourhoods_districtlevel AS coarser
                    ON coarser.id = above.level_id AND coarser.rank = level.rank - 1
                WHERE ST_Intersects(parent.geometry, child.geometry)
                ORDER BY ST_Area(ST_Intersection(parent.geometry, child.geometry)) DESC, parent.code
                LIMIT 1
            ) AS largest ON true
        ) AS found
        WHERE found.id = child.id AND child.parent_id IS DISTINCT FROM found.parent_id
        """
        )
