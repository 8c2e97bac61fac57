"""Addresses of a register: each finds its street, then all are upserted at once.

An address belongs to its street by the register, not by distance: the street with its official code, else the street
of its name in its commune (the coarsest current district around it), else in its locality. A name that neither has is
taken from the nearest street of that name within 1 km, for all addresses of the name in that commune together;
failing that, a street without a course is made. Distance decides only between several streets of one name in one
commune or locality, and where there are no communes.
"""

from __future__ import annotations

import functools
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

from neighbourhoods.domain.district_pieces import ON_BORDER_DEGREES, place_addresses
from neighbourhoods.domain.naming import HouseNumber, parse_house_number, search_form
from neighbourhoods.importers.report import ImportReport
from neighbourhoods.importers.store.staging import rows_of, run, stage, upsert
from neighbourhoods.importers.store.streets import StreetRow, store_streets, street_code

NEAREST_STREET_M = 1000

COLUMNS = [
    ("line", "text"),
    ("register_id", "text"),
    ("street_code", "text"),
    ("street", "text"),
    ("street_search", "text"),
    ("house_number", "text"),
    ("number", "integer"),
    ("number_suffix", "text"),
    ("box", "text"),
    ("postcode", "text"),
    ("locality", "text"),
    ("dwellings", "integer"),
    ("no_flyers", "boolean"),
    ("geometry", "geometry(Point, 4326)"),
]


@dataclass(slots=True)
class AddressRow:
    """One letterbox to store; longitude and latitude in degrees.

    `line` says where it was read (line number, identifier). `dwellings` and `no_flyers` are None where the register
    does not know: a value stored earlier then stays.
    """

    line: str
    register_id: str
    street: str
    house_number: str
    lon: float
    lat: float
    street_code: str = ""
    box: str = ""
    postcode: str = ""
    locality: str = ""
    dwellings: int | None = None
    no_flyers: bool | None = None


_search_form = functools.lru_cache(maxsize=50_000)(search_form)
_parse_house_number = functools.lru_cache(maxsize=50_000)(parse_house_number)
_point = struct.Struct("<BIIdd").pack


def point_hex(lon: float, lat: float) -> str:
    """A point as EWKB in hexadecimal, SRID 4326."""
    return _point(1, 0x20000001, 4326, lon, lat).hex()


def _staged(rows: Iterable[AddressRow]) -> Iterator[tuple[object, ...]]:
    for row in rows:
        parsed: HouseNumber = _parse_house_number(row.house_number)
        yield (
            row.line,
            row.register_id[:120],
            row.street_code,
            row.street[:200],
            _search_form(row.street[:200])[:200],
            row.house_number[:40],
            parsed.number,
            parsed.suffix[:30],
            (row.box or parsed.box)[:40],
            row.postcode[:16],
            row.locality[:120],
            row.dwellings,
            row.no_flyers,
            point_hex(row.lon, row.lat),
        )


def store_addresses(
    rows: Iterable[AddressRow],
    *,
    source: str,
    report: ImportReport,
    refuse_outside: bool = False,
    kind: str = "addresses",
) -> None:
    """Store the rows of one register (`source`), by their identifiers in it.

    The second row with one identifier is refused. With `refuse_outside`, so is a row outside all current districts of
    the coarsest level. Streets that only the addresses know are made and reported as such. Addresses stored earlier
    that the rows lack stay.
    """
    stage("staged_address", COLUMNS, _staged(rows))
    for line, register_id, first in rows_of(
        """
        DELETE FROM staged_address AS later USING (
            SELECT row_id, first_value(row_id) OVER same AS first_row, first_value(line) OVER same AS first_line
            FROM staged_address WINDOW same AS (PARTITION BY register_id ORDER BY row_id)
        ) AS numbered
        WHERE later.row_id = numbered.row_id AND numbered.first_row <> numbered.row_id
        RETURNING later.line, later.register_id, numbered.first_line
        """
    ):
        reason = _("identifier %(identifier)s is already that of %(first)s")
        report.refuse(kind, line, "duplicate_id", reason % {"identifier": register_id, "first": first})
    _place_in_communes()
    if refuse_outside:
        for line, street, house_number in rows_of(
            "DELETE FROM staged_address WHERE commune_id IS NULL RETURNING line, street, house_number"
        ):
            reason = _("%(name)s lies outside all districts") % {"name": f"{street} {house_number}".strip()}
            report.refuse(kind, line, "outside_territory", reason)
    _find_streets()
    _make_unknown_streets(source, report)
    run(
        """
        UPDATE staged_address AS staged SET
            dwellings = coalesce(staged.dwellings, kept.dwellings),
            no_flyers = coalesce(staged.no_flyers, kept.no_flyers)
        FROM neighbourhoods_address AS kept
        WHERE kept.source = %s AND kept.register_id = staged.register_id
            AND (staged.dwellings IS NULL OR staged.no_flyers IS NULL)
        """,
        [source],
    )
    [(staged,)] = rows_of("SELECT count(*) FROM staged_address")
    upsert(
        kind,
        """
        INSERT INTO neighbourhoods_address AS kept (source, register_id, street_id, house_number, number,
            number_suffix, box, postcode, locality, dwellings, no_flyers, geometry)
        SELECT %(source)s, register_id, street_id, house_number, number, number_suffix, box, postcode,
            place, coalesce(dwellings, 1), coalesce(no_flyers, false), geometry
        FROM staged_address ORDER BY row_id
        ON CONFLICT (source, register_id) DO UPDATE SET
            street_id = excluded.street_id, house_number = excluded.house_number, number = excluded.number,
            number_suffix = excluded.number_suffix, box = excluded.box, postcode = excluded.postcode,
            locality = excluded.locality, geometry = excluded.geometry,
            dwellings = excluded.dwellings, no_flyers = excluded.no_flyers
        WHERE (kept.street_id, kept.house_number, kept.number, kept.number_suffix, kept.box, kept.postcode,
                kept.locality, kept.dwellings, kept.no_flyers)
            IS DISTINCT FROM (excluded.street_id, excluded.house_number, excluded.number, excluded.number_suffix,
                excluded.box, excluded.postcode, excluded.locality, excluded.dwellings, excluded.no_flyers)
            OR NOT kept.geometry ~= excluded.geometry
        """,
        {"source": source},
        staged=staged,
        report=report,
    )
    run("ANALYZE neighbourhoods_address")
    place_addresses()


def _place_in_communes() -> None:
    """Add to each staged row the coarsest current district around it (lowest code on a border), and what is kept."""
    run("ALTER TABLE staged_address ADD commune_id bigint, ADD commune text, ADD place text, ADD street_id bigint")
    run(
        f"""
        UPDATE staged_address AS staged SET commune_id = found.id, commune = found.name
        FROM (
            SELECT DISTINCT ON (staged.row_id) staged.row_id, district.id, district.name
            FROM staged_address AS staged
            JOIN neighbourhoods_districtpiece AS piece
                ON ST_DWithin(piece.geometry, staged.geometry, {ON_BORDER_DEGREES})
            JOIN neighbourhoods_district AS district ON district.id = piece.district_id
            WHERE district.release_id = (
                SELECT release.id FROM neighbourhoods_boundaryrelease AS release
                JOIN neighbourhoods_districtlevel AS level ON level.id = release.level_id
                WHERE release.is_current ORDER BY level.rank LIMIT 1)
            ORDER BY staged.row_id, district.code COLLATE "C"
        ) AS found
        WHERE found.row_id = staged.row_id
        """
    )
    run("UPDATE staged_address SET place = coalesce(nullif(locality, ''), commune, '')")


def _find_streets() -> None:
    """Give each staged row the street it belongs to, where one is known."""
    run(
        """
        UPDATE staged_address AS staged SET street_id = street.id
        FROM neighbourhoods_street AS street
        WHERE staged.street_code <> '' AND street.code = staged.street_code
        """
    )
    run("DROP TABLE IF EXISTS street_candidate")
    run(
        """
        CREATE TEMP TABLE street_candidate ON COMMIT DROP AS
        SELECT DISTINCT ON (name.search_name, street.id) name.search_name, street.id, street.geometry,
            lower(street.locality) AS locality, around.id AS commune_id
        FROM (SELECT DISTINCT street_search FROM staged_address WHERE street_id IS NULL) AS wanted
        JOIN neighbourhoods_streetname AS name ON name.search_name = wanted.street_search
        JOIN neighbourhoods_street AS street ON street.id = name.street_id
        LEFT JOIN LATERAL (
            SELECT district.id
            FROM neighbourhoods_districtpiece AS piece
            JOIN neighbourhoods_district AS district ON district.id = piece.district_id
            WHERE ST_Covers(piece.geometry, ST_LineInterpolatePoint(ST_GeometryN(street.geometry, 1), 0.5))
                AND district.release_id = (
                    SELECT release.id FROM neighbourhoods_boundaryrelease AS release
                    JOIN neighbourhoods_districtlevel AS level ON level.id = release.level_id
                    WHERE release.is_current ORDER BY level.rank LIMIT 1)
            ORDER BY lower(district.name) <> lower(street.locality), district.code COLLATE "C"
            LIMIT 1
        ) AS around ON true
        """
    )
    run("CREATE INDEX ON street_candidate (search_name)")
    run("ANALYZE street_candidate")
    # Courses first, streets without one last: so the streets that an import makes do not change where the next one
    # puts the same addresses.
    drawn = "candidate.geometry IS NOT NULL"
    _join_nearest(f"{drawn} AND candidate.commune_id = staged.commune_id")
    _join_nearest(
        f"{drawn} AND candidate.locality <> '' AND "
        "candidate.locality IN (lower(staged.locality), lower(coalesce(staged.commune, staged.locality)))"
    )
    run(
        """
        UPDATE staged_address AS staged SET street_id = chosen.id
        FROM (
            SELECT DISTINCT ON (wanted.street_search, wanted.commune_id)
                wanted.street_search, wanted.commune_id, candidate.id
            FROM (
                SELECT street_search, commune_id, ST_Centroid(ST_Collect(geometry)) AS middle
                FROM staged_address
                WHERE street_id IS NULL AND street_search <> '' AND commune_id IS NOT NULL
                GROUP BY street_search, commune_id
            ) AS wanted
            JOIN street_candidate AS candidate ON candidate.search_name = wanted.street_search
            WHERE ST_DWithin(candidate.geometry::geography, middle::geography, %s)
            ORDER BY wanted.street_search, wanted.commune_id, candidate.geometry <-> middle, candidate.id
        ) AS chosen
        WHERE staged.street_id IS NULL AND staged.street_search = chosen.street_search
            AND staged.commune_id = chosen.commune_id
        """,
        [NEAREST_STREET_M],
    )
    _join_nearest(
        f"staged.commune_id IS NULL AND {drawn} AND "
        f"ST_DWithin(candidate.geometry::geography, staged.geometry::geography, {NEAREST_STREET_M})"
    )
    _join_nearest("candidate.geometry IS NULL AND candidate.locality = lower(staged.place)")


def _join_nearest(condition: str) -> None:
    """Give rows without a street the nearest candidate of their name that meets the condition."""
    run(
        f"""
        UPDATE staged_address AS staged SET street_id = found.id
        FROM (
            SELECT staged.row_id, nearest.id
            FROM staged_address AS staged
            CROSS JOIN LATERAL (
                SELECT candidate.id FROM street_candidate AS candidate
                WHERE candidate.search_name = staged.street_search AND {condition}
                ORDER BY candidate.geometry <-> staged.geometry NULLS LAST, candidate.id
                LIMIT 1
            ) AS nearest
            WHERE staged.street_id IS NULL AND staged.street_search <> ''
        ) AS found
        WHERE found.row_id = staged.row_id
        """
    )


def _make_unknown_streets(source: str, report: ImportReport) -> None:
    """Make a street without a course for each name and locality still without one, and give it to its addresses."""
    unknown = rows_of(
        """
        SELECT street_code, street_search, place, min(street), count(*)
        FROM staged_address WHERE street_id IS NULL GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
        """
    )
    if not unknown:
        return
    by_code: dict[str, StreetRow] = {}
    keys: list[tuple[str, str, str, str]] = []
    for official, search, place, name, _count in unknown:
        code = official or street_code(locality=place, name=search or name)
        by_code.setdefault(code, StreetRow(code=code, name=name, locality=place))
        keys.append((official, search, place, code))
    store_streets(by_code.values(), source=source, report=report, kind="streets known only by their addresses")
    stage("staged_new_street", [("official", "text"), ("search", "text"), ("place", "text"), ("code", "text")], keys)
    run(
        """
        UPDATE staged_address AS staged SET street_id = street.id
        FROM staged_new_street AS made JOIN neighbourhoods_street AS street ON street.code = made.code
        WHERE staged.street_id IS NULL AND staged.street_code = made.official AND staged.street_search = made.search
            AND staged.place = made.place
        """
    )
