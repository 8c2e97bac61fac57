"""Reads of meetings."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db.models import Count, Prefetch, Q
from django.http import Http404

from geoparticipation.contributions.models import Contribution
from geoparticipation.meetings.enums import RegistrationState
from geoparticipation.meetings.models import Decision, Meeting, Registration
from geoparticipation.meetings.models.meeting import MeetingQuerySet


def with_figures(meetings: MeetingQuerySet) -> MeetingQuerySet:
    """Each with `coming` and `waiting`, how many have a place and how many wait for one.

    With its consultation, council and workshop.
    """
    return meetings.select_related("consultation", "council", "workshop").annotate(
        coming=Count("registrations", Q(registrations__state=RegistrationState.CONFIRMED)),
        waiting=Count("registrations", Q(registrations__state=RegistrationState.WAITING)),
    )


def meeting_for(user: object, code: uuid.UUID) -> Meeting:
    """A meeting that this person may see, with figures and decisions; two queries. Raises Http404.

    A decision names its idea only where everybody may read it.
    """
    decisions = Decision.objects.prefetch_related(
        Prefetch("contribution", Contribution.objects.public().only("pk", "code", "title"))
    )
    found = (
        with_figures(Meeting.objects.visible_to(user))
        .filter(code=code)
        .prefetch_related(Prefetch("decisions", decisions))
        .first()
    )
    if found is None:
        raise Http404
    return found


def coming_next(at: datetime, limit: int) -> list[Meeting]:
    """The meetings announced that come next. One query."""
    return list(with_figures(Meeting.objects.public().to_come(at))[:limit])


def registration_of(user: object, meeting: Meeting) -> Registration | None:
    """The registration of a signed-in person, withdrawn ones not. One query, none for a visitor."""
    if not getattr(user, "is_authenticated", False):
        return None
    own = Registration.objects.filter(meeting=meeting, user=user)
    return own.exclude(state=RegistrationState.WITHDRAWN).first()
