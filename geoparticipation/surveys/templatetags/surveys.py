"""Surveys in templates of other pages."""

from __future__ import annotations

from django import template
from django.utils.translation import get_language

from geoparticipation.surveys.filling.fields import Field, PageWords
from geoparticipation.surveys.models import Survey

register = template.Library()


@register.simple_tag
def poll_field(survey: Survey) -> Field | None:
    """The first question of a survey, for a form on any page; None of a survey that first asks something by a rule."""
    question = next(iter(survey.read.questions), None)
    if question is None or question.show_if is not None:
        return None
    page = PageWords(language=get_language() or "", seed=survey.pk, answers={}, errors={})
    return Field(question, question.key, None, page)
