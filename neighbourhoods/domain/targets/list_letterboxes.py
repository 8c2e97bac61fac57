"""A target turned into letterboxes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import connection, transaction

from neighbourhoods.domain.targets.parts import PartSpec, check_parts, parts_of
from neighbourhoods.domain.targets.selection import LETTERBOXES, selection_parameters
from neighbourhoods.models import Target

CHOSEN_LETTERBOXES = """
(WITH street_order AS (
   SELECT id, name, locality,
          row_number() OVER (ORDER BY name COLLATE "und-x-icu", locality COLLATE "und-x-icu", id) AS place
     FROM neighbourhoods_street WHERE id IN (SELECT street_id FROM chosen_letterbox)
 )
 SELECT chosen.address_id, street.place AS street_place, chosen.rank, street.name AS street, chosen.house_number,
        chosen.number, chosen.number_suffix, chosen.box, chosen.postcode,
        CASE WHEN chosen.locality = '' THEN street.locality ELSE chosen.locality END AS locality,
        COALESCE(district.name, '') AS district, chosen.dwellings, chosen.lon, chosen.lat
   FROM chosen_letterbox AS chosen
   JOIN street_order AS street ON street.id = chosen.street_id
   LEFT JOIN neighbourhoods_district AS district ON district.id = chosen.district_id
  WHERE chosen.is_listed) AS letterbox"""
"""What can stand behind FROM, within `choosing_letterboxes`: the letterboxes of the list, by no order."""

LIST_ORDER = "street_place, rank"
"""By street (as a dictionary has them, without regard to accents), its locality, number, suffix and box."""


@dataclass(frozen=True)
class Selection:
    """How many letterboxes were chosen, and how many were left out for which reason."""

    letterboxes: int
    duplicates_left_out: int
    no_flyers_left_out: int


@dataclass(frozen=True)
class Letterbox:
    """One letterbox of a target; `lon` and `lat` in WGS 84, `district` the smallest that is in force there."""

    address_id: int
    street: str
    house_number: str
    box: str
    postcode: str
    locality: str
    district: str
    dwellings: int
    lon: float
    lat: float


@contextmanager
def choosing_letterboxes(
    target: Target | Iterable[PartSpec], *, deduplicate: bool = True, respect_no_flyers: bool = True
) -> Iterator[Selection]:
    """Hold a transaction in which CHOSEN_LETTERBOXES can be read, so that counts and rows agree.

    A letterbox left out as a duplicate is not counted again as one that wants no flyers. Three queries besides the
    transaction's own (and one for the parts of a saved target). A temporary table, gone afterwards, keeps memory
    constant.
    """
    parts = parts_of(target) if isinstance(target, Target) else tuple(target)
    check_parts(parts)
    options = {"deduplicate": deduplicate, "respect_no_flyers": respect_no_flyers}
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            f"""CREATE TEMPORARY TABLE chosen_letterbox ON COMMIT DROP AS {LETTERBOXES}
                SELECT id AS address_id, street_id, district_id, rank, house_number, number, number_suffix, box,
                       postcode, locality, dwellings, ST_X(geometry) AS lon, ST_Y(geometry) AS lat,
                       is_duplicate AND %(deduplicate)s AS is_repeated,
                       is_unwanted AND %(respect_no_flyers)s AND NOT (is_duplicate AND %(deduplicate)s) AS is_spared,
                       NOT (is_duplicate AND %(deduplicate)s OR is_unwanted AND %(respect_no_flyers)s) AS is_listed
                  FROM letterbox""",
            {**selection_parameters(parts), **options},
        )
        cursor.execute(
            "SELECT count(*) FILTER (WHERE is_listed), count(*) FILTER (WHERE is_repeated),"
            " count(*) FILTER (WHERE is_spared) FROM chosen_letterbox"
        )
        yield Selection(*cursor.fetchone())
        cursor.execute("DROP TABLE chosen_letterbox")


def list_letterboxes(
    target: Target | Iterable[PartSpec], *, deduplicate: bool = True, respect_no_flyers: bool = True
) -> Iterator[Letterbox]:
    """Give the letterboxes of a target by street and number, from a server-side cursor, in constant memory.

    Holds a transaction until it is exhausted or closed. Four queries, however many letterboxes.
    """
    choosing = choosing_letterboxes(target, deduplicate=deduplicate, respect_no_flyers=respect_no_flyers)
    with choosing, connection.chunked_cursor() as cursor:
        cursor.execute(
            "SELECT address_id, street, house_number, box, postcode, locality, district, dwellings, lon, lat"
            f" FROM {CHOSEN_LETTERBOXES} ORDER BY {LIST_ORDER}"
        )
        while rows := cursor.fetchmany(2000):
            for row in rows:
                yield Letterbox(*row)
