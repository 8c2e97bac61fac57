"""A survey on paper: the form to print, and the page where agents type in what came back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from geoparticipation.accounts.access import AGENTS, only_for
from geoparticipation.accounts.identity import actor_for
from geoparticipation.contributions.domain.enter_paper import find_flyer
from geoparticipation.contributions.enums import LocatedBy, Origin
from geoparticipation.contributions.errors import PlaceMissing
from geoparticipation.contributions.locating import PlaceAmbiguous, locate
from geoparticipation.surveys.access import get_survey_to_edit
from geoparticipation.surveys.answers.sentences import sentence_of
from geoparticipation.surveys.definition.model import Question
from geoparticipation.surveys.domain.submit_response import submit_response
from geoparticipation.surveys.errors import AnswersRefused, PlaceOfAnswerRefused
from geoparticipation.surveys.models import Survey
from geoparticipation.surveys.paper.grid import are_squares, grid_of, place_of_squares
from geoparticipation.surveys.paper.printing import form_mark, paper_form
from geoparticipation.surveys.paper.typed import boxes_of, numbered, on_paper, read_typed
from layers.errors import Refusal
from layers.repeating import OnceForm, words_of

LONGEST = 12_000
"""Characters that are read of one box."""


@require_GET
@only_for(AGENTS)
def survey_paper_form(request: HttpRequest, slug: str) -> HttpResponse:
    """The form as a PDF, in the language that `?language=` names, else that of the page."""
    survey = get_survey_to_edit(slug)
    wanted = [request.GET.get("language", ""), get_language() or ""]
    language = next(
        (code for code in wanted if code in survey.definition["languages"]), survey.definition["languages"][0]
    )
    answer = HttpResponse(paper_form(survey, language=language), content_type="application/pdf")
    answer["Content-Disposition"] = f'attachment; filename="{survey.slug}-{language}.pdf"'
    return answer


@never_cache
@require_http_methods(["GET", "POST"])
@only_for(AGENTS)
def survey_paper(request: HttpRequest, slug: str) -> HttpResponseBase:
    """Type in one sheet: the code of its flyer or its street, then an answer a box; then the next sheet."""
    survey = get_survey_to_edit(slug)
    once = OnceForm(request.POST or None)
    typed = {name: value[:LONGEST] for name, value in request.POST.items() if isinstance(value, str)}
    errors: dict[str, list[str]] = {}
    general: list[str] = []
    if request.method == "POST":
        try:
            once.carry_out_once(
                user_id=request.user.pk, words=words_of(request.POST), make=lambda: _stored(request, survey, typed)
            )
        except AnswersRefused as refusal:
            for fault in refusal.faults:
                errors.setdefault(_box_of(fault.path), []).append(sentence_of(fault))
        except PlaceOfAnswerRefused as refusal:
            errors.setdefault(_box_of(refusal.path), []).append(refusal.reason.detail)
        except Refusal as refusal:
            _tell(refusal, errors, general)
        else:
            messages.success(request, _("The answers are stored. Here is the form for the next sheet."))
            return redirect(f"{request.path}?language={_language(request, survey)}")
    context = {
        "survey": survey,
        "once": once,
        "typed": typed if request.method == "POST" else {},
        "errors": errors,
        "general": general,
        "has_errors": bool(errors or general),
        "sections": list(_sections(survey, errors)),
        "mark": form_mark(survey),
        "language": _language(request, survey),
        "has_responses": survey.responses.exists(),
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "surveys/workspace/paper.html", context, status=status)


def _language(request: HttpRequest, survey: Survey) -> str:
    """The language of the sheets that are being typed in."""
    languages: Sequence[str] = survey.definition["languages"]
    wanted = request.POST.get("language") or request.GET.get("language") or get_language() or ""
    return wanted if wanted in languages else languages[0]


def _stored(request: HttpRequest, survey: Survey, typed: Mapping[str, str]) -> str:
    actor = actor_for(request)
    code, place = typed.get("code", "").strip(), typed.get("place_text", "").strip()
    given: dict[str, Any] = {}
    if code:
        given = {"letterbox": find_flyer(text=code, actor=actor), "located_by": LocatedBy.LETTERBOX}
    else:
        located = locate({"place_text": place[:200], "place": typed.get("place", "")})
        if located is None:
            raise PlaceMissing
        given = {
            "geometry": located.geometry,
            "located_by": located.located_by,
            "street": located.street,
            "district": located.district,
            "typed_address": located.typed_address,
        }

    def read_place(text: str, shapes: Sequence[str]) -> Mapping[str, Any]:
        grid = grid_of(survey) if are_squares(text) else None
        return {"geometry": place_of_squares(text, grid=grid, shapes=shapes)} if grid is not None else {"text": text}

    response = submit_response(
        actor=actor,
        survey=survey,
        answers=read_typed(survey.read, typed, read_place=read_place),
        origin=Origin.PAPER,
        language=_language(request, survey),
        **given,
    )
    return str(response.pk)


def _tell(refusal: Refusal, errors: dict[str, list[str]], general: list[str]) -> None:
    """Put a sentence beside the box it is about."""
    if isinstance(refusal, PlaceAmbiguous):
        names = " · ".join(
            f"{found.label} ({found.detail})" if found.detail else found.label for found in refusal.choices
        )
        errors["place_text"] = [_("Several places are called so: %(names)s. Type more of it.") % {"names": names}]
    elif refusal.field in {"code", "place_text"}:
        errors[refusal.field] = [refusal.detail]
    elif refusal.code == "place_missing":
        errors["place_text"] = [_("Type the code of the flyer, or the street.")]
    else:
        general.append(refusal.detail)


def _box_of(path: str) -> str:
    """From the path of an answer ("p1[0].f1", "m1.row", "q1.other") to the name of its box."""
    name = path.replace("[", ".").replace("]", "")
    return f"{name}.place" if name.rsplit(".", 1)[-1].isdecimal() else name


def _sections(survey: Survey, errors: Mapping[str, list[str]]) -> Any:
    """Sections with what is typed for each question, numbered as on the printed form."""
    number = 0
    for section in survey.read.sections:
        rows = []
        for question in section.questions:
            if not on_paper(question):
                continue
            number += 1
            rows.append(_row(survey, question, number, errors))
        if rows:
            yield {"title": survey.words(section.title), "rows": rows}


def _row(survey: Survey, question: Question, number: int, errors: Mapping[str, list[str]]) -> dict[str, Any]:
    boxes = list(boxes_of(question, survey.words))
    names = {box.name for box in boxes}
    return {
        "number": number,
        "label": survey.words(question.label),
        "kind": question.kind,
        "choices": [(at, survey.words(label)) for at, label in numbered(question)],
        "follow_up": [
            (survey.words(part.label), [(at, survey.words(label)) for at, label in numbered(part)])
            for part in getattr(question, "follow_up", ())
        ],
        "boxes": boxes,
        "errors": [] if question.key in names else errors.get(question.key, []),
    }
