"""Groups, votes, hiding and keeping; and who may do which of it in which moment."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable

import pytest
from django.contrib.gis.geos import LineString, Point
from django.db import connection

from geoparticipation.accounts.errors import NotAllowed
from geoparticipation.accounts.identity import Actor
from geoparticipation.accounts.models import User
from geoparticipation.consultations.models import Consultation
from geoparticipation.contributions.errors import PhaseClosed
from geoparticipation.contributions.models import Contribution
from geoparticipation.meetings.domain.meetings import cancel_meeting
from geoparticipation.meetings.domain.workshop import facilitating, notes, votes
from geoparticipation.meetings.domain.workshop.keeping import keep_notes
from geoparticipation.meetings.enums import NoteState
from geoparticipation.meetings.errors import (
    NoDotsLeft,
    NotAnnounced,
    NoteIncomplete,
    NoteKept,
    VoteNotOpen,
    WorkshopMoment,
    WorkshopWithoutConsultation,
)
from geoparticipation.meetings.models import Dot, Note, NoteGroup, Workshop
from geoparticipation.meetings.queries_workshop import changes_after
from layers.errors import Refusal
from tests.fixtures.question import IN_RUE_HAUTE, MakeConsultation, actor_of, device_actor
from tests.meetings.workshop.conftest import MakeWorkshop, PutNote, state_of


def test_groups_have_letters_and_lose_no_note(make_workshop: MakeWorkshop, put_note: PutNote, agent: User) -> None:
    workshop = make_workshop()
    note, other = put_note(workshop), put_note(workshop, "A tree")
    benches = facilitating.save_group(agent=agent, workshop=workshop, name="Benches", colour="blue")
    trees = facilitating.save_group(agent=agent, workshop=workshop, name="Trees", colour="green")

    sort = {"agent": agent, "workshop": workshop, "codes": [note.code, other.code]}
    assert facilitating.group_notes(**sort, group=benches.code) == 2
    assert facilitating.group_notes(**sort, group=benches.code) == 0
    facilitating.save_group(agent=agent, workshop=workshop, name="Seats", colour="pink", code=benches.code)
    state = state_of(workshop)
    assert {one["group"] for one in state["notes"].values()} == {str(benches.code)}
    assert state["groups"] == {
        str(benches.code): {"letter": "A", "name": "Seats", "colour": "pink"},
        str(trees.code): {"letter": "B", "name": "Trees", "colour": "green"},
    }

    facilitating.remove_group(agent=agent, workshop=workshop, code=benches.code)
    assert {one["group"] for one in state_of(workshop)["notes"].values()} == {None}
    assert facilitating.save_group(agent=agent, workshop=workshop, name="New", colour="blue").letter == "A"
    for name, colour in ((" ", "blue"), ("x" * 61, "blue"), ("Water", "mauve")):
        with pytest.raises(NoteIncomplete):
            facilitating.save_group(agent=agent, workshop=workshop, name=name, colour=colour)
    with pytest.raises(WorkshopMoment):
        facilitating.group_notes(**sort, group=uuid.uuid4())


def test_there_are_twelve_letters(make_workshop: MakeWorkshop, agent: User) -> None:
    workshop = make_workshop()
    for number in range(12):
        facilitating.save_group(agent=agent, workshop=workshop, name=str(number), colour="blue")

    with pytest.raises(WorkshopMoment):
        facilitating.save_group(agent=agent, workshop=workshop, name="12", colour="blue")

    assert "".join(NoteGroup.objects.get(name=str(number)).letter for number in range(12)) == "ABCDEFGHIJKL"


def test_dots_are_told_when_the_vote_is_closed(
    make_workshop: MakeWorkshop, put_note: PutNote, agent: User, citizen: User, neighbour: User
) -> None:
    workshop = make_workshop(dots_each=2)
    bench, tree, tap = (put_note(workshop, text) for text in ("Bench", "Tree", "Tap"))
    with pytest.raises(VoteNotOpen):
        votes.give_dot(actor=actor_of(citizen), workshop=workshop, code=bench.code)
    facilitating.open_vote(agent=agent, workshop=workshop)
    seq = state_of(workshop)["seq"]
    for actor, given in (
        (actor_of(citizen), [bench, tree, tree]),
        (actor_of(neighbour), [tree]),
        (device_actor(), [tree, tap]),
    ):
        for note in given:
            votes.give_dot(actor=actor, workshop=workshop, code=note.code)
    with pytest.raises(NoDotsLeft):
        votes.give_dot(actor=actor_of(citizen), workshop=workshop, code=tap.code)
    votes.take_dot(actor=actor_of(citizen), workshop=workshop, code=bench.code)
    votes.give_dot(actor=actor_of(citizen), workshop=workshop, code=tap.code)
    assert state_of(workshop)["seq"] == seq
    assert state_of(workshop)["workshop"]["dots"] == {}

    facilitating.close_vote(agent=agent, workshop=workshop)

    assert state_of(workshop)["workshop"]["dots"] == {str(tree.code): 3, str(tap.code): 2}
    with pytest.raises(VoteNotOpen):
        votes.take_dot(actor=actor_of(citizen), workshop=workshop, code=tap.code)
    facilitating.open_vote(agent=agent, workshop=workshop)
    assert not Dot.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_one_person_from_many_windows_has_no_more_dots(
    make_workshop: MakeWorkshop, put_note: PutNote, agent: User, neighbour: User
) -> None:
    workshop = make_workshop(dots_each=3)
    placed = [put_note(workshop, str(number)) for number in range(8)]
    facilitating.open_vote(agent=agent, workshop=workshop)
    actor, together, refused = actor_of(neighbour), threading.Barrier(8), []

    def vote(note: Note) -> None:
        together.wait()
        try:
            votes.give_dot(actor=actor, workshop=workshop, code=note.code)
        except NoDotsLeft:
            refused.append(note)
        connection.close()

    threads = [threading.Thread(target=vote, args=[note]) for note in placed]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (Dot.objects.count(), len(refused)) == (3, 5)


def test_what_is_kept_becomes_ideas_with_their_places_once(
    make_workshop: MakeWorkshop, put_note: PutNote, consultation: Consultation, agent: User, citizen: User
) -> None:
    workshop = make_workshop(meeting={"consultation": consultation})
    line = LineString((4.403, 50.8451), (4.407, 50.8451), srid=4326)
    long = "word " * 39
    point, lane, left = (
        put_note(workshop, name="Ana"),
        put_note(workshop, long, geometry=line),
        put_note(workshop, "No"),
    )
    group = facilitating.save_group(agent=agent, workshop=workshop, name="Seats", colour="blue")
    facilitating.group_notes(agent=agent, workshop=workshop, codes=[point.code, lane.code], group=group.code)

    made = keep_notes(agent=agent, workshop=workshop, codes=[point.code])
    made += keep_notes(agent=agent, workshop=workshop, group=group.code)
    assert keep_notes(agent=agent, workshop=workshop, codes=[point.code, lane.code]) == []

    ideas = list(Contribution.objects.order_by("pk"))
    assert ideas == made
    assert [(one.kind, one.origin, one.status, one.consultation) for one in ideas] == [
        ("proposal", "meeting", "submitted", consultation)
    ] * 2
    assert ideas[0].geometry.equals_exact(Point(*IN_RUE_HAUTE, srid=4326))
    assert ideas[1].geometry.equals_exact(line)
    assert (ideas[0].title, ideas[0].author_name, ideas[0].author, ideas[0].device) == ("A bench", "Ana", None, None)
    assert ideas[1].title == ("word " * 23).strip() + "…"
    assert ideas[1].body.startswith(long.strip())
    assert all("Seats" in one.body for one in ideas)
    assert {one["text"]: one["kept"] for one in state_of(workshop)["notes"].values()} == {
        "A bench": True,
        long.strip(): True,
        "No": False,
    }
    assert not Note.objects.get(pk=left.pk).is_kept
    with pytest.raises(NoteKept):
        notes.take_back_note(actor=actor_of(citizen), workshop=workshop, code=point.code)


@pytest.mark.django_db(transaction=True)
def test_keep_pressed_in_two_windows_at_once_makes_one_idea(
    make_workshop: MakeWorkshop, put_note: PutNote, consultation: Consultation, agent: User
) -> None:
    workshop = make_workshop(meeting={"consultation": consultation})
    note, together = put_note(workshop), threading.Barrier(4)

    def keep() -> None:
        together.wait()
        keep_notes(agent=agent, workshop=workshop, codes=[note.code])
        connection.close()

    threads = [threading.Thread(target=keep) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert Contribution.objects.count() == 1


def test_keeping_needs_a_consultation_that_takes_ideas(
    make_workshop: MakeWorkshop, put_note: PutNote, make_consultation: MakeConsultation, agent: User
) -> None:
    alone = make_workshop()
    with pytest.raises(WorkshopWithoutConsultation):
        keep_notes(agent=agent, workshop=alone, codes=[put_note(alone).code])
    over = make_workshop(meeting={"consultation": make_consultation(phase=None)})
    note = put_note(over)
    with pytest.raises(PhaseClosed):
        keep_notes(agent=agent, workshop=over, codes=[note.code])
    assert not Note.objects.get(pk=note.pk).is_kept


def test_a_draft_or_cancelled_meeting_has_no_open_workshop(
    make_workshop: MakeWorkshop, put_note: PutNote, agent: User
) -> None:
    draft = make_workshop(opened=False, meeting={"announced": False})
    with pytest.raises(NotAnnounced):
        facilitating.open_workshop(agent=agent, workshop=draft)
    cancelled = make_workshop()
    cancel_meeting(agent=agent, meeting=cancelled.meeting)
    with pytest.raises(Refusal) as refused:
        put_note(cancelled)
    assert refused.value.code == "workshop_not_open"


def test_cancelling_a_meeting_closes_its_workshop(make_workshop: MakeWorkshop, agent: User) -> None:
    workshop = make_workshop()
    facilitating.open_vote(agent=agent, workshop=workshop)

    cancel_meeting(agent=agent, meeting=workshop.meeting)

    told = changes_after(workshop.pk, 0)[-1]["state"]
    assert (told["state"], told["vote"]) == ("closed", "closed")


def test_a_kept_note_can_be_hidden_and_its_idea_stays(
    make_workshop: MakeWorkshop, put_note: PutNote, consultation: Consultation, agent: User
) -> None:
    workshop = make_workshop(meeting={"consultation": consultation})
    note = put_note(workshop, "My number is 0475")
    keep_notes(agent=agent, workshop=workshop, codes=[note.code])

    assert facilitating.hide_notes(agent=agent, workshop=workshop, codes=[note.code]) == 1

    assert "0475" not in str(state_of(workshop)) + str(changes_after(workshop.pk, 0))
    assert Contribution.objects.get().title == "My number is 0475"
    facilitating.hide_notes(agent=agent, workshop=workshop, codes=[note.code], hidden=False)
    assert keep_notes(agent=agent, workshop=workshop, codes=[note.code]) == []


# Who may do what, when ------------------------------------------------------------------------------------------------

MOMENTS = ["prepared", "open", "locked", "vote", "closed"]
EVERYBODY = ["visitor", "citizen", "moderator", "planner", "councillor", "agent"]
OWN_ACTS = {"place": {"open"}, "change": {"open"}, "take back": {"open"}, "dot": {"vote"}, "undot": {"vote"}}
"""In which moments anybody may do these."""
LED_ACTS = {
    "set up": {*MOMENTS},
    "open": {"prepared", "closed"},
    "close": {"open", "locked", "vote"},
    "lock": {"open", "locked"},
    "open vote": {"open", "locked"},
    "close vote": {"vote"},
    "group": {*MOMENTS},
    "sort": {*MOMENTS},
    "hide": {*MOMENTS},
    "keep": {*MOMENTS},
}
"""In which moments an agent, and nobody else, may do these."""


def in_moment(workshop: Workshop, moment: str) -> None:
    state = moment if moment in {"prepared", "closed"} else "open"
    vote = "open" if moment == "vote" else "none"
    Workshop.objects.filter(pk=workshop.pk).update(state=state, is_locked=moment in {"locked", "vote"}, vote=vote)
    workshop.refresh_from_db()


@pytest.mark.parametrize("person", EVERYBODY)
def test_cast_and_moment(
    make_workshop: MakeWorkshop,
    put_note: PutNote,
    consultation: Consultation,
    cast: dict[str, User],
    person: str,
) -> None:
    user = cast.get(person)
    actor: Actor = actor_of(user) if user else device_actor()
    workshop = make_workshop(meeting={"consultation": consultation})
    shared, outcome, expected = {"workshop": workshop}, {}, {}

    def own(note: Note) -> dict[str, object]:
        return {"actor": actor, "code": note.code, **shared}

    def act(name: str, note: Note) -> Callable[[], object]:
        led = {"agent": user or User(), **shared}
        return {
            "place": lambda: put_note(actor=actor, **shared),
            "change": lambda: notes.change_note(**own(note), text="Other"),
            "take back": lambda: notes.take_back_note(**own(note)),
            "dot": lambda: votes.give_dot(**own(note)),
            "undot": lambda: votes.take_dot(**own(note)),
            "set up": lambda: facilitating.set_up_workshop(agent=led["agent"], meeting=workshop.meeting),
            "open": lambda: facilitating.open_workshop(**led),
            "close": lambda: facilitating.close_workshop(**led),
            "lock": lambda: facilitating.lock_map(**led, locked=True),
            "open vote": lambda: facilitating.open_vote(**led),
            "close vote": lambda: facilitating.close_vote(**led),
            "group": lambda: facilitating.save_group(**led, name="G", colour="blue"),
            "sort": lambda: facilitating.group_notes(**led, codes=[note.code], group=None),
            "hide": lambda: facilitating.hide_notes(**led, codes=[note.code]),
            "keep": lambda: keep_notes(**led, codes=[note.code]),
        }[name]

    for moment in MOMENTS:
        for name, allowed_in in {**OWN_ACTS, **LED_ACTS}.items():
            NoteGroup.objects.all().delete()
            in_moment(workshop, "open")
            note = Note.objects.filter(state=NoteState.SHOWN, is_kept=False).first() or put_note(workshop, actor=actor)
            in_moment(workshop, moment)
            try:
                act(name, note)()
                outcome[moment, name] = "done"
            except NotAllowed:
                outcome[moment, name] = "not allowed"
            except Refusal:
                outcome[moment, name] = "not now"
            may = name in OWN_ACTS or person == "agent"
            expected[moment, name] = "not allowed" if not may else "done" if moment in allowed_in else "not now"

    assert outcome == expected
