"""Pages of workshops: without a script, by the script's own words, what is polled, and how many queries they take."""

from __future__ import annotations

import json
import uuid

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from geoparticipation.accounts.models import User
from geoparticipation.consultations.models import Consultation
from geoparticipation.contributions.models import Contribution
from geoparticipation.meetings.domain.workshop.facilitating import open_vote, save_group
from geoparticipation.meetings.models import Note, Workshop
from tests.meetings.conftest import MakeMeeting
from tests.meetings.workshop.conftest import MakeWorkshop, PutNote

ENGLISH = {"accept-language": "en"}
SCRIPT = {"accept": "application/json"}


def page_of(workshop: Workshop) -> str:
    return f"/meetings/{workshop.meeting.code}/workshop/"


@pytest.mark.parametrize("notes", [1, 3])
def test_queries(
    client: Client,
    make_workshop: MakeWorkshop,
    put_note: PutNote,
    django_assert_num_queries: DjangoAssertNumQueries,
    agent: User,
    consultation: Consultation,
    notes: int,
) -> None:
    workshop = make_workshop(meeting={"consultation": consultation})
    for number in range(notes):
        put_note(workshop, str(number))
        save_group(agent=agent, workshop=workshop, name=str(number), colour="blue")
    page = page_of(workshop)
    client.get(page)

    with django_assert_num_queries(3):  # workshop, notes, groups
        client.get(page)
    with django_assert_num_queries(2):  # its number, changes
        client.get(f"{page}changes/?after=1")
    with django_assert_num_queries(1):
        client.get(f"{page}changes/?after=999")
    client.force_login(agent)
    desk = f"/workspace{page}"
    client.get(desk)
    with django_assert_num_queries(9):
        client.get(desk)


def test_note_by_the_form_without_a_script(client: Client, make_workshop: MakeWorkshop) -> None:
    workshop = make_workshop(question="Where do you miss shade?")
    page = page_of(workshop)
    shown = client.get(page, headers=ENGLISH).content.decode()
    assert "Where do you miss shade?" in shown
    assert "There is no note on the map yet." in shown

    wrong = client.post(page, {"act": "place", "text": "A bench", "place_text": "Nowhere"}, headers=ENGLISH)
    assert wrong.status_code == 400
    assert "A bench" in wrong.content.decode()
    nowhere = client.post(page, {"act": "place", "text": "A bench"}, headers=ENGLISH)
    assert "Say where: type an address or a street" in nowhere.content.decode()
    code = str(uuid.uuid4())
    said = {"act": "place", "code": code, "text": "A bench", "name": "Ana", "place_text": "Rue Haute"}
    assert client.post(page, said).status_code == 302
    assert client.post(page, said).status_code == 302
    note = Note.objects.get()
    assert (note.text, note.geometry.geom_type, str(note.code)) == ("A bench", "Point", code)
    shown = client.get(page, headers=ENGLISH).content.decode()
    assert "by Ana" in shown
    assert f"?edit={code}#put" in shown

    form = client.get(f"{page}?edit={code}").content.decode()
    assert 'value="change"' in form
    assert client.post(page, {"act": "change", "code": code, "text": "Two benches", "name": "Ana"}).status_code == 302
    assert Note.objects.get().text == "Two benches"
    stranger = Client()
    assert 'value="change"' not in stranger.get(f"{page}?edit={code}").content.decode()
    assert stranger.post(page, {"act": "take-back", "code": code}).status_code == 403
    assert client.post(page, {"act": "take-back", "code": code}).status_code == 302
    assert not Note.objects.exists()


def test_script_gets_the_next_code_or_the_refusal(client: Client, make_workshop: MakeWorkshop) -> None:
    page = page_of(make_workshop())
    geometry = json.dumps({"type": "Point", "coordinates": [4.405, 50.8451]})

    placed = client.post(page, {"act": "place", "text": "A bench", "geometry": geometry}, headers=SCRIPT)
    refused = client.post(page, {"act": "place", "text": "", "geometry": geometry}, headers=SCRIPT)
    outside = client.post(
        page, {"act": "place", "text": "x", "geometry": geometry.replace("4.405", "9")}, headers={**SCRIPT, **ENGLISH}
    )

    assert uuid.UUID(placed.json()["next"])
    assert (refused.status_code, refused.json()["code"]) == (400, "workshop_note_incomplete")
    assert (outside.status_code, outside.json()["code"]) == (400, "outside_territory")
    for nonsense in ({"act": "change", "code": "x"}, {"act": "dot", "code": str(uuid.uuid4())}, {"geometry": "]["}):
        assert 400 <= client.post(page, nonsense, headers=SCRIPT).status_code < 500


def test_polling_tells_what_changed(client: Client, make_workshop: MakeWorkshop, put_note: PutNote) -> None:
    workshop = make_workshop()
    note = put_note(workshop)

    told = client.get(f"{page_of(workshop)}changes/?after=2").json()

    assert told["seq"] == 3
    assert [(row["seq"], row["what"], row["code"]) for row in told["changes"]] == [(3, "note", str(note.code))]
    for nonsense in ("", "?after=-1", "?after=x", "?after=٣"):
        assert len(client.get(f"{page_of(workshop)}changes/{nonsense}").json()["changes"]) == 3


def test_workshop_of_a_draft_is_seen_by_agents_only(client: Client, make_workshop: MakeWorkshop, agent: User) -> None:
    page = page_of(make_workshop(opened=False, meeting={"announced": False}))
    assert client.get(page).status_code == 404
    assert client.get(f"{page}changes/").status_code == 404
    assert client.post(page, {"act": "place"}).status_code == 404
    client.force_login(agent)
    assert client.get(page).status_code == 200


def test_meeting_without_workshop_has_no_page(client: Client, make_meeting: MakeMeeting) -> None:
    meeting = make_meeting()
    assert client.get(f"/meetings/{meeting.code}/workshop/").status_code == 404
    assert "workshop/" not in client.get(f"/meetings/{meeting.code}/").content.decode()


@pytest.mark.parametrize(
    ("person", "status"),
    [("agent", 200), ("moderator", 403), ("planner", 403), ("councillor", 403), ("citizen", 403)],
)
def test_who_leads(
    client: Client, cast: dict[str, User], make_workshop: MakeWorkshop, person: str, status: int
) -> None:
    workshop = make_workshop()
    client.force_login(cast[person])
    desk = f"/workspace{page_of(workshop)}"

    assert client.get(desk).status_code == status
    assert client.post(desk, {"act": "lock"}).status_code == (302 if status == 200 else 403)
    workshop.refresh_from_db()
    assert workshop.is_locked == (status == 200)


def test_from_switching_on_to_ideas_by_the_desk(
    client: Client, agent: User, make_meeting: MakeMeeting, put_note: PutNote, consultation: Consultation
) -> None:
    meeting = make_meeting(consultation=consultation)
    client.force_login(agent)
    desk = f"/workspace/meetings/{meeting.code}/workshop/"
    assert "Switch it on" in client.get(desk, headers=ENGLISH).content.decode()
    assert client.post(desk, {"act": "open"}).status_code == 409
    said = {"act": "set-up", "workshop-question": "Where?", "workshop-access": "link", "workshop-dots_each": "99"}
    assert client.post(desk, said).status_code == 422
    client.post(desk, {**said, "workshop-dots_each": "2"})
    for act in ("open", "lock", "unlock"):
        assert client.post(desk, {"act": act}).status_code == 302
    workshop = Workshop.objects.get()
    bench, rude = put_note(workshop), put_note(workshop, "Rude words")
    client.post(desk, {"act": "group", "name": "Seats", "colour": "green"})
    group = str(workshop.groups.get().code)
    client.post(desk, {"act": "change-group", "group": group, "name": "Benches", "colour": "pink"})
    client.post(desk, {"act": "sort", "group": group, "note": [str(bench.code), "x"]})
    client.post(desk, {"act": "hide", "note": str(rude.code)})
    assert "Rude words" not in client.get(page_of(workshop)).content.decode()
    assert "Rude words" in client.get(desk).content.decode()
    client.post(desk, {"act": "open-vote"})
    client.post(desk, {"act": "close-vote"})
    for _twice in range(2):
        client.post(desk, {"act": "keep-group", "group": group})
    client.post(desk, {"act": "close"})
    assert client.post(desk, {"act": "dance"}).status_code == 409

    idea = Contribution.objects.get()
    assert (idea.title, idea.geometry.equals_exact(bench.geometry)) == ("A bench", True)
    workshop.refresh_from_db()
    assert (workshop.state, workshop.question, workshop.dots_each) == ("closed", "Where?", 2)
    client.post(desk, {"act": "remove-group", "group": group})
    client.post(desk, {"act": "show", "note": str(rude.code)})
    assert "Rude words" in client.get(page_of(workshop)).content.decode()


def test_one_sees_ones_own_dots(client: Client, make_workshop: MakeWorkshop, put_note: PutNote, agent: User) -> None:
    workshop = make_workshop(dots_each=1)
    note = put_note(workshop)
    open_vote(agent=agent, workshop=workshop)
    page = page_of(workshop)

    assert client.post(page, {"act": "dot", "code": str(note.code)}).status_code == 302

    assert "Dots left: 0" in client.get(page, headers=ENGLISH).content.decode()
    assert "Dots left: 1" in Client().get(page, headers=ENGLISH).content.decode()
