"""Mails of volunteering. No mail has an address of the other side in it, and an answer to it reaches nobody."""

from __future__ import annotations

from collections.abc import Iterable

from django.conf import settings
from django.urls import reverse
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from geoparticipation.accounts.mail import mail_person
from geoparticipation.accounts.models import User
from geoparticipation.volunteering.domain.associations import invitation_of
from geoparticipation.volunteering.enums import Side
from geoparticipation.volunteering.models import Agreement, Association, Message

_RETRY = RetryStrategy(max_attempts=5, exponential_wait=5)


def _send(people: Iterable[User], template: str, address: str, **context: object) -> None:
    """Mail each person in their language."""
    for person in people:
        mail_person(person, f"volunteering/mail/{template}.txt", {"url": settings.SITE_URL + address, **context})


def _members(association: Association) -> Iterable[User]:
    return User.objects.filter(memberships__association=association, is_active=True)


def _other_side(agreement: Agreement, side: str) -> Iterable[User]:
    if side == Side.VOLUNTEER:
        return _members(agreement.mission.association)
    return [agreement.volunteer] if agreement.volunteer.is_active else []


_AGREEMENTS = Agreement.objects.select_related("mission__association", "mission__contribution", "volunteer")


@app.task(retry=_RETRY)
def send_message(message_id: int) -> None:
    """Mail a message on to the other side. Skipped when it is gone by now."""
    message = Message.objects.filter(pk=message_id).first()
    if message is not None:
        agreement = _AGREEMENTS.get(pk=message.agreement_id)
        address = reverse("agreement", args=[agreement.code])
        _send(_other_side(agreement, message.side), "message", address, message=message, agreement=agreement)


@app.task(retry=_RETRY)
def send_change(agreement_id: int, state: str, by_side: str) -> None:
    """Tell the other side that an agreement was accepted, declined, called off or done. Skipped when it is gone."""
    agreement = _AGREEMENTS.filter(pk=agreement_id).first()
    if agreement is not None:
        address = reverse("agreement", args=[agreement.code])
        _send(_other_side(agreement, by_side), "change", address, agreement=agreement, state=state, by_side=by_side)


@app.task(retry=_RETRY)
def send_checked(association_id: int) -> None:
    """Tell those who act for an association what the agent decided. Skipped when it is gone by now."""
    association = Association.objects.filter(pk=association_id).first()
    if association is not None:
        address = reverse("association", args=[association.slug])
        _send(_members(association), "checked", address, association=association)


@app.task(retry=_RETRY)
def send_invitation(association_id: int, user_id: int) -> None:
    """Ask somebody whether they want to act for an association. Skipped when either is gone by now."""
    association = Association.objects.filter(pk=association_id).first()
    person = User.objects.filter(pk=user_id, is_active=True).first()
    if association is not None and person is not None:
        address = reverse("association-join", args=[association.slug, invitation_of(association, person)])
        _send([person], "invitation", address, association=association)
