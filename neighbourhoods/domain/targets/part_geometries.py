"""What each part of a target is about, as a geometry and as a sentence."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.contrib.gis.geos import GEOSGeometry
from django.db import connection

from neighbourhoods.domain.targets.parts import PartSpec
from neighbourhoods.domain.targets.selection import BASES, selection_parameters
from neighbourhoods.models import District, Street, Target
from neighbourhoods.target_words import part_in_words


@dataclass(frozen=True)
class PartGeometry:
    """A part, its sentence in the language in use, and its base (SRID 4326, any type; null where it has none).

    `locality` is the street's, "" for any other part: several streets may have one name, and so one sentence.
    """

    spec: PartSpec
    sentence: str
    locality: str
    geometry: GEOSGeometry | None


def part_geometries(parts: Iterable[PartSpec]) -> list[PartGeometry]:
    """Give, in their order, what parts are about before they are widened: district, shape, course of the street.

    Of a stretch of a street, the stretch of its course that the homes meant front, or else their points: never a
    collection of lines and points, which most maps do not draw. Three queries.
    """
    specs = tuple(parts)
    streets = Street.objects.defer("geometry", "surface").in_bulk({spec.street_id for spec in specs if spec.street_id})
    districts = (
        District.objects.select_related("release")
        .defer("geometry")
        .in_bulk({spec.district_id for spec in specs if spec.district_id})
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"{BASES} SELECT ST_CollectionExtract(geometry) FROM base ORDER BY position", selection_parameters(specs)
        )
        geometries = [GEOSGeometry(ewkb) if ewkb else None for (ewkb,) in cursor.fetchall()]
    target, found = Target(), []
    for position, (spec, geometry) in enumerate(zip(specs, geometries, strict=True)):
        row = spec.as_row(target=target, position=position)
        if spec.street_id:
            row.street = streets[spec.street_id]
        if spec.district_id:
            row.district = districts[spec.district_id]
        locality = row.street.locality if row.street else ""
        found.append(PartGeometry(spec, part_in_words(row), locality, geometry))
    return found
