"""The editor of a survey: its sections and questions, changed by small forms, with the survey beside them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from geoparticipation.accounts.access import AGENTS, only_for
from geoparticipation.surveys.access import get_survey_to_edit
from geoparticipation.surveys.definition import DefinitionRefused
from geoparticipation.surveys.domain.edit_survey import change_questions
from geoparticipation.surveys.editing import changes
from geoparticipation.surveys.editing.errors import ChangedMeanwhile, NothingThere
from geoparticipation.surveys.editing.kinds import FOLLOW_UP_KINDS_IN_WORDS, KINDS_IN_WORDS, kind_in_words
from geoparticipation.surveys.editing.question_form import QuestionForm
from geoparticipation.surveys.editing.rule_form import RuleForm, earlier_than, rule_in_words
from geoparticipation.surveys.forms_workspace import LanguagesForm
from geoparticipation.surveys.models import Survey
from geoparticipation.surveys.views_preview import preview_context
from layers.errors import Refusal
from neighbourhoods.domain.territory import territory_extent

Definition = dict[str, Any]
_SURVEY_TEXTS = ("title", "introduction", "thanks")


@never_cache
@require_http_methods(["GET"])
@only_for(AGENTS)
def editor(request: HttpRequest, slug: str) -> HttpResponse:
    """All sections and questions in order, each with what can be done with it. Two queries of its own."""
    survey = get_survey_to_edit(slug)
    context = {**_outline(survey), **preview_context(request, survey.read)}
    return render(request, "surveys/workspace/editor.html", context)


@require_POST
@only_for(AGENTS)
def act(request: HttpRequest, slug: str) -> HttpResponseBase:
    """Add, move, copy or remove a section or question: `act` says what, `key` which; then the outline again."""
    survey = get_survey_to_edit(slug)
    made: list[str] = []
    try:
        survey = change_questions(user=request.user, survey=survey, change=_change_of(request, made))
    except Refusal as refusal:
        messages.error(request, refusal.detail)
        made = []
    if made:
        return _go_to(request, reverse("workspace-survey-question", args=[slug, made[0]]))
    if request.headers.get("HX-Request"):
        context = {**_outline(get_survey_to_edit(slug)), "acted": True}
        answer = render(request, "surveys/workspace/_outline.html", context)
        answer["HX-Trigger"] = "survey-changed"
        return answer
    return redirect(f"{reverse('workspace-survey', args=[slug])}#{_anchor(request)}")


def _anchor(request: HttpRequest) -> str:
    return f"part-{request.POST.get('key', '').replace('/', '-')}"


def _go_to(request: HttpRequest, url: str) -> HttpResponseBase:
    if request.headers.get("HX-Request"):
        return HttpResponse(headers={"HX-Redirect": url})
    return redirect(url)


def _change_of(request: HttpRequest, made: list[str]) -> Callable[[Definition], Definition]:
    """The change that the form asks for; the path of a new question is put into `made`."""
    wanted, key, kind = (request.POST.get(name, "") for name in ("act", "key", "kind"))

    def new(result: tuple[Definition, str]) -> Definition:
        made.append(result[1])
        return result[0]

    def change(definition: Definition) -> Definition:
        match wanted:
            case "up" | "down":
                return changes.move_question(definition, path=key, by=-1 if wanted == "up" else 1)
            case "section-up" | "section-down":
                return changes.move_section(definition, key=key, by=-1 if wanted == "section-up" else 1)
            case "copy":
                return new(changes.copy_question(definition, path=key))
            case "remove":
                return changes.remove_question(definition, path=key)
            case "section-remove":
                return changes.remove_section(definition, key=key)
            case "add":
                return new(changes.add_question(definition, section=key, kind=_known(kind), at=_middle()))
            case "add-follow-up":
                return new(changes.add_follow_up(definition, question=key, kind=_known(kind)))
            case "add-section":
                changed, section = changes.add_section(definition, kind=_known(kind), at=_middle())
                made.append(changes.find_section(changed, section)["questions"][0]["key"])
                return changed
        raise NothingThere

    return change


def _known(kind: str) -> str:
    if kind not in {one.kind for one in KINDS_IN_WORDS}:
        raise NothingThere
    return kind


def _middle() -> Mapping[str, float]:
    """Where a new place to choose begins: the middle of the town."""
    west, south, east, north = territory_extent() or (0.0, 0.0, 0.0, 0.0)
    return {"lon": (west + east) / 2, "lat": (south + north) / 2}


def _outline(survey: Survey) -> dict[str, Any]:
    """What the list of sections and questions shows, with the rules in words."""
    definition, language = survey.definition, get_language() or ""
    questions = [question for section in definition["sections"] for question in section["questions"]]

    def row(question: Mapping[str, Any], path: str) -> dict[str, Any]:
        return {
            "question": question,
            "path": path,
            "anchor": f"part-{path.replace('/', '-')}",
            "rule": rule_in_words(question.get("show_if"), questions, language),
            "follow_up": [row(part, f"{path}/{part['key']}") for part in question.get("follow_up", [])],
        }

    sections = [
        {
            "section": section,
            "rule": rule_in_words(section.get("show_if"), questions, language),
            "rows": [row(question, question["key"]) for question in section["questions"]],
        }
        for section in definition["sections"]
    ]
    return {
        "survey": survey,
        "sections": sections,
        "kinds": KINDS_IN_WORDS,
        "follow_up_kinds": FOLLOW_UP_KINDS_IN_WORDS,
        "has_responses": survey.responses.exists(),
    }


@never_cache
@require_http_methods(["GET", "POST"])
@only_for(AGENTS)
def texts(request: HttpRequest, slug: str) -> HttpResponseBase:
    """Title, introduction and thanks, and the languages of the survey."""
    survey = get_survey_to_edit(slug)
    said: dict[str, Any] = {name: survey.definition.get(name, {}) for name in _SURVEY_TEXTS}
    form = LanguagesForm(request.POST or None, initial={"languages": survey.definition["languages"]})
    faults: list[str] = []
    if request.method == "POST":
        said = {name: _words_of(request, name, survey.definition["languages"]) for name in _SURVEY_TEXTS}
        if form.is_valid():

            def change(definition: Definition) -> Definition:
                return changes.change_languages({**definition, **said}, languages=form.cleaned_data["languages"])

            if _save(request, survey, change, faults):
                return redirect("workspace-survey", slug=slug)
    fields = [
        {"name": "title", "label": _("Title"), "value": said["title"], "rows": 1},
        {"name": "introduction", "label": _("Introduction"), "value": said["introduction"], "rows": 4,
         "help": _("What it is about, how long it takes, what happens with the answers.")},
        {"name": "thanks", "label": _("Thanks"), "value": said["thanks"], "rows": 3,
         "help": _("What people read once they have sent their answers.")},
    ]  # fmt: skip
    context = {"survey": survey, "form": form, "fields": fields, "faults": faults}
    return render(request, "surveys/workspace/texts.html", context, status=_status(request))


@never_cache
@require_http_methods(["GET", "POST"])
@only_for(AGENTS)
def section(request: HttpRequest, slug: str, key: str) -> HttpResponseBase:
    """Title and text of a section, when it is shown, and whether its questions are shuffled."""
    survey = get_survey_to_edit(slug)
    kept = _found(lambda: changes.find_section(survey.definition, key))
    language = get_language() or ""
    rule_form = RuleForm.of(
        kept.get("show_if"), earlier=earlier_than(survey.definition, section=key), language=language
    )
    said: dict[str, Any] = dict(kept)
    faults: list[str] = []
    if request.method == "POST":
        languages = survey.definition["languages"]
        said = {name: _words_of(request, name, languages) for name in ("title", "text")}
        said["random_order"] = "random_order" in request.POST
        rule = rule_form.read(request.POST)

        def change(definition: Definition) -> Definition:
            return changes.replace_section(definition, key=key, **said, show_if=rule)

        if not rule_form.errors and _save(request, survey, change, faults):
            return redirect(f"{reverse('workspace-survey', args=[slug])}#section-{key}")
    fields = [
        {"name": "title", "label": _("Title of the section"), "value": said.get("title", {}), "rows": 1},
        {"name": "text", "label": _("Text above its questions"), "value": said.get("text", {}), "rows": 3},
    ]
    context = {"survey": survey, "section": said, "fields": fields, "rule_form": rule_form, "faults": faults}
    return render(request, "surveys/workspace/section.html", context, status=_status(request))


@never_cache
@require_http_methods(["GET", "POST"])
@only_for(AGENTS)
def question(request: HttpRequest, slug: str, path: str) -> HttpResponseBase:
    """One question: all that belongs to its kind. Buttons on rows change the form only; saving checks the whole."""
    survey = get_survey_to_edit(slug)
    kept = _found(lambda: changes.find_question(survey.definition, path))
    wanted = request.POST.get("act", "save")
    post = request.POST if request.method == "POST" else None
    form = QuestionForm(kept, languages=survey.definition["languages"], post=post)
    rule_form = None
    if "/" not in path:
        earlier = earlier_than(survey.definition, question=path)
        rule_form = RuleForm.of(kept.get("show_if"), earlier=earlier, language=get_language() or "")
    status = 200
    seen = request.POST.get("seen") or _seen(kept)
    if post is not None:
        if rule_form is not None:
            form.said.pop("show_if", None)
            if (rule := rule_form.read(post)) is not None:
                form.said["show_if"] = rule
        if not form.act(wanted):
            status = 422
            if _keep_question(request, survey, path, form=form, rule_form=rule_form, seen=seen):
                return redirect(f"{reverse('workspace-survey', args=[slug])}#part-{path.replace('/', '-')}")
            seen = _seen(kept)
    context = {
        "survey": survey,
        "path": path,
        "form": form,
        "rule_form": rule_form,
        "kind": kind_in_words(kept["kind"]),
        "seen": seen,
        "follow_up_kinds": FOLLOW_UP_KINDS_IN_WORDS if kept["kind"] == "place" else (),
        "follow_up": [(part, f"{path}/{part['key']}") for part in kept.get("follow_up", [])],
        **preview_context(request, survey.read, path),
    }
    return render(request, "surveys/workspace/question.html", context, status=status)


def _keep_question(
    request: HttpRequest, survey: Survey, path: str, *, form: QuestionForm, rule_form: RuleForm | None, seen: str
) -> bool:
    """Store the question if it could be asked so, and nobody else changed it since it was opened."""
    if form.errors or (rule_form is not None and rule_form.errors):
        return False
    if not form.judge(changes.replace_question(survey.definition, path=path, question=form.said), path):
        return False

    def change(definition: Definition) -> Definition:
        if _seen(changes.find_question(definition, path)) != seen:
            raise ChangedMeanwhile
        return changes.replace_question(definition, path=path, question=form.said)

    return _save(request, survey, change, form.general)


def _seen(question: Mapping[str, Any]) -> str:
    """A mark of a question as it was when its form was opened."""
    return hashlib.sha256(json.dumps(question, sort_keys=True).encode()).hexdigest()[:16]


def _save(request: HttpRequest, survey: Survey, change: Callable[[Definition], Definition], faults: list[str]) -> bool:
    """Store a change; what speaks against it is put into `faults`."""
    try:
        change_questions(user=request.user, survey=survey, change=change)
    except DefinitionRefused as refusal:
        faults += [fault.sentence for fault in refusal.faults]
    except Refusal as refusal:
        faults.append(refusal.detail)
    else:
        messages.success(request, _("Your changes are saved."))
        return True
    return False


def _words_of(request: HttpRequest, name: str, languages: list[str]) -> dict[str, str]:
    typed = {language: request.POST.get(f"{name}.{language}", "").strip() for language in languages}
    return {language: words for language, words in typed.items() if words}


def _found(find: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    try:
        return find()
    except NothingThere:
        raise Http404 from None


def _status(request: HttpRequest) -> int:
    """422 for a form that comes back with errors."""
    return 422 if request.method == "POST" else 200
