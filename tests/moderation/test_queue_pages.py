"""The moderation queue as pages: who may open it, what is shown, what a decision does, and two tabs at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.gis.geos import Point
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from geoparticipation.accounts.models import User
from geoparticipation.consultations.enums import ConsultationState
from geoparticipation.consultations.models import Consultation
from geoparticipation.contributions.enums import Kind, LocatedBy, Status
from geoparticipation.contributions.models import Contribution
from tests.fixtures.tiny_town import TinyTown

QUEUE = "/workspace/queue/"
ENGLISH = {"accept-language": "en"}
HTMX = {**ENGLISH, "hx-request": "true"}

MakeIdea = Callable[..., Contribution]


@pytest.fixture
def consultation(tiny_town: TinyTown) -> Consultation:
    return Consultation.objects.create(slug="park", title="The park", summary="-", state=ConsultationState.PUBLISHED)


@pytest.fixture
def idea(tiny_town: TinyTown, consultation: Consultation, citizen: User) -> MakeIdea:
    """Make an idea of the citizen's in Rue Haute, waiting to be read."""

    def make(title: str = "A bench", status: str = Status.SUBMITTED, **values: Any) -> Contribution:
        point = Point(4.4045, 50.845, srid=4326)
        return Contribution.objects.create(
            **{
                "kind": Kind.PROPOSAL,
                "consultation": consultation,
                "author": citizen,
                "title": title,
                "body": "In the shade.",
                "status": status,
                "geometry": point,
                "public_geometry": point,
                "located_by": LocatedBy.PIN,
                "street": tiny_town.rue_haute,
                "district": tiny_town.west,
                **values,
            }
        )

    return make


def decision(to: str, seen: str = Status.SUBMITTED, reason: str = "") -> dict[str, str]:
    return {"to_status": to, "seen_status": seen, "reason": reason}


def test_a_visitor_is_sent_to_sign_in(client: Client, idea: MakeIdea) -> None:
    assert client.get(QUEUE)["Location"] == f"/compte/login/?next={QUEUE}"
    assert client.post(f"{QUEUE}{idea().code}/", decision("published")).status_code == 302
    assert Contribution.objects.get().status == Status.SUBMITTED


@pytest.mark.parametrize(
    ("person", "code"),
    [("agent", 200), ("moderator", 200), ("planner", 403), ("councillor", 403), ("citizen", 403)],
)
def test_who_may_open_the_queue(client: Client, cast: dict[str, User], idea: MakeIdea, person: str, code: int) -> None:
    client.force_login(cast[person])
    waiting = idea()

    assert client.get(QUEUE).status_code == code
    decided = client.post(f"{QUEUE}{waiting.code}/", decision("published"), headers=HTMX)
    assert decided.status_code == code


def test_unknown_contribution_and_other_methods(client: Client, moderator: User, idea: MakeIdea) -> None:
    client.force_login(moderator)

    assert client.post(f"{QUEUE}00000000-0000-4000-8000-000000000000/", decision("published")).status_code == 404
    assert client.get(f"{QUEUE}{idea().code}/").status_code == 405
    assert client.post(QUEUE).status_code == 405


def test_drafts_are_nobody_elses_business(client: Client, moderator: User, idea: MakeIdea) -> None:
    client.force_login(moderator)
    draft = idea("Unfinished", Status.DRAFT)

    assert "Unfinished" not in client.get(QUEUE).content.decode()
    assert client.post(f"{QUEUE}{draft.code}/", decision("published", Status.DRAFT)).status_code == 404


def test_waiting_comes_first_then_what_is_online_and_unread(client: Client, moderator: User, idea: MakeIdea) -> None:
    client.force_login(moderator)
    idea("Online, unread", Status.PUBLISHED)
    idea("Waiting")
    idea("Hidden", Status.HIDDEN)

    page = client.get(QUEUE, headers=ENGLISH)

    assert [one.title for one in page.context["page"]] == ["Waiting", "Online, unread"]
    assert "Rue Haute · West" in page.content.decode()


def test_filters_by_status_and_consultation(client: Client, moderator: User, idea: MakeIdea) -> None:
    client.force_login(moderator)
    other = Consultation.objects.create(slug="other", title="Other", summary="-", state=ConsultationState.PUBLISHED)
    idea("Hidden", Status.HIDDEN)
    idea("Elsewhere", consultation=other)
    idea("Here")

    def titles(query: str) -> list[str]:
        return [one.title for one in client.get(f"{QUEUE}?{query}").context["page"]]

    assert titles("shown=hidden") == ["Hidden"]
    assert titles("shown=online") == []
    assert titles("consultation=other") == ["Elsewhere"]
    assert titles("shown=nonsense&consultation=nonsense&page=nonsense") == ["Elsewhere", "Here"]


def test_htmx_gets_the_list_alone(client: Client, moderator: User, idea: MakeIdea) -> None:
    client.force_login(moderator)
    idea()

    html = client.get(QUEUE, headers=HTMX).content.decode()

    assert html.lstrip().startswith('<div id="queue-list"')
    assert "<html" not in html


def test_publishing_puts_it_online_and_counts_the_badge_down(client: Client, moderator: User, idea: MakeIdea) -> None:
    client.force_login(moderator)
    one, _other = idea(), idea("Another")

    answer = client.post(f"{QUEUE}{one.code}/", decision("published"), headers=HTMX)

    one.refresh_from_db()
    assert one.status == Status.PUBLISHED
    assert "Online. Everybody can read it now." in answer.content.decode()
    assert 'id="queue-badge" hx-swap-oob="true"><span aria-hidden="true">1</span>' in answer.content.decode()


def test_hiding_needs_a_reason_and_keeps_it_for_the_author(client: Client, moderator: User, idea: MakeIdea) -> None:
    client.force_login(moderator)
    one = idea()

    refused = client.post(f"{QUEUE}{one.code}/", decision("hidden"), headers=HTMX)
    one.refresh_from_db()
    assert (refused.status_code, one.status) == (422, Status.SUBMITTED)
    assert "Say why you hide it" in refused.content.decode()

    done = client.post(f"{QUEUE}{one.code}/", decision("hidden", reason="It names a neighbour."), headers=HTMX)
    one.refresh_from_db()
    assert (done.status_code, one.status) == (200, Status.HIDDEN)
    change = one.status_changes.get()
    assert (change.changed_by, change.reason) == (moderator, "It names a neighbour.")


def test_a_second_tab_is_told_what_happened_and_changes_nothing(
    client: Client, moderator: User, agent: User, idea: MakeIdea
) -> None:
    one = idea()
    client.force_login(agent)
    client.post(f"{QUEUE}{one.code}/", decision("hidden", reason="Off topic."))
    client.force_login(moderator)

    answers = [
        client.post(f"{QUEUE}{one.code}/", wanted, headers=HTMX)
        for wanted in (decision("hidden", reason="Rude."), decision("published"))
    ]

    one.refresh_from_db()
    assert [answer.status_code for answer in answers] == [409, 409]
    assert "Agent has hidden this in the meantime. Nothing was changed." in answers[0].content.decode()
    assert one.status == Status.HIDDEN
    assert one.status_changes.get().reason == "Off topic."


def test_keeping_something_online_takes_it_off_the_queue(client: Client, moderator: User, idea: MakeIdea) -> None:
    client.force_login(moderator)
    one = idea(status=Status.PUBLISHED)

    client.post(f"{QUEUE}{one.code}/", decision("published", Status.PUBLISHED), headers=HTMX)

    assert list(client.get(QUEUE).context["page"]) == []
    assert not one.status_changes.exists()


def test_without_script_one_is_led_back_to_the_queue_and_nowhere_else(
    client: Client, moderator: User, idea: MakeIdea
) -> None:
    client.force_login(moderator)
    one, other = idea(), idea("Another")

    back = client.post(f"{QUEUE}{one.code}/", {**decision("published"), "back": f"{QUEUE}?shown=unread"})
    elsewhere = client.post(f"{QUEUE}{other.code}/", {**decision("published"), "back": "https://example.org/"})

    assert back["Location"] == f"{QUEUE}?shown=unread"
    assert elsewhere["Location"] == QUEUE


def test_the_queue_takes_the_same_queries_for_one_and_three(
    client: Client, moderator: User, idea: MakeIdea, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client.force_login(moderator)
    idea()
    client.get(QUEUE)  # fills the cache of town name and extent
    for _ in range(2):
        with django_assert_num_queries(
            7
        ):  # session, user, consultations to choose, count, contributions, photos, badge
            client.get(QUEUE)
        idea("Second")
        idea("Third")


def test_what_people_wrote_is_never_markup(client: Client, moderator: User, idea: MakeIdea) -> None:
    client.force_login(moderator)
    idea("<script>alert(1)</script>", body="<b>bold</b>")

    html = client.get(QUEUE).content.decode()

    assert "<script>alert" not in html
    assert "<b>bold" not in html
