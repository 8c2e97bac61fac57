"""Template tags of the results of surveys."""

from __future__ import annotations

from typing import Any

from django import template

from geoparticipation.consultations.models import Consultation
from geoparticipation.surveys.models import Survey
from geoparticipation.surveys.models.results import with_public_results

register = template.Library()


@register.inclusion_tag("surveys/_links_to_results.html")
def links_to_results(consultation: Consultation) -> dict[str, Any]:
    """Links to the results of a consultation's surveys that everybody may read; one query."""
    return {
        "consultation": consultation,
        "surveys": with_public_results(Survey.objects.filter(consultation=consultation)),
    }
