"""Contributions when the boundaries change: each gets its shares of the new release, and keeps those of the old one."""

from __future__ import annotations

from typing import Final

from django.db import connection
from django.utils.translation import gettext_lazy as _

from geoparticipation.contributions.domain.placement import LEAST_SHARE_OF_CHOSEN
from geoparticipation.contributions.enums import LocatedBy
from geoparticipation.contributions.kinds import kinds_shown_as_areas
from neighbourhoods.domain.boundaries import Follower, Move, moves_of_rows, register_follower
from neighbourhoods.domain.district_shares import stage_shares
from neighbourhoods.models import BoundaryRelease

# What is shown as an area of several homes has the districts of the area: those of the home would tell more.
_AREAS: Final = ", ".join(f"'{kind}'" for kind in kinds_shown_as_areas())
_GEOMETRY: Final = f"CASE WHEN c.kind IN ({_AREAS}) THEN c.public_geometry ELSE c.geometry END"

_ROWS: Final = f"SELECT c.id AS n, {_GEOMETRY} AS geom FROM contributions_contribution c"

# Comments at their idea's place have its shares and its district; they are taken from it.
_TO_PLACE: Final = f"""
    SELECT c.id AS n, {_GEOMETRY} AS geom FROM contributions_contribution c
    WHERE c.located_by <> '{LocatedBy.INHERITED}' AND NOT EXISTS (
        SELECT FROM contributions_contributiondistrict s JOIN neighbourhoods_district d ON d.id = s.district_id
        WHERE s.contribution_id = c.id AND d.release_id = {{release}})
"""

# What was chosen by name touches its neighbours by a hair: that is no share, as when it was submitted.
_INSERT_SHARES: Final = f"""
    INSERT INTO contributions_contributiondistrict (contribution_id, district_id, share)
    SELECT staged.n, staged.district_id, least(staged.share, 1)
    FROM staged_share staged JOIN contributions_contribution c ON c.id = staged.n
    WHERE staged.share >= {LEAST_SHARE_OF_CHOSEN}
    OR (c.located_by NOT IN ('{LocatedBy.STREET}', '{LocatedBy.DISTRICT}') AND c.kind NOT IN ({_AREAS}))
    ON CONFLICT DO NOTHING
"""

_INHERIT_SHARES: Final = f"""
    INSERT INTO contributions_contributiondistrict (contribution_id, district_id, share)
    SELECT c.id, s.district_id, s.share
    FROM contributions_contribution c
    JOIN contributions_contributiondistrict s ON s.contribution_id = c.parent_id
    JOIN neighbourhoods_district d ON d.id = s.district_id AND d.release_id = %(release)s
    WHERE c.located_by = '{LocatedBy.INHERITED}'
    ON CONFLICT DO NOTHING
"""

# The smallest district with the largest share, as in Place.smallest_district. A whole district that was chosen by name
# stays while its own release is in force; then it becomes the one of its level that holds most of it.
_SET_DISTRICTS: Final = f"""
    WITH best AS (
        SELECT DISTINCT ON (s.contribution_id) s.contribution_id, s.district_id
        FROM contributions_contributiondistrict s
        JOIN neighbourhoods_district d ON d.id = s.district_id
        JOIN neighbourhoods_boundaryrelease r ON r.id = d.release_id AND r.is_current
        JOIN neighbourhoods_districtlevel l ON l.id = r.level_id
        JOIN contributions_contribution c ON c.id = s.contribution_id
        LEFT JOIN neighbourhoods_district chosen
            ON chosen.id = c.district_id AND c.located_by = '{LocatedBy.DISTRICT}'
        LEFT JOIN neighbourhoods_boundaryrelease its ON its.id = chosen.release_id
        ORDER BY s.contribution_id, its.level_id IS NOT DISTINCT FROM r.level_id DESC, l.rank DESC,
            round(s.share::numeric, 9) DESC, d.code COLLATE "C"
    ), change AS (
        SELECT c.id, best.district_id
        FROM contributions_contribution c LEFT JOIN best ON best.contribution_id = c.id
        WHERE c.located_by <> '{LocatedBy.INHERITED}' AND c.district_id IS DISTINCT FROM best.district_id
        AND NOT (c.located_by = '{LocatedBy.DISTRICT}' AND EXISTS (
            SELECT FROM neighbourhoods_district d JOIN neighbourhoods_boundaryrelease r ON r.id = d.release_id
            WHERE d.id = c.district_id AND r.is_current))
    )
    UPDATE contributions_contribution c SET district_id = change.district_id FROM change WHERE change.id = c.id
"""

_INHERIT_DISTRICTS: Final = f"""
    UPDATE contributions_contribution c SET district_id = idea.district_id
    FROM contributions_contribution idea
    WHERE idea.id = c.parent_id AND c.located_by = '{LocatedBy.INHERITED}'
    AND c.district_id IS DISTINCT FROM idea.district_id
"""


def contribution_moves(old: BoundaryRelease, new: BoundaryRelease) -> list[Move]:
    """Contributions of any state that change district."""
    return moves_of_rows(_ROWS, old=old, new=new)


def place_contributions_again(release: BoundaryRelease) -> int:
    """Give every contribution without shares of this release, now in force, its shares; then set its district.

    Shares of other releases stay, so that their figures stay. Five statements and two for every 20,000 contributions;
    rows whose district stays are not written. How many contributions got another district.
    """
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE contributions_contribution, contributions_contributiondistrict")
    stage_shares(rows=_TO_PLACE.format(release=release.pk), releases=[release.pk], table="staged_share")
    with connection.cursor() as cursor:
        cursor.execute(_INSERT_SHARES)
        cursor.execute(_INHERIT_SHARES, {"release": release.pk})
        cursor.execute("ANALYZE contributions_contributiondistrict")
        cursor.execute(_SET_DISTRICTS)
        written: int = cursor.rowcount
        cursor.execute(_INHERIT_DISTRICTS)
        return written + int(cursor.rowcount)


# A whole district that was chosen by name stays what was chosen.
_FORGET: Final = f"""
    DELETE FROM contributions_contributiondistrict share
    USING contributions_contribution c, neighbourhoods_district d
    WHERE c.id = share.contribution_id AND d.id = share.district_id AND d.release_id = %s
    AND NOT EXISTS (
        SELECT FROM neighbourhoods_district chosen
        WHERE chosen.id = c.district_id AND chosen.release_id = d.release_id
        AND c.located_by = '{LocatedBy.DISTRICT}')
"""


def forget_shares(release: BoundaryRelease) -> None:
    """Delete the shares of districts of this release, whose outlines have changed; one statement."""
    with connection.cursor() as cursor:
        cursor.execute(_FORGET, [release.pk])


CONTRIBUTIONS = register_follower(
    Follower(
        kind="contributions",
        label=_("contributions"),
        moves=contribution_moves,
        place_again=place_contributions_again,
        let_go=forget_shares,
    )
)
