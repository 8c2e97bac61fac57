"""Reads of online workshops: for their pages, for who polls, and for the streams."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import Http404

from geoparticipation.accounts.identity import Actor
from geoparticipation.meetings.domain.workshop.payloads import (
    Payload,
    payload_of_group,
    payload_of_note,
    payload_of_workshop,
)
from geoparticipation.meetings.domain.workshop.taking_part import is_own
from geoparticipation.meetings.domain.workshop.votes import voter_hash
from geoparticipation.meetings.enums import NoteState
from geoparticipation.meetings.models import Change, Dot, Meeting, Note, Workshop

AT_ONCE = 500


def workshop_for(user: object, code: uuid.UUID) -> Workshop:
    """The workshop of a meeting that this person may see, with meeting and consultation; one query. Raises Http404."""
    meetings = Meeting.objects.visible_to(user)
    workshop = (
        Workshop.objects.select_related("meeting__consultation__target")
        .filter(meeting__code=code, meeting__in=meetings)
        .first()
    )
    if workshop is None:
        raise Http404
    return workshop


def last_change_of(code: uuid.UUID) -> tuple[int, int] | None:
    """Primary key and last number of the workshop of a public meeting, None where there is none. One query."""
    public = Workshop.objects.filter(meeting__code=code, meeting__in=Meeting.objects.public())
    return public.values_list("pk", "seq").first()


def changes_after(workshop_id: int, after: int, limit: int = AT_ONCE) -> list[Payload]:
    """The rows of the log after a number, the first first. One query.

    `state` is None where a later row says what has become of the thing.
    """
    rows = Change.objects.filter(workshop=workshop_id, seq__gt=after).order_by("seq")[:limit]
    return [
        {"seq": seq, "what": what, "code": str(code), "state": payload}
        for seq, what, code, payload in rows.values_list("seq", "what", "code", "payload")
    ]


def read_state(workshop: Workshop, notes: list[Note], groups: list[Any]) -> Payload:
    """All that the log adds up to, as of the workshop's number. At most one query.

    The workshop is read before notes and groups: what changes in between comes once more by the log, and a change is
    the whole state of a thing.
    """
    return {
        "seq": workshop.seq,
        "workshop": payload_of_workshop(workshop),
        "groups": {str(group.code): payload_of_group(group) for group in groups},
        "notes": {str(note.code): payload_of_note(note, note.group) for note in notes},
    }


def shown_notes(workshop: Workshop) -> list[Note]:
    """The notes on the map with their groups, the first first. One query."""
    return list(workshop.notes.filter(state=NoteState.SHOWN).select_related("group"))


def own_codes(actor: Actor, notes: list[Note]) -> list[str]:
    """Which of the notes are the actor's. No query."""
    return [str(note.code) for note in notes if is_own(actor, note)]


def dots_given(actor: Actor, workshop: Workshop) -> list[str]:
    """The codes of the notes to which the actor gave a dot. One query, none for who never acted."""
    who = voter_hash(actor, workshop)
    if not who:
        return []
    given = Dot.objects.filter(workshop=workshop, voter_hash=who, note__state=NoteState.SHOWN)
    return [str(code) for code in given.values_list("note__code", flat=True)]
