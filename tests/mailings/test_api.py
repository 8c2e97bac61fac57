"""Mailing lists in the API."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from django.test import Client

from geoparticipation.accounts.models import User
from geoparticipation.mailings.models import MailingListDownload
from neighbourhoods.domain.targets import PartSpec, save_target
from neighbourhoods.enums import PartKind
from neighbourhoods.models import Target
from tests.fixtures.tiny_town import TinyTown


@pytest.fixture
def target(tiny_town: TinyTown, agent: User) -> Target:
    parts = [PartSpec(kind=PartKind.STREET, street_id=tiny_town.rue_haute.pk)]
    return save_target(name="Rue Haute & Été", parts=parts, user=agent)


def path_of(target: Target) -> str:
    return f"/api/v1/targets/{target.pk}/mailing-list.csv"


def rows_of(response: Any) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(response.getvalue().decode("utf-8-sig"))))


def test_agent_gets_the_list_and_is_recorded(client: Client, agent: User, target: Target) -> None:
    client.force_login(agent)

    response = client.get(path_of(target), HTTP_ACCEPT="text/csv", HTTP_ACCEPT_LANGUAGE="en")

    assert response.status_code == 200
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["Cache-Control"] == "private, no-store"
    assert [row["house_number"] for row in rows_of(response)] == ["1", "2", "3", "5 bis", "6"]
    assert (response["X-Letterboxes"], response["X-Duplicates-Left-Out"], response["X-No-Flyers-Left-Out"]) == (
        "5",
        "0",
        "1",
    )
    name = response["Content-Disposition"]
    assert name.startswith('attachment; filename="rue-haute-ete-')
    assert name.endswith('-5-letterboxes-without-0-duplicates-1-no-flyers.csv"')
    record = MailingListDownload.objects.get()
    assert (record.downloaded_by, record.target, record.channel, record.letterboxes) == (agent, target, "api", 5)


def test_download_is_recorded_before_the_first_byte_is_sent(client: Client, agent: User, target: Target) -> None:
    client.force_login(agent)

    response = client.get(path_of(target))

    assert response.streaming
    assert MailingListDownload.objects.count() == 1


def test_options(client: Client, agent: User, target: Target) -> None:
    client.force_login(agent)

    response = client.get(path_of(target), {"include_no_flyers": "1", "keep_duplicates": "true"})

    assert len(rows_of(response)) == 6
    assert response["X-No-Flyers-Left-Out"] == "0"


def test_wrong_option_is_refused_and_not_recorded(client: Client, agent: User, target: Target) -> None:
    client.force_login(agent)

    response = client.get(path_of(target), {"keep_duplicates": "perhaps"})

    assert (response.status_code, response.json()["code"]) == (400, "mailing_list_option_malformed")
    assert not MailingListDownload.objects.exists()


def test_unknown_target_is_404(client: Client, agent: User) -> None:
    client.force_login(agent)

    response = client.get("/api/v1/targets/999/mailing-list.csv")

    assert (response.status_code, response.json()["code"]) == (404, "target_unknown")


def test_nobody_but_agents(client: Client, cast: dict[str, User], target: Target) -> None:
    assert client.get(path_of(target)).status_code == 401
    for name in ("moderator", "planner", "councillor", "citizen"):
        client.force_login(cast[name])
        assert (name, client.get(path_of(target)).status_code) == (name, 403)
    assert not MailingListDownload.objects.exists()


def test_only_reading(client: Client, agent: User, target: Target) -> None:
    client.force_login(agent)

    assert client.post(path_of(target)).status_code == 405
