"""Mails about meetings."""

from __future__ import annotations

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from geoparticipation.accounts.mail import mail_person
from geoparticipation.meetings.domain.registrations import fill_left_places, forget_names, remind
from geoparticipation.meetings.enums import MeetingState, RegistrationState
from geoparticipation.meetings.models import Registration

_RETRY = RetryStrategy(max_attempts=5, exponential_wait=5)


@app.periodic(cron="*/10 * * * *")
@app.task(queueing_lock="remind_of_meetings", pass_context=False)
def remind_of_meetings(timestamp: int) -> None:
    """Every ten minutes, remind who comes to a meeting within a day, and give away places that are left."""
    now = timezone.now()
    fill_left_places(at=now)
    remind(at=now)
    forget_names(at=now)


@app.task(retry=_RETRY)
def send_registration(registration_id: int) -> None:
    """Tell a person whether they have a place. Skipped when they withdrew or the meeting was cancelled."""
    _send(registration_id, "registered", Registration.objects.exclude(state=RegistrationState.WITHDRAWN))


@app.task(retry=_RETRY)
def send_reminder(registration_id: int) -> None:
    """Remind a person of the meeting. Skipped as above."""
    _send(registration_id, "reminder", Registration.objects.filter(state=RegistrationState.CONFIRMED))


def _send(registration_id: int, what: str, registrations: object) -> None:
    found = (
        registrations.select_related("meeting", "user")  # type: ignore[attr-defined]
        .filter(pk=registration_id, user__is_active=True, meeting__state=MeetingState.ANNOUNCED)
        .first()
    )
    if found is not None:
        _mail(found, what)


@app.task(retry=_RETRY)
def tell_registered(meeting_id: int, what: str) -> None:
    """Queue a mail to everybody who registered, or to nobody yet when that fails: it was moved, or cancelled."""
    people = Registration.objects.filter(meeting=meeting_id, user__is_active=True)
    with transaction.atomic():
        for pk in people.exclude(state=RegistrationState.WITHDRAWN).order_by("pk").values_list("pk", flat=True):
            send_news.defer(registration_id=pk, what=what)


@app.task(retry=_RETRY)
def send_news(registration_id: int, what: str) -> None:
    """Tell one person that the meeting was moved or cancelled. Skipped when either was undone or they withdrew."""
    state = MeetingState.CANCELLED if what == "cancelled" else MeetingState.ANNOUNCED
    found = (
        Registration.objects.select_related("meeting", "user")
        .exclude(state=RegistrationState.WITHDRAWN)
        .filter(pk=registration_id, meeting__state=state)
        .first()
    )
    if found is not None:
        _mail(found, what)


def _mail(registration: Registration, what: str) -> None:
    """Mail the person who registered."""
    person, meeting = registration.user, registration.meeting
    assert person is not None  # noqa: S101 - every caller asks for rows with an account
    url = settings.SITE_URL + reverse("meeting", args=[meeting.code])
    context = {"what": what, "meeting": meeting, "registration": registration, "url": url}
    mail_person(person, "meetings/mail/news.txt", context)
