"""Places at a meeting, who waits for one, what people are told, and what makes no meeting."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.contrib.gis.geos import Point
from django.core import mail
from django.db import connection
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from procrastinate.contrib.django.models import ProcrastinateJob

from geoparticipation.accounts.models import User
from geoparticipation.meetings import tasks
from geoparticipation.meetings.domain.meetings import cancel_meeting, save_meeting, write_minutes
from geoparticipation.meetings.domain.registrations import (
    enter_registration,
    register_for,
    remind,
    withdraw_registration,
)
from geoparticipation.meetings.errors import MeetingIncomplete, MeetingNotOpen, NotAnnounced, SignInToRegister
from geoparticipation.meetings.models import Registration
from layers.errors import Refusal
from tests.fixtures.cast import MakeUser
from tests.fixtures.question import Submit, actor_of, device_actor
from tests.meetings.conftest import MakeMeeting

OWN = "geoparticipation.meetings."


def states(meeting: object) -> list[str]:
    return list(Registration.objects.filter(meeting=meeting).order_by("pk").values_list("state", flat=True))


def run_jobs() -> list[tuple[str, str]]:
    """Do what is queued, as the worker would; returns address and subject of each mail."""
    mail.outbox.clear()
    while jobs := list(ProcrastinateJob.objects.filter(status="todo", task_name__startswith=OWN).order_by("pk")):
        for job in jobs:
            ProcrastinateJob.objects.filter(pk=job.pk).delete()
            getattr(tasks, job.task_name.rpartition(".")[2])(**job.args)
    return [(message.to[0].partition("@")[0], message.subject) for message in mail.outbox]


def test_third_of_two_places_waits_and_gets_the_place_given_back(
    make_meeting: MakeMeeting, citizen: User, neighbour: User, outsider: User
) -> None:
    meeting = make_meeting(capacity=2)
    first = register_for(actor=actor_of(citizen), meeting=meeting)
    register_for(actor=actor_of(neighbour), meeting=meeting)
    register_for(actor=actor_of(outsider), meeting=meeting)
    register_for(actor=actor_of(outsider), meeting=meeting)
    assert states(meeting) == ["confirmed", "confirmed", "waiting"]
    assert run_jobs() == [
        ("citizen", "Vous avez une place\u00a0: The new square"),
        ("neighbour", "Vous avez une place\u00a0: The new square"),
        ("outsider", "Vous êtes sur la liste d’attente\u00a0: The new square"),
    ]

    withdraw_registration(registration=first)
    assert states(meeting) == ["withdrawn", "confirmed", "confirmed"]
    assert run_jobs() == [("outsider", "Vous avez une place\u00a0: The new square")]

    register_for(actor=actor_of(citizen), meeting=meeting)
    assert states(meeting) == ["waiting", "confirmed", "confirmed"]


def test_more_places_go_to_who_waits(make_meeting: MakeMeeting, agent: User, citizen: User) -> None:
    meeting = make_meeting(capacity=1)
    enter_registration(agent=agent, meeting=meeting, name="Frau Schmit")
    register_for(actor=actor_of(citizen), meeting=meeting)
    said = {name: getattr(meeting, name) for name in ("title", "starts_at", "ends_at", "place_name", "geometry")}

    save_meeting(agent=agent, meeting=meeting, registers=True, capacity=2, **said)

    assert states(meeting) == ["confirmed", "confirmed"]


def test_nobody_is_told_of_changes_once_it_is_over(make_meeting: MakeMeeting, agent: User, citizen: User) -> None:
    meeting = make_meeting(capacity=1)
    enter_registration(agent=agent, meeting=meeting, name="Frau Schmit")
    register_for(actor=actor_of(citizen), meeting=meeting)
    run_jobs()
    said = {name: getattr(meeting, name) for name in ("title", "starts_at", "ends_at", "geometry")}

    later = meeting.ends_at + timedelta(days=1)
    save_meeting(agent=agent, meeting=meeting, place_name="Small hall", registers=True, capacity=2, at=later, **said)

    assert states(meeting) == ["confirmed", "waiting"]
    assert run_jobs() == []


@given(acts=st.lists(st.tuples(st.integers(0, 5), st.booleans()), max_size=25), capacity=st.integers(1, 4))
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_places_are_those_of_a_queue_on_paper(
    make_meeting: MakeMeeting, make_user: MakeUser, acts: list[tuple[int, bool]], capacity: int
) -> None:
    meeting = make_meeting(capacity=capacity)
    people = [
        User.objects.filter(email=f"p{number}@example.org").first() or make_user(f"p{number}") for number in range(6)
    ]
    queue: list[int] = []
    for who, comes in acts:
        if comes:
            register_for(actor=actor_of(people[who]), meeting=meeting)
            if who not in queue:
                queue.append(who)
        else:
            own = Registration.objects.filter(meeting=meeting, user=people[who]).first()
            if own is not None:
                withdraw_registration(registration=own)
            if who in queue:
                queue.remove(who)

    found = Registration.objects.filter(meeting=meeting)
    confirmed = set(found.filter(state="confirmed").values_list("user", flat=True))
    waiting = list(found.filter(state="waiting").order_by("queued_at", "pk").values_list("user", flat=True))
    assert confirmed == {people[who].pk for who in queue[:capacity]}
    assert waiting == [people[who].pk for who in queue[capacity:]]


@pytest.mark.django_db(transaction=True)
def test_twelve_at_once_for_three_places(make_meeting: MakeMeeting, make_user: MakeUser) -> None:
    meeting = make_meeting(capacity=3)
    actors = [actor_of(make_user(f"p{number}")) for number in range(12)]
    together = threading.Barrier(12)

    def come(number: int) -> None:
        together.wait()
        register_for(actor=actors[number], meeting=meeting)
        connection.close()

    threads = [threading.Thread(target=come, args=[number]) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(states(meeting)) == ["confirmed"] * 3 + ["waiting"] * 9


def test_who_may_register(make_meeting: MakeMeeting, make_user: MakeUser, citizen: User, agent: User) -> None:
    with pytest.raises(SignInToRegister):
        register_for(actor=device_actor(), meeting=make_meeting())
    with pytest.raises(SignInToRegister):
        register_for(actor=actor_of(make_user("new", confirmed=False)), meeting=make_meeting())
    closed = [make_meeting(announced=False), make_meeting(registers=False), make_meeting()]
    cancel_meeting(agent=agent, meeting=closed[2])
    for meeting in closed:
        with pytest.raises(MeetingNotOpen):
            register_for(actor=actor_of(citizen), meeting=meeting)
    with pytest.raises(MeetingNotOpen):
        register_for(actor=actor_of(citizen), meeting=(late := make_meeting()), at=late.ends_at)


def test_each_is_reminded_once_a_day_before(
    make_meeting: MakeMeeting, citizen: User, neighbour: User, agent: User
) -> None:
    meeting = make_meeting(capacity=1)
    register_for(actor=actor_of(citizen), meeting=meeting)
    register_for(actor=actor_of(neighbour), meeting=meeting)
    run_jobs()

    assert remind(at=meeting.starts_at - timedelta(hours=24, seconds=1)) == 0
    assert remind(at=meeting.starts_at - timedelta(hours=24)) == 1
    assert remind(at=meeting.starts_at - timedelta(hours=1)) == 0
    assert run_jobs() == [("citizen", "Bientôt\u00a0: The new square")]


def test_who_registered_is_told_of_another_day_and_of_the_end(
    make_meeting: MakeMeeting, agent: User, citizen: User, neighbour: User
) -> None:
    meeting = make_meeting()
    register_for(actor=actor_of(citizen), meeting=meeting)
    withdraw_registration(registration=register_for(actor=actor_of(neighbour), meeting=meeting))
    run_jobs()
    later = meeting.starts_at + timedelta(days=1)
    said = {name: getattr(meeting, name) for name in ("title", "place_name", "geometry", "registers")}

    moved = save_meeting(agent=agent, meeting=meeting, starts_at=later, ends_at=later + timedelta(hours=2), **said)
    assert run_jobs() == [("citizen", "Changement\u00a0: The new square")]
    save_meeting(
        agent=agent, meeting=moved, starts_at=later, ends_at=later + timedelta(hours=2), **{**said, "title": "Square"}
    )
    assert run_jobs() == []
    cancel_meeting(agent=agent, meeting=moved)
    assert run_jobs() == [("citizen", "Annulée\u00a0: Square")]
    with pytest.raises(NotAnnounced):
        cancel_meeting(agent=agent, meeting=moved)


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"title": " "}, "title"),
        ({"ends_at": timezone.now() - timedelta(days=9)}, "ends_at"),
        ({"ends_at": timezone.now() + timedelta(days=90)}, "ends_at"),
        ({"geometry": None}, "place_text"),
        ({"link": "javascript:alert(1)"}, "link"),
        ({"capacity": 0}, "capacity"),
        ({"geometry": Point(0, 0, srid=4326)}, "geometry"),
    ],
)
def test_what_makes_no_meeting(make_meeting: MakeMeeting, said: dict[str, object], field: str) -> None:
    with pytest.raises(Refusal) as refused:
        make_meeting(**said)

    assert refused.value.field == field


def test_minutes_name_ideas(make_meeting: MakeMeeting, submit: Submit, agent: User) -> None:
    meeting, idea = make_meeting(), submit()

    write_minutes(agent=agent, meeting=meeting, minutes="All came.", decisions=[("Plant", idea), ("", None)])
    write_minutes(agent=agent, meeting=meeting, minutes="All came.", decisions=[("Plant six", idea), ("Go", None)])

    kept = [(one.position, one.text, one.contribution) for one in meeting.decisions.all()]
    assert kept == [(1, "Plant six", idea), (2, "Go", None)]
    with pytest.raises(MeetingIncomplete):
        write_minutes(agent=agent, meeting=meeting, minutes="x" * 20_001, decisions=[])
