"""Who takes part in a workshop, and what they may do when."""

from __future__ import annotations

from geoparticipation.accounts.errors import NotAllowed
from geoparticipation.accounts.identity import Actor
from geoparticipation.consultations.rules import may_manage
from geoparticipation.meetings.enums import MeetingState, RegistrationState, WorkshopAccess, WorkshopState
from geoparticipation.meetings.errors import MapLocked, OnlyRegistered, WorkshopNotOpen
from geoparticipation.meetings.models import Note, Registration, Workshop


def may_take_part(actor: Actor, workshop: Workshop) -> bool:
    """Whether this person is one of those the facilitator lets in. One query where one has to be registered."""
    if actor.user is not None and not actor.user.is_active:
        return False
    if workshop.access == WorkshopAccess.LINK or may_manage(actor.user):
        return True
    if actor.user is None:
        return False
    places = Registration.objects.filter(meeting=workshop.meeting_id, state=RegistrationState.CONFIRMED)
    return places.filter(user=actor.user).exists()


def require_takes_part(actor: Actor, workshop: Workshop) -> None:
    """Raise WorkshopNotOpen, NotAllowed or OnlyRegistered. At most one query."""
    if workshop.state != WorkshopState.OPEN or workshop.meeting.state != MeetingState.ANNOUNCED:
        raise WorkshopNotOpen
    if actor.user is None and actor.device is None:
        raise NotAllowed
    if not may_take_part(actor, workshop):
        raise OnlyRegistered


def require_changes_notes(actor: Actor, workshop: Workshop) -> None:
    """As above, and raise MapLocked while notes stay as they are."""
    require_takes_part(actor, workshop)
    if workshop.is_locked:
        raise MapLocked


def is_own(actor: Actor, note: Note) -> bool:
    """Whether the actor put it there: as the signed-in person, or else with the same device. No query."""
    if note.author_id is not None:
        return actor.user is not None and actor.user.pk == note.author_id
    return note.device_id is not None and actor.device is not None and actor.device.pk == note.device_id
