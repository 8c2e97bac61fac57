"""What the facilitator (an agent) does: setting up, opening, locking, grouping, voting, hiding, closing."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection
from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _

from geoparticipation.accounts.models import User
from geoparticipation.consultations.rules import require_may_manage
from geoparticipation.contributions.text import clean_text
from geoparticipation.meetings.domain.workshop.log import Entry, write_changes
from geoparticipation.meetings.domain.workshop.payloads import (
    GONE,
    payload_of_group,
    payload_of_note,
    payload_of_workshop,
)
from geoparticipation.meetings.enums import (
    GroupColour,
    MeetingState,
    NoteState,
    VoteState,
    WorkshopAccess,
    WorkshopState,
)
from geoparticipation.meetings.errors import NotAnnounced, NoteIncomplete, WorkshopMoment
from geoparticipation.meetings.models import Dot, Meeting, Note, NoteGroup, Workshop
from geoparticipation.meetings.models.workshop import MOST_DOTS, MOST_GROUPS

GROUP_LENGTH: Final = 60
QUESTION_LENGTH: Final = 200


@transaction.atomic
def set_up_workshop(
    *,
    agent: User,
    meeting: Meeting,
    question: str = "",
    access: str = WorkshopAccess.LINK,
    shows_target: bool = True,
    dots_each: int = 3,
) -> Workshop:
    """Switch the workshop of a meeting on, or change what it asks and who takes part.

    How many dots each person has does not change while a vote is open. Raises NotAllowed, NoteIncomplete.
    """
    require_may_manage(agent)
    question = clean_text(question, lines=False)
    if len(question) > QUESTION_LENGTH:
        raise NoteIncomplete(
            _("Shorten this to %(longest)d characters.") % {"longest": QUESTION_LENGTH}, field="question"
        )
    if not 1 <= dots_each <= MOST_DOTS:
        raise NoteIncomplete(_("Give between 1 and %(most)d dots.") % {"most": MOST_DOTS}, field="dots_each")
    Workshop.objects.bulk_create([Workshop(meeting=meeting)], ignore_conflicts=True)
    locked = Workshop.objects.select_for_update(of=("self",)).select_related("meeting").get(meeting=meeting)
    locked.question, locked.access, locked.shows_target = question, WorkshopAccess(access).value, shows_target
    if locked.vote != VoteState.OPEN:
        locked.dots_each = dots_each
    locked.save(update_fields=["question", "access", "shows_target", "dots_each"])
    write_changes(locked, [_said(locked)])
    return locked


def open_workshop(*, agent: User, workshop: Workshop) -> Workshop:
    """Let people put notes on the map, for the first time or again. Raises NotAllowed, NotAnnounced, WorkshopMoment."""

    def do(locked: Workshop) -> None:
        if locked.meeting.state != MeetingState.ANNOUNCED:
            raise NotAnnounced
        _require(locked.state != WorkshopState.OPEN)
        locked.state, locked.is_locked = WorkshopState.OPEN, False

    return _steer(agent, workshop, do)


def close_workshop(*, agent: User, workshop: Workshop) -> Workshop:
    """Take nothing more; a vote that is open is closed with it. Notes stay to be read and kept. Raises as above."""

    def do(locked: Workshop) -> None:
        _require(locked.state == WorkshopState.OPEN)
        _close(locked)

    return _steer(agent, workshop, do)


def close_with_meeting(meeting: Meeting) -> None:
    """Close the workshop of a meeting that is cancelled, if it is open; in a transaction. Checks no right."""
    rows = Workshop.objects.select_for_update(of=("self",), no_key=True).select_related("meeting")
    locked = rows.filter(meeting=meeting, state=WorkshopState.OPEN).first()
    if locked is not None:
        _close(locked)
        _write(locked)


def lock_map(*, agent: User, workshop: Workshop, locked: bool) -> Workshop:
    """Let notes stay as they are, or be changed again; not while a vote is open. Raises as above."""

    def do(row: Workshop) -> None:
        _require(row.state == WorkshopState.OPEN and row.vote != VoteState.OPEN)
        row.is_locked = locked

    return _steer(agent, workshop, do)


def open_vote(*, agent: User, workshop: Workshop) -> Workshop:
    """Let each person give dots; the map is locked meanwhile, and dots of an earlier vote are gone. Raises as above."""

    def do(locked: Workshop) -> None:
        _require(locked.state == WorkshopState.OPEN and locked.vote != VoteState.OPEN)
        Dot.objects.filter(workshop=locked).delete()
        locked.vote, locked.is_locked = VoteState.OPEN, True

    return _steer(agent, workshop, do)


def close_vote(*, agent: User, workshop: Workshop) -> Workshop:
    """Count the dots and tell everybody; the map stays locked. Raises as above."""

    def do(locked: Workshop) -> None:
        _require(locked.vote == VoteState.OPEN)
        locked.vote = VoteState.CLOSED

    return _steer(agent, workshop, do)


@transaction.atomic
def save_group(*, agent: User, workshop: Workshop, name: str, colour: str, code: uuid.UUID | None = None) -> NoteGroup:
    """Make a group (the first letter that is free), or rename and recolour the one with this `code`.

    Raises NotAllowed, NoteIncomplete, WorkshopMoment (no such group, or no letter left).
    """
    locked = lock_for_agent(agent, workshop)
    name = clean_text(name, lines=False)
    if not name or len(name) > GROUP_LENGTH:
        raise NoteIncomplete(
            _("Give the group a name of %(longest)d characters at the most.") % {"longest": GROUP_LENGTH}, field="name"
        )
    if colour not in GroupColour.values:
        raise NoteIncomplete(_("Choose one of the colours."), field="colour")
    groups = {group.code: group for group in locked.groups.all()}
    if code is None:
        free = sorted(set(range(MOST_GROUPS)) - {group.position for group in groups.values()})
        _require(bool(free))
        group = NoteGroup(workshop=locked, position=free[0])
    else:
        _require(code in groups)
        group = groups[code]
    group.name, group.colour = name, colour
    group.save()
    write_changes(locked, [("group", group.code, payload_of_group(group))])
    return group


@transaction.atomic
def remove_group(*, agent: User, workshop: Workshop, code: uuid.UUID) -> None:
    """Dissolve a group; its notes are in none. Raises NotAllowed, WorkshopMoment."""
    locked = lock_for_agent(agent, workshop)
    group = locked.groups.filter(code=code).first()
    if group is None:
        raise WorkshopMoment
    notes = list(group.notes.order_by("pk"))
    group.notes.update(group=None)
    group.delete()
    entries: list[Entry] = [("note", note.code, payload_of_note(note, None)) for note in notes]
    write_changes(locked, [*entries, ("group", code, GONE)])


@transaction.atomic
def group_notes(*, agent: User, workshop: Workshop, codes: Collection[uuid.UUID], group: uuid.UUID | None) -> int:
    """Put notes into a group, or (None) into none; returns how many changed. Raises NotAllowed, WorkshopMoment."""
    locked = lock_for_agent(agent, workshop)
    into = locked.groups.filter(code=group).first() if group is not None else None
    _require(group is None or into is not None)
    notes = [note for note in _shown(locked, codes) if note.group_id != (into.pk if into else None)]
    Note.objects.filter(pk__in=[note.pk for note in notes]).update(group=into)
    write_changes(locked, [("note", note.code, payload_of_note(note, into)) for note in notes])
    return len(notes)


@transaction.atomic
def hide_notes(*, agent: User, workshop: Workshop, codes: Collection[uuid.UUID], hidden: bool = True) -> int:
    """Take unfit notes off the map, or put hidden ones back; returns how many changed. Raises NotAllowed.

    What was hidden is gone from the log, too. Of a note that was kept this hides the note only: its idea is hidden by a
    moderator, who does not hide the note.
    """
    locked = lock_for_agent(agent, workshop)
    before, after = NoteState.SHOWN, NoteState.HIDDEN
    if not hidden:
        before, after = after, before
    found = locked.notes.filter(code__in=codes, state=before).select_related("group").order_by("pk")
    notes = list(found)
    Note.objects.filter(pk__in=[note.pk for note in notes]).update(state=after)
    for note in notes:
        note.state = after
    write_changes(locked, [("note", note.code, payload_of_note(note, note.group)) for note in notes])
    return len(notes)


def lock_for_agent(agent: User, workshop: Workshop) -> Workshop:
    """The workshop locked for its facilitator, in a transaction, whether or not the public sees it yet."""
    require_may_manage(agent)
    return (
        Workshop.objects.select_for_update(of=("self",), no_key=True)
        .select_related("meeting__consultation")
        .get(pk=workshop.pk)
    )


def _steer(agent: User, workshop: Workshop, do: Callable[[Workshop], None]) -> Workshop:
    with transaction.atomic():
        locked = lock_for_agent(agent, workshop)
        do(locked)
        _write(locked)
    return locked


def _close(workshop: Workshop) -> None:
    workshop.state = WorkshopState.CLOSED
    if workshop.vote == VoteState.OPEN:
        workshop.vote = VoteState.CLOSED


def _write(workshop: Workshop) -> None:
    workshop.save(update_fields=["state", "is_locked", "vote"])
    write_changes(workshop, [_said(workshop)])


def _said(workshop: Workshop) -> Entry:
    return "workshop", workshop.meeting.code, payload_of_workshop(workshop)


def _shown(workshop: Workshop, codes: Collection[uuid.UUID]) -> list[Note]:
    return list(workshop.notes.filter(code__in=codes, state=NoteState.SHOWN).order_by("pk"))


def _require(fits: bool) -> None:
    if not fits:
        raise WorkshopMoment
