"""The letterboxes of a target, in the order of a list, as one query for COPY: no temporary table, one sort.

It says what `choosing_letterboxes` says, which every other reader of letterboxes goes through; tests hold the two
against each other.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Final

from django.contrib.gis.geos import GEOSGeometry
from psycopg import sql

from neighbourhoods.domain.targets.parts import PartSpec
from neighbourhoods.domain.targets.selection import SELECTED, selection_rows
from neighbourhoods.enums import PartKind, PartOperation, Side
from neighbourhoods.models import District

LEFT_OUT_AS_REPEATED: Final = "d"
LEFT_OUT_AS_UNWANTED: Final = "n"
"""What stands in place of the address's identifier where the row is left out."""
END: Final = "e"
"""What stands there in the last row of all, which is no letterbox; there is always one."""

_QUERY: Final = sql.SQL(
    """
{selected}
(SELECT CASE WHEN {is_repeated} THEN {repeated} WHEN {is_unwanted} THEN {unwanted} ELSE id::text END AS address_id,
        {cells}
   FROM (SELECT letterbox.*, {lines}, {windows}
           FROM (SELECT address.id, address.house_number, address.number, address.number_suffix, address.box,
                        address.postcode, address.dwellings, address.geometry, address.no_flyers,
                        address.locality AS own_locality, COALESCE(district.name, '') AS district, street.*,
                        street.place << 32 | COALESCE(address.number, 4294967295) AS place_in_street,
                        {rest} AS rest
                   FROM neighbourhoods_address AS address
                   JOIN (SELECT id AS street_id, name AS street, locality AS street_locality,
                                row_number() OVER (
                                  ORDER BY name COLLATE "und-x-icu", locality COLLATE "und-x-icu", id) AS place,
                                {of_street}
                           FROM neighbourhoods_street OFFSET 0) AS street USING (street_id)
                   LEFT JOIN neighbourhoods_district AS district ON district.id = address.district_id
                  WHERE address.closed_at IS NULL AND ({condition})) AS letterbox
         WINDOW same AS (PARTITION BY place_in_street, rest ORDER BY {is_first} dwellings DESC, id)) AS listed
  ORDER BY place_in_street, rest, {is_first} dwellings DESC, id)
UNION ALL
SELECT {end}, {nothing}"""
)

# Sorts as number_suffix, the box's length, box, postcode and, where there is no number, house_number do, capitals or
# not: and is the same for what is one letterbox, never for two addresses that nothing tells apart. Most have neither
# suffix nor box and come before all others; U+10FFFF comes after any letter.
_REST: Final = sql.SQL(
    """
CASE WHEN address.number_suffix = '' AND address.box = '' AND address.number IS NOT NULL THEN address.postcode
     ELSE U&'\\+10FFFF' || upper(address.number_suffix) || chr(1) || chr(32 + length(address.box)) || upper(address.box)
          || chr(1) || address.postcode || chr(1)
          || CASE WHEN address.number IS NOT NULL THEN ''
                  WHEN address.house_number <> '' THEN upper(address.house_number)
                  ELSE lpad((2147483647 - address.dwellings)::text, 10, '0') || lpad(address.id::text, 19, '0') END
END COLLATE "C" """
)


def letterbox_query(
    parts: Iterable[PartSpec],
    *,
    cells: list[sql.Composable],
    lines: list[sql.Composable],
    of_street: list[sql.Composable],
    deduplicate: bool,
    respect_no_flyers: bool,
) -> sql.Composed:
    """Give a query of one row for each letterbox of the parts, by street and number, and a last row that says END.

    Its first column, a text, is the address's identifier, or why the row is left out; `cells` are the others. They are
    expressions over `lines`; these, worked out once for each row, over `of_street`, the `geometry` and the columns of
    CHOSEN_LETTERBOXES but `locality` (which is `own_locality` or, where that is empty, `street_locality`). `of_street`
    are expressions over `name` and `locality`, worked out once for each street. No parameters; one query for the
    outlines of districts, if there are any among the parts.
    """
    parts = tuple(parts)
    selected, condition = _selection(parts)
    windows = [sql.SQL("row_number() OVER same AS nth")]
    if respect_no_flyers and not deduplicate:
        # The unwanted one comes first, and speaks for all the rows of its letterbox.
        windows.append(sql.SQL("first_value(no_flyers) OVER same AS is_unwanted"))
    comma = sql.SQL(", ")
    return _QUERY.format(
        selected=selected,
        condition=condition,
        rest=_REST,
        repeated=sql.Literal(LEFT_OUT_AS_REPEATED),
        unwanted=sql.Literal(LEFT_OUT_AS_UNWANTED),
        end=sql.Literal(END),
        nothing=comma.join([sql.SQL("NULL")] * len(cells)),
        cells=comma.join(cells),
        lines=comma.join(lines),
        of_street=comma.join(of_street),
        windows=comma.join(windows),
        is_first=sql.SQL("no_flyers DESC," if respect_no_flyers else ""),
        is_repeated=sql.SQL("nth > 1" if deduplicate else "false"),
        is_unwanted=sql.SQL("false" if not respect_no_flyers else "no_flyers" if deduplicate else "is_unwanted"),
    )


def _selection(parts: tuple[PartSpec, ...]) -> tuple[sql.Composable, sql.Composable]:
    """Give what comes before the query, and the condition on `address` that the parts are.

    Parts without a buffer are a condition on one row, and PostgreSQL takes the rows from the indexes. Areas stand in
    the query as they are, so that it knows how many rows they have.
    """
    if any(part.buffer_m for part in parts):
        rows = sql.Literal(json.dumps(selection_rows(parts)))
        return sql.SQL(SELECTED).format(parts=rows), sql.SQL("address.id IN (SELECT address_id FROM selected)")
    districts = [part.district_id for part in parts if part.district_id is not None]
    outlines = dict(District.objects.filter(pk__in=districts).values_list("pk", "geometry")) if districts else {}
    of = {
        operation: [
            _condition(part, part.shape or outlines.get(part.district_id or 0))
            for part in parts
            if part.operation == operation
        ]
        for operation in PartOperation
    }
    included = sql.SQL(" OR ").join(of[PartOperation.INCLUDE])
    if not of[PartOperation.EXCLUDE]:
        return sql.SQL(""), included
    excluded = sql.SQL(" OR ").join(of[PartOperation.EXCLUDE])
    return sql.SQL(""), sql.SQL("({}) AND ({}) IS NOT TRUE").format(included, excluded)


def _condition(part: PartSpec, area: GEOSGeometry | None) -> sql.Composable:
    if part.kind != PartKind.STREET:
        if area is None:
            return sql.SQL("false")
        return sql.SQL("ST_Covers({}::geometry, address.geometry)").format(sql.Literal(area.hexewkb.decode()))
    conditions: list[sql.Composable] = [sql.SQL("address.street_id = {}").format(sql.Literal(part.street_id))]
    if part.side != Side.BOTH:
        conditions.append(sql.SQL("mod(address.number, 2) = {}").format(sql.Literal(int(part.side == Side.ODD))))
    if part.number_from is not None:
        conditions.append(sql.SQL("address.number >= {}").format(sql.Literal(part.number_from)))
    if part.number_to is not None:
        conditions.append(sql.SQL("address.number <= {}").format(sql.Literal(part.number_to)))
    return sql.SQL("({})").format(sql.SQL(" AND ").join(conditions))
