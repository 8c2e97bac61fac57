"""Pages and calendars of meetings: who opens them, what they say, and how many queries they take."""

from __future__ import annotations

import json
from datetime import UTC, timedelta

import pytest
from django.test import Client
from django.utils import timezone
from icalendar import Calendar
from pytest_django import DjangoAssertNumQueries

from geoparticipation.accounts.models import User
from geoparticipation.consultations.enums import ConsultationState
from geoparticipation.contributions.enums import Status
from geoparticipation.meetings.domain.meetings import cancel_meeting, write_minutes
from geoparticipation.meetings.models import Meeting
from tests.fixtures.question import IN_RUE_HAUTE, MakeConsultation, Submit
from tests.meetings.conftest import MakeMeeting

ENGLISH = {"accept-language": "en"}


@pytest.mark.parametrize(
    ("person", "status"),
    [("agent", 200), ("moderator", 403), ("planner", 403), ("councillor", 403), ("citizen", 403)],
)
def test_who_makes_meetings(
    client: Client, cast: dict[str, User], make_meeting: MakeMeeting, person: str, status: int
) -> None:
    meeting = make_meeting()
    client.force_login(cast[person])

    pages = ["/workspace/meetings/", "/workspace/meetings/new/", f"/workspace/meetings/{meeting.code}/"]
    listed = 200 if person == "councillor" else status  # those of the own council; this one sits in none
    assert [client.get(page).status_code for page in pages] == [listed, status, status]
    assert client.post(pages[2], {"act": "cancel"}).status_code == (302 if status == 200 else 403)
    meeting.refresh_from_db()
    assert meeting.state == ("cancelled" if status == 200 else "announced")


def test_drafts_are_seen_by_agents_only(
    client: Client, make_meeting: MakeMeeting, make_consultation: MakeConsultation, agent: User
) -> None:
    draft = make_meeting(announced=False, title="Secret")
    hidden = make_meeting(title="Hidden", consultation=make_consultation(state=ConsultationState.DRAFT))

    for meeting in (draft, hidden):
        assert client.get(f"/meetings/{meeting.code}/").status_code == 404
        assert client.get(f"/meetings/{meeting.code}/calendar.ics").status_code == 404
    for page in ("/meetings/", "/meetings/calendar.ics"):
        content = client.get(page).content.decode()
        assert "Secret" not in content
        assert "Hidden" not in content
    assert client.get("/tiles/meetings/0/0/0.mvt").status_code == 204
    client.force_login(agent)
    assert client.get(f"/meetings/{draft.code}/").status_code == 200


def test_from_making_to_coming_by_the_pages(client: Client, agent: User, citizen: User, tiny_town: object) -> None:
    client.force_login(agent)
    page = client.get("/workspace/meetings/new/").content.decode()
    token = page.split('name="token" value="')[1].split('"')[0]
    said = {
        "token": token,
        "title": "Evening on the square",
        "starts_at": "2030-05-06T19:00",
        "ends_at": "2030-05-06T21:00",
        "place_text": "Rue Haute 2",
        "registers": "on",
        "capacity": "1",
    }
    wrong = client.post("/workspace/meetings/new/", {**said, "place_text": "Nowhere"}, headers=ENGLISH)
    assert wrong.status_code == 422
    assert "Evening on the square" in wrong.content.decode()
    made = client.post("/workspace/meetings/new/", said)
    again = client.post("/workspace/meetings/new/", said)
    assert made["Location"] == again["Location"]
    meeting = Meeting.objects.get()
    assert meeting.place_name == "Rue Haute 2"
    client.post(made["Location"], {"act": "announce"})
    client.post(made["Location"], {"act": "enter", "name": "M. Muller"})
    assert "M. Muller" in client.get(made["Location"]).content.decode()

    client.force_login(citizen)
    url = f"/meetings/{meeting.code}/"
    assert "Every place is taken." in client.get(url, headers=ENGLISH).content.decode()
    client.post(f"{url}register/")
    shown = client.get(url, headers=ENGLISH).content.decode()
    assert "You are on the waiting list." in shown
    assert "Muller" not in shown


def test_visitor_who_registers_is_led_to_sign_in(client: Client, make_meeting: MakeMeeting) -> None:
    meeting = make_meeting()

    answer = client.post(f"/meetings/{meeting.code}/register/")

    assert answer["Location"] == f"/compte/login/?next=/meetings/{meeting.code}/"
    assert not meeting.registrations.exists()


def test_decision_names_its_idea_only_while_it_is_online(
    client: Client, make_meeting: MakeMeeting, submit: Submit, agent: User
) -> None:
    meeting, idea = make_meeting(), submit(title="Linden trees")
    write_minutes(agent=agent, meeting=meeting, minutes="", decisions=[("Plant them", idea)])
    url = f"/meetings/{meeting.code}/"
    assert f"/contributions/{idea.code}/" in client.get(url).content.decode()

    type(idea).objects.update(status=Status.HIDDEN)

    content = client.get(url).content.decode()
    assert "Plant them" in content
    assert "Linden trees" not in content


def test_calendar_is_read_back_as_it_is_stored(client: Client, make_meeting: MakeMeeting, agent: User) -> None:
    announced = make_meeting(title="Été, place; neuve", text="Deux\nlignes", link="https://example.org/online")
    cancelled = cancel_meeting(agent=agent, meeting=make_meeting(days=4))

    answer = client.get("/meetings/calendar.ics")

    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    events = {str(event["summary"]): event for event in Calendar.from_ical(answer.content).walk("VEVENT")}
    event = events["Été, place; neuve"]
    assert event["uid"].startswith(f"{announced.code}@")
    assert event.decoded("dtstart") == announced.starts_at.astimezone(UTC).replace(microsecond=0)
    assert event.decoded("dtend") == announced.ends_at.astimezone(UTC).replace(microsecond=0)
    assert str(event["description"]) == "Deux\nlignes\n\nhttps://example.org/online"
    assert (event["geo"].latitude, event["geo"].longitude) == (IN_RUE_HAUTE[1], IN_RUE_HAUTE[0])
    assert event["status"] == "CONFIRMED"
    assert events["The new square"]["status"] == "CANCELLED"
    assert events["The new square"]["sequence"] == cancelled.changes == 2
    [alone] = Calendar.from_ical(client.get(f"/meetings/{announced.code}/calendar.ics").content).walk("VEVENT")
    assert alone["uid"] == event["uid"]


def test_meetings_are_a_layer(client: Client, make_meeting: MakeMeeting) -> None:
    make_meeting()

    tilejson = json.loads(client.get("/tiles/meetings.json").content)

    assert [layer["id"] for layer in tilejson["vector_layers"]] == ["meetings"]
    assert client.get("/tiles/meetings/0/0/0.mvt").status_code == 200


@pytest.mark.parametrize("count", [1, 3])
def test_query_counts(
    client: Client,
    agent: User,
    make_meeting: MakeMeeting,
    django_assert_num_queries: DjangoAssertNumQueries,
    count: int,
) -> None:
    for _number in range(count):
        make_meeting()
        meeting = make_meeting()
        Meeting.objects.filter(pk=meeting.pk).update(
            starts_at=timezone.now() - timedelta(days=2), ends_at=timezone.now() - timedelta(days=1)
        )
    client.get("/meetings/")
    with django_assert_num_queries(3):
        client.get("/meetings/")
    with django_assert_num_queries(2):
        client.get(f"/meetings/{meeting.code}/")
    with django_assert_num_queries(1):
        client.get("/meetings/calendar.ics")
    client.force_login(agent)
    with django_assert_num_queries(3 + 2):
        client.get("/workspace/meetings/")
    with django_assert_num_queries(3 + 5):
        client.get(f"/workspace/meetings/{meeting.code}/")


@pytest.mark.parametrize("number", ["", "x", "9" * 5000])
def test_nonsense_removes_nobody(client: Client, agent: User, make_meeting: MakeMeeting, number: str) -> None:
    meeting = make_meeting()
    client.force_login(agent)

    answer = client.post(f"/workspace/meetings/{meeting.code}/", {"act": "remove", "registration": number})

    assert answer.status_code == 404
