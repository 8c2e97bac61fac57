"""Coming to a meeting, or not after all."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _

from geoparticipation.accounts.domain.rates import count_action
from geoparticipation.accounts.enums import IdentityLevel
from geoparticipation.accounts.identity import Actor
from geoparticipation.accounts.models import User
from geoparticipation.consultations.rules import require_may_manage
from geoparticipation.contributions.text import clean_text
from geoparticipation.meetings.enums import MeetingState, RegistrationState
from geoparticipation.meetings.errors import MeetingIncomplete, MeetingNotOpen, SignInToRegister
from geoparticipation.meetings.models import Meeting, Registration

REMIND_BEFORE: Final = timedelta(hours=24)
NAMES_KEPT: Final = timedelta(days=30)
NO_NAME: Final = "–"


@transaction.atomic
def register_for(*, actor: Actor, meeting: Meeting, at: datetime | None = None) -> Registration:
    """Give a person a place, or one on the waiting list; twice changes nothing. Tells them by e-mail.

    The meeting's row is locked, so that no place is given twice. Raises SignInToRegister, MeetingNotOpen, TooOften.
    """
    at = at or timezone.now()
    if actor.user is None or actor.level < IdentityLevel.EMAIL:
        raise SignInToRegister
    locked = _lock_open(meeting, at)
    known = Registration.objects.filter(meeting=locked, user=actor.user).first()
    if known is not None and known.state != RegistrationState.WITHDRAWN:
        return known
    count_action(actor=actor, action="register", at=at)
    if known is None:
        known = Registration(meeting=locked, user=actor.user)
    # Within the last day the mail about the place is the reminder.
    is_soon = locked.starts_at - at <= REMIND_BEFORE
    known.state, known.queued_at, known.reminded_at = _state_of_next(locked), at, at if is_soon else None
    known.save()
    _queue_mail(known)
    return known


@transaction.atomic
def enter_registration(*, agent: User, meeting: Meeting, name: str, at: datetime | None = None) -> Registration:
    """Note somebody who called; nothing is sent. Raises NotAllowed, MeetingNotOpen, MeetingIncomplete."""
    require_may_manage(agent)
    at = at or timezone.now()
    name = clean_text(name, lines=False)
    if not name or len(name) > 80:
        raise MeetingIncomplete(_("Give a name, of 80 characters at the most."), field="name")
    locked = _lock_open(meeting, at)
    return Registration.objects.create(meeting=locked, name=name, state=_state_of_next(locked), queued_at=at)


@transaction.atomic
def withdraw_registration(*, registration: Registration, at: datetime | None = None) -> Registration:
    """Give the place back; who has waited longest gets it and is told. Withdrawn already: nothing happens."""
    at = at or timezone.now()
    meeting = Meeting.objects.select_for_update(of=("self",), no_key=True).get(pk=registration.meeting_id)
    registration.refresh_from_db(fields=["state"])
    if registration.state != RegistrationState.WITHDRAWN:
        registration.state = RegistrationState.WITHDRAWN
        registration.save(update_fields=["state"])
        if meeting.state == MeetingState.ANNOUNCED and at < meeting.ends_at:
            fill_places(meeting)
    return registration


def fill_places(meeting: Meeting) -> list[Registration]:
    """Give free places to who waits, the first first, and tell them; needs the meeting's row locked."""
    waiting = meeting.registrations.filter(state=RegistrationState.WAITING).order_by("queued_at", "pk")
    if meeting.capacity is not None:
        waiting = waiting[: max(0, meeting.capacity - _taken(meeting))]
    given = list(waiting)
    Registration.objects.filter(pk__in=[one.pk for one in given]).update(state=RegistrationState.CONFIRMED)
    for one in given:
        one.state = RegistrationState.CONFIRMED
        _queue_mail(one)
    return given


def remind(*, at: datetime) -> int:
    """Queue the reminders of meetings that begin within a day, one for each person with a place; returns how many."""
    from geoparticipation.meetings.tasks import send_reminder

    due = Registration.objects.filter(
        state=RegistrationState.CONFIRMED,
        user__isnull=False,
        reminded_at__isnull=True,
        meeting__state=MeetingState.ANNOUNCED,
        meeting__starts_at__gt=at,
        meeting__starts_at__lte=at + REMIND_BEFORE,
    )
    with transaction.atomic():
        taken = list(due.select_for_update(skip_locked=True, of=("self",)).order_by("pk"))
        Registration.objects.filter(pk__in=[one.pk for one in taken]).update(reminded_at=at)
        for one in taken:
            send_reminder.defer(registration_id=one.pk)
    return len(taken)


def fill_left_places(*, at: datetime) -> int:
    """Give to who waits the places that nobody gave back: of an account that was deleted, say; returns how many.

    One query, and three for each meeting in which a place is free and somebody waits for one.
    """
    of_it = Registration.objects.filter(meeting=OuterRef("pk"))
    taken = of_it.filter(state=RegistrationState.CONFIRMED).order_by().values("meeting").annotate(n=Count("pk"))
    found = (
        Meeting.objects.filter(state=MeetingState.ANNOUNCED, ends_at__gt=at, capacity__isnull=False)
        .filter(Exists(of_it.filter(state=RegistrationState.WAITING)))
        .filter(capacity__gt=Coalesce(Subquery(taken.values("n")), 0))
    )
    given = 0
    for pk in list(found.values_list("pk", flat=True)):
        with transaction.atomic():
            given += len(fill_places(Meeting.objects.select_for_update(of=("self",), no_key=True).get(pk=pk)))
    return given


def forget_names(*, at: datetime) -> int:
    """Forget the names of people who called, some weeks after the meeting; returns how many. One query."""
    over = Registration.objects.filter(user=None, meeting__ends_at__lt=at - NAMES_KEPT).exclude(name=NO_NAME)
    return over.update(name=NO_NAME)


def _lock_open(meeting: Meeting, at: datetime) -> Meeting:
    locked = (
        Meeting.objects.public()
        .select_for_update(of=("self",), no_key=True)
        .filter(pk=meeting.pk, state=MeetingState.ANNOUNCED, registers=True, ends_at__gt=at)
        .first()
    )
    if locked is None:
        raise MeetingNotOpen
    return locked


def _taken(meeting: Meeting) -> int:
    return meeting.registrations.filter(state=RegistrationState.CONFIRMED).count()


def _state_of_next(meeting: Meeting) -> str:
    if meeting.capacity is None or _taken(meeting) < meeting.capacity:
        return RegistrationState.CONFIRMED
    return RegistrationState.WAITING


def _queue_mail(registration: Registration) -> None:
    from geoparticipation.meetings.tasks import send_registration

    if registration.user_id is not None:
        send_registration.defer(registration_id=registration.pk)
