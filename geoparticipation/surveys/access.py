"""Finding a survey for who works on it."""

from __future__ import annotations

from django.shortcuts import get_object_or_404

from geoparticipation.surveys.models import Survey


def get_survey_to_edit(slug: str) -> Survey:
    """The survey at this address, for a page that only agents open; 404 without one. One query."""
    surveys = Survey.objects.select_related("consultation", "target").defer(
        "target__geometry", "consultation__description"
    )
    return get_object_or_404(surveys, slug=slug)
