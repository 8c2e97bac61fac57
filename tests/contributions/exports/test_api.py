"""Exports through the API: what comes, for whom, and how often."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import geopandas
import pytest
from django.http import HttpResponse
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from geoparticipation.accounts.models import User
from geoparticipation.contributions.models import Contribution, Export
from geoparticipation.contributions.rules import EXPORTERS
from layers.exports.formats import FORMATS, FileFormat
from tests.contributions.test_api import token_client
from tests.fixtures.odd_places import OddPlaces
from tests.fixtures.question import Submit

URL = "/api/v1/contributions/export."
WHO_MAY = {
    "public": {"agent", "moderator", "planner", "councillor", "citizen", "neighbour", "outsider", None},
    "planning": {"agent", "moderator", "planner"},
    "internal": {"agent", "moderator"},
}


def content(response: Any) -> bytes:
    return b"".join(response) if response.streaming else response.content


def codes(response: HttpResponse) -> set[str]:
    text = content(response).decode("utf-8-sig")
    return {row["code"] for row in csv.DictReader(io.StringIO(text, newline=""))}


@pytest.fixture
def few_at_once(settings: Any) -> None:
    settings.EXPORT_ROWS_AT_ONCE = 3


def test_every_format_comes_as_a_file(odd_places: OddPlaces, client: Client) -> None:
    for extension in (*FileFormat.values, "zip"):
        response = client.get(URL + extension, headers={"accept": "application/whatever"})

        written_as = FORMATS[FileFormat("shp" if extension == "zip" else extension)]
        assert response.status_code == 200
        assert response["Content-Type"].split(";")[0] == written_as.media_type
        assert response["Content-Disposition"].startswith("attachment;")
        assert response["Content-Disposition"].rstrip('"').endswith(f".{written_as.extension}")
        assert response["Cache-Control"] == "private, no-store"
        assert len(content(response)) > 500
    assert not Export.objects.exists()


def test_filters_are_those_of_the_list(odd_places: OddPlaces, client: Client, submit: Submit) -> None:
    comment = submit(parent=odd_places.online["Point"], body="Yes, trees")
    for query in ("kind=comment", "q=trees", "district=W", "street=Rue+Haute", "in_bbox=4.4055,50.84,4.41,50.85"):
        listed = {f["id"] for f in client.get(f"/api/v1/contributions/?{query}").json()["features"]}
        assert codes(client.get(f"{URL}csv?{query}")) == listed
    assert codes(client.get(f"{URL}csv?kind=comment")) == {str(comment.code)}


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ("csv?kind=nonsense", 400, "unknown_filter_value"),
        ("csv?in_bbox=1,2", 400, "bbox_invalid"),
        ("csv?scope=everything", 400, "unknown_filter_value"),
        ("exe", 404, "export_format_unknown"),
    ],
)
def test_what_cannot_be_read_is_a_problem(query: str, status: int, code: str, client: Client, db: None) -> None:
    response = client.get(URL + query)

    assert (response.status_code, response["Content-Type"]) == (status, "application/problem+json")
    assert response.json()["code"] == code


@pytest.mark.parametrize("scope", WHO_MAY)
def test_who_may_have_which_scope(scope: str, odd_places: OddPlaces, cast: dict[str, User]) -> None:
    hidden = str(odd_places.hidden.code)
    for name in (*cast, None):
        client = token_client(cast[name]) if name else Client()

        response = client.get(f"{URL}csv?scope={scope}")

        allowed = name in WHO_MAY[scope]
        assert response.status_code == (200 if allowed else 403), name
        if allowed:
            assert (hidden in codes(response)) == (scope == "internal")
        else:
            assert response.json()["code"] == "not_allowed"
        recorded = Export.objects.filter(state="sent", scope=scope, requested_by=cast[name] if name else None)
        assert recorded.count() == (allowed and scope != "public"), name


def test_every_scope_has_its_line_in_the_rules() -> None:
    assert {scope.value for scope in EXPORTERS} == set(WHO_MAY)


def test_inactive_moderator_has_nothing_internal(odd_places: OddPlaces, moderator: User) -> None:
    client = token_client(moderator)
    User.objects.filter(pk=moderator.pk).update(is_active=False)

    assert client.get(f"{URL}csv?scope=internal").status_code in {401, 403}


def test_status_of_others_is_not_to_be_had_in_public(odd_places: OddPlaces, client: Client, citizen: User) -> None:
    assert codes(client.get(f"{URL}csv?status=hidden")) == set()
    assert codes(token_client(citizen).get(f"{URL}csv?status=hidden")) == set()


@pytest.mark.usefixtures("few_at_once")
def test_streaming_formats_have_no_limit(odd_places: OddPlaces, client: Client, tmp_path: Path) -> None:
    assert len(codes(client.get(f"{URL}csv"))) == 7
    assert len(json.loads(content(client.get(f"{URL}geojson")))["features"]) == 7
    assert content(client.get(f"{URL}kml")).count(b"<Placemark>") == 7


@pytest.mark.usefixtures("few_at_once")
def test_large_file_is_refused_in_words(odd_places: OddPlaces, client: Client, citizen: User) -> None:
    for extension in ("xlsx", "gpkg", "shp"):
        nobody = client.get(URL + extension, headers={"accept-language": "en"})
        known = token_client(citizen).get(URL + extension, headers={"accept-language": "en"})
        narrowed = client.get(f"{URL}{extension}?q=007")

        assert (nobody.status_code, nobody.json()["code"]) == (403, "export_needs_sign_in")
        assert nobody.json()["detail"].startswith("These are more than 3 contributions. Sign in")
        assert (known.status_code, known.json()["code"]) == (409, "export_needs_preparing")
        assert narrowed.status_code == 200


@pytest.mark.usefixtures("few_at_once")
def test_large_files_are_counted_apart(odd_places: OddPlaces, client: Client, settings: Any, agent: User) -> None:
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "export": 5, "large_export": 2}

    large = [client.get(f"{URL}csv").status_code for _ in range(3)]
    small = [client.get(f"{URL}csv?q=007").status_code for _ in range(3)]

    assert large == [200, 200, 429]
    assert small == [200, 200, 429]
    assert client.get(f"{URL}csv")["Retry-After"]
    assert token_client(agent).get(f"{URL}csv").status_code == 200


def test_queries_do_not_grow_with_the_rows(
    odd_places: OddPlaces, client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for query in ("q=007", ""):
        with django_assert_num_queries(3):  # how many, the count of this connection's exports, the batch
            content(client.get(f"{URL}geojson?{query}"))


def test_addresses_are_those_of_the_site_as_it_was_reached(odd_places: OddPlaces, settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["town.test"]
    response = Client().get(f"{URL}geojson", headers={"host": "town.test"})

    urls = {feature["properties"]["url"] for feature in json.loads(content(response))["features"]}
    assert all(url.startswith("http://town.test/contributions/") for url in urls)


def test_internal_file_has_what_waits_and_the_exact_place(
    odd_places: OddPlaces, moderator: User, tmp_path: Path
) -> None:
    Contribution.objects.filter(pk=odd_places.online["Polygon"].pk).update(status="draft")
    path = tmp_path / "internal.gpkg"
    path.write_bytes(content(token_client(moderator).get(f"{URL}gpkg?scope=internal&status=hidden,draft")))

    frame = geopandas.read_file(path)

    assert list(frame["title"]) == ["Hidden away"]  # a draft is its author's alone
    record = Export.objects.get()
    assert (record.requested_by, record.filters, record.rows_total) == (moderator, "status=hidden%2Cdraft", 1)
