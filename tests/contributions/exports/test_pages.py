"""Pages of exports: the menu, the large file, the wait, the workspace."""

from __future__ import annotations

import html
import re
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from geoparticipation.accounts.models import User
from geoparticipation.contributions.domain.exports import write_export_file
from geoparticipation.contributions.models import Export
from layers.exports.formats import FileFormat
from tests.fixtures.odd_places import OddPlaces


@pytest.fixture(autouse=True)
def _few_at_once(settings: Any, tmp_path: Path) -> None:
    settings.EXPORT_ROWS_AT_ONCE = 3
    settings.MEDIA_ROOT = tmp_path


def test_list_offers_every_format_with_its_filters(odd_places: OddPlaces, client: Client) -> None:
    page = client.get(
        reverse("contributions"), {"q": "trees", "submitted_before": "2999-01-01", "in_bbox": "4,50,5,51"}
    )

    links = [html.unescape(link) for link in re.findall(r'href="([^"]*/export/[^"]*)"', page.content.decode())]
    assert [parse_qs(urlsplit(link).query)["format"] for link in links] == [[name] for name in FileFormat.values]
    for link in links:
        query = parse_qs(urlsplit(link).query)
        # The page's last day is included, the API's moment is not.
        assert query["submitted_before"] == ["2999-01-02"]
        assert (query["q"], query["in_bbox"]) == (["trees"], ["4,50,5,51"])
    assert client.get(links[0]).status_code == 200


def test_empty_list_offers_nothing(db: None, client: Client) -> None:
    assert b"/export/" not in client.get(reverse("contributions")).content


def test_small_file_comes_at_once(odd_places: OddPlaces, client: Client) -> None:
    response = client.get(reverse("contributions-export"), {"format": "gpkg", "q": "007"})

    assert response["Content-Type"] == "application/geopackage+sqlite3"


def test_large_file_asks_a_visitor_to_sign_in_and_offers_what_has_no_limit(
    odd_places: OddPlaces, client: Client
) -> None:
    page = client.get(reverse("contributions-export"), {"format": "gpkg", "kind": "proposal"})

    text = html.unescape(page.content.decode())
    assert page.status_code == 200
    assert "/compte/login/?next=/contributions/export/" in text
    assert '<form method="post" action="/contributions/export' not in text
    (link,) = re.findall(r'href="([^"]*format=csv[^"]*)"', text)
    assert b"".join(client.get(link)).count(b"POLYGON") >= 1


def test_large_file_is_asked_for_waited_for_and_fetched(odd_places: OddPlaces, client: Client, citizen: User) -> None:
    client.force_login(citizen)
    address = reverse("contributions-export") + "?format=shp&kind=proposal"
    assert citizen.email in client.get(address).content.decode()

    waiting = client.post(address, follow=True)
    export = Export.objects.get()
    write_export_file(export_id=export.pk)
    partial = client.get(reverse("export", args=[export.code]), headers={"hx-request": "true"})

    assert waiting.redirect_chain == [(f"/exports/{export.code}/", 302)]
    assert b"hx-get" in waiting.content
    assert (export.file_format, export.filters) == ("shp", "kind=proposal")
    assert b"<html" not in partial.content
    assert b"hx-get" not in partial.content
    assert f"/exports/{export.code}/file/" in partial.content.decode()
    fetched = client.get(reverse("export-file", args=[export.code]))
    assert b"".join(fetched).startswith(b"PK")
    assert "no-store" in fetched["Cache-Control"]


def test_visitor_is_led_to_sign_in_and_back(odd_places: OddPlaces, client: Client, citizen: User) -> None:
    export = Export.objects.create(requested_by=citizen, file_format="csv")

    for address in (f"/exports/{export.code}/", "/contributions/export/?scope=internal"):
        response = client.get(address)
        assert response.status_code == 302
        assert response["Location"].startswith("/compte/login/?next=/")
    assert client.post("/contributions/export/?format=gpkg").status_code == 302
    assert Export.objects.count() == 1


def test_what_is_not_known_is_a_page(odd_places: OddPlaces, client: Client, citizen: User) -> None:
    client.force_login(citizen)

    assert client.get("/contributions/export/?format=exe").status_code == 404
    assert client.get("/contributions/export/?kind=nonsense").status_code == 400
    assert client.get("/contributions/export/?scope=internal").status_code == 403
    assert client.get("/exports/00000000-0000-4000-8000-000000000000/").status_code == 404


@pytest.mark.parametrize(
    ("name", "scopes"),
    [
        ("agent", {"public", "planning", "internal"}),
        ("moderator", {"public", "planning", "internal"}),
        ("planner", {"public", "planning"}),
        ("councillor", {"public"}),
        ("citizen", None),
    ],
)
def test_workspace_offers_what_the_role_may_have(
    name: str, scopes: set[str] | None, odd_places: OddPlaces, cast: dict[str, User], client: Client
) -> None:
    client.force_login(cast[name])
    page = client.get(reverse("workspace-exports"))

    assert page.status_code == (200 if scopes else 403)
    if scopes:
        assert set(re.findall(r'name="scope" value="(\w+)"', page.content.decode())) == scopes
        assert ('name="status"' in page.content.decode()) == ("internal" in scopes)


def test_workspace_leads_to_the_file(odd_places: OddPlaces, moderator: User, client: Client) -> None:
    client.force_login(moderator)
    chosen = {"scope": "internal", "format": "csv", "status": "hidden", "submitted_before": "2999-01-01"}

    response = client.get(reverse("workspace-exports"), chosen, follow=True)

    assert b"".join(response).decode().count("Hidden away") == 1
    record = Export.objects.get()
    assert (record.requested_by, record.state) == (moderator, "sent")
    assert record.filters == "status=hidden&submitted_before=2999-01-02"


def test_who_took_what_is_seen_by_those_who_moderate(
    odd_places: OddPlaces, cast: dict[str, User], client: Client
) -> None:
    Export.objects.create(requested_by=cast["moderator"], file_format="csv", scope="internal", state="sent")
    Export.objects.create(requested_by=cast["planner"], file_format="gpkg", scope="planning", state="sent")
    Export.objects.create(requested_by=cast["citizen"], file_format="gpkg", scope="public")

    seen = {}
    for name in ("agent", "planner", "councillor"):
        client.force_login(cast[name])
        seen[name] = {export.requested_by for export in client.get(reverse("workspace-exports")).context["page"]}

    assert seen == {
        "agent": {cast["moderator"], cast["planner"]},
        "planner": {cast["planner"]},
        "councillor": set(),
    }


def test_queries_of_the_workspace_page(
    odd_places: OddPlaces, agent: User, client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client.force_login(agent)
    client.get(reverse("workspace-exports"))
    for _ in range(2):
        Export.objects.create(requested_by=agent, file_format="csv", scope="internal", state="sent")
        with django_assert_num_queries(7):  # session, user, consultations, districts, how many, the page, the queue
            client.get(reverse("workspace-exports"))
