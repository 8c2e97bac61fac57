"""A target in figures: its geometry, and whom it reaches."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib.gis.geos import GEOSGeometry, MultiPolygon
from django.db import connection

from neighbourhoods.domain.targets.parts import PartSpec, check_parts, parts_of
from neighbourhoods.domain.targets.selection import FIGURES, selection_parameters
from neighbourhoods.models import Target

PREVIEW_LETTERBOXES = 5000
"""Most letterboxes that a preview shows as points; beyond, an even sample of them."""
_PREVIEW_DECIMALS = 6  # 11 cm

_FIGURES = """
upwards AS (
  SELECT id AS smallest, id AS district_id, 1 AS depth FROM neighbourhoods_district
   WHERE id IN (SELECT district_id FROM letterbox)
  UNION ALL
  SELECT upwards.smallest, district.parent_id, upwards.depth + 1
    FROM upwards JOIN neighbourhoods_district AS district ON district.id = upwards.district_id
   WHERE district.parent_id IS NOT NULL AND upwards.depth < 20
),
in_street AS (SELECT street_id, count(*) AS letterboxes FROM letterbox GROUP BY street_id),
in_smallest AS (SELECT district_id, count(*) AS letterboxes FROM letterbox GROUP BY district_id),
in_district AS (
  SELECT upwards.district_id, sum(in_smallest.letterboxes)::int AS letterboxes
    FROM in_smallest JOIN upwards ON upwards.smallest = in_smallest.district_id GROUP BY upwards.district_id
),
total AS (
  SELECT count(*) AS addresses, COALESCE(sum(dwellings), 0) AS dwellings,
         count(*) FILTER (WHERE is_unwanted) AS no_flyers, count(*) FILTER (WHERE is_duplicate) AS duplicates,
         count(*) FILTER (WHERE NOT is_unwanted AND NOT is_duplicate) AS listed
    FROM letterbox
)
SELECT total.*, COALESCE(ST_Area(target_shape.geometry::geography), 0),
       (SELECT COALESCE(json_agg(json_build_array(street.id, street.name, street.locality, letterboxes)
                                 ORDER BY street.name, street.locality, street.id), '[]')
          FROM in_street JOIN neighbourhoods_street AS street ON street.id = in_street.street_id),
       (SELECT COALESCE(json_agg(json_build_array(district.code, district.name, level.name, letterboxes)
                                 ORDER BY level.rank, district.name, district.id), '[]')
          FROM in_district
          JOIN neighbourhoods_district AS district ON district.id = in_district.district_id
          JOIN neighbourhoods_boundaryrelease AS release ON release.id = district.release_id
          JOIN neighbourhoods_districtlevel AS level ON level.id = release.level_id)"""

_WITH_GEOMETRY = f"{FIGURES},{_FIGURES}, target_shape.geometry FROM total, target_shape"
_WITH_GEOJSON = f"""{FIGURES},{_FIGURES}, ST_AsGeoJSON(target_shape.geometry, {_PREVIEW_DECIMALS}),
       (SELECT COALESCE(json_agg(json_build_object(
                 'type', 'Feature', 'id', shown.id,
                 'geometry', ST_AsGeoJSON(shown.geometry, {_PREVIEW_DECIMALS})::json,
                 'properties', json_build_object('dwellings', shown.dwellings, 'no_flyers', shown.is_unwanted,
                                                 'duplicate', shown.is_duplicate))), '[]')
          FROM (SELECT * FROM letterbox ORDER BY hashint8(id) LIMIT {PREVIEW_LETTERBOXES}) AS shown)
  FROM total, target_shape"""


@dataclass(frozen=True)
class StreetFigure:
    """A street with letterboxes in the target."""

    id: int
    name: str
    locality: str
    letterboxes: int


@dataclass(frozen=True)
class DistrictFigure:
    """A district, of any level, with letterboxes in the target."""

    code: str
    name: str
    level: str
    letterboxes: int


@dataclass(frozen=True, kw_only=True)
class Figures:
    """Whom a target reaches.

    `addresses` counts all its letterboxes, `dwellings` the homes behind them; `no_flyers` and `duplicates` are how many
    of the letterboxes are marked as not wanting flyers or are in the register twice; `listed` is how many are left
    for a mailing list that leaves out both. Districts go by the district that each address keeps, and those above it.
    """

    addresses: int
    dwellings: int
    no_flyers: int
    duplicates: int
    listed: int
    area_m2: float
    streets: tuple[StreetFigure, ...]
    districts: tuple[DistrictFigure, ...]


@dataclass(frozen=True, kw_only=True)
class ResolvedTarget(Figures):
    """A target's figures and its geometry (SRID 4326), null when its parts resolve to nothing at all."""

    geometry: MultiPolygon | None


@dataclass(frozen=True, kw_only=True)
class TargetPreview(Figures):
    """A target's figures, and what a map shows of it, as GeoJSON.

    `letterboxes` are features of points, at most PREVIEW_LETTERBOXES of them.
    """

    geometry: dict[str, Any] | None
    letterboxes: list[dict[str, Any]]


def resolve_target(target: Target | Iterable[PartSpec]) -> ResolvedTarget:
    """Work out a target's geometry and figures; one query (and one for the parts of a saved target)."""
    row = _one_row(_WITH_GEOMETRY, target)
    return ResolvedTarget(geometry=_multipolygon(row[8]), **_figures(row))


def preview_target(target: Target | Iterable[PartSpec]) -> TargetPreview:
    """Work out what the targeting screen shows; one query (and one for the parts of a saved target)."""
    row = _one_row(_WITH_GEOJSON, target)
    return TargetPreview(geometry=json.loads(row[8]) if row[8] else None, letterboxes=row[9], **_figures(row))


def _one_row(query: str, target: Target | Iterable[PartSpec]) -> tuple[Any, ...]:
    parts = parts_of(target) if isinstance(target, Target) else tuple(target)
    check_parts(parts)
    with connection.cursor() as cursor:
        cursor.execute(query, selection_parameters(parts))
        row: tuple[Any, ...] = cursor.fetchone()
    return row


def _figures(row: tuple[Any, ...]) -> dict[str, Any]:
    addresses, dwellings, no_flyers, duplicates, listed, area_m2, streets, districts = row[:8]
    return {
        "addresses": addresses,
        "dwellings": int(dwellings),
        "no_flyers": no_flyers,
        "duplicates": duplicates,
        "listed": listed,
        "area_m2": area_m2,
        "streets": tuple(StreetFigure(*street) for street in streets),
        "districts": tuple(DistrictFigure(*district) for district in districts),
    }


def _multipolygon(ewkb: str | None) -> MultiPolygon | None:
    if ewkb is None:
        return None
    geometry = GEOSGeometry(ewkb)
    if not isinstance(geometry, MultiPolygon):
        raise TypeError(f"expected a MultiPolygon, not {geometry.geom_type}")
    return geometry
