"""The facilitator's desk: the workshop of a meeting in the workspace."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from geoparticipation.accounts.access import AGENTS, only_for
from geoparticipation.meetings.domain.workshop.facilitating import (
    close_vote,
    close_workshop,
    group_notes,
    hide_notes,
    lock_map,
    open_vote,
    open_workshop,
    remove_group,
    save_group,
    set_up_workshop,
)
from geoparticipation.meetings.domain.workshop.keeping import keep_notes
from geoparticipation.meetings.enums import NoteState, VoteState
from geoparticipation.meetings.errors import WorkshopMoment
from geoparticipation.meetings.forms_workshop import GroupForm, WorkshopForm
from geoparticipation.meetings.models import Dot, Meeting, Workshop
from geoparticipation.meetings.queries import meeting_for
from geoparticipation.meetings.queries_workshop import read_state, shown_notes
from geoparticipation.meetings.views_workshop import live_settings, moment_of, moments, sections, target_of, words
from layers.errors import Refusal


@require_http_methods(["GET", "POST"])
@only_for(AGENTS)
def desk(request: HttpRequest, code: uuid.UUID) -> HttpResponseBase:
    """Switch the workshop on, lead it, and keep what comes of it; nine queries, whatever is on it."""
    meeting = meeting_for(request.user, code)
    found = Workshop.objects.select_related("meeting__consultation__target").filter(meeting=meeting).first()
    act = request.POST.get("act", "")
    form = WorkshopForm(request.POST if act == "set-up" else None, workshop=found)
    group = GroupForm(request.POST if act == "group" and not request.POST.get("group") else None)
    refusal: Refusal | None = None
    if request.method == "POST":
        try:
            told = _carry_out(request, meeting, found, form, group)
        except Refusal as refused:
            refusal = refused
        else:
            if told:
                messages.success(request, told)
                return redirect("workspace-workshop", code=code)
    context = {"meeting": meeting, "workshop": found, "form": form, "group_form": group, "refusal": refusal}
    status = 200 if request.method == "GET" else refusal.status if refusal else 422
    if found is not None:
        if refusal is not None:
            found.refresh_from_db(fields=["seq", "state", "vote", "is_locked"])
        context |= _desk_of(found)
    return render(request, "meetings/workshop_desk.html", context, status=status)


def _desk_of(found: Workshop) -> dict[str, Any]:
    notes, groups = shown_notes(found), list(found.groups.all())
    state = read_state(found, notes, groups)
    live = {**live_settings(found, state), "own": [], "dots": [], "takes_part": False, "words": words()}
    return {
        "sections": sections(notes, groups, state["workshop"]["dots"], [], []),
        "groups": groups,
        "hidden": list(found.notes.filter(state=NoteState.HIDDEN)),
        "voters": _voters(found),
        "moment": moment_of(found),
        "moments": moments(),
        "target": target_of(found),
        "live": live,
    }


def _voters(found: Workshop) -> int | None:
    """How many people gave a dot, while and after a vote."""
    if found.vote == VoteState.NONE:
        return None
    return Dot.objects.filter(workshop=found).values("voter_hash").distinct().count()


def _carry_out(
    request: HttpRequest, meeting: Meeting, found: Workshop | None, form: WorkshopForm, group: GroupForm
) -> str:
    """Do what was asked; returns what to tell, empty where a form is not filled in well."""
    agent: Any = request.user
    act = request.POST.get("act", "")
    if act == "set-up":
        if not form.is_valid():
            return ""
        set_up_workshop(agent=agent, meeting=meeting, **form.cleaned_data)
        return _("Saved.")
    if found is None:
        raise WorkshopMoment
    common: dict[str, Any] = {"agent": agent, "workshop": found}
    codes = [one for one in map(_code, request.POST.getlist("note")) if one is not None]
    chosen = _code(request.POST.get("group", ""))
    if act == "open":
        open_workshop(**common)
        return _("Open. People can put notes on the map.")
    if act == "close":
        close_workshop(**common)
        return _("Closed. Keep what is to become an idea.")
    if act in {"lock", "unlock"}:
        lock_map(**common, locked=act == "lock")
        return _("The map is locked.") if act == "lock" else _("The map is open again.")
    if act == "open-vote":
        open_vote(**common)
        return _("The vote is open, and the map is locked meanwhile.")
    if act == "close-vote":
        close_vote(**common)
        return _("The vote is closed. Everybody sees the dots.")
    if act == "group":
        if not group.is_valid():
            return ""
        save_group(**common, **group.cleaned_data)
        return _("The group is made.")
    if act == "change-group":
        name, colour = request.POST.get("name", ""), request.POST.get("colour", "")
        save_group(**common, code=chosen or uuid.UUID(int=0), name=name, colour=colour)
        return _("Saved.")
    if act == "remove-group":
        remove_group(**common, code=chosen or uuid.UUID(int=0))
        return _("The group is dissolved; its notes are still there.")
    if act == "sort":
        count = group_notes(**common, codes=codes, group=chosen)
        return ngettext("%(count)d note sorted.", "%(count)d notes sorted.", count) % {"count": count}
    if act in {"hide", "show"}:
        count = hide_notes(**common, codes=codes, hidden=act == "hide")
        if act == "hide":
            return ngettext("%(count)d note hidden.", "%(count)d notes hidden.", count) % {"count": count}
        return ngettext("%(count)d note shown again.", "%(count)d notes shown again.", count) % {"count": count}
    if act in {"keep", "keep-group"}:
        whole = chosen if act == "keep-group" else None
        count = len(keep_notes(**common, codes=codes, group=whole))
        return ngettext(
            "%(count)d note became an idea. A moderator reads it before it goes online.",
            "%(count)d notes became ideas. A moderator reads them before they go online.",
            count,
        ) % {"count": count}
    raise WorkshopMoment


def _code(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None
