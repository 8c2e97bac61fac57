"""Meetings in the workspace: making and announcing them, who comes, and what was decided."""

from __future__ import annotations

import re
import uuid
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.gis.geos import GEOSGeometry
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from geoparticipation.accounts.access import COUNCILS, only_for
from geoparticipation.consultations.rules import may_manage, require_may_manage
from geoparticipation.contributions.locating import Located, locate
from geoparticipation.contributions.models import Contribution
from geoparticipation.councils.rules import councils_of, may_hold_meetings
from geoparticipation.meetings.domain.meetings import announce_meeting, cancel_meeting, save_meeting, write_minutes
from geoparticipation.meetings.domain.registrations import enter_registration, withdraw_registration
from geoparticipation.meetings.enums import RegistrationState
from geoparticipation.meetings.errors import MeetingIncomplete
from geoparticipation.meetings.forms import MeetingForm, MinutesForm, NewMeetingForm
from geoparticipation.meetings.models import Meeting, Registration
from geoparticipation.meetings.models.meeting import MeetingQuerySet
from geoparticipation.meetings.queries import meeting_for, with_figures
from layers.errors import Refusal

PER_PAGE = 30
_CODE = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


@require_GET
@only_for(COUNCILS)
def meeting_list(request: HttpRequest) -> HttpResponse:
    """For agents every meeting, for councillors those of their council, the latest first; two queries."""
    found = with_figures(_to_work_on(request).order_by("-starts_at", "-pk"))
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "meetings/workspace_list.html", {"page": page})


def _to_work_on(request: HttpRequest) -> MeetingQuerySet:
    """What this person may edit: agents everything, councillors what is their council's."""
    every = Meeting.objects.all()
    return every if may_manage(request.user) else every.filter(council__in=councils_of(request.user).values("pk"))


@require_http_methods(["GET", "POST"])
@only_for(COUNCILS)
def meeting_new(request: HttpRequest) -> HttpResponseBase:
    """A form for a new meeting; it becomes a draft."""
    if not may_manage(request.user) and not councils_of(request.user).exists():
        raise PermissionDenied
    form = NewMeetingForm(request.POST or None, user=request.user, council=request.GET.get("council", ""))
    refusal: Refusal | None = None
    if request.method == "POST" and form.is_valid():
        try:
            code = form.carry_out_once(
                user_id=request.user.pk,
                words=request.POST.urlencode(),
                make=lambda: str(_save(request, form, None).code),
            )
        except Refusal as refused:
            refusal = _shown(form, refused)
        else:
            messages.success(request, _("Kept as a draft. Announce it when everything is right."))
            return redirect("workspace-meeting", code=code)
    context = {"form": form, "refusal": refusal, "choices": getattr(refusal, "choices", None)}
    return render(request, "meetings/workspace_edit.html", context, status=422 if request.method == "POST" else 200)


@require_http_methods(["GET", "POST"])
@only_for(COUNCILS)
def meeting_edit(request: HttpRequest, code: uuid.UUID) -> HttpResponseBase:
    """One meeting: its form, announcing and cancelling it, who comes, minutes and decisions."""
    found = meeting_for(request.user, code)
    if not may_hold_meetings(request.user, found.council):
        raise PermissionDenied
    act = request.POST.get("act", "") if request.method == "POST" else ""
    form = MeetingForm(request.POST if act == "save" else None, user=request.user, meeting=found)
    minutes = MinutesForm(request.POST if act == "minutes" else None, meeting=found)
    refusal: Refusal | None = None
    if act:
        try:
            told = _carry_out(request, act, found, form, minutes)
        except Refusal as refused:
            refusal = _shown(form if act == "save" else minutes, refused)
        else:
            if told:
                messages.success(request, told)
                return redirect("workspace-meeting", code=code)
    return render(
        request,
        "meetings/workspace_edit.html",
        {
            "meeting": found,
            "form": form,
            "minutes": minutes,
            "refusal": refusal,
            "typed_name": request.POST.get("name", "") if act == "enter" else "",
            "choices": getattr(refusal, "choices", None),
            "registrations": _registrations(request, found),
        },
        status=422 if act else 200,
    )


def _registrations(request: HttpRequest, found: Meeting) -> QuerySet[Registration] | None:
    """Who comes, with e-mail addresses: for agents only."""
    if not may_manage(request.user):
        return None
    return found.registrations.exclude(state=RegistrationState.WITHDRAWN).select_related("user")


def _carry_out(request: HttpRequest, act: str, found: Meeting, form: MeetingForm, minutes: MinutesForm) -> str:
    """Do what was asked; returns what to tell, empty where a form is not filled in well."""
    agent: Any = request.user
    if act == "save":
        if not form.is_valid():
            return ""
        _save(request, form, found)
        return _("Saved.")
    if act == "minutes":
        if not minutes.is_valid():
            return ""
        decisions = [
            (minutes.cleaned_data[text.name], _idea(minutes.cleaned_data[idea.name], idea.name))
            for text, idea in minutes.rows()
        ]
        write_minutes(agent=agent, meeting=found, minutes=minutes.cleaned_data["minutes"], decisions=decisions)
        return _("Saved. Everybody can read it.")
    if act == "enter":
        enter_registration(agent=agent, meeting=found, name=request.POST.get("name", ""))
        return _("Noted.")
    if act == "remove":
        require_may_manage(agent)
        number = request.POST.get("registration", "")
        registration = get_object_or_404(
            found.registrations, pk=int(number) if number.isdecimal() and len(number) < 18 else 0
        )
        withdraw_registration(registration=registration)
        return _("Noted. Who waits gets the place.")
    if act == "announce":
        announce_meeting(agent=agent, meeting=found)
        return _("Announced. Everybody can see it.")
    if act == "cancel":
        cancel_meeting(agent=agent, meeting=found)
        return _("Cancelled. Who registered is told.")
    return ""


def _save(request: HttpRequest, form: MeetingForm, found: Meeting | None) -> Meeting:
    said = {name: form.cleaned_data[name] for name in (*form.DETAILS, "registers", "capacity")}
    located = locate(form.cleaned_data)
    geometry = _geometry(located) if located is not None else found.geometry if found is not None else None
    if located is not None and not said["place_name"]:
        said["place_name"] = located.typed_address
    agent: Any = request.user
    return save_meeting(agent=agent, meeting=found, geometry=geometry, language=get_language() or "", **said)


def _geometry(located: Located) -> GEOSGeometry:
    """The shape of what was found; of a street known by its letterboxes only there is none."""
    if located.geometry is not None:
        return located.geometry
    shape = located.street.geometry if located.street else located.district.geometry if located.district else None
    if shape is None:
        raise MeetingIncomplete(_("Give an address: this street has no course on the map."), field="place_text")
    return shape


def _idea(text: str, field: str) -> Contribution | None:
    """The idea whose address or code somebody typed. Raises MeetingIncomplete where there is none online."""
    if not text.strip():
        return None
    code = _CODE.search(text)
    idea = Contribution.objects.public().filter(code=code.group()).first() if code else None
    if idea is None:
        raise MeetingIncomplete(_("There is no idea online at this address."), field=field)
    return idea


def _shown(form: forms.Form, refusal: Refusal) -> Refusal | None:
    """Put a refusal beside its field; what belongs to none, and to the place, is shown by the page."""
    if refusal.field in form.fields and refusal.field != "place_text":
        form.add_error(refusal.field, refusal.detail)
        return None
    return refusal
