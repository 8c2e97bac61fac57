"""How the commune keeps its word, for everybody; cases, the rule and the college's agenda, for agents."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_safe

from geoparticipation.accounts.access import AGENTS, only_for
from geoparticipation.followup.domain.answers import publish_answer
from geoparticipation.followup.domain.cases import put_in_charge, record_study, take_up
from geoparticipation.followup.domain.commitments import commitment_on, drop_commitment, set_commitment
from geoparticipation.followup.enums import Stage
from geoparticipation.followup.errors import AlreadyAnswered
from geoparticipation.followup.forms import AnswerForm, ChargeForm, CommitmentForm, StudyForm
from geoparticipation.followup.models import Case, CollegeMeeting, Commitment
from geoparticipation.followup.queries import (
    agenda_of,
    case_of,
    close_to_the_number,
    idea_to_follow,
    latest_answers,
    next_meeting,
    to_follow,
    was_accepted,
    word_kept,
)
from layers.errors import Refusal

LATEST = 5
PER_PAGE = 30
LIKELY = 10


@require_safe
def commitments(request: HttpRequest) -> HttpResponse:
    """What the commune promises, and how it keeps its word in each district. Six queries."""
    today = timezone.localdate()
    town, districts = word_kept(today)
    return render(
        request,
        "followup/commitments.html",
        {
            "commitment": commitment_on(today),
            "ahead": Commitment.objects.filter(in_force_from__gt=today).order_by("in_force_from"),
            "town": town,
            "districts": districts,
            "overdue": to_follow("overdue", today)[:LATEST],
            "latest": latest_answers(LATEST),
            "meeting": next_meeting(today),
            "today": today,
        },
    )


@require_GET
@only_for(AGENTS)
def cases(request: HttpRequest) -> HttpResponse:
    """The cases at a stage, and the ideas that come close to the number. Five queries."""
    today = timezone.localdate()
    choices = {
        "overdue": _("Late"),
        Stage.TO_STUDY.value: _("To study"),
        Stage.TO_DECIDE.value: _("To decide"),
        Stage.ANSWERED.value: _("Answered"),
    }
    shown = request.GET.get("shown", "")
    shown = shown if shown in choices else Stage.TO_STUDY.value
    commitment = commitment_on(today)
    return render(
        request,
        "followup/cases.html",
        {
            "page": Paginator(to_follow(shown, today), PER_PAGE).get_page(request.GET.get("page")),
            "shown": shown,
            "choices": choices.items(),
            "commitment": commitment,
            "meeting": next_meeting(today),
            "close": close_to_the_number(commitment.support_threshold, LIKELY) if commitment else [],
            "today": today,
        },
    )


@require_http_methods(["GET", "POST"])
@only_for(AGENTS)
def case(request: HttpRequest, code: uuid.UUID) -> HttpResponseBase:
    """One idea: take it up, put somebody in charge, note study and answer, each by a form of its own."""
    idea = idea_to_follow(request.user, code)
    found = case_of(idea)
    act = request.POST.get("act", "") if request.method == "POST" else ""
    forms_of = _forms_of(request, found, act) if found else {}
    refusal: Refusal | None = None
    status = 200
    if act:
        status = 422
        try:
            done = _carry_out(request, act, found, idea, forms_of)
        except Refusal as refused:
            refusal, status = refused, refused.status
            form = forms_of.get(act)
            if form is not None and refused.field in form.fields:
                form.add_error(refused.field, refused.detail)
                refusal = None
        else:
            if done:
                messages.success(request, done)
                return redirect("workspace-case", code=code)
    return render(
        request,
        "followup/case.html",
        {
            "idea": idea,
            "case": found,
            "forms": forms_of,
            "refusal": refusal,
            "lost": _lost(request, act) if isinstance(refusal, AlreadyAnswered) else "",
            "accepted": found is not None and hasattr(found, "answer") and was_accepted(found.answer),
            "commitment": commitment_on(timezone.localdate()),
            "today": timezone.localdate(),
        },
        status=status,
    )


def _forms_of(request: HttpRequest, case: Case, act: str) -> dict[str, forms.Form]:
    """The forms that a case takes now, each by the name of its act; the one that was sent holds what was sent."""

    def bound(name: str) -> Any:
        return request.POST if act == name else None

    today = timezone.localdate()
    found: dict[str, forms.Form] = {
        "charge": ChargeForm(bound("charge"), initial={"in_charge": case.in_charge_id}, prefix="charge")
    }
    if not hasattr(case, "answer"):
        study = getattr(case, "study", None)
        said = {name: getattr(study, name) for name in ("department", "verdict", "cost", "text")} if study else {}
        found["study"] = StudyForm(bound("study"), initial=said, prefix="study")
        found["answer"] = AnswerForm(bound("answer"), since=case.opened_on, today=today, prefix="answer")
    return found


def _lost(request: HttpRequest, act: str) -> str:
    """What somebody wrote while a colleague was quicker, so that they still have it."""
    return request.POST.get(f"{act}-text", "")


def _carry_out(request: HttpRequest, act: str, case: Case | None, idea: Any, forms_of: dict[str, forms.Form]) -> str:
    """Do what a form asks for; returns what to tell, empty where the form is not filled in well."""
    agent: Any = request.user
    if act == "take-up":
        take_up(contribution=idea, agent=agent)
        return _("Taken up. The clock runs.")
    form = forms_of.get(act)
    if case is not None and form is None and act in {"study", "answer"}:
        raise AlreadyAnswered
    if case is None or form is None:
        return _("This has changed in the meantime. Here is how it is now.")
    if not form.is_valid():
        return ""
    said = form.cleaned_data
    acts: dict[str, tuple[Callable[..., Any], str]] = {
        "study": (record_study, _("The study is noted. Everybody can read it beside the idea.")),
        "answer": (publish_answer, _("The answer is online. The author and the supporters are told.")),
    }
    if act == "charge":
        put_in_charge(case=case, agent=agent, person=said["in_charge"])
        return _("Saved.")
    carry_out, told = acts[act]
    carry_out(case=case, agent=agent, **said)
    return told


@require_http_methods(["GET", "POST"])
@only_for(AGENTS)
def commitment(request: HttpRequest) -> HttpResponseBase:
    """The rule in force, those to come, which can be taken back, and a form for the next one."""
    today = timezone.localdate()
    if request.method == "POST" and "drop" in request.POST:
        number = request.POST["drop"]
        key = int(number) if number.isdecimal() and len(number) < 18 else 0
        drop_commitment(agent=request.user, commitment=get_object_or_404(Commitment, pk=key))
        messages.success(request, _("Taken back: it never begins."))
        return redirect("workspace-commitment")
    current = commitment_on(today)
    initial = {"in_force_from": today, "support_threshold": 50, "study_days": 30, "answer_days": 60}
    initial |= {"college_week": 2, "college_weekday": 1}
    if current is not None:
        initial |= {name: getattr(current, name) for name in initial if name != "in_force_from"}
    form = CommitmentForm(request.POST or None, initial=initial)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                set_commitment(agent=request.user, **form.cleaned_data)
            except Refusal as refused:
                form.add_error(refused.field if refused.field in form.fields else None, refused.detail)
            else:
                messages.success(request, _("Saved. Everybody can read what the commune promises."))
                return redirect("workspace-commitment")
    return render(
        request,
        "followup/commitment.html",
        {
            "form": form,
            "current": current,
            "ahead": Commitment.objects.filter(in_force_from__gt=today).order_by("in_force_from"),
            "meetings": _ahead(today),
        },
        status=status,
    )


def _ahead(today: date) -> list[CollegeMeeting]:
    return list(CollegeMeeting.objects.filter(held_on__gte=today)[:4])


@require_GET
@only_for(AGENTS)
def agenda(request: HttpRequest, pk: int) -> HttpResponse:
    """The agenda of a college meeting, made by itself, to print. Two queries and one for the meeting beside it."""
    meeting = get_object_or_404(CollegeMeeting, pk=pk)
    today = timezone.localdate()
    return render(
        request,
        "followup/agenda.html",
        {
            "meeting": meeting,
            "cases": list(agenda_of(meeting, today)),
            "is_held": meeting.held_on < today,
            "others": CollegeMeeting.objects.exclude(pk=meeting.pk).order_by("-held_on")[:6],
            "today": today,
        },
    )
