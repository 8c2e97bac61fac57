"""Pages of councils: who opens them, what they say, and how many queries they take."""

from __future__ import annotations

import json
from datetime import timedelta

import mapbox_vector_tile
import pytest
from django.contrib.gis.geos import Point
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from icalendar import Calendar

from geoparticipation.accounts.models import User
from geoparticipation.consultations.domain import publish_consultation
from geoparticipation.contributions.enums import Status
from geoparticipation.councils.domain.consultations import ask_to_read, start_consultation
from geoparticipation.councils.domain.councils import save_council, save_member
from geoparticipation.councils.models import Council, CouncilConsultation
from geoparticipation.meetings.domain.meetings import announce_meeting, write_minutes
from geoparticipation.meetings.models import Meeting
from neighbourhoods.models import Target
from tests.councils.conftest import Councils, target_of
from tests.councils.test_rights import FIRST_DAY, PEOPLE, SAID, meet, start
from tests.fixtures.question import Submit
from tests.fixtures.tiny_town import TinyTown

ENGLISH = {"accept-language": "en"}
IN_EAST = Point(4.415, 50.845, srid=4326)


def text_of(client: Client, path: str) -> str:
    answer = client.get(path, headers=ENGLISH)
    assert answer.status_code == 200, path
    return answer.content.decode()


@pytest.mark.parametrize("person", PEOPLE)
def test_who_opens_what_of_a_council(client: Client, councils: Councils, councillor: User, person: str) -> None:
    """Agents keep councils, a council's own councillors work for it, nobody else comes in."""
    draft = start(councillor, councils.west).consultation
    begins = f"/workspace/councils/{councils.west.slug}"
    own = [f"{begins}/target/", f"{begins}/consultations/new/", f"{begins}/consultations/{draft.slug}/"]
    user = councils.people[person]
    if user is not None:
        client.force_login(user)

    opened = {path: client.get(path).status_code for path in ["/workspace/councils/", f"{begins}/", *own]}
    opened["new"] = client.get("/workspace/councils/new/").status_code
    opened["preview"] = client.post(f"{begins}/target/preview/", "{}", content_type="application/json").status_code
    opened["meeting"] = client.get("/workspace/meetings/new/").status_code
    draft_page = client.get(f"/consultations/{draft.slug}/").status_code

    if person == "agent":
        expected = {"/workspace/councils/": 200, f"{begins}/": 200, **dict.fromkeys(own, 403), "new": 200}
        expected |= {"preview": 403, "meeting": 200}
    elif person == "councillor":
        expected = {"/workspace/councils/": 200, f"{begins}/": 200, **dict.fromkeys(own, 200), "new": 403}
        expected |= {"preview": 400, "meeting": 200}
    elif person in {"of another council", "whose term is over", "whose term is to come", "without a seat"}:
        expected = {"/workspace/councils/": 200, f"{begins}/": 404, **dict.fromkeys(own, 404), "new": 403}
        expected |= {"preview": 404, "meeting": 200 if person == "of another council" else 403}
    else:
        refused = 302 if person in {"visitor", "closed"} else 403
        expected = dict.fromkeys(opened, refused)
    assert opened == expected
    assert draft_page == (200 if person in {"agent", "councillor"} else 404)


def test_councillor_writes_a_draft_and_asks_for_it_to_be_read(
    client: Client, councils: Councils, agent: User, councillor: User, tiny_town: TinyTown
) -> None:
    client.force_login(councillor)
    begins = f"/workspace/councils/{councils.west.slug}"
    assert "Start a consultation" in text_of(client, f"{begins}/")
    page = text_of(client, f"{begins}/consultations/new/")
    token = page.split('name="token" value="')[1].split('"')[0]
    east = Target.objects.get(name="East")
    assert f'value="{east.pk}"' not in page
    said = {
        "token": token,
        "title": "Benches in West",
        "summary": "Where do you want to sit?",
        "language": "en",
        "identity_level": "0",
        "voices_per": "letterbox",
        "moderation": "after",
        "place_privacy": "exact",
        "max_area_m2": "2000000",
        "process": "consultation",
        "starts_on": "2030-05-06",
    }
    beyond = client.post(f"{begins}/consultations/new/", {**said, "target": east.pk}, headers=ENGLISH)
    assert beyond.status_code == 422
    assert "This reaches beyond the area of “Council of West”." in beyond.content.decode()
    made = client.post(f"{begins}/consultations/new/", said)
    again = client.post(f"{begins}/consultations/new/", said)
    assert made["Location"] == again["Location"]
    started = CouncilConsultation.objects.get()
    assert started.consultation.target == councils.west.area

    assert "Ask the town hall to put it online" in text_of(client, made["Location"])
    refused = client.post(made["Location"], {"act": "publish"}, headers=ENGLISH, follow=True).content.decode()
    assert "The town hall reads the consultations of this council first." in refused
    client.post(made["Location"], {"act": "ask"})
    client.force_login(agent)
    assert "Benches in West" in text_of(client, "/workspace/councils/").split("Asked to be read")[1].split("</ul>")[0]
    client.post(f"/workspace/consultations/{started.consultation.slug}/state/", {"to": "published"})
    assert "Benches in West" in text_of(Client(), f"/councils/{councils.west.slug}/")
    client.force_login(councillor)
    assert client.get(made["Location"])["Location"] == f"{begins}/"


def test_councillor_aims_inside_the_area_and_no_further(
    client: Client, councils: Councils, councillor: User, tiny_town: TinyTown
) -> None:
    client.force_login(councillor)
    begins = f"/workspace/councils/{councils.west.slug}/target/"

    def preview(*parts: dict[str, object]) -> dict[str, object]:
        body = json.dumps({"parts": parts})
        answer = client.post(f"{begins}preview/", body, content_type="application/json", headers=ENGLISH)
        return {"status": answer.status_code, **answer.json()}

    street = {"kind": "street", "street": tiny_town.rue_haute.pk}
    inside = preview(street)
    # Rue Haute by hand: six letterboxes, of which one has three dwellings.
    assert (inside["status"], inside["addresses"], inside["dwellings"], inside["warning"]) == (200, 6, 8, "")
    assert set(inside) == {"status", "addresses", "dwellings", "area_m2", "geometry", "warning"}
    beyond = preview(street, {"kind": "street", "street": tiny_town.rue_basse.pk})
    assert str(beyond["warning"]).startswith("This reaches beyond the area of “Council of West”.")
    assert preview()["status"] == 400

    rows = {"part-TOTAL_FORMS": "1", "part-INITIAL_FORMS": "0", "part-0-operation": "include", "part-0-side": "both"}
    row = {**rows, "part-0-kind": "street", "part-0-named": "Rue Basse", "name": "South"}
    refused = client.post(begins, row, headers=ENGLISH)
    assert refused.status_code == 422
    assert "This reaches beyond the area of “Council of West”." in refused.content.decode()
    looked = client.post(begins, {**row, "action": "preview"}, headers=ENGLISH)
    assert looked.status_code == 200
    assert "This reaches beyond the area of “Council of West”." in looked.content.decode()
    assert not Target.objects.filter(name="South").exists()
    kept = client.post(begins, {**row, "part-0-number_to": "2"})
    assert kept["Location"] == f"/workspace/councils/{councils.west.slug}/"
    assert Target.objects.get(name="South").created_by == councillor


def test_agent_makes_a_council_and_gives_seats(
    client: Client, agent: User, councillor: User, tiny_town: TinyTown
) -> None:
    client.force_login(agent)
    page = text_of(client, "/workspace/councils/new/")
    token = page.split('name="token" value="')[1].split('"')[0]
    said = {"token": token, "name": "Conseil de l’Est", "language": "fr", "is_active": "on"}
    assert client.post("/workspace/councils/new/", said).status_code == 422
    said["area"] = str(target_of(tiny_town.east).pk)
    made = client.post("/workspace/councils/new/", said)
    assert client.post("/workspace/councils/new/", said)["Location"] == made["Location"]
    council = Council.objects.get()
    assert made["Location"] == "/workspace/councils/conseil-de-lest/"

    seat = {"act": "member", "name": "Ana", "since": "2026-01-01", "email": "nobody@example.org"}
    unknown = client.post(made["Location"], seat, headers=ENGLISH)
    assert unknown.status_code == 422
    assert "There is no account with this address." in unknown.content.decode()
    client.post(made["Location"], {**seat, "email": "Councillor@example.org", "is_shown": "on"})
    member = council.members.get()
    assert (member.user, member.is_shown, member.office) == (councillor, True, "")
    assert client.post(made["Location"], {**seat, "email": "councillor@example.org"}).status_code == 422
    client.post(made["Location"], {**seat, "member": member.pk, "office": "Chair", "email": ""})
    member.refresh_from_db()
    assert (member.user, member.office, member.is_shown) == (None, "Chair", False)
    client.post(made["Location"], {"act": "remove", "member": member.pk})
    assert not council.members.exists()
    assert client.post(made["Location"], {"act": "remove", "member": "nonsense"}).status_code == 404


def test_page_tells_who_agreed_to_be_named_and_what_was_decided(
    client: Client, councils: Councils, agent: User, councillor: User, submit: Submit
) -> None:
    west, today = councils.west, timezone.localdate()
    said = {"agent": agent, "council": west, "since": today - timedelta(days=9)}
    save_member(name="Ana Shown", office="Chair", is_shown=True, **said)  # type: ignore[arg-type]
    save_member(name="Bob Former", is_shown=True, until=today - timedelta(days=1), **said)  # type: ignore[arg-type]
    idea = submit(title="Linden trees")
    over = meet(agent, west)
    draft = meet(agent, west)
    Meeting.objects.filter(pk=draft.pk).update(title="Secret evening")
    announce_meeting(agent=agent, meeting=over)
    write_minutes(agent=agent, meeting=over, minutes="All came.", decisions=[("Plant them", idea)])
    Meeting.objects.filter(pk=over.pk).update(
        starts_at=timezone.now() - timedelta(hours=3), ends_at=timezone.now() - timedelta(hours=1)
    )
    start(councillor, west, title="Hidden draft")

    page = text_of(client, f"/councils/{west.slug}/")

    assert "Ana Shown" in page
    assert "3 more people" in page  # the councillor, the citizen, and whose account is closed
    for unseen in ("Councillor", "Bob Former", "Secret evening", "Hidden draft"):
        assert unseen not in page
    assert "Plant them" in page
    assert f"/contributions/{idea.code}/" in page
    entries = Calendar.from_ical(client.get(f"/councils/{west.slug}/calendar.ics").content).walk("VEVENT")
    assert [str(entry["summary"]) for entry in entries] == ["Evening"]
    assert client.get(f"/councils/{councils.east.slug}/calendar.ics").content.count(b"VEVENT") == 0
    Council.objects.filter(pk=west.pk).update(is_active=False)
    for path in (f"/councils/{west.slug}/", f"/councils/{west.slug}/calendar.ics", "/councils/no-such-council/"):
        assert client.get(path).status_code == 404


def test_local_figures_are_those_of_the_area(client: Client, councils: Councils, submit: Submit) -> None:
    west, east = submit(title="In west"), submit(title="In east", geometry=IN_EAST)
    submit(title="On the border", geometry=Point(4.41, 50.845, srid=4326))
    hidden = submit(title="Hidden in west")
    type(hidden).objects.filter(pk=hidden.pk).update(status=Status.HIDDEN)

    page = text_of(client, f"/councils/{councils.west.slug}/")
    titles = {
        f["properties"]["title"]
        for f in client.get("/api/v1/contributions/?council=council-of-west").json()["features"]
    }

    assert "<dt>ideas</dt><dd>2</dd>" in page
    assert titles == {"In west", "On the border"}
    assert west.title in page
    assert east.title not in page
    listed = text_of(client, "/contributions/?council=council-of-west")
    assert "In west" in listed
    assert "In east" not in listed
    assert "Council of West" in listed  # the chip that takes the filter away
    wrong = client.get("/api/v1/contributions/?council=nowhere")
    assert (wrong.status_code, wrong.json()["code"]) == (400, "unknown_filter_value")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", {"Council of West", "Council of East"}),
        ("Rue Haute 2", {"Council of West"}),
        ("Avenue du Parc", {"Council of East"}),
        ("Rue Basse", {"Council of West", "Council of East"}),
        ("West", {"Council of West"}),
        ("Nowhere at all", {"Council of West", "Council of East"}),
    ],
)
def test_which_is_my_council(client: Client, councils: Councils, query: str, found: set[str]) -> None:
    page = text_of(client, f"/councils/?q={query.replace(' ', '+')}")

    assert {name for name in ("Council of West", "Council of East") if f">{name}</a>" in page} == found


def test_layer_has_the_active_councils(client: Client, councils: Councils) -> None:
    Council.objects.filter(pk=councils.east.pk).update(is_active=False)

    tile = mapbox_vector_tile.decode(client.get("/tiles/councils/14/8392/5496.mvt").content)["councils"]

    assert [feature["properties"] for feature in tile["features"]] == [
        {"id": "council-of-west", "name": "Council of West"}
    ]
    assert client.get("/tiles/councils.json").json()["tilejson"] == "3.0.0"


def test_councillor_keeps_the_meetings_of_the_own_council(
    client: Client, councils: Councils, councillor: User, agent: User
) -> None:
    own, other = meet(councillor, councils.west, registers=True), meet(agent, councils.east)
    client.force_login(councillor)
    listed = text_of(client, "/workspace/meetings/")
    assert (str(own.code) in listed, str(other.code) in listed) == (True, False)
    url = f"/workspace/meetings/{own.code}/"
    assert "Who comes" not in text_of(client, url)  # e-mail addresses are for agents
    client.post(url, {"act": "announce"})
    client.post(url, {"act": "minutes", "minutes": "All came.", "decision_0": "Plant", "idea_0": ""})
    own.refresh_from_db()
    assert (own.state, own.minutes, own.decisions.get().text) == ("announced", "All came.", "Plant")
    assert client.post(url, {"act": "enter", "name": "A"}).status_code in {403, 422}
    assert client.post(url, {"act": "remove", "registration": "1"}).status_code in {403, 422}
    assert client.get(f"/workspace/meetings/{other.code}/").status_code == 404
    new = text_of(client, f"/workspace/meetings/new/?council={councils.west.slug}")
    assert "Council of West" in new
    assert "Council of East" not in new


def make_more(councils: Councils, agent: User, councillor: User, submit: Submit, count: int) -> None:
    """For West: seats, consultations online and asked, meetings over and to come, ideas; and as many councils."""
    for number in range(count):
        day = timezone.localdate()
        save_member(agent=agent, council=councils.west, name=f"M {number}", is_shown=True, since=day)
        consultation = start_consultation(
            user=councillor, council=councils.west, starts_on=FIRST_DAY, **{**SAID, "title": f"Q {number}"}
        )
        publish_consultation(consultation=consultation, user=agent)
        ask_to_read(user=councillor, started=start(councillor, councils.west))
        for meeting in (meet(agent, councils.west), meet(agent, councils.west)):
            announce_meeting(agent=agent, meeting=meeting)
            write_minutes(agent=agent, meeting=meeting, minutes="Yes.", decisions=[("Plant", submit())])
        Meeting.objects.filter(pk=meeting.pk).update(
            starts_at=timezone.now() - timedelta(hours=3), ends_at=timezone.now() - timedelta(hours=1)
        )
        area = Target.objects.get(name="West")
        save_council(agent=agent, name=f"More {number}", area=area)


@pytest.mark.parametrize("count", [1, 3])
def test_pages_take_as_many_queries_whatever_is_shown(
    client: Client,
    councils: Councils,
    agent: User,
    councillor: User,
    submit: Submit,
    count: int,
) -> None:
    make_more(councils, agent, councillor, submit, count)
    west = councils.west.slug
    visitor = Client()
    agents, councillors = Client(), Client()
    agents.force_login(agent)
    councillors.force_login(councillor)
    expected = {
        (visitor, "/councils/"): 3,
        (visitor, f"/councils/{west}/"): 23,
        (visitor, f"/councils/{west}/calendar.ics"): 2,
        (agents, "/workspace/councils/"): 6,
        (agents, f"/workspace/councils/{west}/"): 8,
        (councillors, "/workspace/councils/"): 4,
        (councillors, f"/workspace/councils/{west}/"): 9,
        (councillors, "/workspace/meetings/"): 4,
    }
    counted = {}
    for who, path in expected:
        who.get(path)  # the town's name and extent are kept
        with CaptureQueriesContext(connection) as queries:
            assert who.get(path).status_code == 200
        counted[who, path] = len(queries)

    assert list(counted.values()) == list(expected.values())
