"""What everybody may know of a workshop and the things on its map, as the log and the pages give it."""

from __future__ import annotations

import json
from typing import Any, Final

from django.db.models import Count

from geoparticipation.meetings.enums import NoteState, VoteState
from geoparticipation.meetings.models import Note, NoteGroup, Workshop

Payload = dict[str, Any]

GONE: Final[Payload] = {"gone": True}


def payload_of_note(note: Note, group: NoteGroup | None) -> Payload:
    """A note as everybody sees it: never its exact place, nor whose it is. Hidden, it is gone."""
    if note.state != NoteState.SHOWN:
        return GONE
    return {
        "text": note.text,
        "name": note.name,
        "where": note.where,
        "geometry": json.loads(note.public_geometry.geojson),
        "group": str(group.code) if group is not None else None,
        "kept": note.is_kept,
    }


def payload_of_group(group: NoteGroup) -> Payload:
    """A group: its letter, name and colour."""
    return {"letter": group.letter, "name": group.name, "colour": group.colour}


def payload_of_workshop(workshop: Workshop) -> Payload:
    """What the workshop is doing. How many dots each note has is told when the vote is closed; one query then."""
    return {
        "state": workshop.state,
        "locked": workshop.is_locked,
        "vote": workshop.vote,
        "dots_each": workshop.dots_each,
        "question": workshop.question,
        "dots": dots_of(workshop) if workshop.vote == VoteState.CLOSED else {},
    }


def dots_of(workshop: Workshop) -> dict[str, int]:
    """How many dots each note has, by its code; notes without one are left out. One query."""
    counted = Note.objects.filter(workshop=workshop, dots__isnull=False).annotate(count=Count("dots"))
    return {str(code): count for code, count in counted.order_by("code").values_list("code", "count")}
