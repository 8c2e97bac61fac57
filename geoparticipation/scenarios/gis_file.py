"""A plan as a file for GIS: a layer of what its variants would build, and one of its places with the told results."""

from __future__ import annotations

from dataclasses import replace
from typing import BinaryIO

from django.db.models import IntegerField
from django.db.models.fields.json import KT
from django.db.models.functions import Cast

from geoparticipation.scenarios.layers import PLACES, SCENARIOS
from geoparticipation.scenarios.models import Plan, PlanPlace, VariantFeature
from layers.exports.extract import Extract
from layers.exports.geopackage import write_geopackage_layers


def write_plan(file: BinaryIO, plan: Plan) -> None:
    """Write a GeoPackage of a plan `with_parts`. The places have a column of people for each variant (`people_a`, …).

    Those columns, and `people_none`, are empty where nothing, or too few to tell, is told.
    """
    names = [f"people_{variant.letter.lower()}" for variant in plan.variants.all()] + ["people_none"]
    people = {name: Cast(KT(f"told__answers__{at}__people"), IntegerField()) for at, name in enumerate(names)}
    kept = {name: source for name, source in PLACES.properties.items() if name != "results"}
    write_geopackage_layers(
        file,
        [
            Extract(
                layer=SCENARIOS,
                rows=VariantFeature.objects.filter(variant__plan=plan),
                title=f"{plan.title} – {SCENARIOS.title}",
            ),
            Extract(
                layer=replace(PLACES, properties={**kept, **people}),
                rows=PlanPlace.objects.filter(plan=plan),
                title=f"{plan.title} – {PLACES.title}",
            ),
        ],
    )
