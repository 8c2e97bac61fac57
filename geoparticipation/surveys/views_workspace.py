"""Surveys in the workspace: the list, a new one (with nothing, or from a file), settings, state, copy, file."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import Count
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from geoparticipation.accounts.access import AGENTS, only_for
from geoparticipation.body_limits import takes_at_most
from geoparticipation.consultations.models import Consultation
from geoparticipation.surveys.access import get_survey_to_edit
from geoparticipation.surveys.definition import DefinitionRefused, SurveyDefinition, read_definition
from geoparticipation.surveys.definition.model import FORMAT
from geoparticipation.surveys.domain.edit_survey import (
    change_settings,
    change_state,
    copy_survey,
    make_survey,
    remove_survey,
)
from geoparticipation.surveys.editing.kinds import new_question
from geoparticipation.surveys.enums import SurveyState
from geoparticipation.surveys.exchange import MOST_BYTES, read_file, write_file
from geoparticipation.surveys.forms_workspace import NewSurveyForm, SurveySettingsForm
from geoparticipation.surveys.models import Survey
from geoparticipation.surveys.xlsform.converting import import_xlsform
from geoparticipation.surveys.xlsform.report import Report
from layers.errors import Refusal
from layers.repeating import OnceForm, words_of


@require_GET
@only_for(AGENTS)
def survey_list(request: HttpRequest) -> HttpResponse:
    """Every survey, the newest first, with how many answered. One query of its own."""
    surveys = (
        Survey.objects.select_related("consultation", "target")
        .defer("consultation__description", "target__geometry")
        .annotate(response_count=Count("responses"))
        .order_by("-created_at", "-pk")
    )
    return render(request, "surveys/workspace/list.html", {"surveys": surveys})


@takes_at_most(MOST_BYTES + 100_000)
@require_http_methods(["GET", "POST"])
@only_for(AGENTS)
def survey_new(request: HttpRequest) -> HttpResponseBase:
    """Make a draft: with one question to write over, or from a file of this site or an XLSForm."""
    form = NewSurveyForm(request.POST or None, request.FILES or None, initial={"consultation": _asked_for(request)})
    once = OnceForm(request.POST or None)
    faults: list[str] = []
    if request.method == "POST" and form.is_valid():
        report: list[Report] = []
        consultation: Consultation = form.cleaned_data["consultation"]

        def make() -> str:
            definition, told = _definition(form, consultation)
            report.extend(told)
            return make_survey(user=request.user, consultation=consultation, definition=definition).slug

        try:
            slug = once.carry_out_once(user_id=request.user.pk, words=words_of(request.POST), make=make)
        except DefinitionRefused as refusal:
            faults = [fault.sentence for fault in refusal.faults]
        except Refusal as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, refusal.detail)
        else:
            messages.success(request, _("Your draft is kept. Nobody else sees it before you open it."))
            if report:
                request.session[_kept_under(slug)] = report[0].as_json()
                return redirect("workspace-survey-imported", slug=slug)
            return redirect("workspace-survey", slug=slug)
    context = {"form": form, "once": once, "faults": faults}
    return render(request, "surveys/workspace/new.html", context, status=422 if request.method == "POST" else 200)


def _asked_for(request: HttpRequest) -> Consultation | None:
    return Consultation.objects.filter(slug=request.GET.get("consultation", "")).only("pk").first()


def _kept_under(slug: str) -> str:
    return f"survey-import-{slug}"


def _definition(form: NewSurveyForm, consultation: Consultation) -> tuple[SurveyDefinition, list[Report]]:
    """What the form begins with, and the report of an import of a workbook."""
    languages, title, file = (form.cleaned_data[name] for name in ("languages", "title", "file"))
    if file is None:
        title_in = dict.fromkeys(languages, title.strip())
        question = new_question("single", key="q1", languages=languages, at={})
        said = {"format": FORMAT, "languages": languages, "title": title_in}
        return read_definition({**said, "sections": [{"key": "s1", "questions": [question]}]}), []
    content = file.read(MOST_BYTES + 1)
    report: list[Report] = []
    if content.startswith(b"PK"):
        definition, told = import_xlsform(content, language=consultation.language)
        report = [told]
    else:
        definition = read_file(content)
    if title.strip():
        words = {definition.languages[0]: title.strip()}
        definition = SurveyDefinition(**{**definition.__dict__, "title": words})
    return definition, report


@never_cache
@require_GET
@only_for(AGENTS)
def survey_imported(request: HttpRequest, slug: str) -> HttpResponse:
    """What an import did not take over as it was, row by row; kept until one signs out."""
    survey = get_survey_to_edit(slug)
    kept = request.session.get(_kept_under(slug))
    report = Report.from_json(kept) if kept else None
    return render(request, "surveys/workspace/imported.html", {"survey": survey, "report": report})


@require_http_methods(["GET", "POST"])
@only_for(AGENTS)
def survey_settings(request: HttpRequest, slug: str) -> HttpResponseBase:
    """Consultation, target, who answers once, who sees results."""
    survey = get_survey_to_edit(slug)
    form = SurveySettingsForm(request.POST or None, survey=survey)
    if request.method == "POST" and form.is_valid():
        try:
            change_settings(user=request.user, survey=survey, **form.cleaned_data)
        except Refusal as refusal:
            form.add_error(None, _settings_kept(refusal))
        else:
            messages.success(request, _("Your changes are saved."))
            return redirect("workspace-survey", slug=slug)
    context = {"survey": survey, "form": form, "has_responses": survey.responses.exists()}
    return render(request, "surveys/workspace/settings.html", context, status=422 if request.method == "POST" else 200)


def _settings_kept(refusal: Refusal) -> str:
    if refusal.code == "survey_has_responses":
        return _(
            "People have answered this survey, so its consultation, its target and who answers once stay as they are: "
            "they say what the answers stand for. Copy the survey to ask under other rules."
        )
    return refusal.detail


@require_POST
@only_for(AGENTS)
def survey_state(request: HttpRequest, slug: str) -> HttpResponseBase:
    """Open, close, or make a draft again."""
    survey = get_survey_to_edit(slug)
    told: dict[str, Any] = {
        SurveyState.OPEN: _("The survey is open. People answer it while a phase of its consultation takes surveys."),
        SurveyState.CLOSED: _("The survey is closed. Nobody answers it any more; its results stay."),
        SurveyState.DRAFT: _("The survey is a draft again."),
    }
    state = request.POST.get("to", "")
    if state not in told:
        messages.error(request, _("Please choose one from the list."))
        return redirect("workspace-survey", slug=slug)
    try:
        change_state(user=request.user, survey=survey, state=SurveyState(state))
        messages.success(request, told[SurveyState(state)])
    except Refusal as refusal:
        if refusal.code == "survey_has_responses":
            messages.error(
                request, _("People have answered this survey, so it is no draft any more. Close it instead.")
            )
        else:
            messages.error(request, refusal.detail)
    return redirect("workspace-survey", slug=slug)


@require_POST
@only_for(AGENTS)
def survey_copy(request: HttpRequest, slug: str) -> HttpResponseBase:
    """The same survey again, as a draft."""
    copied = copy_survey(user=request.user, survey=get_survey_to_edit(slug))
    messages.success(request, _("This is the copy, a draft. The survey it was made of stays as it is."))
    return redirect("workspace-survey", slug=copied.slug)


@require_POST
@only_for(AGENTS)
def survey_remove(request: HttpRequest, slug: str) -> HttpResponseBase:
    """Take away a survey without responses, once "yes" is ticked."""
    survey = get_survey_to_edit(slug)
    if "confirmed" not in request.POST:
        messages.error(request, _("Tick the box first: a survey that is taken away does not come back."))
        return redirect("workspace-survey-settings", slug=slug)
    try:
        remove_survey(user=request.user, survey=survey)
    except Refusal:
        messages.error(request, _("People have answered this survey, so it stays. Close it instead."))
        return redirect("workspace-survey-settings", slug=slug)
    messages.success(request, _("The survey is taken away."))
    return redirect("workspace-surveys")


@require_GET
@only_for(AGENTS)
def survey_file(request: HttpRequest, slug: str) -> HttpResponse:
    """What the survey asks, as JSON: for another site, or to keep."""
    survey = get_survey_to_edit(slug)
    answer = HttpResponse(write_file(survey.read), content_type="application/json; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{survey.slug}.json"'
    return answer
