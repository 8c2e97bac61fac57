"""What a process of streams keeps in memory."""

from __future__ import annotations

import json

import pytest

from geoparticipation.accounts.models import User
from geoparticipation.meetings.domain.workshop.facilitating import hide_notes
from geoparticipation.meetings.domain.workshop.notes import change_note, take_back_note
from geoparticipation.meetings.live.hub import Room
from geoparticipation.meetings.queries_workshop import changes_after
from tests.fixtures.question import actor_of
from tests.meetings.workshop.conftest import MakeWorkshop, PutNote
from tests.meetings.workshop.served import run


@pytest.mark.django_db(transaction=True)
def test_what_was_hidden_taken_back_or_reworded_is_not_in_memory(
    make_workshop: MakeWorkshop, put_note: PutNote, citizen: User, agent: User
) -> None:
    workshop = make_workshop()
    room = Room(workshop.pk, 0)
    hidden, taken, reworded = (put_note(workshop, f"My number is 0{number}") for number in range(3))
    run(room.refresh())
    assert b"number" in run(room.after(0))[0]
    hide_notes(agent=agent, workshop=workshop, codes=[hidden.code])
    take_back_note(actor=actor_of(citizen), workshop=workshop, code=taken.code)
    change_note(actor=actor_of(citizen), workshop=workshop, code=reworded.code, text="A tree")
    run(room.refresh())

    told, last = run(room.after(0))

    sent = [json.loads(line[6:]) for line in told.decode().splitlines() if line.startswith("data: ")]
    assert sent == changes_after(workshop.pk, 0)
    assert last == sent[-1]["seq"]
