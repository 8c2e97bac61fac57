"""Keeping notes: they become ideas of the meeting's consultation, with their places."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from typing import Final

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from geoparticipation.accounts.enums import IdentityLevel
from geoparticipation.accounts.identity import Actor
from geoparticipation.accounts.models import User
from geoparticipation.contributions.domain.submit_contribution import TITLE_LENGTH, submit_contribution
from geoparticipation.contributions.enums import Kind, LocatedBy, Origin
from geoparticipation.contributions.errors import OutsideTarget, OutsideTerritory
from geoparticipation.contributions.models import Contribution
from geoparticipation.meetings.domain.workshop.facilitating import lock_for_agent
from geoparticipation.meetings.domain.workshop.log import write_changes
from geoparticipation.meetings.domain.workshop.payloads import payload_of_note
from geoparticipation.meetings.enums import NoteState
from geoparticipation.meetings.errors import WorkshopWithoutConsultation
from geoparticipation.meetings.models import Note, Workshop

MOST_AT_ONCE: Final = 200


@transaction.atomic
def keep_notes(
    *, agent: User, workshop: Workshop, codes: Collection[uuid.UUID] = (), group: uuid.UUID | None = None
) -> list[Contribution]:
    """Make ideas of the notes chosen, and of all in a group; returns those made now. All of them or none.

    What is kept already is left as it is, so pressing twice makes nothing twice (the lock on the workshop, and
    `contribution` being one-to-one). An idea has the place, text, name and group of its note, waits for a moderator
    like everything that agents enter, and stays when the workshop is deleted. Raises NotAllowed,
    WorkshopWithoutConsultation, and what `submit_contribution` raises (PhaseClosed: the consultation takes no ideas; of
    a place that does not fit, the detail says which note has it).
    """
    locked = lock_for_agent(agent, workshop)
    consultation = locked.meeting.consultation
    if consultation is None:
        raise WorkshopWithoutConsultation
    chosen = locked.notes.filter(state=NoteState.SHOWN, is_kept=False).select_related("group").order_by("pk")
    wanted = chosen.filter(group__code=group) if group is not None else chosen.filter(code__in=codes)
    actor = Actor(user=agent, level=IdentityLevel.EMAIL)
    made: list[Contribution] = []
    notes = list(wanted[:MOST_AT_ONCE])
    for note in notes:
        with translation.override(consultation.language):
            title, body = title_and_body(note)
        try:
            contribution = submit_contribution(
                actor=actor,
                consultation=consultation,
                kind=Kind.PROPOSAL,
                title=title,
                body=body,
                geometry=note.geometry,
                located_by=LocatedBy.PIN if note.geometry.geom_type == "Point" else LocatedBy.DRAWN,
                origin=Origin.MEETING,
                language=locked.meeting.language or consultation.language,
                public_name=note.name,
            )
        except (OutsideTarget, OutsideTerritory) as refusal:  # the target, or the consultation, changed since
            refusal.detail = f"“{note.text}”: {refusal.detail}"
            raise
        note.contribution, note.is_kept = contribution, True
        made.append(contribution)
    Note.objects.bulk_update(notes, ["contribution", "is_kept"])
    write_changes(locked, [("note", note.code, payload_of_note(note, note.group)) for note in notes])
    return made


def title_and_body(note: Note) -> tuple[str, str]:
    """The words of the idea: what is too long for a title is cut between words, and stands whole below."""
    title, lines = note.text, []
    if len(title) > TITLE_LENGTH:
        title = title[: TITLE_LENGTH - 1].rpartition(" ")[0] or title[: TITLE_LENGTH - 1]
        title += "…"
        lines.append(note.text)
    if note.group is not None:
        lines.append(_("Group at the workshop: %(name)s") % {"name": note.group.name})
    return title, "\n\n".join(lines)
