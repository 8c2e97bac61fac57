"""Another program's view of the platform: only addresses, names and columns that are promised to outsiders."""

from __future__ import annotations

import csv
import io
import json
import uuid
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from rest_framework.authtoken.models import Token

from geoparticipation.accounts.models import User
from geoparticipation.consultations.models import Consultation
from tests.fixtures.question import IN_RUE_HAUTE, Submit
from tests.fixtures.tiny_town import TinyTown

PROPERTIES = [
    "code",
    "kind",
    "title",
    "body",
    "status",
    "consultation",
    "districts",
    "street",
    "support_count",
    "submitted_at",
    "parent",
    "url",
]
COLUMNS = [
    "address_id",
    "street",
    "house_number",
    "box",
    "postcode",
    "locality",
    "district",
    "dwellings",
    "lon",
    "lat",
    "line1",
    "line2",
    "line3",
    "line4",
]


def token_of(user: User) -> dict[str, str]:
    """The header that the token printed by `api_token` is sent in."""
    out = io.StringIO()
    call_command("api_token", user.email, stdout=out)
    return {"Authorization": f"Token {out.getvalue().strip()}"}


def as_problem(response: Any, status: int) -> dict[str, Any]:
    """The problem document of an answer, checked to be one."""
    assert response.status_code == status
    assert response.headers["Content-Type"].startswith("application/problem+json")
    problem: dict[str, Any] = json.loads(response.content)
    assert problem["code"]
    assert problem["status"] == status
    return problem


def send(client: Client, path: str, body: object, headers: dict[str, str] | None = None, method: str = "post") -> Any:
    """Send JSON."""
    return getattr(client, method)(path, json.dumps(body), content_type="application/json", headers=headers or {})


def test_the_description_names_every_address(client: Client, db: None) -> None:
    answer = client.get("/api/v1/schema/", headers={"Accept": "application/vnd.oai.openapi+json"})
    described = json.loads(answer.content)
    assert described["openapi"].startswith("3.")
    assert {
        "/healthz",
        "/api/v1/contributions/",
        "/api/v1/contributions/{code}/",
        "/api/v1/contributions/{code}/support/",
        "/api/v1/consultations/",
        "/api/v1/consultations/{slug}/",
        "/api/v1/places/locate",
        "/api/v1/places/search",
        "/api/v1/targets/",
        "/api/v1/targets/preview/",
        "/api/v1/targets/{id}/",
        "/api/v1/targets/{id}/mailing-list.csv",
        "/tiles/{layer}.json",
        "/tiles/{layer}/{z}/{x}/{y}.mvt",
    } <= set(described["paths"])


def test_a_program_puts_an_idea_in_once(client: Client, consultation: Consultation, citizen: User) -> None:
    headers = {**token_of(citizen), "Idempotency-Key": str(uuid.uuid4())}
    wanted = {"code": str(uuid.uuid4()), "status": "hidden", "support_count": 99, "submitted_at": "2001-01-01"}
    body = {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": list(IN_RUE_HAUTE)},
        "properties": {"consultation": consultation.slug, "kind": "proposal", "title": "Trees", "body": "", **wanted},
    }

    first = send(client, "/api/v1/contributions/", body, headers)
    again = send(client, "/api/v1/contributions/", body, headers)

    assert (first.status_code, again.status_code) == (201, 201)
    assert first.content == again.content
    made = json.loads(first.content)["properties"]
    assert list(made) == PROPERTIES
    assert not {made[name] for name in wanted} & set(wanted.values())
    listed = client.get("/api/v1/contributions/").json()
    assert listed["type"] == "FeatureCollection"
    assert [feature["properties"]["code"] for feature in listed["features"]] == [made["code"]]


def test_the_pages_of_a_list_have_each_contribution_once(client: Client, submit: Submit) -> None:
    codes = {str(submit(title=f"Idea {number}").code) for number in range(7)}
    seen, parameters = [], {"limit": "3"}
    while True:
        page = client.get("/api/v1/contributions/", parameters).json()
        seen += [feature["properties"]["code"] for feature in page["features"]]
        if page["next_cursor"] is None:
            break
        parameters["cursor"] = page["next_cursor"]
    assert len(seen) == len(codes)
    assert set(seen) == codes


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("in_bbox", "nan,0,1,1"),
        ("kind", "wish"),
        ("consultation", "nowhere"),
        ("district", "' OR 1=1 --"),
        ("street", "Nowhere Street"),
        ("status", "x"),
        ("q", "\x00"),
        ("submitted_after", "2024-02-31"),
        ("submitted_before", "soon"),
        ("limit", "0"),
        ("cursor", "eyJ4IjoxfQ=="),
    ],
)
def test_a_filter_that_means_nothing_is_a_problem(client: Client, tiny_town: TinyTown, name: str, value: str) -> None:
    as_problem(client.get("/api/v1/contributions/", {name: value}), 400)


@pytest.mark.parametrize("text", ["", "h", "😀", "x" * 10_000, "%", "_", "\\", "' or 1=1"])
def test_search_takes_whatever_is_typed(client: Client, tiny_town: TinyTown, text: str) -> None:
    answer = client.get("/api/v1/places/search", {"q": text})
    assert answer.status_code == 200
    assert len(answer.json()["results"]) <= 8


def test_support_is_put_and_deleted(client: Client, submit: Submit, neighbour: User) -> None:
    path = f"/api/v1/contributions/{submit().code}/support/"
    headers = token_of(neighbour)
    counts = [getattr(client, act)(path, headers=headers).json()["support_count"] for act in ("put", "put", "delete")]
    assert counts == [1, 1, 0]


def test_targets_are_for_agents(client: Client, tiny_town: TinyTown, cast: dict[str, User]) -> None:
    paths = ["/api/v1/targets/", "/api/v1/targets/1/", "/api/v1/targets/1/mailing-list.csv"]
    for path in paths:
        as_problem(client.get(path), 401)
        for name, user in cast.items():
            if name != "agent":
                as_problem(client.get(path, headers=token_of(user)), 403)


def test_list_by_api_and_by_command_hold_what_the_preview_says(
    client: Client, tiny_town: TinyTown, agent: User, tmp_path: Path
) -> None:
    headers = token_of(agent)
    parts = [{"kind": "street", "street": "Rue Haute", "side": "even", "number_from": 2, "number_to": 60}]
    preview = send(client, "/api/v1/targets/preview/", {"parts": parts}, headers).json()
    saved = send(client, "/api/v1/targets/", {"name": "=even side", "parts": parts}, headers)
    assert saved.status_code == 201
    answer = client.get(f"/api/v1/targets/{saved.json()['id']}/mailing-list.csv", headers=headers)
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    file = tmp_path / "list.csv"
    call_command("mailing_list", street=["Rue Haute:even:2-60"], output=str(file), stdout=io.StringIO())

    for written in (content, file.read_bytes()):
        assert written.startswith(b"\xef\xbb\xbf")
        reader = csv.DictReader(io.StringIO(written.decode("utf-8-sig")))
        rows = list(reader)
        assert reader.fieldnames == COLUMNS
        assert [row["house_number"] for row in rows] == ["2", "6"]  # 4 wants no flyers
        assert len(rows) == preview["listed"]
    assert (preview["addresses"], preview["dwellings"], preview["no_flyers"]) == (3, 5, 1)
    assert {"geometry", "area_m2", "streets", "districts"} <= set(preview)


def test_a_scribble_is_refused_as_a_target(client: Client, tiny_town: TinyTown, agent: User) -> None:
    scribble = [[4.4, 50.84 + 0.009 * (number % 2)] for number in range(1500)]
    part = {"kind": "shape", "shape": {"type": "LineString", "coordinates": scribble}, "buffer_m": 5000}
    answer = send(client, "/api/v1/targets/preview/", {"parts": [part]}, token_of(agent))
    assert as_problem(answer, 400)["code"] == "target_line_too_long"


@pytest.mark.parametrize("layer", ["contributions", "districts", "streets"])
def test_public_layers_have_tiles(client: Client, submit: Submit, layer: str) -> None:
    submit()
    assert client.get(f"/tiles/{layer}.json").json()["tilejson"] == "3.0.0"
    tile = client.get(f"/tiles/{layer}/14/8392/5490.mvt")
    assert tile.status_code in {200, 204}
    same = client.get(f"/tiles/{layer}/14/8392/5490.mvt", headers={"If-None-Match": tile.headers["ETag"]})
    assert same.status_code == 304
    assert client.get(f"/tiles/{layer}/14/0/0.mvt").status_code == 204
    as_problem(client.get(f"/tiles/{layer}/99/0/0.mvt"), 404)


def test_letterboxes_are_no_public_layer(client: Client, tiny_town: TinyTown) -> None:
    as_problem(client.get("/tiles/addresses.json"), 404)
    as_problem(client.get("/tiles/addresses/14/8392/5490.mvt"), 404)


def test_a_token_is_only_for_people_with_an_account(db: None) -> None:
    with pytest.raises(CommandError, match=r"nobody@example\.org"):
        call_command("api_token", "nobody@example.org")
    assert not Token.objects.exists()
