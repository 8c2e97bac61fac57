"""Giving dots to notes while a vote is open."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import transaction

from geoparticipation.accounts.domain.devices import keep_device
from geoparticipation.accounts.domain.rates import count_action
from geoparticipation.accounts.identity import Actor
from geoparticipation.meetings.domain.workshop.log import lock_workshop
from geoparticipation.meetings.domain.workshop.taking_part import require_takes_part
from geoparticipation.meetings.enums import NoteState, VoteState
from geoparticipation.meetings.errors import NoDotsLeft, UnknownNote, VoteNotOpen
from geoparticipation.meetings.models import Dot, Workshop
from layers.keyed_hash import keyed_hash


def voter_hash(actor: Actor, workshop: Workshop) -> str:
    """Who votes, in this workshop only: cannot be told from the table, nor joined with another one. "" for nobody."""
    who = f"account {actor.user.pk}" if actor.user else f"device {actor.device.key_hash}" if actor.device else ""
    return keyed_hash("workshop", str(workshop.meeting.code), who) if who else ""


def give_dot(*, actor: Actor, workshop: Workshop, code: uuid.UUID, at: datetime | None = None) -> None:
    """Give a note one of one's dots; a note has one of each person, and again changes nothing.

    Nothing is written into the log: how many dots a note has is told when the vote is closed. Raises TooOften,
    NoWorkshop, WorkshopNotOpen, OnlyRegistered, VoteNotOpen, UnknownNote, NoDotsLeft.
    """
    count_action(actor=actor, action="workshop", at=at)
    with transaction.atomic():
        if actor.user is None:
            keep_device(actor=actor)
        locked = _lock_vote(actor, workshop)
        note = locked.notes.filter(code=code, state=NoteState.SHOWN).first()
        if note is None:
            raise UnknownNote
        own = Dot.objects.filter(workshop=locked, voter_hash=voter_hash(actor, locked), note__state=NoteState.SHOWN)
        given = list(own.values_list("note", flat=True))
        if note.pk in given:
            return
        if len(given) >= locked.dots_each:
            raise NoDotsLeft
        Dot.objects.create(workshop=locked, note=note, voter_hash=voter_hash(actor, locked))


def take_dot(*, actor: Actor, workshop: Workshop, code: uuid.UUID, at: datetime | None = None) -> None:
    """Take one's dot off a note; none there changes nothing. Raises as above."""
    count_action(actor=actor, action="workshop", at=at)
    with transaction.atomic():
        locked = _lock_vote(actor, workshop)
        Dot.objects.filter(workshop=locked, note__code=code, voter_hash=voter_hash(actor, locked)).delete()


def _lock_vote(actor: Actor, workshop: Workshop) -> Workshop:
    locked = lock_workshop(workshop)
    require_takes_part(actor, locked)
    if locked.vote != VoteState.OPEN:
        raise VoteNotOpen
    return locked
