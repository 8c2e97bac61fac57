"""The map layers of plans: what their variants would build, and their places with what people prefer."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db.models import BooleanField, Case, CharField, IntegerField, Value, When
from django.db.models.fields.json import KT
from django.db.models.functions import Cast, Concat
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from geoparticipation.consultations.models import Consultation
from geoparticipation.contributions.filters import UnknownFilterValue
from geoparticipation.scenarios.enums import COLOURS
from geoparticipation.scenarios.models import Plan, PlanPlace, Variant, VariantFeature
from layers.layer import Layer, Rows
from layers.registry import register
from layers.versions import version_of


def _of_plan(rows: Rows, parameters: QueryDict, plan: str) -> Rows:
    """Only those of `plan`, by its code."""
    text = parameters.get("plan", "")
    if not text:
        return rows
    try:
        return rows.filter(**{plan: uuid.UUID(text)})
    except ValueError:
        raise UnknownFilterValue("plan", text) from None


SCENARIOS = register(
    Layer(
        name="scenarios",
        title=_("Variants of plans"),
        description=_("What the variants of published plans would build"),
        queryset=lambda user: VariantFeature.objects.filter(variant__plan__in=Plan.objects.public()),
        properties={
            "code": "code",
            "plan": "variant__plan__code",
            "plan_title": "variant__plan__title",
            "variant": "variant__code",
            "variant_name": "variant__name",
            "position": "variant__position",
            "colour": Case(
                *(When(variant__colour=colour, then=Value(code)) for colour, code in COLOURS.items()),
                output_field=CharField(),
            ),
            "label": "label",
            "kind": "kind",
            "cost": "cost",
            "place": "place_name",
            "consultation": "variant__plan__consultation__slug",
            "url": Concat(Value(f"{settings.SITE_URL}/plans/"), Cast("variant__plan__code", CharField()), Value("/")),
        },
        tile_properties=("code", "variant", "colour", "label", "kind"),
        id_property="code",
        label="label",
        filters=lambda rows, parameters: _of_plan(rows, parameters, "variant__plan__code"),
        order_by=("variant__plan_id", "variant__position", "number", "pk"),
        version=version_of(VariantFeature, Variant, Plan, Consultation),
    )
)

PLACES = register(
    Layer(
        name="plan-places",
        title=_("Places of plans"),
        description=_("Where the variants of published plans differ, with what people prefer once that is told"),
        queryset=lambda user: PlanPlace.objects.filter(plan__in=Plan.objects.public()),
        properties={
            "code": "code",
            "name": "name",
            "text": "text",
            "position": "position",
            "plan": "plan__code",
            "plan_title": "plan__title",
            "consultation": "plan__consultation__slug",
            "results_of": "plan__told_on",
            "people": Cast(KT("told__total"), IntegerField()),
            "results": "told__answers",
            "in_fives": Cast(KT("told__in_fives"), BooleanField()),
            "url": Concat(Value(f"{settings.SITE_URL}/plans/places/"), Cast("code", CharField()), Value("/")),
        },
        tile_properties=("code", "name", "position"),
        id_property="code",
        label="name",
        filters=lambda rows, parameters: _of_plan(rows, parameters, "plan__code"),
        order_by=("plan_id", "position", "pk"),
        version=version_of(PlanPlace, Plan, Consultation),
    )
)
