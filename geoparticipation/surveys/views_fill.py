"""Filling a survey in: a section a step, then where one answers from, then sending. Works without scripts."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from geoparticipation.accounts.domain.rates import count_action
from geoparticipation.accounts.enums import IdentityLevel
from geoparticipation.accounts.identity import actor_for
from geoparticipation.body_limits import takes_at_most
from geoparticipation.consultations.presentation import outline
from geoparticipation.consultations.reading import target_geojson
from geoparticipation.contributions.errors import PlaceMissing
from geoparticipation.contributions.forms import PlaceForm
from geoparticipation.contributions.locating import Located, PlaceAmbiguous, locate
from geoparticipation.contributions.photo_form import FORM_MAX_BYTES
from geoparticipation.contributions.queries import has_accepted_charter
from geoparticipation.contributions.taking_part import voice_of
from geoparticipation.mailings.domain.letterbox_codes import open_code
from geoparticipation.mailings.errors import CodeForAnotherConsultation
from geoparticipation.mailings.letterbox import letterbox_for, remember_letterbox
from geoparticipation.mailings.models import LetterboxCode
from geoparticipation.surveys import rules
from geoparticipation.surveys.answers.sentences import SENTENCES
from geoparticipation.surveys.definition import in_language
from geoparticipation.surveys.definition.model import PlaceQuestion, Section
from geoparticipation.surveys.domain import submit_response
from geoparticipation.surveys.domain.voices import has_responded
from geoparticipation.surveys.errors import AnswersRefused, DraftGone, PlaceOfAnswerRefused
from geoparticipation.surveys.filling.fields import PageWords, fields_of
from geoparticipation.surveys.filling.names import name_of
from geoparticipation.surveys.filling.photos import held_of, read_photos
from geoparticipation.surveys.filling.reading import read_answers
from geoparticipation.surveys.filling.state import OWN_PLACE, Filling
from geoparticipation.surveys.filling.steps import Steps, steps_of
from geoparticipation.surveys.filling.verdicts import Verdict, judge
from geoparticipation.surveys.models import Survey, SurveyDraft
from geoparticipation.surveys.queries import get_survey_for
from layers.errors import Refusal
from layers.pictures.reading import MEDIA_TYPES
from layers.repeating import OnceForm

OWN_PLACE_FIELDS = ("place_text", "place", "geometry")


@dataclass
class _Visit:
    """One request for one step of one survey."""

    request: HttpRequest
    survey: Survey
    filling: Filling
    steps: Steps
    step: str


@takes_at_most(FORM_MAX_BYTES)
@require_http_methods(["GET", "HEAD", "POST"])
def fill(request: HttpRequest, slug: str, survey_slug: str) -> HttpResponse:
    """Show a step, or take what was filled in on one. Everything typed is kept first, right or wrong.

    Four queries to show a step to a visitor who comes back, whatever is asked on it.
    """
    survey = get_survey_for(request.user, survey_slug, consultation=slug)
    filling = Filling(request, survey, actor_for(request))
    if token := request.GET.get("resume", ""):
        return _resume(request, survey, filling, token)
    if request.method != "POST":
        steps = steps_of(survey.read, filling.answers)
        return _page(_Visit(request, survey, filling, steps, steps.at(request.GET.get("step", ""))))
    count_action(actor=actor_for(request), action="attempt")
    act, _colon, which = request.POST.get("act", "next").partition(":")
    steps = steps_of(survey.read, filling.answers)
    visit = _Visit(request, survey, filling, steps, steps.at(request.POST.get("step", "")))
    section = steps.section(visit.step)
    return _last_step(visit, act) if section is None else _section_step(visit, section, act, which)


@require_safe
def thanks(request: HttpRequest, slug: str, survey_slug: str) -> HttpResponse:
    """What happens next, after sending. Four queries."""
    survey = get_survey_for(request.user, survey_slug, consultation=slug)
    context = {"survey": survey, "consultation": survey.consultation, "outline": outline(survey.consultation)}
    return render(request, "surveys/thanks.html", {**context, "thanks": survey.words(survey.read.thanks)})


def _resume(request: HttpRequest, survey: Survey, filling: Filling, token: str) -> HttpResponse:
    """Go on where a private link leads to; the token does not stay in the address."""
    try:
        filling.resume(token)
    except DraftGone as gone:
        messages.error(request, gone.detail)
    else:
        messages.success(request, _("Here is what you had filled in. Go on where you like."))
    return redirect(_address(survey))


def _section_step(visit: _Visit, section: Section, act: str, which: str) -> HttpResponse:
    request, survey, filling = visit.request, visit.survey, visit.filling
    asked = {*visit.steps.checked.shown, *visit.steps.depending(section)}
    here = [question for question in section.questions if question.key in asked]
    answers = {key: value for key, value in filling.answers.items() if key not in {question.key for question in here}}
    answers |= read_answers(here, request.POST)
    photos = read_photos(here, request, actor_for(request), filling.answers)
    answers |= photos.answers
    _change_places(answers, act, which)
    filling.keep(answers)
    steps = visit.steps = steps_of(survey.read, filling.answers)
    verdict = Verdict()
    for path, sentence in photos.refused.items():
        verdict.add(path, sentence)
    if act == "next":
        judged = judge(survey, steps.checked, here)
        verdict.errors = {**judged.errors, **verdict.errors}
        verdict.place_choices = judged.place_choices
    if verdict.errors:
        return _page(visit, verdict=verdict, status=422)
    if act == "save":
        return redirect(_address(survey, section.key) + "&saved=1")
    if photos.placed and act == "next":
        messages.info(request, _("The photo says where it was taken. Look at the place below, then go on."))
        return redirect(_address(survey, section.key))
    if act == "back":
        return redirect(_address(survey, steps.before(section.key)))
    if act in {"add", "remove"}:
        return redirect(f"{_address(survey, section.key)}#{name_of(which.partition('|')[0])}")
    return redirect(_address(survey, steps.after(section.key)))


def _change_places(answers: dict[str, Any], act: str, which: str) -> None:
    """Another empty place, or one taken away: `add:danger`, `remove:danger|1`."""
    key, _bar, number = which.partition("|")
    places = list(answers.get(key) or [])
    if act == "add":
        answers[key] = [*places, {"follow_up": {}}]
    elif act == "remove" and number.isdecimal() and len(number) < 4 and int(number) < len(places):
        del places[int(number)]
        answers[key] = places


def _last_step(visit: _Visit, act: str) -> HttpResponse:
    request, survey, filling, step = visit.request, visit.survey, visit.filling, visit.step
    form = _SendForm(request.POST)
    if act != "send" or filling.draft is not None:
        own_place = {name: request.POST.get(name, "")[:100_000] for name in OWN_PLACE_FIELDS}
        filling.keep({**filling.answers, OWN_PLACE: own_place})
    if act == "back":
        return redirect(_address(survey, visit.steps.before(step)))
    if act == "save":
        return redirect(_address(survey, step) + "&saved=1")
    if act == "sign-in":
        return redirect(f"{reverse('account_login')}?{urlencode({'next': _address(survey, step)})}")
    try:
        _send(request, survey, filling, form)
    except AnswersRefused as refused:
        verdict = Verdict()
        verdict.add_faults(refused.faults)
        return _page(visit, verdict=verdict, form=form, status=422)
    except PlaceOfAnswerRefused as refused:
        verdict = Verdict()
        verdict.add_place(refused)
        return _page(visit, verdict=verdict, form=form, status=422)
    except Refusal as refusal:
        status = max(refusal.status, 400)
        return _page(visit, refusal=refusal, form=form, status=status)
    filling.forget()
    return redirect("survey-thanks", slug=survey.consultation.slug, survey_slug=survey.slug)


class _SendForm(OnceForm, PlaceForm):
    """The last step: where one answers from; the same sent twice is sent once."""


def _send(request: HttpRequest, survey: Survey, filling: Filling, form: _SendForm) -> None:
    actor = actor_for(request)
    letterbox = letterbox_for(request, survey.consultation)
    if typed := request.POST.get("letterbox_code", "").strip():
        letterbox = open_code(text=typed[:40], actor=actor)
        if letterbox.letterbox.mailing.consultation_id != survey.consultation_id:
            raise CodeForAnotherConsultation
        remember_letterbox(request, letterbox)

    def make() -> str:
        kept = SurveyDraft.objects.select_for_update().filter(pk=filling.draft.pk).first() if filling.draft else None
        answers = {key: value for key, value in (kept.answers if kept else {}).items() if key != OWN_PLACE}
        where = _own_place(form, letterbox)
        response = submit_response(
            actor=actor,
            survey=survey,
            answers=answers,
            geometry=where.geometry,
            located_by=where.located_by,
            street=where.street,
            district=where.district,
            typed_address=where.typed_address,
            language=get_language() or "",
            charter_accepted="accept_charter" in request.POST,
            letterbox=letterbox,
        )
        if kept is not None:
            kept.delete()
        return str(response.contribution.code)

    words = json.dumps([survey.slug, *(request.POST.get(name, "") for name in OWN_PLACE_FIELDS)])
    form.carry_out_once(user_id=actor.user.pk if actor.user else None, words=words, make=make)


def _own_place(form: _SendForm, letterbox: LetterboxCode | None) -> Located:
    """Where one answers from; who came with a code and says nothing else, from the segment of their letterbox."""
    where = locate(form.cleaned_data) if form.is_valid() else None
    if where is None and letterbox is None:
        raise PlaceMissing
    return where or Located(None, "letterbox")


def _address(survey: Survey, step: str = "") -> str:
    path = reverse("survey", args=[survey.consultation.slug, survey.slug])
    return f"{path}?{urlencode({'step': step})}" if step else path


def _page(
    visit: _Visit,
    *,
    verdict: Verdict | None = None,
    refusal: Refusal | None = None,
    form: _SendForm | None = None,
    status: int = 200,
) -> HttpResponse:
    request, survey, filling, steps, step = visit.request, visit.survey, visit.filling, visit.steps, visit.step
    actor = voice_of(request, survey.consultation)
    letterbox = letterbox_for(request, survey.consultation)
    takes = rules.takes_responses(survey)
    context: dict[str, Any] = {
        "survey": survey,
        "consultation": survey.consultation,
        "outline": outline(survey.consultation),
        "takes_responses": takes,
        "has_responded": has_responded(survey=survey, actor=actor, letterbox=letterbox) if takes else False,
        "step": step,
        "step_number": steps.number(step),
        "step_count": len(steps.keys),
        "is_first": steps.number(step) == 1,
        "seed": filling.seed,
        "refusal": refusal,
        "target": target_geojson(survey.consultation),
        "draw_words": _draw_words(),
    }
    if request.GET.get("saved") and filling.draft is not None:
        link = f"{_address(survey)}?{urlencode({'resume': filling.token})}" if filling.token else ""
        context["saved_link"] = request.build_absolute_uri(link) if link else ""
        context["saved_until"] = filling.draft.expires_at
    section = steps.section(step)
    verdict = verdict or Verdict()
    if section is not None:
        context |= _section_context(visit, section, verdict)
    else:
        context |= _sending_context(visit, refusal, form)
    context["summary"] = _summary(visit, verdict)
    return render(request, "surveys/fill.html", context, status=status)


def _section_context(visit: _Visit, section: Section, verdict: Verdict) -> dict[str, Any]:
    survey, filling, steps = visit.survey, visit.filling, visit.steps
    language = get_language() or ""
    page = PageWords(
        language=language,
        seed=filling.seed,
        answers=filling.answers,
        errors=verdict.errors,
        place_choices=verdict.place_choices,
        held=held_of(filling.answers, actor_for(visit.request)),
    )
    elsewhere = {key: value for key, value in filling.answers.items() if key != OWN_PLACE}
    return {
        "section": section,
        "section_title": in_language(section.title, language),
        "section_text": in_language(section.text, language),
        "fields": fields_of(section, steps.checked.shown, steps.depending(section), page),
        "definition": survey.definition,
        "answers": elsewhere,
        "sentences": {code: str(sentence) for code, sentence in SENTENCES.items()},
        "photo_types": ",".join(MEDIA_TYPES),
        "has_places": any(isinstance(question, PlaceQuestion) for question in section.questions),
    }


def _sending_context(visit: _Visit, refusal: Refusal | None, form: _SendForm | None) -> dict[str, Any]:
    request, survey, filling = visit.request, visit.survey, visit.filling
    consultation = survey.consultation
    actor, letterbox = voice_of(request, consultation), letterbox_for(request, consultation)
    level = rules.needed_level(survey)
    refused_field = refusal.field if refusal is not None else ""
    return {
        "form": form or _SendForm(initial=filling.answers.get(OWN_PLACE) or None),
        "refused_field": "place_text" if refused_field in {"geometry", "place"} else refused_field,
        "choices": refusal.choices if isinstance(refusal, PlaceAmbiguous) else (),
        "letterbox": letterbox,
        "asks_for_code": level == IdentityLevel.HOUSEHOLD and letterbox is None,
        "asks_for_email": level == IdentityLevel.EMAIL and actor.level < IdentityLevel.EMAIL,
        "asks_charter": bool(consultation.charter) and not has_accepted_charter(actor, consultation),
    }


def _summary(visit: _Visit, verdict: Verdict) -> list[dict[str, str]]:
    """What is wrong, each with a link to it; on the last step the links lead back to the steps."""
    survey, steps, step = visit.survey, visit.steps, visit.step
    told = []
    for path, sentences in verdict.errors.items():
        key = path.split(".")[0].split("[")[0]
        question = survey.read.question(key)
        where = steps.step_of(key)
        address = "" if where == step else _address(survey, where)
        label = survey.words(question.label) if question is not None else key
        told.append({"href": f"{address}#{name_of(path)}", "label": label, "sentence": sentences[0]})
    return told


def _draw_words() -> dict[str, str]:
    """What the page's script says while one draws."""
    return {
        "point": _("Click on the map. By keyboard: move the map with the arrows, then press Enter."),
        "linestring": _("Click along the line; click the last point again to end it."),
        "polygon": _("Click around the area; click the first point again to close it."),
        "done": _("The place is set. You can change it at any time."),
        "drawn": _("Drawn on the map."),
        "here": _("Here: {place}"),
        "looking": _("Looking up what is here…"),
        "outside": _("This place is outside the town. Please choose another one."),
        "locating": _("Asking your device where you are…"),
        "no_position": _("Your device does not say where you are. Type the address instead."),
        "ranked": _("{label} is now number {rank}."),
        "unranked": _("{label} has no rank any more."),
        "left": _("{amount} left of {total}"),
        "over": _("{amount} too much, of {total}"),
    }
