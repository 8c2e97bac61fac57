"""Links to the plans of a consultation."""

from __future__ import annotations

from typing import Any

from django import template

from geoparticipation.consultations.enums import Feature
from geoparticipation.consultations.presentation import Outline
from geoparticipation.scenarios.models import Plan

register = template.Library()


@register.inclusion_tag("scenarios/_links.html")
def plan_links(outline: Outline) -> dict[str, Any]:
    """The published plans of a consultation, each with what one can do there now. One query."""
    plans = Plan.objects.public().filter(consultation=outline.consultation).order_by("pk")
    return {
        "plans": list(plans),
        "consultation": outline.consultation,
        "takes_preferences": Feature.PREFER in outline.features,
    }
