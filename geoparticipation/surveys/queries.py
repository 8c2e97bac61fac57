"""Reads about surveys that several places need."""

from __future__ import annotations

from django.db.models import Prefetch, QuerySet

from geoparticipation.surveys.enums import SurveyState
from geoparticipation.surveys.errors import UnknownSurvey
from geoparticipation.surveys.models import Survey


def get_survey_for(user: object, slug: str, *, consultation: str | None = None) -> Survey:
    """The survey at this address as far as this person may see it, with consultation, phases and targets.

    Raises UnknownSurvey. Two queries.
    """
    surveys = with_consultation(Survey.objects.visible_to(user)).filter(slug=slug)
    if consultation is not None:
        surveys = surveys.filter(consultation__slug=consultation)
    found = surveys.first()
    if found is None:
        raise UnknownSurvey
    return found


def with_consultation(surveys: QuerySet[Survey]) -> QuerySet[Survey]:
    """With what rules and pages ask of the consultation: one query, and one for the phases."""
    return surveys.select_related("consultation__target", "target").prefetch_related("consultation__phases")


def open_surveys() -> Prefetch[str]:
    """Prefetch a consultation's open surveys as `open_surveys`; the outline says whether a phase takes answers."""
    return Prefetch("surveys", queryset=Survey.objects.filter(state=SurveyState.OPEN), to_attr="open_surveys")
