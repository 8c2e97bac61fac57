"""The first page of the workspace: for each of the cast, in an empty town, in a constant number of queries."""

from __future__ import annotations

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from geoparticipation.accounts.models import User
from geoparticipation.consultations.models import Consultation
from neighbourhoods.domain.targets import PartSpec, save_target
from neighbourhoods.enums import PartKind
from tests.fixtures.tiny_town import TinyTown

HOME = "/workspace/"
ENGLISH = {"accept-language": "en"}


def test_a_visitor_is_sent_to_sign_in_and_back(client: Client, db: None) -> None:
    assert client.get(HOME)["Location"] == f"/compte/login/?next={HOME}"


def test_a_citizen_has_no_workspace(client: Client, citizen: User) -> None:
    client.force_login(citizen)

    assert client.get(HOME).status_code == 403


def test_other_methods_are_refused(client: Client, agent: User) -> None:
    client.force_login(agent)

    assert client.post(HOME).status_code == 405


@pytest.mark.parametrize(
    ("person", "links"),
    [
        ("agent", {"consultations", "targets", "queue", "downloads"}),
        ("moderator", {"queue"}),
        ("planner", {"consultations", "targets"}),
        ("councillor", {"consultations", "targets"}),
    ],
)
def test_everybody_finds_what_they_may_open_even_in_an_empty_town(
    client: Client, cast: dict[str, User], person: str, links: set[str]
) -> None:
    client.force_login(cast[person])

    html = client.get(HOME, headers=ENGLISH).content.decode()

    assert {part for part in ("consultations", "targets", "queue", "downloads") if f'"{HOME}{part}/"' in html} == links


@pytest.mark.parametrize(
    "path", ["consultations/", "consultations/new/", "targets/", "targets/new/", "queue/", "downloads/"]
)
def test_every_page_opens_in_an_empty_town(client: Client, agent: User, path: str) -> None:
    client.force_login(agent)

    assert client.get(f"{HOME}{path}").status_code == 200


def test_home_takes_the_same_queries_for_one_and_three(
    client: Client, agent: User, tiny_town: TinyTown, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client.force_login(agent)
    parts = [PartSpec(kind=PartKind.STREET, street_id=tiny_town.rue_haute.pk)]

    def add(name: str) -> None:
        Consultation.objects.create(slug=name, title=name, summary="-")
        save_target(name=name, parts=parts, user=agent)

    add("first")
    client.get(HOME)  # fills the cache of the town's name
    for _ in range(2):
        # session, user, to read, consultations, phases, targets, their parts, badge; five of this week, accounts
        with django_assert_num_queries(14):
            client.get(HOME)
        add(f"second-{_}")
        add(f"third-{_}")
