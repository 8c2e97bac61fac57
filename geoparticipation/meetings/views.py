"""Meetings for everybody: what is to come, one meeting, coming to it, and calendars."""

from __future__ import annotations

import json
import uuid
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from geoparticipation.accounts.identity import actor_for
from geoparticipation.context import town_name
from geoparticipation.councils.queries import council_for
from geoparticipation.councils.rules import may_hold_meetings
from geoparticipation.meetings.calendars import calendar_of
from geoparticipation.meetings.domain.registrations import register_for, withdraw_registration
from geoparticipation.meetings.enums import MeetingState, RegistrationState
from geoparticipation.meetings.models import Meeting
from geoparticipation.meetings.queries import meeting_for, registration_of, with_figures
from layers.errors import Refusal
from layers.paging import BoundedPaginator

PER_PAGE = 20
TO_COME = 100
LEAST_TOLD = 5
"""Of fewer people than this, nobody is told how many come."""
IN_CALENDAR = 500


@require_safe
def meetings(request: HttpRequest) -> HttpResponse:
    """What is to come, the next first, and what is over; four queries. The map has the places of what is shown."""
    now = timezone.now()
    over = BoundedPaginator(with_figures(Meeting.objects.public().over(now)), PER_PAGE)
    page = over.get_page(request.GET.get("page"))
    to_come = list(with_figures(Meeting.objects.public().to_come(now))[:TO_COME])
    return render(
        request,
        "meetings/list.html",
        {"to_come": to_come, "page": page, "places": _places([*to_come, *page])},
    )


@require_safe
def meeting(request: HttpRequest, code: uuid.UUID) -> HttpResponse:
    """One meeting; three queries for who is signed in, two for others."""
    found = meeting_for(request.user, code)
    return render(request, "meetings/detail.html", _context(request, found))


def _context(request: HttpRequest, found: Meeting) -> dict[str, Any]:
    now = timezone.now()
    return {
        "meeting": found,
        "own": registration_of(request.user, found),
        "is_over": found.ends_at <= now,
        "takes": found.state == MeetingState.ANNOUNCED and found.registers and found.ends_at > now,
        "left": max(0, found.capacity - found.coming) if found.capacity is not None else None,  # type: ignore[attr-defined]
        "tells_number": found.coming >= LEAST_TOLD,  # type: ignore[attr-defined]
        "ends_same_day": timezone.localdate(found.starts_at) == timezone.localdate(found.ends_at),
        "places": _places([found]),
        "may_edit": request.user.is_authenticated and may_hold_meetings(request.user, found.council),
    }


def _places(shown: list[Meeting]) -> dict[str, Any] | None:
    features = [
        {
            "type": "Feature",
            "properties": {"code": str(one.code), "kind": "meeting", "title": one.title, "url": found_url(one)},
            "geometry": json.loads(one.geometry.geojson),
        }
        for one in shown
        if one.geometry is not None
    ]
    return {"type": "FeatureCollection", "features": features} if features else None


@require_POST
def register(request: HttpRequest, code: uuid.UUID) -> HttpResponseBase:
    """Come to a meeting, or with `withdraw` not after all; visitors are led to sign in first."""
    found = meeting_for(request.user, code)
    if not request.user.is_authenticated:
        return redirect_to_login(found_url(found))
    own = registration_of(request.user, found)
    try:
        if request.POST.get("withdraw"):
            if own is not None:
                withdraw_registration(registration=own)
            messages.success(request, _("You do not come. Thank you for saying so."))
        else:
            made = register_for(actor=actor_for(request), meeting=found)
            told = _("You have a place. We have sent you an e-mail.")
            if made.state == RegistrationState.WAITING:
                told = _("You are on the waiting list. We write to you when a place is free.")
            messages.success(request, told)
    except Refusal as refusal:
        messages.error(request, refusal.detail)
    return redirect(found_url(found))


def found_url(found: Meeting) -> str:
    """The meeting's page."""
    return f"/meetings/{found.code}/"


@require_safe
def calendar(request: HttpRequest) -> HttpResponse:
    """Every meeting, as a feed that calendars subscribe to: those of the last year and to come. One query."""
    since = timezone.now() - timedelta(days=365)
    found = Meeting.objects.public().filter(ends_at__gt=since).order_by("-starts_at")[:IN_CALENDAR]
    return _calendar(list(found), "meetings.ics")


@require_safe
def council_calendar(request: HttpRequest, slug: str) -> HttpResponse:
    """The meetings of one council, as a feed: those of the last year and to come. Two queries."""
    council = council_for(None, slug)
    since = timezone.now() - timedelta(days=365)
    found = Meeting.objects.public().filter(council=council, ends_at__gt=since).order_by("-starts_at")[:IN_CALENDAR]
    return _calendar(list(found), f"{council.slug}.ics", council.name)


@require_safe
def calendar_entry(request: HttpRequest, code: uuid.UUID) -> HttpResponse:
    """One meeting as a file for a calendar."""
    return _calendar([meeting_for(request.user, code)], f"{code}.ics")


def _calendar(found: list[Meeting], name: str, title: str = "") -> HttpResponse:
    title = title or _("Meetings in %(town)s") % {"town": town_name()}
    content = calendar_of(found, name=title, site=settings.SITE_URL)
    response = HttpResponse(content, content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
