"""Putting notes on the map, changing, moving and taking back one's own."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any, Final

from django.contrib.gis.geos import GEOSGeometry
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from geoparticipation.accounts.domain.devices import keep_device
from geoparticipation.accounts.domain.rates import count_action
from geoparticipation.accounts.identity import Actor
from geoparticipation.contributions.domain.placement import place_contribution
from geoparticipation.contributions.enums import LocatedBy
from geoparticipation.contributions.errors import OutsideTerritory
from geoparticipation.contributions.text import clean_text
from geoparticipation.meetings.domain.workshop.log import lock_workshop, write_changes
from geoparticipation.meetings.domain.workshop.payloads import GONE, payload_of_note
from geoparticipation.meetings.domain.workshop.taking_part import is_own, require_changes_notes
from geoparticipation.meetings.enums import NoteState
from geoparticipation.meetings.errors import NoteIncomplete, NoteKept, NotYourNote, TooManyNotes, UnknownNote
from geoparticipation.meetings.models import Note, Workshop
from layers.geometry import check_geometry
from neighbourhoods.domain.place_geometry import place_geometry
from neighbourhoods.domain.territory import territory_covers
from neighbourhoods.models import District, Street

TEXT_LENGTH: Final = 200
NAME_LENGTH: Final = 40
MOST_NOTES: Final = 1000
"""Of one workshop, whatever became of them."""
MOST_VERTICES: Final = 100


def place_note(
    *,
    actor: Actor,
    workshop: Workshop,
    text: str,
    geometry: GEOSGeometry,
    name: str = "",
    code: uuid.UUID | None = None,
    at: datetime | None = None,
) -> Note:
    """Put a note on the map. `geometry` in SRID 4326, inside the territory and the consultation's target.

    `code` is the sender's own mark: sent again, the same note is given back and nothing changes. Raises TooOften,
    NoWorkshop, WorkshopNotOpen, OnlyRegistered, MapLocked, NoteIncomplete, TooManyNotes, NotYourNote (the code is
    somebody else's), and what `place_contribution` raises.
    """
    at = at or timezone.now()
    count_action(actor=actor, action="workshop", at=at)
    said = _words(text, name) | _place(workshop, geometry)  # before the lock, for which others wait
    with transaction.atomic():
        device = keep_device(actor=actor) if actor.user is None else None
        locked = lock_workshop(workshop)
        known = Note.objects.filter(code=code).first() if code is not None else None
        if known is not None:
            if known.workshop_id != locked.pk or not is_own(actor, known):
                raise NotYourNote
            return known
        require_changes_notes(actor, locked)
        if locked.notes.count() >= MOST_NOTES:
            raise TooManyNotes
        note = Note.objects.create(
            workshop=locked,
            code=code or uuid.uuid4(),
            author=actor.user,
            device=device,
            made_at=at,
            **said,
        )
        write_changes(locked, [("note", note.code, payload_of_note(note, None))], at=at)
    return note


def change_note(
    *,
    actor: Actor,
    workshop: Workshop,
    code: uuid.UUID,
    text: str | None = None,
    name: str | None = None,
    geometry: GEOSGeometry | None = None,
    at: datetime | None = None,
) -> Note:
    """Reword one's own note or move it; what is None stays. As it is already: nothing is written.

    Raises what `place_note` raises, UnknownNote and NoteKept.
    """
    count_action(actor=actor, action="workshop", at=at)
    place = _place(workshop, geometry) if geometry is not None else {}
    with transaction.atomic():
        locked, note = _lock_own(actor, workshop, code)
        said: dict[str, Any] = _words(note.text if text is None else text, note.name if name is None else name)
        if place and not place["geometry"].equals_exact(note.geometry):
            said |= place
        if all(getattr(note, field) == value for field, value in said.items()):
            return note
        for field, value in said.items():
            setattr(note, field, value)
        note.save(update_fields=list(said))
        write_changes(locked, [("note", note.code, payload_of_note(note, note.group))], at=at)
    return note


def take_back_note(*, actor: Actor, workshop: Workshop, code: uuid.UUID, at: datetime | None = None) -> None:
    """Take one's own note off the map: nothing of it is kept. Raises as above."""
    count_action(actor=actor, action="workshop", at=at)
    with transaction.atomic():
        locked, note = _lock_own(actor, workshop, code)
        note.delete()
        write_changes(locked, [("note", code, GONE)], at=at)


def _lock_own(actor: Actor, workshop: Workshop, code: uuid.UUID) -> tuple[Workshop, Note]:
    locked = lock_workshop(workshop)
    require_changes_notes(actor, locked)
    note = locked.notes.select_related("group").filter(code=code, state=NoteState.SHOWN).first()
    if note is None:
        raise UnknownNote
    if not is_own(actor, note):
        raise NotYourNote
    if note.is_kept:
        raise NoteKept
    return locked, note


def _words(text: str, name: str) -> dict[str, Any]:
    text, name = clean_text(text, lines=False), clean_text(name, lines=False)
    if not text:
        raise NoteIncomplete(_("Write a few words on the note."), field="text")
    for said, longest, field in ((text, TEXT_LENGTH, "text"), (name, NAME_LENGTH, "name")):
        if len(said) > longest:
            raise NoteIncomplete(_("Shorten this to %(longest)d characters.") % {"longest": longest}, field=field)
    return {"text": text, "name": name}


def _place(workshop: Workshop, geometry: GEOSGeometry) -> dict[str, Any]:
    """The place as it is, as everybody sees it, and in words. The rules are those of an idea of the consultation."""
    geometry = check_geometry(geometry, max_vertices=MOST_VERTICES)
    consultation = workshop.meeting.consultation
    if consultation is not None:
        located_by = LocatedBy.PIN if geometry.geom_type == "Point" else LocatedBy.DRAWN
        placed = place_contribution(consultation=consultation, geometry=geometry, located_by=located_by)
        geometry, public = placed.geometry, placed.public_geometry
        names = [
            Street.objects.filter(pk=placed.street_id or 0).values_list("name", flat=True).first(),
            District.objects.filter(pk=placed.district_id or 0).values_list("name", flat=True).first(),
        ]
    elif territory_covers(geometry):
        public, place = geometry, place_geometry(geometry)
        smallest = place.smallest_district
        names = [place.street.name if place.street else None, smallest.name if smallest else None]
    else:
        raise OutsideTerritory
    return {"geometry": geometry, "public_geometry": public, "where": " · ".join(filter(None, names))[:250]}
