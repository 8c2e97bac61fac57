"""What is near a hexagon, in words, for the table beside a map."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connection

from geoparticipation.surveys.results.hexagons import hexagon


def near_hexagons(names: Sequence[str]) -> dict[str, str]:
    """For each hexagon the street in force nearest to its middle, and the smallest district there. One query."""
    if not names:
        return {}
    middles = [hexagon(name).centroid for name in names]
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT wanted.name, (
                SELECT street.name FROM neighbourhoods_street AS street
                WHERE street.closed_at IS NULL AND street.geometry IS NOT NULL
                ORDER BY street.geometry <-> point LIMIT 1
            ), (
                SELECT district.name FROM neighbourhoods_district AS district
                JOIN neighbourhoods_boundaryrelease AS release ON release.id = district.release_id
                JOIN neighbourhoods_districtlevel AS level ON level.id = release.level_id
                WHERE release.is_current AND ST_Covers(district.geometry, point)
                ORDER BY level.rank DESC, district.code LIMIT 1
            )
            FROM unnest(%s::text[], %s::float8[], %s::float8[]) AS wanted (name, lon, lat),
                LATERAL (SELECT ST_SetSRID(ST_MakePoint(lon, lat), 4326) AS point) AS placed""",
            [list(names), [middle.x for middle in middles], [middle.y for middle in middles]],
        )
        return {name: " · ".join(part for part in (street, district) if part) for name, street, district in cursor}
