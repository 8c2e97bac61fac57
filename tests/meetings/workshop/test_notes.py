"""Notes on the map: whose they are, where they may be, and what of them stays in the log."""

from __future__ import annotations

import threading
import uuid
from datetime import UTC, datetime

import pytest
from django.contrib.gis.geos import LineString, Point
from django.db import connection

from geoparticipation.accounts.errors import TooOften
from geoparticipation.accounts.models import User
from geoparticipation.consultations.models import Consultation
from geoparticipation.meetings.domain.workshop.facilitating import (
    close_workshop,
    hide_notes,
    lock_map,
    open_vote,
    open_workshop,
    save_group,
)
from geoparticipation.meetings.domain.workshop.notes import MOST_NOTES, change_note, place_note, take_back_note
from geoparticipation.meetings.enums import WorkshopAccess
from geoparticipation.meetings.errors import (
    MapLocked,
    NotYourNote,
    OnlyRegistered,
    TooManyNotes,
    UnknownNote,
    WorkshopNotOpen,
)
from geoparticipation.meetings.models import Change, Note
from geoparticipation.meetings.queries_workshop import changes_after
from layers.errors import Refusal
from tests.fixtures.question import IN_RUE_HAUTE, actor_of, device_actor
from tests.meetings.workshop.conftest import MakeWorkshop, PutNote, state_of

HERE = Point(*IN_RUE_HAUTE, srid=4326)
THERE = Point(4.4065, 50.8452, srid=4326)


def test_note_is_put_moved_reworded_and_taken_back(
    make_workshop: MakeWorkshop, put_note: PutNote, citizen: User
) -> None:
    workshop = make_workshop()
    note = put_note(workshop, "  A   bench ", name="Ana")
    assert state_of(workshop)["notes"] == {
        str(note.code): {
            "text": "A bench",
            "name": "Ana",
            "where": "Rue Haute · West",
            "geometry": {"type": "Point", "coordinates": list(IN_RUE_HAUTE)},
            "group": None,
            "kept": False,
        }
    }

    own = {"actor": actor_of(citizen), "workshop": workshop, "code": note.code}
    change_note(**own, geometry=THERE)
    change_note(**own, text="Two benches")
    seq = state_of(workshop)["seq"]
    change_note(**own, text="Two benches", geometry=THERE)
    assert state_of(workshop)["seq"] == seq
    shown = state_of(workshop)["notes"][str(note.code)]
    assert (shown["text"], shown["name"], shown["geometry"]["coordinates"]) == ("Two benches", "Ana", [4.4065, 50.8452])

    take_back_note(**own)
    assert state_of(workshop)["notes"] == {}
    assert not Note.objects.exists()
    with pytest.raises(UnknownNote):
        change_note(**own, text="Three")


def test_the_same_code_again_puts_nothing_twice(
    make_workshop: MakeWorkshop, put_note: PutNote, neighbour: User
) -> None:
    workshop, code = make_workshop(), uuid.uuid4()

    first, again = put_note(workshop, code=code), put_note(workshop, code=code)

    assert first == again
    with pytest.raises(NotYourNote):
        put_note(workshop, code=code, actor=actor_of(neighbour))
    assert Note.objects.count() == 1


def test_only_the_account_or_the_device_that_put_it_there_changes_it(
    make_workshop: MakeWorkshop, put_note: PutNote, neighbour: User, agent: User
) -> None:
    workshop = make_workshop()
    of_account, of_device = put_note(workshop), put_note(workshop, actor=device_actor("a"))

    for code, others in ((of_account.code, [neighbour, agent]), (of_device.code, [neighbour])):
        for other in others:
            with pytest.raises(NotYourNote):
                change_note(actor=actor_of(other), workshop=workshop, code=code, text="Mine")
        with pytest.raises(NotYourNote):
            take_back_note(actor=device_actor("b"), workshop=workshop, code=code)
    assert {one["text"] for one in state_of(workshop)["notes"].values()} == {"A bench"}


def test_moments_in_which_notes_stay_as_they_are(make_workshop: MakeWorkshop, put_note: PutNote, agent: User) -> None:
    workshop = make_workshop(opened=False)
    with pytest.raises(WorkshopNotOpen):
        put_note(workshop)
    open_workshop(agent=agent, workshop=workshop)
    put_note(workshop)
    lock_map(agent=agent, workshop=workshop, locked=True)
    with pytest.raises(MapLocked):
        put_note(workshop)
    lock_map(agent=agent, workshop=workshop, locked=False)
    put_note(workshop)
    open_vote(agent=agent, workshop=workshop)
    with pytest.raises(MapLocked):
        put_note(workshop)
    close_workshop(agent=agent, workshop=workshop)
    with pytest.raises(WorkshopNotOpen):
        put_note(workshop)
    assert Note.objects.count() == 2


def test_only_who_has_a_place_takes_part_where_it_is_asked_for(
    make_workshop: MakeWorkshop, put_note: PutNote, citizen: User, neighbour: User, agent: User
) -> None:
    from geoparticipation.meetings.domain.registrations import register_for

    workshop = make_workshop(access=WorkshopAccess.REGISTERED, meeting={"capacity": 1})
    register_for(actor=actor_of(citizen), meeting=workshop.meeting)
    register_for(actor=actor_of(neighbour), meeting=workshop.meeting)

    put_note(workshop)
    put_note(workshop, actor=actor_of(agent))
    for actor in (actor_of(neighbour), device_actor()):
        with pytest.raises(OnlyRegistered):
            put_note(workshop, actor=actor)


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"text": " "}, "text"),
        ({"text": "x" * 201}, "text"),
        ({"name": "x" * 41}, "name"),
        ({"geometry": Point(0, 0, srid=4326)}, "geometry"),
        ({"geometry": LineString([(4.405 + n / 1e6, 50.845) for n in range(101)], srid=4326)}, None),
    ],
)
def test_what_makes_no_note(
    make_workshop: MakeWorkshop, put_note: PutNote, said: dict[str, object], field: str | None
) -> None:
    workshop = make_workshop()

    with pytest.raises(Refusal) as refused:
        put_note(workshop, **said)

    assert refused.value.field == field
    assert not Note.objects.exists()


def test_a_note_of_a_consultation_keeps_to_its_rules(
    make_workshop: MakeWorkshop, put_note: PutNote, consultation: Consultation
) -> None:
    Consultation.objects.filter(pk=consultation.pk).update(place_privacy="street")
    consultation.refresh_from_db()
    workshop = make_workshop(meeting={"consultation": consultation})

    note = put_note(workshop, geometry=THERE)

    assert note.geometry.equals_exact(THERE)
    told = str(state_of(workshop)) + str(changes_after(workshop.pk, 0))
    assert "LineString" in told
    assert "4.4065" not in told


def test_what_was_hidden_taken_back_or_reworded_is_not_in_the_log(
    make_workshop: MakeWorkshop, put_note: PutNote, citizen: User, agent: User
) -> None:
    workshop = make_workshop()
    hidden, taken, reworded = (put_note(workshop, f"My number is 0{number}") for number in range(3))
    hide_notes(agent=agent, workshop=workshop, codes=[hidden.code])
    take_back_note(actor=actor_of(citizen), workshop=workshop, code=taken.code)
    change_note(actor=actor_of(citizen), workshop=workshop, code=reworded.code, text="A tree")

    rows = changes_after(workshop.pk, 0)

    assert [row["seq"] for row in rows] == list(range(1, len(rows) + 1))
    assert "number" not in str(rows)
    hide_notes(agent=agent, workshop=workshop, codes=[hidden.code], hidden=False)
    assert [one["text"] for one in state_of(workshop)["notes"].values()] == ["My number is 00", "A tree"]


def test_a_note_with_the_code_of_a_group_takes_nothing_out_of_the_log(
    make_workshop: MakeWorkshop, put_note: PutNote, agent: User
) -> None:
    workshop = make_workshop()
    group = save_group(agent=agent, workshop=workshop, name="Trees", colour="green")

    put_note(workshop, code=group.code)
    put_note(workshop, code=workshop.meeting.code)

    rows = changes_after(workshop.pk, 0)
    assert [row["state"]["name"] for row in rows if row["what"] == "group"] == ["Trees"]
    assert [row["state"]["state"] for row in rows if row["what"] == "workshop" and row["state"]] == ["open"]


def test_nothing_tells_whose_a_note_is(make_workshop: MakeWorkshop, put_note: PutNote, citizen: User) -> None:
    workshop = make_workshop()
    put_note(workshop)
    put_note(workshop, actor=device_actor("e"))

    told = str(state_of(workshop)) + str(list(Change.objects.values()))

    assert citizen.name not in told
    assert citizen.email not in told
    assert "e" * 64 not in told
    for row in changes_after(workshop.pk, 1):
        assert set(row["state"]) == {"text", "name", "where", "geometry", "group", "kept"} or row["what"] == "workshop"


def test_acts_are_counted_by_connection(make_workshop: MakeWorkshop, put_note: PutNote, settings: object) -> None:
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "workshop": 2}  # type: ignore[attr-defined]
    workshop, at = make_workshop(), datetime(2026, 5, 6, 12, 30, tzinfo=UTC)
    visitor = device_actor()
    visitor = type(visitor)(device=visitor.device, level=visitor.level, source="hall")

    put_note(workshop, actor=visitor, at=at)
    put_note(workshop, actor=visitor, at=at)
    with pytest.raises(TooOften):
        put_note(workshop, actor=visitor, at=at)


def test_map_gets_full(make_workshop: MakeWorkshop, put_note: PutNote) -> None:
    workshop = make_workshop()
    note = put_note(workshop)
    Note.objects.bulk_create(
        Note(workshop=workshop, text="x", geometry=HERE, public_geometry=HERE, made_at=note.made_at)
        for _ in range(MOST_NOTES - 1)
    )

    with pytest.raises(TooManyNotes):
        put_note(workshop)


@pytest.mark.django_db(transaction=True)
def test_numbers_have_no_gaps_when_many_write_at_once(
    make_workshop: MakeWorkshop, put_note: PutNote, citizen: User
) -> None:
    workshop = make_workshop()
    actor, together = actor_of(citizen), threading.Barrier(10)

    def write(number: int) -> None:
        together.wait()
        for count in range(3):
            place_note(actor=actor, workshop=workshop, text=f"{number} {count}", geometry=HERE)
        connection.close()

    threads = [threading.Thread(target=write, args=[number]) for number in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    workshop.refresh_from_db()
    assert workshop.seq == 2 + 30
    assert [row["seq"] for row in changes_after(workshop.pk, 0)] == list(range(1, 33))
    assert workshop.notes.count() == 30
