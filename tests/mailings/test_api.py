"""Mailing lists in the API."""

from __future__ import annotations

import csv
import io
from typing import Any

import pdfplumber
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


FILES = {
    "mailing-list.csv": ("text/csv; charset=utf-8", "csv", b"\xef\xbb\xbfaddress_id,"),
    "mailing-list.xlsx": (
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "xlsx",
        b"PK\x03\x04",
    ),
    "mailing-list.gpkg": ("application/geopackage+sqlite3", "gpkg", b"SQLite format 3\x00"),
    "labels.pdf": ("application/pdf", "labels-pdf", b"%PDF-1."),
}
every_file = pytest.mark.parametrize("name", FILES)


@every_file
def test_every_format_is_answered_and_recorded(client: Client, agent: User, target: Target, name: str) -> None:
    client.force_login(agent)
    media_type, file_format, beginning = FILES[name]

    for accepted in (media_type.split(";")[0], "*/*", "text/html,*/*;q=0.8"):
        response = client.get(f"/api/v1/targets/{target.pk}/{name}", HTTP_ACCEPT=accepted, HTTP_ACCEPT_LANGUAGE="en")
        content = response.getvalue()

    assert response.status_code == 200
    assert content.startswith(beginning)
    assert response["Content-Type"] == media_type
    assert int(response["Content-Length"]) == len(content)
    assert response["Cache-Control"] == "private, no-store"
    assert response["Content-Disposition"].endswith(f'-1-no-flyers.{name.rpartition(".")[2]}"')
    assert (response["X-Letterboxes"], response["X-Duplicates-Left-Out"], response["X-No-Flyers-Left-Out"]) == (
        "5",
        "0",
        "1",
    )
    record = MailingListDownload.objects.latest("pk")
    assert MailingListDownload.objects.count() == 3
    assert (record.downloaded_by, record.channel, record.file_format, record.letterboxes) == (
        agent,
        "api",
        file_format,
        5,
    )


@every_file
def test_options_are_the_same_for_every_format(client: Client, agent: User, target: Target, name: str) -> None:
    client.force_login(agent)

    response = client.get(f"/api/v1/targets/{target.pk}/{name}", {"include_no_flyers": "1"})

    assert (response["X-Letterboxes"], response["X-No-Flyers-Left-Out"]) == ("6", "0")


@every_file
def test_nobody_but_agents_gets_any_format(client: Client, cast: dict[str, User], target: Target, name: str) -> None:
    path = f"/api/v1/targets/{target.pk}/{name}"

    assert client.get(path).status_code == 401
    for person in ("moderator", "planner", "councillor", "citizen"):
        client.force_login(cast[person])
        assert (person, client.get(path).status_code) == (person, 403)
    assert not MailingListDownload.objects.exists()


def test_labels_on_the_sheet_asked_for(client: Client, agent: User, target: Target) -> None:
    client.force_login(agent)

    response = client.get(f"/api/v1/targets/{target.pk}/labels.pdf", {"sheet": "5160", "start_at": "28"})

    with pdfplumber.open(io.BytesIO(response.getvalue())) as labels:
        assert [page.extract_text().count("TINYVILLE") for page in labels.pages] == [3, 2]


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"sheet": "L9999"}, "label_sheet_unknown"),
        ({"start_at": "22"}, "label_start_beyond_sheet"),
        ({"start_at": "0"}, "label_start_beyond_sheet"),
        ({"start_at": "-1"}, "mailing_list_option_malformed"),
        ({"start_at": "²"}, "mailing_list_option_malformed"),
        ({"start_at": "9" * 5000}, "mailing_list_option_malformed"),
        ({"keep_duplicates": "2"}, "mailing_list_option_malformed"),
    ],
)
def test_wrong_label_options_are_refused_and_not_recorded(
    client: Client, agent: User, target: Target, options: dict[str, str], code: str
) -> None:
    client.force_login(agent)

    response = client.get(f"/api/v1/targets/{target.pk}/labels.pdf", options, HTTP_ACCEPT="application/pdf")

    assert (response.status_code, response["Content-Type"]) == (400, "application/problem+json")
    assert response.json()["code"] == code
    assert not MailingListDownload.objects.exists()


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
