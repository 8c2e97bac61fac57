"""What is left over: places of accounts that are gone, names of who called, numbers that tell of few, odd words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone
from icalendar import Calendar

from geoparticipation.accounts.models import User
from geoparticipation.meetings.domain.meetings import cancel_meeting, save_meeting
from geoparticipation.meetings.domain.registrations import (
    enter_registration,
    fill_left_places,
    forget_names,
    register_for,
    remind,
)
from geoparticipation.meetings.models import Meeting, Registration
from tests.fixtures.cast import MakeUser
from tests.fixtures.question import actor_of
from tests.meetings.conftest import MakeMeeting
from tests.meetings.test_domain import run_jobs, states

ENGLISH = {"accept-language": "en"}


def test_place_of_a_deleted_account_goes_to_who_waited_longest(
    make_meeting: MakeMeeting, citizen: User, neighbour: User, outsider: User, make_user: MakeUser
) -> None:
    meeting, over, off = make_meeting(capacity=1), make_meeting(capacity=1), make_meeting(capacity=1)
    for one in (meeting, over, off):
        for person in (citizen, neighbour, outsider):
            register_for(actor=actor_of(person), meeting=one)
    run_jobs()
    Meeting.objects.filter(pk=over.pk).update(
        starts_at=timezone.now() - timedelta(hours=3), ends_at=timezone.now() - timedelta(hours=1)
    )
    Meeting.objects.filter(pk=off.pk).update(state="cancelled")
    citizen.delete()

    assert fill_left_places(at=timezone.now()) == 1
    assert fill_left_places(at=timezone.now()) == 0

    assert states(meeting) == ["confirmed", "waiting"]
    assert states(over) == states(off) == ["waiting", "waiting"]
    assert run_jobs() == [("neighbour", "Vous avez une place\u00a0: The new square")]


def test_who_registers_within_the_last_day_is_not_reminded_as_well(make_meeting: MakeMeeting, citizen: User) -> None:
    meeting = make_meeting(days=0.5)
    register_for(actor=actor_of(citizen), meeting=meeting)
    assert len(run_jobs()) == 1

    assert remind(at=timezone.now()) == 0


def test_names_of_who_called_are_forgotten_a_month_later(make_meeting: MakeMeeting, agent: User, citizen: User) -> None:
    meeting = make_meeting()
    enter_registration(agent=agent, meeting=meeting, name="Frau Schmit")
    register_for(actor=actor_of(citizen), meeting=meeting)

    assert forget_names(at=meeting.ends_at + timedelta(days=30)) == 0
    assert forget_names(at=meeting.ends_at + timedelta(days=30, seconds=1)) == 1
    assert forget_names(at=meeting.ends_at + timedelta(days=31)) == 0

    assert sorted(Registration.objects.values_list("name", flat=True)) == ["", "–"]


def test_few_people_are_not_counted_in_public(client: Client, make_meeting: MakeMeeting, agent: User) -> None:
    limited, free = make_meeting(capacity=20), make_meeting()
    for meeting in (limited, free):
        for number in range(4):
            enter_registration(agent=agent, meeting=meeting, name=f"Caller {number}")

    def told(meeting: Meeting) -> str:
        return client.get(f"/meetings/{meeting.code}/", headers=ENGLISH).content.decode()

    assert "20 places in all; there is room." in told(limited)
    assert "Everybody has a place." in told(free)
    for meeting in (limited, free):
        assert "4 people" not in told(meeting)
        assert "16 places" not in told(meeting)
        enter_registration(agent=agent, meeting=meeting, name="The fifth")
    assert "15 places are left." in told(limited)
    assert "5 people come." in told(free)


def test_tiles_and_what_is_to_come_follow_the_meetings(client: Client, make_meeting: MakeMeeting, agent: User) -> None:
    url = "/tiles/meetings/0/0/0.mvt?to_come=1"
    assert client.get(url).status_code == 204
    meeting = make_meeting()
    first = client.get(url)
    assert first.status_code == 200
    assert b"meeting" in first.content
    cancel_meeting(agent=agent, meeting=meeting)

    assert client.get(url, headers={"if-none-match": first["ETag"]}).status_code == 204
    assert client.get("/tiles/meetings/0/0/0.mvt").status_code == 200


def test_words_cannot_break_out_of_the_calendar(client: Client, make_meeting: MakeMeeting) -> None:
    evil = "Fête\r\nEND:VEVENT\rBEGIN:VALARM\nATTENDEE:mailto:a@example.org; , \\ " + "é" * 60
    make_meeting(
        title=evil.replace("\r", " ").replace("\n", " ")[:120], text=evil, programme=evil, place_name="A;B,C\\D"
    )

    content = client.get("/meetings/calendar.ics").content

    assert content.count(b"BEGIN:VEVENT") == 1
    assert b"\r\nBEGIN:VALARM" not in content
    assert b"\r\nATTENDEE" not in content
    assert all(len(line) <= 75 for line in content.split(b"\r\n"))
    assert b"\r" not in content.replace(b"\r\n", b"")
    [event] = Calendar.from_ical(content).walk("VEVENT")
    assert str(event["location"]) == "A;B,C\\D"
    assert not event.subcomponents


def test_draft_in_an_agents_calendar_is_tentative(client: Client, make_meeting: MakeMeeting, agent: User) -> None:
    draft = make_meeting(announced=False)
    client.force_login(agent)

    [event] = Calendar.from_ical(client.get(f"/meetings/{draft.code}/calendar.ics").content).walk("VEVENT")

    assert event["status"] == "TENTATIVE"


def test_meeting_over_midnight_tells_both_days(client: Client, make_meeting: MakeMeeting) -> None:
    starts_at = datetime(2030, 5, 6, 20, 0, tzinfo=UTC)
    long = make_meeting(starts_at=starts_at, ends_at=starts_at + timedelta(hours=3))
    short = make_meeting(starts_at=starts_at, ends_at=starts_at + timedelta(hours=1))

    def told(meeting: Meeting) -> str:
        return client.get(f"/meetings/{meeting.code}/", headers=ENGLISH).content.decode()

    # 22:00 to 1:00 in Brussels: the next day.
    assert "May 7, 2030" in told(long)
    assert "May 7, 2030" not in told(short)


def test_reminder_and_calendar_keep_the_hour_of_the_town_over_the_change_of_clocks(
    client: Client, make_meeting: MakeMeeting, citizen: User
) -> None:
    """Seven in the evening of Brussels is 18:00 UTC on Saturday 30 March 2030 and 17:00 on Sunday 31 March."""
    for day, hour in ((30, 18), (31, 17)):
        starts_at = datetime(2030, 3, day, hour, 0, tzinfo=UTC)
        meeting = make_meeting(starts_at=starts_at, ends_at=starts_at + timedelta(hours=2), title=f"On the {day}th")
        assert "7 p.m." in client.get(f"/meetings/{meeting.code}/", headers=ENGLISH).content.decode()
        register_for(actor=actor_of(citizen), meeting=meeting)
    events = Calendar.from_ical(client.get("/meetings/calendar.ics").content).walk("VEVENT")
    assert sorted(event.decoded("dtstart").hour for event in events) == [17, 18]


@pytest.mark.parametrize("person", ["moderator", "planner", "councillor", "citizen", "neighbour", "outsider", "nobody"])
def test_names_of_who_comes_are_on_no_page_but_the_agents(
    client: Client, cast: dict[str, User], make_meeting: MakeMeeting, agent: User, person: str
) -> None:
    meeting = make_meeting()
    enter_registration(agent=agent, meeting=meeting, name="Frau Schmit")
    register_for(actor=actor_of(cast["citizen"]), meeting=meeting)
    if person != "nobody":
        client.force_login(cast[person])

    for page in (
        f"/meetings/{meeting.code}/",
        f"/meetings/{meeting.code}/calendar.ics",
        "/meetings/",
        "/tiles/meetings/0/0/0.mvt",
        "/tiles/meetings.json",
        f"/workspace/meetings/{meeting.code}/",
    ):
        content = client.get(page).content
        assert b"Schmit" not in content
        if person != "citizen":
            assert b"citizen@example.org" not in content
    client.force_login(agent)
    assert b"Schmit" in client.get(f"/workspace/meetings/{meeting.code}/").content


def test_more_places_for_who_waits_keep_their_order(
    make_meeting: MakeMeeting, agent: User, make_user: MakeUser
) -> None:
    meeting = make_meeting(capacity=1)
    people = [make_user(f"p{number}") for number in range(5)]
    for person in people:
        register_for(actor=actor_of(person), meeting=meeting)
    said = {name: getattr(meeting, name) for name in ("title", "starts_at", "ends_at", "place_name", "geometry")}

    for capacity in (3, 2, 4):
        save_meeting(agent=agent, meeting=meeting, registers=True, capacity=capacity, **said)

    # Nobody loses a place when there are fewer; the fourth gets one, the fifth goes on waiting.
    assert states(meeting) == ["confirmed"] * 4 + ["waiting"]
