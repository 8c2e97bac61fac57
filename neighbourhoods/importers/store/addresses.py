"""Addresses of a register: each finds its street and district, then what is new or differs is written at once.

An address belongs to its street by the register, not by distance: the street with its official code, else the street
of its name in its commune (the coarsest current district around it), else in its locality. A name that neither has is
taken from the nearest street of that name within 1 km, for all addresses of the name in that commune together;
failing that, a street without a course is made. Distance decides only between several streets of one name in one
commune or locality, and where there are no communes. A street in force is preferred to a closed one, which comes
back into force when it is taken.

Rows that say the same as last time are not written at all. Streets are found for each distinct (code, name, locality,
commune), of which there are a hundred times fewer than rows; only where several streets could be meant does each row
look for its own.
"""

from __future__ import annotations

import functools
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

from neighbourhoods.domain.district_pieces import ON_BORDER_DEGREES
from neighbourhoods.domain.naming import HouseNumber, parse_house_number, search_form
from neighbourhoods.importers.report import ImportReport
from neighbourhoods.importers.store.bulk_load import filling
from neighbourhoods.importers.store.closing import (
    Closing,
    close_missing_addresses,
    close_streets_without_addresses,
    reopen_streets_in_use,
)
from neighbourhoods.importers.store.staging import one_import_at_a_time, rows_of, run, stage
from neighbourhoods.importers.store.streets import StreetRow, store_streets, street_code

NEAREST_STREET_M = 1000
KIND_OF_MADE_STREETS = "streets known only by their addresses"

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
    closing: Closing = Closing.GUARDED,
) -> None:
    """Store the rows of one register (`source`), by their identifiers in it.

    The second row with one identifier is refused. With `refuse_outside`, so is a row outside all current districts of
    the coarsest level. Streets that only the addresses know are made and reported as such. Addresses stored earlier
    that the rows lack are closed, as far as `closing` says; closed ones that are there again are reopened. Raises
    ClosesTooMuch.
    """
    stage("staged_address", COLUMNS, _staged(rows), analyze=["register_id", "street_code", "street_search", "locality"])
    one_import_at_a_time()
    _refuse_repeated(report, kind)
    _place_in_districts()
    if refuse_outside:
        for line, street, house_number in rows_of(
            """
            DELETE FROM staged_address AS staged
            WHERE NOT EXISTS (SELECT FROM placed_address AS placed
                WHERE placed.row_id = staged.row_id AND placed.commune IS NOT NULL)
            RETURNING line, street, house_number
            """
        ):
            reason = _("%(name)s lies outside all districts") % {"name": f"{street} {house_number}".strip()}
            report.refuse(kind, line, "outside_territory", reason)
    _find_streets(source, report)
    close_missing_addresses(source=source, closing=closing, report=report, kind=kind)
    _write(source, report, kind)
    reopen_streets_in_use(report=report, kind=KIND_OF_MADE_STREETS)
    close_streets_without_addresses(source=source, closing=closing, report=report, kind=KIND_OF_MADE_STREETS)
    if report.created[kind] or report.changed[kind] or report.reopened[kind] or report.closed[kind]:
        run("ANALYZE neighbourhoods_address")


def _refuse_repeated(report: ImportReport, kind: str) -> None:
    for line, register_id, first in rows_of(
        """
        DELETE FROM staged_address AS later USING (
            SELECT register_id, min(row_id) AS row_id FROM staged_address GROUP BY register_id HAVING count(*) > 1
        ) AS repeated JOIN staged_address AS first USING (row_id)
        WHERE later.register_id = repeated.register_id AND later.row_id <> repeated.row_id
        RETURNING later.line, later.register_id, first.line
        """
    ):
        reason = _("identifier %(identifier)s is already that of %(first)s")
        report.refuse(kind, line, "duplicate_id", reason % {"identifier": register_id, "first": first})


def _place_in_districts() -> None:
    """Make `placed_address`: the coarsest (`commune`) and the smallest current district of each staged row inside any.

    On a border the lowest code wins, as in `place_addresses`. Districts are numbered in that order, so that the winner
    is the least number. The join goes from the few pieces to the many rows: that is five times as quick as looking up
    each row.
    """
    run("CREATE INDEX ON staged_address USING gist (geometry)")
    run("DROP TABLE IF EXISTS placed_address, district_in_order")
    run(
        """
        CREATE TEMP TABLE district_in_order ON COMMIT DROP AS
        SELECT district.id, district.name,
            row_number() OVER (ORDER BY level.rank DESC, district.code COLLATE "C", district.id)::int AS as_smallest,
            CASE WHEN release.id = first_value(release.id) OVER (ORDER BY level.rank)
                THEN row_number() OVER (ORDER BY level.rank, district.code COLLATE "C", district.id)::int
            END AS as_commune
        FROM neighbourhoods_district AS district
        JOIN neighbourhoods_boundaryrelease AS release ON release.id = district.release_id AND release.is_current
        JOIN neighbourhoods_districtlevel AS level ON level.id = release.level_id
        """
    )
    run(
        f"""
        CREATE TEMP TABLE placed_address ON COMMIT DROP AS
        SELECT staged.row_id, min(ordered.as_commune) AS commune, min(ordered.as_smallest) AS smallest
        FROM district_in_order AS ordered
        JOIN neighbourhoods_districtpiece AS piece ON piece.district_id = ordered.id
        JOIN staged_address AS staged ON ST_DWithin(piece.geometry, staged.geometry, {ON_BORDER_DEGREES})
        GROUP BY staged.row_id
        """
    )
    run("ANALYZE placed_address")


_KEYED = """
    staged_address AS staged
    LEFT JOIN placed_address AS placed ON placed.row_id = staged.row_id
    JOIN address_key AS key ON key.street_code = staged.street_code AND key.street_search = staged.street_search
        AND key.locality = staged.locality AND key.commune = coalesce(placed.commune, 0)
"""
"""Rows with the key they share; a row outside all communes has commune 0 in its key."""


def _find_streets(source: str, report: ImportReport) -> None:
    """Make `address_key`, with the street of each, and `row_street` for rows that do not go with their key."""
    run("DROP TABLE IF EXISTS address_key, row_street, street_candidate")
    run(
        """
        CREATE TEMP TABLE address_key ON COMMIT DROP AS
        SELECT keys.*, row_number() OVER () AS key_id, district.id AS commune_id, lower(district.name) AS commune_name,
            coalesce(nullif(locality, ''), district.name, '') AS place, NULL::bigint AS street_id, false AS is_split
        FROM (
            SELECT street_code, street_search, locality, coalesce(placed.commune, 0) AS commune, min(street) AS street
            FROM staged_address AS staged LEFT JOIN placed_address AS placed ON placed.row_id = staged.row_id
            GROUP BY 1, 2, 3, 4
        ) AS keys LEFT JOIN district_in_order AS district ON district.as_commune = keys.commune
        """
    )
    run("CREATE TEMP TABLE row_street (row_id bigint PRIMARY KEY, street_id bigint) ON COMMIT DROP")
    run("ANALYZE address_key")
    run(
        """
        UPDATE address_key AS key SET street_id = street.id
        FROM neighbourhoods_street AS street
        WHERE key.street_code <> '' AND street.code = key.street_code
        """
    )
    run(
        """
        CREATE TEMP TABLE street_candidate ON COMMIT DROP AS
        SELECT DISTINCT ON (name.search_name, street.id) name.search_name, street.id, street.geometry,
            lower(street.locality) AS locality, around.id AS commune_id, street.closed_at IS NOT NULL AS is_closed
        FROM (SELECT DISTINCT street_search FROM address_key WHERE street_id IS NULL) AS wanted
        JOIN neighbourhoods_streetname AS name ON name.search_name = wanted.street_search
        JOIN neighbourhoods_street AS street ON street.id = name.street_id
        LEFT JOIN LATERAL (
            SELECT district.id
            FROM neighbourhoods_districtpiece AS piece
            JOIN district_in_order AS district
                ON district.id = piece.district_id AND district.as_commune IS NOT NULL
            WHERE ST_Covers(piece.geometry, ST_LineInterpolatePoint(ST_GeometryN(street.geometry, 1), 0.5))
            ORDER BY lower(district.name) <> lower(street.locality), district.as_commune
            LIMIT 1
        ) AS around ON true
        """
    )
    run("CREATE INDEX ON street_candidate (search_name)")
    run("ANALYZE street_candidate")
    known = dict(rows_of("SELECT is_closed, count(*) FROM street_candidate GROUP BY 1"))
    # Closed streets only where none in force is meant.
    if known.get(False):
        _match_by_place("NOT candidate.is_closed")
    if known.get(True):
        _match_by_place("candidate.is_closed")
    _make_unknown_streets(source, report)


def _match_by_place(among: str) -> None:
    """Give keys and rows without a street one of their name, among the candidates that meet the condition.

    Courses first, streets without one last: so the streets that an import makes do not change where the next one puts
    the same addresses.
    """
    drawn = f"{among} AND candidate.geometry IS NOT NULL"
    _take_the_nearest(f"{drawn} AND candidate.commune_id = key.commune_id")
    _take_the_nearest(
        f"{drawn} AND candidate.locality <> '' "
        "AND candidate.locality IN (lower(key.locality), coalesce(key.commune_name, lower(key.locality)))"
    )
    far = f"""
        SELECT key.commune_id IS NULL, count(*) FROM address_key AS key
        WHERE key.street_id IS NULL AND NOT key.is_split AND key.street_search <> '' AND EXISTS (
            SELECT FROM street_candidate AS candidate WHERE candidate.search_name = key.street_search AND {drawn})
        GROUP BY 1
    """
    without_street = dict(rows_of(far))
    if without_street.get(False):
        _take_the_nearest_in_common(drawn)
    if without_street.get(True):
        _take_the_nearest_by_row(
            f"key.commune_id IS NULL AND {drawn} AND "
            f"ST_DWithin(candidate.geometry::geography, staged.geometry::geography, {NEAREST_STREET_M})"
        )
        run(
            f"""
            UPDATE address_key SET is_split = true WHERE key_id IN (
                SELECT key.key_id FROM {_KEYED} LEFT JOIN row_street ON row_street.row_id = staged.row_id
                WHERE key.commune_id IS NULL AND key.street_id IS NULL
                GROUP BY key.key_id HAVING bool_and(row_street.row_id IS NOT NULL))
            """
        )
    run(
        f"""
        UPDATE address_key AS key SET street_id = found.id
        FROM (
            SELECT key.key_id, min(candidate.id) AS id
            FROM address_key AS key JOIN street_candidate AS candidate ON candidate.search_name = key.street_search
            WHERE key.street_id IS NULL AND NOT key.is_split AND key.street_search <> '' AND {among}
                AND candidate.geometry IS NULL AND candidate.locality = lower(key.place)
            GROUP BY key.key_id
        ) AS found
        WHERE found.key_id = key.key_id
        """
    )


def _take_the_nearest_in_common(drawn: str) -> None:
    """Give the keys of one name and commune the candidate nearest to the middle of their rows, within 1 km of it."""
    run(
        f"""
        UPDATE address_key AS key SET street_id = chosen.id
        FROM (
            SELECT DISTINCT ON (wanted.street_search, wanted.commune_id)
                wanted.street_search, wanted.commune_id, candidate.id
            FROM (
                SELECT key.street_search, key.commune_id, ST_Centroid(ST_Collect(staged.geometry)) AS middle
                FROM {_KEYED}
                WHERE key.street_id IS NULL AND NOT key.is_split AND key.street_search <> ''
                    AND key.commune_id IS NOT NULL
                    AND EXISTS (SELECT FROM street_candidate AS candidate
                        WHERE candidate.search_name = key.street_search AND {drawn})
                GROUP BY key.street_search, key.commune_id
            ) AS wanted
            JOIN street_candidate AS candidate ON candidate.search_name = wanted.street_search
            WHERE {drawn} AND ST_DWithin(candidate.geometry::geography, middle::geography, %s)
            ORDER BY wanted.street_search, wanted.commune_id, candidate.geometry <-> middle, candidate.id
        ) AS chosen
        WHERE key.street_id IS NULL AND NOT key.is_split AND key.street_search = chosen.street_search
            AND key.commune_id = chosen.commune_id
        """,
        [NEAREST_STREET_M],
    )


def _take_the_nearest(condition: str) -> None:
    """Give keys the one candidate of their name that meets the condition; of several, each row its nearest."""
    run(
        f"""
        UPDATE address_key AS key SET street_id = CASE WHEN found.count = 1 THEN found.id END,
            is_split = found.count > 1
        FROM (
            SELECT key.key_id, min(candidate.id) AS id, count(*) AS count
            FROM address_key AS key JOIN street_candidate AS candidate ON candidate.search_name = key.street_search
            WHERE key.street_id IS NULL AND NOT key.is_split AND key.street_search <> '' AND {condition}
            GROUP BY key.key_id
        ) AS found
        WHERE found.key_id = key.key_id
        """
    )
    if rows_of("SELECT FROM address_key WHERE is_split AND street_id IS NULL LIMIT 1"):
        _take_the_nearest_by_row(f"key.is_split AND {condition}")


def _take_the_nearest_by_row(condition: str) -> None:
    """Give rows still without a street the nearest candidate of their name that meets the condition."""
    run(
        f"""
        INSERT INTO row_street (row_id, street_id)
        SELECT staged.row_id, nearest.id
        FROM {_KEYED}
        CROSS JOIN LATERAL (
            SELECT candidate.id FROM street_candidate AS candidate
            WHERE candidate.search_name = staged.street_search AND {condition}
            ORDER BY candidate.geometry <-> staged.geometry, candidate.id
            LIMIT 1
        ) AS nearest
        WHERE key.street_id IS NULL AND staged.street_search <> ''
            AND NOT EXISTS (SELECT FROM row_street AS known WHERE known.row_id = staged.row_id)
        """
    )


def _make_unknown_streets(source: str, report: ImportReport) -> None:
    """Make a street without a course for each name and locality still without one, and give it to its keys."""
    unknown = rows_of(
        """
        SELECT street_code, street_search, place, min(street)
        FROM address_key WHERE street_id IS NULL AND NOT is_split GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
        """
    )
    if not unknown:
        return
    by_code: dict[str, StreetRow] = {}
    keys: list[tuple[str, str, str, str]] = []
    for official, search, place, name in unknown:
        code = official or street_code(locality=place, name=search or name)
        by_code.setdefault(code, StreetRow(code=code, name=name, locality=place))
        keys.append((official, search, place, code))
    store_streets(by_code.values(), source=source, report=report, kind=KIND_OF_MADE_STREETS)
    stage("staged_new_street", [("official", "text"), ("search", "text"), ("place", "text"), ("code", "text")], keys)
    run(
        """
        UPDATE address_key AS key SET street_id = street.id
        FROM staged_new_street AS made JOIN neighbourhoods_street AS street ON street.code = made.code
        WHERE key.street_id IS NULL AND NOT key.is_split AND key.street_code = made.official
            AND key.street_search = made.search AND key.place = made.place
        """
    )


_COMPARED = {
    "street": "kept.street_id <> found.street_id",
    "house_number": "(kept.house_number, kept.number, kept.number_suffix) "
    "IS DISTINCT FROM (found.house_number, found.number, found.number_suffix)",
    "box": "kept.box <> found.box",
    "postcode": "kept.postcode <> found.postcode",
    "locality": "kept.locality <> found.place",
    "geometry": "NOT kept.geometry = found.geometry",
    "district": "kept.district_id IS DISTINCT FROM found.district_id",
    "dwellings": "kept.dwellings <> found.dwellings",
    "no_flyers": "kept.no_flyers <> found.no_flyers",
}
"""Columns as they are reported, and when they differ from what is stored.

`=` of geometries goes by every coordinate; `~=` would by boxes in single precision, which is 40 cm of latitude.
"""


def _write(source: str, report: ImportReport, kind: str) -> None:
    """Insert the new rows, update those that differ or come back, and leave the others untouched."""
    [(staged,)] = rows_of("SELECT count(*) FROM staged_address")
    run("DROP TABLE IF EXISTS address_change")
    run(
        f"""
        CREATE TEMP TABLE address_change ON COMMIT DROP AS
        SELECT found.*, kept.id AS kept_id, kept.closed_at IS NOT NULL AS is_back,
            ARRAY[{", ".join(_COMPARED.values())}] AS differs
        FROM {_KEYED}
        LEFT JOIN row_street ON row_street.row_id = staged.row_id
        LEFT JOIN district_in_order AS smallest ON smallest.as_smallest = placed.smallest
        LEFT JOIN neighbourhoods_address AS kept
            ON kept.source = %(source)s AND kept.register_id = staged.register_id,
        LATERAL (
            SELECT staged.row_id, staged.register_id, coalesce(row_street.street_id, key.street_id) AS street_id,
                staged.house_number, staged.number, staged.number_suffix, staged.box, staged.postcode, key.place,
                coalesce(staged.dwellings, kept.dwellings, 1) AS dwellings,
                coalesce(staged.no_flyers, kept.no_flyers, false) AS no_flyers,
                smallest.id AS district_id, staged.geometry
        ) AS found
        WHERE kept.id IS NULL OR kept.closed_at IS NOT NULL OR {" OR ".join(_COMPARED.values())}
        """,
        {"source": source},
    )
    counts = ", ".join(f"count(*) FILTER (WHERE differs[{at}] AND kept_id IS NOT NULL)" for at, _column in _NUMBERED)
    [(new, changed, back, *columns)] = rows_of(
        f"""
        SELECT count(*) FILTER (WHERE kept_id IS NULL), count(*) FILTER (WHERE kept_id IS NOT NULL AND NOT is_back),
            count(*) FILTER (WHERE is_back), {counts}
        FROM address_change
        """
    )
    if new:
        with filling("neighbourhoods_address", rows=new):
            run(
                """
                INSERT INTO neighbourhoods_address (source, register_id, street_id, house_number, number, number_suffix,
                    box, postcode, locality, dwellings, no_flyers, district_id, geometry)
                SELECT %(source)s, register_id, street_id, house_number, number, number_suffix, box, postcode, place,
                    dwellings, no_flyers, district_id, geometry
                FROM address_change WHERE kept_id IS NULL ORDER BY row_id
                """,
                {"source": source},
            )
    if changed or back:
        run(
            """
            UPDATE neighbourhoods_address AS kept SET
                street_id = found.street_id, house_number = found.house_number, number = found.number,
                number_suffix = found.number_suffix, box = found.box, postcode = found.postcode,
                locality = found.place, geometry = found.geometry, district_id = found.district_id,
                dwellings = found.dwellings, no_flyers = found.no_flyers, closed_at = NULL
            FROM address_change AS found WHERE found.kept_id = kept.id
            """
        )
    report.count(kind, staged=staged, created=new, changed=changed, reopened=back)
    for (_at, column), count in zip(_NUMBERED, columns, strict=True):
        report.changed_columns[kind, column] += count


_NUMBERED = tuple(enumerate(_COMPARED, start=1))
