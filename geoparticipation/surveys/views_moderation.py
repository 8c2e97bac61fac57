"""One response, for moderators: to read it, take it out of the results, or put it back."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from geoparticipation.accounts.access import MODERATORS, only_for
from geoparticipation.accounts.identity import actor_for
from geoparticipation.contributions.domain.change_status import change_status
from geoparticipation.contributions.enums import Status
from geoparticipation.surveys.answers.words import lines_of
from geoparticipation.surveys.definition import in_language
from geoparticipation.surveys.errors import UnknownResponse
from geoparticipation.surveys.models import SurveyResponse
from layers.errors import Refusal


@require_http_methods(["GET", "HEAD", "POST"])
@only_for(MODERATORS)
def response(request: HttpRequest, code: uuid.UUID) -> HttpResponse:
    """The answers in words; a POST takes the response out, with a reason, or puts it back. Four queries."""
    found = (
        SurveyResponse.objects.select_related(
            "survey", "contribution__consultation", "contribution__district", "contribution__street"
        )
        .prefetch_related("places__street", "places__district", "contribution__photos")
        .filter(contribution__code=code)
        .first()
    )
    if found is None:
        raise UnknownResponse
    contribution, refusal = found.contribution, None
    if request.method == "POST":
        to_status = Status.COUNTED if request.POST.get("act") == "back" else Status.HIDDEN
        try:
            change_status(
                contribution=contribution,
                to_status=to_status,
                actor=actor_for(request),
                reason=request.POST.get("reason", ""),
            )
        except Refusal as refused:
            refusal = refused
        else:
            is_out = to_status == Status.HIDDEN
            messages.success(request, _("It no longer counts.") if is_out else _("It counts again."))
            return redirect("workspace-response", code=code)
    context = {
        "response": found,
        "contribution": contribution,
        "survey": found.survey,
        "answers": _answers(found),
        "refusal": refusal,
    }
    return render(request, "surveys/workspace_response.html", context, status=refusal.status if refusal else 200)


def _answers(found: SurveyResponse) -> list[dict[str, Any]]:
    """Label, lines and places of each question that has an answer, in the survey's order."""
    language = get_language() or ""
    told = []
    for question in found.survey.read.questions:
        places = [place for place in found.places.all() if place.question == question.key]
        value = found.answers.get(question.key)
        if value is None and not places:
            continue
        is_photo = question.kind == "photo"
        lines = [] if value is None or is_photo else lines_of(question, value, language)
        follow_up = {asked.key: asked for asked in getattr(question, "follow_up", ())}
        told.append(
            {
                "label": in_language(question.label, language),
                "lines": lines,
                "photo": value if is_photo else "",
                "places": [
                    {
                        "street": place.street,
                        "district": place.district,
                        "lines": [
                            f"{in_language(follow_up[key].label, language)} – {line}"
                            for key, said in place.follow_up.items()
                            if key in follow_up
                            for line in lines_of(follow_up[key], said, language)
                        ],
                    }
                    for place in places
                ],
            }
        )
    return told
