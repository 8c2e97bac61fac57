"""The preview of a survey: what those who answer will see, on a page of its own and beside the forms of the editor."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from geoparticipation.accounts.access import AGENTS, only_for
from geoparticipation.surveys.access import get_survey_to_edit
from geoparticipation.surveys.definition import SurveyDefinition, find_faults, read_definition
from geoparticipation.surveys.editing import changes
from geoparticipation.surveys.editing.errors import NothingThere
from geoparticipation.surveys.editing.preview import Preview, language_of_preview
from geoparticipation.surveys.editing.question_form import QuestionForm
from geoparticipation.surveys.models import Survey


@never_cache
@require_http_methods(["GET", "POST"])
@only_for(AGENTS)
def preview(request: HttpRequest, slug: str) -> HttpResponse:
    """The survey in the language `language`, or its question `question` alone; nothing can be sent from it.

    Posted is the form of that question as it is being filled in: it is shown so once it could be saved, and kept
    nowhere.
    """
    survey = get_survey_to_edit(slug)
    path = request.GET.get("question", "")
    definition = _as_typed(request, survey, path) if request.method == "POST" and path else survey.read
    context = {"survey": survey, **preview_context(request, definition, path)}
    if request.headers.get("HX-Request"):
        return render(request, "surveys/workspace/_preview.html", context)
    context["has_responses"] = survey.responses.exists()
    return render(request, "surveys/workspace/preview.html", context)


def preview_context(request: HttpRequest, definition: SurveyDefinition, path: str = "") -> dict[str, Any]:
    """What the template of the preview needs, for the whole survey or for the question at this path."""
    language = language_of_preview(definition.languages, request.GET.get("language", ""))
    return {"preview": Preview(definition, language, only=path.partition("/")[0]), "preview_question": path}


def _as_typed(request: HttpRequest, survey: Survey, path: str) -> SurveyDefinition:
    """The survey with the question as posted; as it is kept where nobody could be asked that yet."""
    try:
        kept = changes.find_question(survey.definition, path)
    except NothingThere:
        return survey.read
    form = QuestionForm(kept, languages=survey.definition["languages"], post=request.POST)
    changed = changes.replace_question(survey.definition, path=path, question=form.said)
    return survey.read if form.errors or find_faults(changed) else read_definition(changed)
