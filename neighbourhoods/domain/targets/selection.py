"""The SQL that turns parts into letterboxes and a geometry: all set logic of targets, in one place.

The letterboxes of a part are
- district: the addresses in force that its area covers;
- street: the addresses that the register gives it, whatever their distance; a side is the parity of the number, a
  range is inclusive, and with either of them an address without a number is out;
- shape: the addresses that it covers;
- with a buffer: besides those, all that is covered by the part's base widened by so many metres;
- as a ring: what is covered by the widened base without the part's own letterboxes and without what the base covers.

A street's base is its course. Where only a side or a range is meant, it is the points of the addresses meant and the
stretch of the course that they front: of each component of the course (after ST_LineMerge), the substring between the
first and the last of the points, each point counting for the component nearest to it, or for all that are equally near.
A street without a course has its surface for a base or, failing that, the points of its addresses.

A target has the letterboxes of any included part that are in no excluded part; the order of parts is of no consequence.

What is shown for a street is a strip of STRIP_M on both sides of its course or stretch, and around its addresses; to
take one side of a street away takes its addresses' surroundings but leaves the roadway. The letterboxes are decided
as above and not by that strip: the register wins over the drawing.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from layers.geometry import buffered_sql, metric_srid_sql
from neighbourhoods.domain.targets.parts import PartSpec

STRIP_M = 12
"""Half the width, in metres, of the strip that shows a street."""

_PARTS = """
part AS MATERIALIZED (
  SELECT written.position, written.is_included, written.kind, written.street_id, written.side,
         written.number_from, written.number_to, written.is_stretch, written.buffer_m, written.ring_only,
         COALESCE(district.geometry, ST_GeomFromEWKB(decode(written.shape, 'hex'))) AS area,
         street.geometry AS course, street.surface
    FROM jsonb_to_recordset(%(parts)s::jsonb) AS written(
           position int, is_included boolean, kind text, district_id bigint, street_id bigint, side text,
           number_from int, number_to int, is_stretch boolean, shape text, buffer_m float, ring_only boolean)
    LEFT JOIN neighbourhoods_district AS district ON district.id = written.district_id
    LEFT JOIN neighbourhoods_street AS street ON street.id = written.street_id
),
own AS MATERIALIZED (
  SELECT part.position, address.id AS address_id, address.geometry
    FROM part JOIN neighbourhoods_address AS address ON address.street_id = part.street_id
   WHERE part.kind = 'street' AND address.closed_at IS NULL
     AND (part.side = 'both' OR mod(address.number, 2) = CASE part.side WHEN 'odd' THEN 1 ELSE 0 END)
     AND (NOT part.is_stretch OR address.number IS NOT NULL)
     AND (part.number_from IS NULL OR address.number >= part.number_from)
     AND (part.number_to IS NULL OR address.number <= part.number_to)
  UNION ALL
  SELECT part.position, address.id, address.geometry
    FROM part JOIN neighbourhoods_address AS address ON ST_Covers(part.area, address.geometry)
   WHERE address.closed_at IS NULL
)"""

_BASES = f"""
homes AS (
  SELECT position, ST_Collect(own.geometry) AS points
    FROM own JOIN part USING (position) WHERE part.kind = 'street' GROUP BY position
),
component AS MATERIALIZED (
  SELECT part.position, dumped.path, {metric_srid_sql("part.course")} AS srid,
         ST_Transform(dumped.geom, {metric_srid_sql("part.course")}) AS line
    FROM part, ST_Dump(ST_LineMerge(part.course)) AS dumped
   WHERE part.is_stretch
),
fronted AS (
  SELECT own.position, component.path, component.line, component.srid,
         ST_LineLocatePoint(component.line, ST_Transform(own.geometry, component.srid)) AS fraction,
         rank() OVER (PARTITION BY own.position, own.address_id
                      ORDER BY ST_Distance(component.line, ST_Transform(own.geometry, component.srid))) AS nearness
    FROM own JOIN component USING (position)
),
stretch AS (
  SELECT position, ST_Collect(ST_Transform(piece, 4326)) AS line
    FROM (SELECT position, ST_LineSubstring(line, min(fraction), max(fraction)) AS piece
            FROM fronted WHERE nearness = 1 GROUP BY position, path, line) AS pieces
   GROUP BY position
),
base AS MATERIALIZED (
  SELECT part.position, part.is_included, part.kind, part.buffer_m, part.ring_only,
         CASE WHEN part.kind <> 'street' THEN part.area
              WHEN part.is_stretch THEN ST_Collect(homes.points, stretch.line)
              ELSE COALESCE(part.course, part.surface, homes.points) END AS geometry,
         CASE WHEN part.kind <> 'street' THEN part.area
              WHEN part.side <> 'both' AND NOT part.is_included THEN homes.points
              WHEN part.is_stretch THEN ST_Collect(homes.points, stretch.line)
              ELSE ST_Collect(COALESCE(part.course, part.surface), homes.points) END AS shown
    FROM part LEFT JOIN homes USING (position) LEFT JOIN stretch USING (position)
),
widened AS MATERIALIZED (
  SELECT position, is_included, ring_only, geometry AS base, {buffered_sql("geometry", "buffer_m")} AS geometry
    FROM base WHERE buffer_m > 0 AND geometry IS NOT NULL
)"""

# Both windows of `letterbox` go by this, so that one sort serves duplicates and the order of the list. The shorter box
# comes first: 9 before 10.
_SAME_LETTERBOX = """
    address.number, upper(address.number_suffix) COLLATE "C", length(address.box), upper(address.box) COLLATE "C",
    address.postcode COLLATE "C", CASE WHEN address.number IS NULL THEN upper(address.house_number) END COLLATE "C"
"""

_SELECTED = """
reached AS (
  SELECT own.address_id, part.is_included FROM own JOIN part USING (position) WHERE NOT part.ring_only
  UNION ALL
  SELECT address.id, widened.is_included
    FROM widened JOIN neighbourhoods_address AS address ON ST_Covers(widened.geometry, address.geometry)
   WHERE address.closed_at IS NULL
     AND (NOT widened.ring_only
          OR NOT (ST_Intersects(widened.base, address.geometry)
                  OR EXISTS (SELECT FROM own WHERE own.position = widened.position AND own.address_id = address.id)))
),
selected AS MATERIALIZED (
  SELECT address_id FROM reached GROUP BY address_id HAVING bool_and(is_included)
)"""

_LETTERBOXES = f"""
letterbox AS MATERIALIZED (
  SELECT address.id, address.street_id, address.district_id, address.dwellings, address.geometry,
         address.house_number, address.number, address.number_suffix, address.box, address.postcode, address.locality,
         row_number() OVER in_street AS rank,
         can_be_told_apart AND row_number() OVER same > 1 AS is_duplicate,
         CASE WHEN can_be_told_apart THEN bool_or(address.no_flyers) OVER same ELSE address.no_flyers END AS is_unwanted
    FROM selected JOIN neighbourhoods_address AS address ON address.id = selected.address_id,
         LATERAL (SELECT address.house_number <> '' OR address.number IS NOT NULL AS can_be_told_apart) AS numbered
  WINDOW same AS (
    PARTITION BY address.street_id, {_SAME_LETTERBOX} ORDER BY address.dwellings DESC, address.id
    ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING),
  in_street AS (ORDER BY address.street_id, {_SAME_LETTERBOX}, address.dwellings DESC, address.id)
)"""

_SHAPES = f"""
own_shape AS MATERIALIZED (
  SELECT position, CASE WHEN kind <> 'street' THEN shown ELSE {buffered_sql("shown", str(STRIP_M))} END AS geometry
    FROM base
   WHERE shown IS NOT NULL AND (kind = 'street' OR ST_Dimension(shown) = 2)
),
part_shape AS (
  SELECT base.is_included,
         CASE WHEN widened.geometry IS NULL THEN own_shape.geometry
              WHEN own_shape.geometry IS NULL THEN widened.geometry
              WHEN base.ring_only THEN ST_Difference(widened.geometry, own_shape.geometry)
              WHEN base.kind = 'street' THEN ST_Union(widened.geometry, own_shape.geometry)
              ELSE widened.geometry END AS geometry
    FROM base LEFT JOIN own_shape USING (position) LEFT JOIN widened USING (position)
),
target_shape AS MATERIALIZED (
  SELECT CASE WHEN NOT ST_IsEmpty(areas) THEN ST_Multi(areas) END AS geometry
    FROM (SELECT ST_Union(geometry) FILTER (WHERE is_included) AS plus,
                 ST_Union(geometry) FILTER (WHERE NOT is_included) AS minus FROM part_shape) AS united,
         ST_CollectionExtract(ST_MakeValid(COALESCE(ST_Difference(plus, minus), plus)), 3) AS areas
)"""

BASES = f"WITH {_PARTS},{_BASES}"
"""Common table expressions up to `base`, one row for each part with what it is about before it is widened."""

SELECTED = f"WITH RECURSIVE {_PARTS},{_BASES},{_SELECTED}".replace("%(parts)s", "{parts}")
"""Common table expressions up to `selected`, the identifiers of the target's addresses; for `psycopg.sql`."""

LETTERBOXES = f"WITH RECURSIVE {_PARTS},{_BASES},{_SELECTED},{_LETTERBOXES}"
"""Common table expressions up to `letterbox`, one row for each address of the target, with what the options leave out.

`is_duplicate`: an earlier row has the same street, number, suffix, box and postcode (of those the row with most
dwellings is kept, then the oldest); an address without any house number is never taken for a duplicate.
`is_unwanted`: the letterbox does not want flyers, by any of its rows. `rank` grows with number, suffix and box within a
street.
"""

FIGURES = f"{LETTERBOXES},{_SHAPES}"
"""The same and `target_shape`, one row with the target's MultiPolygon in SRID 4326, null when there is nothing."""


def selection_parameters(parts: Iterable[PartSpec]) -> dict[str, Any]:
    """Write parts as the parameter of the queries above."""
    return {"parts": json.dumps(selection_rows(parts))}


def selection_rows(parts: Iterable[PartSpec]) -> list[dict[str, Any]]:
    """Write parts as the queries above read them."""
    return [
        {
            "position": position,
            "is_included": part.operation == "include",
            "kind": part.kind.value,
            "district_id": part.district_id,
            "street_id": part.street_id,
            "side": part.side.value,
            "number_from": part.number_from,
            "number_to": part.number_to,
            "is_stretch": part.is_stretch,
            "shape": part.shape.hexewkb.decode() if part.shape is not None else None,
            "buffer_m": part.buffer_m,
            "ring_only": part.ring_only,
        }
        for position, part in enumerate(parts)
    ]
