"""Finding streets, addresses and districts while somebody types."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from django.conf import settings
from django.db import connection

from neighbourhoods.domain.naming import parse_house_number, plain_text, search_form, search_variants

LONGEST_QUERY: Final = 100
"""Characters of a query that are looked at."""

_CANDIDATES: Final = 60
_LIKENESS: Final = 0.45
"""Least word similarity (pg_trgm) of a name to a query with typing errors: "dorfstrase", "ru haut"."""

_NUMBER_FIRST: Final = frozenset({"FR", "LU", "MC", "GB", "IE", "US", "CA", "AU"})
"""Countries that write the house number before the street."""

Kind = Literal["street", "address", "district"]


@dataclass(frozen=True)
class FoundPlace:
    """One answer. `lon`, `lat` is a point on it and `bbox` west, south, east, north (SRID 4326)."""

    type: Kind
    id: int
    label: str
    detail: str
    lon: float | None
    lat: float | None
    bbox: tuple[float, float, float, float] | None
    code: str | None = None
    level: str | None = None
    street_id: int | None = None
    house_number: str | None = None
    box: str | None = None
    postcode: str | None = None
    district: str | None = None


@dataclass(frozen=True)
class PlaceQuery:
    """What somebody may mean: forms of a name, and a house number, a box and a postcode where they are given."""

    forms: tuple[str, ...]
    number: int | None = None
    suffix: str = ""
    box: str = ""
    postcodes: tuple[str, ...] = ()


_BOX: Final = re.compile(
    r"(?:[\s,;]+(?:boite|bte|bt|bus|box|appartement|appt|apt|unit|flat|lgh)\b|[\s,;]+b\.)[\s.:]*([a-z]?\d+[a-z]?|[a-z])\b"
)
_NUMBER: Final = re.compile(
    r"(?<!\w)\d{1,6}(?:\s*(?:bis|ter|quater)\b|\s?[a-z](?![\w'’.-])|)(?:\s*/\s*\d+[a-z]?|\s*-\s*\d+\b)?(?!\w)"
)
_POSTCODE: Final = re.compile(r"\d{4,5}")


def read_query(text: str) -> PlaceQuery:
    """Take what somebody typed apart: "12 bis, rue Haute, bte 3, 1000" → rue haute, 12, "bis", "3", 1000.

    A number may belong to the name ("rue du 8 mai 1945"), so that the whole text stays one of the forms.
    """
    plain = plain_text(text[:LONGEST_QUERY]).strip()
    box = ""
    without_box = plain
    if found := _BOX.search(plain):
        box = found[1]
        without_box = f"{plain[: found.start()]} , {plain[found.end() :]}"
    numbers = list(_NUMBER.finditer(without_box))
    if not numbers:
        return PlaceQuery(_forms([without_box, plain]), box=box)
    possible_codes = [number for number in numbers if _POSTCODE.fullmatch(number.group())]
    others = [number for number in numbers if number not in possible_codes]
    if not others:
        house = possible_codes[0] if len(possible_codes) > 1 or without_box.startswith(numbers[0].group()) else None
        house = house or possible_codes[-1]
    else:
        house = others[0] if others[0].start() == 0 else others[-1]
    left_out = [house, *(code for code in possible_codes if code is not house and len(numbers) > 1)]
    name = without_box
    for number in sorted(left_out, key=lambda number: -number.start()):
        name = f"{name[: number.start()]} , {name[number.end() :]}"
    parsed = parse_house_number(house.group())
    postcodes = tuple(dict.fromkeys(code.group() for code in possible_codes))
    return PlaceQuery(_forms([name, without_box]), parsed.number, parsed.suffix, box or parsed.box, postcodes)


def _forms(texts: Iterable[str]) -> tuple[str, ...]:
    """Search forms of the readings of a text, without the empty ones: at most eight."""
    forms = (form for text in texts for form in search_variants(text, limit=4))
    return tuple(dict.fromkeys(form for form in forms if form))


# One round trip. The likeness is set for this statement only (is_local), and the branch that needs it hangs on it
# through the length of what is compared, so that it is set before the index is asked. Each branch is bounded; the
# tolerant one runs only where the plain ones found little, because "rue" is like every street of a town.
_NAMES: Final = f"""
WITH form AS MATERIALIZED (SELECT unnest(%(forms)s::text[]) AS form),
closed AS MATERIALIZED (SELECT id FROM neighbourhoods_street WHERE closed_at IS NOT NULL),
whole AS MATERIALIZED (
    SELECT id FROM neighbourhoods_streetname
    WHERE search_name = ANY(%(parts)s::text[]) AND street_id NOT IN (SELECT id FROM closed) LIMIT {_CANDIDATES}
), beginning AS MATERIALIZED (
    SELECT id FROM neighbourhoods_streetname
    WHERE search_name LIKE ANY(%(beginnings)s::text[]) AND street_id NOT IN (SELECT id FROM closed)
    ORDER BY length(search_name), search_name, id LIMIT {_CANDIDATES}
), inside AS MATERIALIZED (
    SELECT id FROM neighbourhoods_streetname
    WHERE %(letters)s >= 3 AND (SELECT count(*) FROM beginning) < {_CANDIDATES}
    AND search_name LIKE ANY(%(insides)s::text[]) AND street_id NOT IN (SELECT id FROM closed)
    ORDER BY length(search_name), search_name, id LIMIT {_CANDIDATES}
), likeness AS MATERIALIZED (
    SELECT set_config('pg_trgm.word_similarity_threshold', '{_LIKENESS}', true) AS set
), tolerant AS MATERIALIZED (
    SELECT n.id FROM likeness, LATERAL (
        SELECT array_agg(left(form, 200 + 0 * length(likeness.set))) AS forms FROM form
    ) asked, LATERAL (
        SELECT id FROM neighbourhoods_streetname
        WHERE search_name %%> ANY(asked.forms) AND street_id NOT IN (SELECT id FROM closed)
        ORDER BY (SELECT max(word_similarity(f, search_name) + 0.1 * similarity(f, search_name))
                  FROM unnest(asked.forms) f) DESC, length(search_name), id
        LIMIT {_CANDIDATES}
    ) n
    WHERE %(letters)s >= 3
    AND (SELECT count(*) FROM whole) + (SELECT count(*) FROM beginning) + (SELECT count(*) FROM inside) < 8
), candidate AS MATERIALIZED (
    SELECT street_id, array_agg(name ORDER BY n.id) AS names, array_agg(search_name ORDER BY n.id) AS search_names,
           max((SELECT max(word_similarity(form, search_name)) FROM form)) AS likeness
    FROM neighbourhoods_streetname n
    WHERE n.id IN (SELECT id FROM whole UNION SELECT id FROM beginning UNION SELECT id FROM inside
                   UNION SELECT id FROM tolerant)
    GROUP BY street_id
)
SELECT 'street', s.id, s.name, s.locality, c.names, c.search_names, c.likeness::float8, known.addresses,
       known.with_postcode, ST_X(middle), ST_Y(middle), ST_XMin(box), ST_YMin(box), ST_XMax(box), ST_YMax(box),
       NULL, NULL, known.postcode, known.district
FROM candidate c
JOIN neighbourhoods_street s ON s.id = c.street_id,
LATERAL (
    SELECT count(*) AS addresses, count(*) FILTER (WHERE a.postcode = ANY(%(postcodes)s::text[])) AS with_postcode,
           min(nullif(a.postcode, '')) AS postcode, min(d.name) AS district,
           CASE WHEN s.geometry IS NULL THEN ST_Collect(a.geometry) END AS points
    FROM neighbourhoods_address a LEFT JOIN neighbourhoods_district d ON d.id = a.district_id
    WHERE a.street_id = s.id AND a.closed_at IS NULL
) known,
LATERAL (SELECT coalesce(s.geometry, known.points) AS shape) shape,
LATERAL (SELECT ST_PointOnSurface(shape) AS middle, shape::box2d AS box) place
UNION ALL
SELECT 'district', d.id, d.name, l.name, ARRAY[d.name], ARRAY[d.search_name],
       (SELECT max(word_similarity(form, d.search_name)) FROM form)::float8, NULL, NULL,
       ST_X(middle), ST_Y(middle), ST_XMin(d.geometry), ST_YMin(d.geometry), ST_XMax(d.geometry), ST_YMax(d.geometry),
       d.code, l.name, NULL, NULL
FROM (
    SELECT d.id FROM neighbourhoods_district d JOIN neighbourhoods_boundaryrelease r ON r.id = d.release_id
    WHERE r.is_current AND (d.search_name LIKE ANY(%(beginnings)s::text[]) OR %(letters)s >= 3 AND (
        d.search_name LIKE ANY(%(insides)s::text[])
        OR EXISTS (SELECT 1 FROM form WHERE word_similarity(form, d.search_name) >= {_LIKENESS} + 0.1)))
    ORDER BY (SELECT max(similarity(form, d.search_name)) FROM form) DESC, length(d.search_name), d.id LIMIT 20
) near
JOIN neighbourhoods_district d ON d.id = near.id
JOIN neighbourhoods_boundaryrelease r ON r.id = d.release_id
JOIN neighbourhoods_districtlevel l ON l.id = r.level_id,
LATERAL (SELECT ST_PointOnSurface(d.geometry) AS middle) place
"""

# The number itself, and those that begin with it while it is being typed: 1, then 10 to 19, then 100 to 199.
_ADDRESSES: Final = """
SELECT a.id, a.street_id, a.house_number, a.number, a.number_suffix, a.box, a.postcode, a.locality, d.name,
       ST_X(a.geometry), ST_Y(a.geometry)
FROM neighbourhoods_address a LEFT JOIN neighbourhoods_district d ON d.id = a.district_id
WHERE a.street_id = ANY(%(streets)s) AND a.closed_at IS NULL AND (
    a.number = %(number)s OR a.number BETWEEN %(number)s * 10 AND %(number)s * 10 + 9
    OR a.number BETWEEN %(number)s * 100 AND %(number)s * 100 + 99)
ORDER BY array_position(%(streets)s, a.street_id), a.number <> %(number)s,
         lower(a.number_suffix) <> %(suffix)s, lower(a.box) <> %(box)s, a.number, a.number_suffix, a.box, a.id
LIMIT 100
"""


@dataclass(frozen=True)
class _Candidate:
    """A row of the first query, and how well it answers."""

    row: tuple[Any, ...]
    name: str
    """The name that matched, which may be the one in another language."""
    rank: tuple[Any, ...]
    strong: bool = field(default=True)
    """Whether it matched without allowing for typing errors."""


def _match(form: str, name: str) -> int:
    """0: the very name; 1: it begins so; 2: one of its words begins so; 3: none of these."""
    if name == form:
        return 0
    if name.startswith(form):
        return 1
    return 2 if f" {form}" in name else 3


def _match_with_locality(form: str, name: str, locality: list[str]) -> tuple[int, bool]:
    """Match a form whose last or first words may name the locality; say whether they did."""
    best = (_match(form, name), False)
    words = form.split()
    for at in range(1, len(words)):
        for street_words, place_words in ((words[:at], words[at:]), (words[at:], words[:at])):
            if all(any(known.startswith(word) for known in locality) for word in place_words):
                best = min(best, (_match(" ".join(street_words), name), True))
    return best


def _rank(row: tuple[Any, ...], query: PlaceQuery) -> _Candidate:
    kind, place_id, main_name, locality, names, search_names, likeness, addresses, with_postcode = row[:9]
    around = [*search_form(f"{locality} {row[18] or ''}").split(), row[17] or ""] if kind == "street" else []
    (match, _not_local, _at), name = min(
        ((match, not local, at), name)
        for at, form in enumerate(query.forms)
        for name, search_name in zip(names, search_names, strict=True)
        for match, local in [_match_with_locality(form, search_name, around)]
    )
    here = any(len(word) >= 3 and word in around for form in query.forms for word in form.split())
    rank = (
        match,
        -round(likeness, 1) if match == 3 else 0,
        match == 3 and not here,
        kind == "street" and not with_postcode if query.postcodes else False,
        kind == "street",
        -(addresses or 0),
        len(main_name),
        main_name,
        place_id,
    )
    return _Candidate(row, name, rank, match < 3)


def _found(candidate: _Candidate) -> FoundPlace:
    row = candidate.row
    kind, place_id, main_name, locality = row[:4]
    bbox = None if row[11] is None else (row[11], row[12], row[13], row[14])
    if kind == "district":
        return FoundPlace("district", place_id, main_name, "", row[9], row[10], bbox, code=row[15], level=row[16])
    other = main_name if candidate.name != main_name else ""
    place = " ".join(part for part in (row[17], locality) if part)
    detail = " · ".join(part for part in (other, place or row[18]) if part)
    return FoundPlace(
        "street", place_id, candidate.name, detail, row[9], row[10], bbox, street_id=place_id, district=row[18]
    )


def _address_label(street: str, house_number: str, box: str) -> str:
    """Write street and number in the country's order; the box only where the number does not name it yet."""
    number = house_number if not box or box in house_number.lower() else f"{house_number} / {box}"
    return f"{number} {street}".strip() if settings.ADDRESS_COUNTRY in _NUMBER_FIRST else f"{street} {number}".strip()


def _search_addresses(query: PlaceQuery, streets: list[_Candidate]) -> list[tuple[bool, FoundPlace]]:
    """Addresses of the streets with the number, or a number that begins so; True: the number itself."""
    if query.number is None or not streets:
        return []
    by_id = {candidate.row[1]: candidate for candidate in streets}
    with connection.cursor() as cursor:
        cursor.execute(
            _ADDRESSES,
            {"streets": list(by_id), "number": query.number, "suffix": query.suffix, "box": query.box},
        )
        rows = cursor.fetchall()
    if query.postcodes:
        rows.sort(key=lambda row: row[6] not in query.postcodes)
    found: dict[tuple[str, str], tuple[bool, FoundPlace]] = {}  # a register may hold one letterbox twice
    for address_id, street_id, house_number, number, _suffix, box, postcode, locality, district, lon, lat in rows:
        place = " ".join(part for part in (postcode, locality) if part)
        label = _address_label(by_id[street_id].name, house_number, box)
        address = FoundPlace(
            "address", address_id, label, place or district or "", lon, lat, (lon, lat, lon, lat),
            street_id=street_id, house_number=house_number, box=box, postcode=postcode, district=district,
        )  # fmt: skip
        found.setdefault((address.label, address.detail), (number == query.number, address))
    return list(found.values())


def search_places(*, text: str, limit: int = 8) -> list[FoundPlace]:
    """Find streets, addresses and districts by what somebody has typed so far, best first.

    Tolerates accents, abbreviations, typing errors (from the third letter), the other language's name, and house
    numbers before or after the street, with or without box; a locality or postcode narrows. The very name comes
    first, then names that begin so, then words that begin so, then names that are like it; among equals districts
    and then the streets with most addresses. An address is offered before its street once its number is typed.
    Two queries at the most, one without a number, none for a text without letters or digits.
    """
    query = read_query(text)
    if not query.forms:
        return []
    words = [form.split() for form in query.forms]
    parts = {" ".join(form[:at]) for form in words for at in range(1, len(form) + 1)}
    parts |= {" ".join(form[at:]) for form in words for at in range(1, len(form))}
    with connection.cursor() as cursor:
        cursor.execute(
            _NAMES,
            {
                "forms": list(query.forms),
                "parts": sorted(part for part in parts if len(part) >= 3)[:60],
                "beginnings": [f"{form}%" for form in query.forms],
                "insides": [f"% {form}%" for form in query.forms],
                "letters": max(map(len, query.forms)),
                "postcodes": list(query.postcodes),
            },
        )
        rows = cursor.fetchall()
    candidates = sorted((_rank(row, query) for row in rows), key=lambda candidate: candidate.rank)
    streets = [candidate for candidate in candidates if candidate.row[0] == "street"]
    addresses = _search_addresses(query, streets[:20])
    whole_number = [address for exact, address in addresses if exact]
    longer_number = [address for exact, address in addresses if not exact]
    strong = [_found(candidate) for candidate in candidates if candidate.strong]
    alike = [_found(candidate) for candidate in candidates if not candidate.strong]
    return [*whole_number[:limit], *strong[:2], *longer_number[:3], *strong[2:], *longer_number[3:], *alike][:limit]


def the_one_meant(text: str, found: Sequence[FoundPlace]) -> FoundPlace | None:
    """The one place that is called exactly what was typed, or the only one found.

    The order of the words does not count ("12 rue Haute", "rue Haute 12"), and locality or postcode may be there.
    """
    typed = set(search_form(text).split())
    exact = [
        place
        for place in found
        if set(search_form(place.label).split()) <= typed <= set(search_form(f"{place.label} {place.detail}").split())
    ]
    if len(exact) == 1:
        return exact[0]
    return found[0] if len(found) == 1 else None
