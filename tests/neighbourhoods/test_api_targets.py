"""Targets in the API, as another program uses it."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from geoparticipation.accounts.models import User
from geoparticipation.consultations.models import Consultation
from neighbourhoods.models import Target
from tests.fixtures.tiny_town import TinyTown

LIST = "/api/v1/targets/"
PREVIEW = "/api/v1/targets/preview/"
EVEN_SIDE = {"kind": "street", "street": "Rue Haute", "side": "even", "number_from": 2, "number_to": 60}
EAST = {"kind": "district", "district": "E"}
JSON = "application/json"


@pytest.fixture
def as_agent(client: Client, agent: User) -> Client:
    client.force_login(agent)
    return client


def saved(client: Client, name: str = "Even side", *parts: dict[str, Any]) -> dict[str, Any]:
    response = client.post(LIST, {"name": name, "parts": list(parts) or [EVEN_SIDE]}, JSON)
    assert response.status_code == 201, response.content
    return response.json()


def test_preview_says_whom_it_reaches(as_agent: Client, tiny_town: TinyTown) -> None:
    response = as_agent.post(PREVIEW, {"parts": [EVEN_SIDE, EAST]}, JSON)

    answer = response.json()
    assert response.status_code == 200
    assert set(answer) == {
        "geometry",
        "area_m2",
        "addresses",
        "dwellings",
        "no_flyers",
        "duplicates",
        "listed",
        "streets",
        "districts",
        "letterboxes",
    }
    assert answer["geometry"]["type"] == "MultiPolygon"
    assert (answer["addresses"], answer["dwellings"], answer["no_flyers"], answer["duplicates"]) == (9, 12, 2, 0)
    assert [(street["name"], street["letterboxes"]) for street in answer["streets"]] == [
        ("Avenue du Parc", 4),
        ("Rue Basse", 2),
        ("Rue Haute", 3),
    ]
    assert answer["districts"] == [
        {"code": "TINY", "name": "Tinyville", "level": "commune", "letterboxes": 9},
        {"code": "E", "name": "East", "level": "district", "letterboxes": 6},
        {"code": "W", "name": "West", "level": "district", "letterboxes": 3},
    ]
    letterboxes = answer["letterboxes"]
    assert (letterboxes["type"], letterboxes["total"], len(letterboxes["features"])) == ("FeatureCollection", 9, 9)
    feature = next(box for box in letterboxes["features"] if box["id"] == tiny_town.addresses["haute 4"].pk)
    assert feature["geometry"] == {"type": "Point", "coordinates": [4.4045, 50.8447]}
    assert feature["properties"] == {"dwellings": 1, "no_flyers": True, "duplicate": False}
    assert not Target.objects.exists()


def test_saved_target_is_previewed_at_its_own_address(as_agent: Client, tiny_town: TinyTown) -> None:
    made = as_agent.post(LIST, {"name": "Even side", "parts": [EVEN_SIDE]}, JSON)
    address = made["Location"]
    tiny_town.addresses["haute 6"].delete()

    answer = as_agent.get(f"{address}preview/")

    assert address == f"{LIST}{made.json()['id']}/"
    assert answer.status_code == 200
    assert answer.json() == as_agent.post(PREVIEW, {"parts": [EVEN_SIDE]}, JSON).json()
    assert answer.json()["addresses"] == 2  # of the three when it was saved
    assert as_agent.get(f"{LIST}999999/preview/").status_code == 404
    assert Client().get(f"{address}preview/").status_code == 401


def test_saved_target_comes_back_with_its_parts(as_agent: Client, tiny_town: TinyTown) -> None:
    made = saved(as_agent, "Even side and east", EVEN_SIDE, {**EAST, "buffer_m": 20.5})

    answer = as_agent.get(f"{LIST}{made['id']}/").json()

    assert answer == made
    assert answer["name"] == "Even side and east"
    assert (answer["addresses"], answer["dwellings"]) == (9, 12)
    assert answer["geometry"]["type"] == "MultiPolygon"
    assert answer["parts"][0] == {
        "operation": "include",
        "kind": "street",
        "district": None,
        "district_name": None,
        "street": tiny_town.rue_haute.pk,
        "street_name": "Rue Haute",
        "locality": "Tinyville",
        "side": "even",
        "number_from": 2,
        "number_to": 60,
        "shape": None,
        "buffer_m": 0,
        "ring_only": False,
    }
    assert (answer["parts"][1]["district_name"], answer["parts"][1]["buffer_m"]) == ("East", 20.5)


def test_parts_as_they_come_can_be_sent_back(as_agent: Client, tiny_town: TinyTown) -> None:
    shape = {"type": "Point", "coordinates": [4.4153, 50.844]}
    made = saved(as_agent, "Round trip", EVEN_SIDE, EAST, {"kind": "shape", "shape": shape, "buffer_m": 130})

    response = as_agent.put(f"{LIST}{made['id']}/", {"name": "Round trip", "parts": made["parts"]}, JSON)

    assert response.status_code == 200, response.content
    assert response.json()["parts"] == made["parts"]
    assert response.json()["addresses"] == made["addresses"]


def test_put_replaces_name_and_parts(as_agent: Client, tiny_town: TinyTown) -> None:
    made = saved(as_agent)

    answer = as_agent.put(f"{LIST}{made['id']}/", {"name": "East", "parts": [EAST]}, JSON).json()

    assert (answer["id"], answer["name"], answer["addresses"], len(answer["parts"])) == (made["id"], "East", 6, 1)


def test_delete(as_agent: Client, tiny_town: TinyTown) -> None:
    made = saved(as_agent)

    assert as_agent.delete(f"{LIST}{made['id']}/").status_code == 204
    assert as_agent.get(f"{LIST}{made['id']}/").status_code == 404


def test_target_of_a_consultation_is_not_deleted(as_agent: Client, tiny_town: TinyTown) -> None:
    made = saved(as_agent)
    Consultation.objects.create(slug="trees", title="Trees", summary="…", target_id=made["id"])

    response = as_agent.delete(f"{LIST}{made['id']}/")

    assert (response.status_code, response.json()["code"]) == (409, "target_in_use")
    assert Target.objects.exists()


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("get", LIST),
        ("post", LIST),
        ("post", PREVIEW),
        ("get", f"{LIST}1/"),
        ("put", f"{LIST}1/"),
        ("delete", f"{LIST}1/"),
        ("get", f"{LIST}1/mailing-list.csv"),
    ],
)
def test_nobody_but_agents(client: Client, cast: dict[str, User], tiny_town: TinyTown, method: str, path: str) -> None:
    body = {"name": "Mine", "parts": [EAST]}

    response = getattr(client, method)(path, body, JSON)
    assert response.status_code == 401
    assert response["Content-Type"].startswith("application/problem+json")
    for name in ("moderator", "planner", "councillor", "citizen"):
        client.force_login(cast[name])
        response = getattr(client, method)(path, body, JSON)
        assert (name, response.status_code) == (name, 403)
        assert response["Content-Type"].startswith("application/problem+json")
    assert not Target.objects.exists()


@pytest.mark.parametrize(
    ("body", "code", "field"),
    [
        ({"name": "x", "parts": [{"kind": "street", "street": "?"}]}, "street_unknown", "parts[0].street"),
        ({"name": "x", "parts": [{"kind": "district", "district": "?"}]}, "district_unknown", "parts[0].district"),
        ({"name": "x", "parts": []}, "target_parts_missing", "parts"),
        ({"name": "x"}, "target_part_malformed", "parts"),
        ({"name": "", "parts": [EAST]}, "target_name_missing", "name"),
        ([], "target_part_malformed", "parts"),
        (
            {
                "name": "x",
                "parts": [
                    {
                        "kind": "shape",
                        "shape": {"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]]},
                    }
                ],
            },
            "geometry_invalid",
            "parts[0].shape",
        ),
    ],
)
def test_refusal_is_a_problem_with_a_code_and_saves_nothing(
    as_agent: Client, tiny_town: TinyTown, body: object, code: str, field: str
) -> None:
    response = as_agent.post(LIST, body, JSON)

    assert response.status_code == 400
    assert response["Content-Type"].startswith("application/problem+json")
    assert response.json()["code"] == code
    assert field in str(response.json())
    assert not Target.objects.exists()


@pytest.mark.parametrize("pk", ["999", str(2**80)])
def test_unknown_target_is_404(as_agent: Client, tiny_town: TinyTown, pk: str) -> None:
    response = as_agent.get(f"{LIST}{pk}/")

    assert (response.status_code, response.json()["code"]) == (404, "target_unknown")


def queries_of(client: Client, path: str, **body: Any) -> int:
    with CaptureQueriesContext(connection) as queries:
        response = client.post(path, body, JSON) if body else client.get(path)
    assert response.status_code == 200
    return len(queries)


def test_list_takes_the_same_queries_for_one_and_for_three(as_agent: Client, tiny_town: TinyTown) -> None:
    saved(as_agent, "First")
    assert queries_of(as_agent, LIST) == 4  # session, person, count, page
    saved(as_agent, "Second")
    saved(as_agent, "Third")
    assert queries_of(as_agent, LIST) == 4

    answer = as_agent.get(LIST, {"limit": 2}).json()

    assert (answer["count"], [target["name"] for target in answer["results"]]) == (3, ["Third", "Second"])
    assert answer["results"][0]["addresses"] == 3
    assert "geometry" not in answer["results"][0]


@pytest.mark.parametrize("parts", [[EVEN_SIDE], [EVEN_SIDE, EAST, {**EAST, "buffer_m": 5}]])
def test_preview_takes_five_queries(as_agent: Client, tiny_town: TinyTown, parts: list[dict[str, Any]]) -> None:
    assert queries_of(as_agent, PREVIEW, parts=parts) == 5  # session, person, streets, districts, figures


@pytest.mark.parametrize("parts", [[EVEN_SIDE], [EVEN_SIDE, EAST, {**EAST, "buffer_m": 5}]])
def test_one_target_takes_five_queries(as_agent: Client, tiny_town: TinyTown, parts: list[dict[str, Any]]) -> None:
    made = saved(as_agent, "x", *parts)

    assert queries_of(as_agent, f"{LIST}{made['id']}/") == 5  # session, person, target, parts, figures


def test_schema_describes_targets(client: Client, tiny_town: TinyTown) -> None:
    schema = client.get("/api/v1/schema/", HTTP_ACCEPT="application/vnd.oai.openapi+json").json()

    assert {
        "/api/v1/targets/",
        "/api/v1/targets/{id}/",
        "/api/v1/targets/preview/",
        "/api/v1/targets/{id}/mailing-list.csv",
    } <= set(schema["paths"])
    part = schema["components"]["schemas"]["Part"]["properties"]
    assert set(part) == {
        "operation",
        "kind",
        "district",
        "street",
        "side",
        "number_from",
        "number_to",
        "shape",
        "buffer_m",
        "ring_only",
    }
