"""Councils in the workspace: agents keep them, councillors start consultations for theirs."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from geoparticipation.accounts.access import AGENTS, COUNCILS, only_for
from geoparticipation.consultations.forms_workspace import PhaseFormSet, ProcessForm
from geoparticipation.consultations.processes import own_steps
from geoparticipation.consultations.views_workspace import sections_of, tell
from geoparticipation.councils.domain.consultations import (
    ask_to_read,
    change_consultation,
    close_early,
    put_online,
    require_may_change,
    start_consultation,
)
from geoparticipation.councils.domain.councils import remove_member, save_council, save_member
from geoparticipation.councils.errors import NoLongerYours
from geoparticipation.councils.forms import CouncilConsultationForm, CouncilForm, MemberForm, NewCouncilForm
from geoparticipation.councils.models import Council, CouncilConsultation
from geoparticipation.councils.queries import (
    council_to_work_for,
    members_on,
    started_by,
    started_one,
    to_read,
    with_figures,
)
from geoparticipation.councils.rules import councils_of, require_acts_for
from layers.errors import Refusal
from layers.repeating import OnceForm, words_of
from neighbourhoods.target_words import parts_in_words


@require_GET
@only_for(COUNCILS)
def council_list(request: HttpRequest) -> HttpResponse:
    """For agents every council and what waits to be read, for councillors their own; three queries."""
    is_agent = request.user.is_agent
    councils = Council.objects.all() if is_agent else councils_of(request.user)
    found = with_figures(councils, timezone.localdate()).order_by("name", "pk")
    rows = [(council, parts_in_words(council.area.parts.all())) for council in found]
    context = {"rows": rows, "to_read": to_read() if is_agent else ()}
    return render(request, "councils/workspace_list.html", context)


@require_http_methods(["GET", "POST"])
@only_for(AGENTS)
def council_new(request: HttpRequest) -> HttpResponseBase:
    """Make a council."""
    form = NewCouncilForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        said = {name: form.cleaned_data[name] for name in CouncilForm.Meta.fields}
        try:
            slug = form.carry_out_once(
                user_id=request.user.pk,
                words=words_of(request.POST),
                make=lambda: save_council(agent=request.user, **said).slug,
            )
        except Refusal as refusal:
            tell(form, refusal)
        else:
            messages.success(request, _("The council has its page. Say who sits in it."))
            return redirect("workspace-council", slug=slug)
    return render(request, "councils/workspace_edit.html", {"form": form}, status=_status(request))


@require_http_methods(["GET", "POST"])
@only_for(COUNCILS)
def council_work(request: HttpRequest, slug: str) -> HttpResponseBase:
    """One council: agents change it and who sits in it, its councillors see what they can do for it."""
    council = council_to_work_for(request.user, slug)
    today = timezone.localdate()
    started = list(started_by(council))
    if not request.user.is_agent:
        shown, others = members_on(council, today)
        context: dict[str, Any] = {"council": council, "started": started, "members": shown, "others": others}
        context["area_words"] = parts_in_words(council.area.parts.all())
        return render(request, "councils/workspace_council.html", context)
    act = request.POST.get("act", "") if request.method == "POST" else ""
    form = CouncilForm(request.POST if act == "save" else None, instance=council)
    members = list(council.members.select_related("user"))
    number = request.POST.get("member", "") if act == "member" else ""
    rows = [MemberForm(request.POST if number == str(member.pk) else None, member=member) for member in members]
    new = MemberForm(request.POST if act == "member" and not number else None)
    if act:
        try:
            told = _carry_out(request, act, council, form, [*rows, new])
        except Refusal as refusal:
            refused = form if act == "save" else next(row for row in [*rows, new] if row.is_bound)
            tell(refused, refusal)
        else:
            if told:
                messages.success(request, told)
                return redirect("workspace-council", slug=slug)
        council.refresh_from_db()
    context = {"council": council, "form": form, "rows": rows, "new": new, "started": started, "today": today}
    return render(request, "councils/workspace_edit.html", context, status=422 if act else 200)


def _carry_out(request: HttpRequest, act: str, council: Council, form: CouncilForm, rows: list[MemberForm]) -> str:
    """Do what an agent asked; returns what to tell, empty where a form is not filled in well."""
    agent: Any = request.user
    if act == "save":
        if not form.is_valid():
            return ""
        said = {name: form.cleaned_data[name] for name in CouncilForm.Meta.fields}
        save_council(agent=agent, council=council, **said)
        return _("Saved.")
    if act == "member":
        row = next((row for row in rows if row.is_bound), None)
        if row is None or not row.is_valid():
            return ""
        said = {name: row.cleaned_data[name] for name in ("name", "office", "since", "until", "is_shown", "user")}
        save_member(agent=agent, council=council, member=row.member, **said)
        return _("Saved.")
    if act == "remove":
        number = request.POST.get("member", "")
        pk = int(number) if number.isascii() and number.isdigit() and len(number) < 18 else 0
        remove_member(agent=agent, member=get_object_or_404(council.members, pk=pk))
        return _("The seat is taken away.")
    return ""


@require_http_methods(["GET", "POST"])
@only_for(COUNCILS)
def council_consultation_new(request: HttpRequest, slug: str) -> HttpResponseBase:
    """Let a councillor write a draft aimed at the council's area, or at a part of it."""
    council = council_to_work_for(request.user, slug)
    require_acts_for(request.user, council)
    form = CouncilConsultationForm(request.POST or None, council=council)
    process, once = ProcessForm(request.POST or None), OnceForm(request.POST or None)

    def make() -> str:
        said = {**process.cleaned_data, **form.cleaned_data}
        return start_consultation(user=request.user, council=council, **said).slug

    if request.method == "POST" and form.is_valid() & process.is_valid():
        try:
            made = once.carry_out_once(user_id=request.user.pk, words=words_of(request.POST), make=make)
        except Refusal as refusal:
            tell(form, refusal)
        else:
            messages.success(request, _("Your draft is kept. Check the dates of its steps."))
            return redirect("workspace-council-consultation", slug=slug, consultation=made)
    context = {"form": form, "process": process, "once": once, "council": council, "sections": sections_of(form)}
    context["target_url"] = reverse("workspace-council-target", args=[slug])
    return render(request, "councils/workspace_consultation.html", context, status=_status(request))


@require_http_methods(["GET", "POST"])
@only_for(COUNCILS)
def council_consultation(request: HttpRequest, slug: str, consultation: str) -> HttpResponseBase:
    """Let a councillor change what the council started, ask for it to be read, put it online or close it."""
    council = council_to_work_for(request.user, slug)
    require_acts_for(request.user, council)
    started = started_one(council, consultation)
    here = redirect("workspace-council-consultation", slug=slug, consultation=consultation)
    act = request.POST.get("act", "") if request.method == "POST" else ""
    if act:
        try:
            messages.success(request, _act(request, act, started))
        except Refusal as refusal:
            messages.error(request, refusal.detail)
        return here
    try:
        require_may_change(started)
    except NoLongerYours as refusal:
        if request.method == "POST":
            raise
        messages.info(request, refusal.detail)
        return redirect("workspace-council", slug=slug)
    found = started.consultation
    form = CouncilConsultationForm(request.POST or None, instance=found, council=council)
    phases = PhaseFormSet(request.POST or None, queryset=found.phases.all(), prefix="phases")
    if request.method == "POST" and form.is_valid() & phases.is_valid():
        try:
            with transaction.atomic():
                change_consultation(user=request.user, started=started, phases=phases.inputs, **form.cleaned_data)
        except Refusal as refusal:
            tell(form, refusal)
        else:
            messages.success(request, _("Your changes are saved."))
            return here
    context = {"form": form, "phases": phases, "consultation": found, "council": council, "started": started}
    context["own_steps"] = own_steps(found.process_template, found.phases.all())
    context |= {"sections": sections_of(form), "target_url": reverse("workspace-council-target", args=[slug])}
    return render(request, "councils/workspace_consultation.html", context, status=_status(request))


def _act(request: HttpRequest, act: str, started: CouncilConsultation) -> str:
    user: Any = request.user
    if act == "publish":
        put_online(user=user, started=started)
        return _("The consultation is online.")
    if act == "close":
        close_early(user=user, started=started)
        return _("The consultation is closed. Everybody can still read it.")
    ask_to_read(user=user, started=started)
    return _("The town hall knows. It reads your draft and puts it online.")


def _status(request: HttpRequest) -> int:
    """422 for a form that comes back with errors."""
    return 422 if request.method == "POST" else 200
