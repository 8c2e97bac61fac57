"""Reads of consultations for the public pages."""

from __future__ import annotations

import json
from typing import Any

import shapely
from django.contrib.gis.geos import GEOSGeometry
from django.db.models import QuerySet

from geoparticipation.consultations.errors import UnknownConsultation
from geoparticipation.consultations.models import Consultation
from layers.geometry import simplified, to_shapely
from neighbourhoods.target_words import parts_to_read

MAP_VERTICES = 4_000


def with_story(queryset: QuerySet[Consultation]) -> QuerySet[Consultation]:
    """With phases, the target's parts and the budget that is voted on, for `presentation.outline`.

    Two further queries, however many there are.
    """
    # The budget belongs to an app above this one: reached through the relation, not imported.
    with_one_row = queryset.select_related("target", "budget").defer("budget__counted", "budget__source")
    return with_one_row.prefetch_related("phases", parts_to_read("target__parts"))


def consultation_story_for(user: object, slug: str) -> Consultation:
    """The consultation at this address as far as this person may see it, `with_story`; raises UnknownConsultation."""
    found = with_story(Consultation.objects.visible_to(user)).filter(slug=slug).first()
    if found is None:
        raise UnknownConsultation
    return found


def target_geojson(consultation: Consultation) -> dict[str, Any] | None:
    """The target's shape as GeoJSON (WGS 84) for the map, light enough to stand in a page; None for the whole town."""
    target = consultation.target
    if target is None or target.geometry is None:
        return None
    return light_geojson(target.geometry)


def light_geojson(geometry: GEOSGeometry) -> dict[str, Any]:
    """Write a geometry (SRID 4326) for a map in a page: at most MAP_VERTICES vertices, six decimals (10 cm)."""
    shape = simplified(to_shapely(geometry), max_vertices=MAP_VERTICES)
    geojson: dict[str, Any] = json.loads(shapely.to_geojson(shapely.set_precision(shape, 0.000001)))
    return geojson
