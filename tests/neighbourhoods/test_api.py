"""The places endpoints: what they answer, refuse and let caches keep."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

pytestmark = pytest.mark.django_db


def locate(client, lon, lat):
    return client.get("/api/v1/places/locate", {"lon": lon, "lat": lat})


def test_locate_inside(client, tiny_town):
    with CaptureQueriesContext(connection) as queries:
        response = locate(client, 4.4045, 50.8447)

    assert response.status_code == 200
    assert set(response["Cache-Control"].split(", ")) == {"max-age=60", "public"}
    assert len(queries) == 2
    answer = response.json()
    assert answer["inside"] is True
    assert answer["districts"] == [
        {"code": "TINY", "name": "Tinyville", "level": "commune"},
        {"code": "W", "name": "West", "level": "district"},
    ]
    assert answer["street"] == {
        "id": tiny_town.rue_haute.pk,
        "name": "Rue Haute",
        "locality": "Tinyville",
        "distance_m": pytest.approx(33.4, abs=0.1),
    }
    assert answer["address"] == {
        "id": tiny_town.addresses["haute 4"].pk,
        "street": "Rue Haute",
        "house_number": "4",
        "postcode": "1000",
        "locality": "Tinyville",
        "distance_m": 0,
    }


def test_locate_on_the_border_takes_the_lowest_code(client, tiny_town):
    districts = locate(client, 4.41, 50.845).json()["districts"]

    assert [district["code"] for district in districts] == ["TINY", "E"]


def test_locate_outside(client, tiny_town):
    answer = locate(client, 4.5, 50.845).json()

    assert answer["inside"] is False
    assert answer["districts"] == []
    assert answer["street"]["name"] == "Avenue du Parc"


def test_locate_in_an_empty_territory(client):
    assert locate(client, 4.5, 50.845).json() == {"inside": False, "districts": [], "street": None, "address": None}


@pytest.mark.parametrize(
    ("lon", "lat"),
    [("x", "50"), ("", "50"), ("nan", "50"), ("inf", "50"), ("181", "50"), ("4", "90.1"), ("4", "-inf"), ("4,4", "50")],
)
def test_locate_refuses_what_is_no_coordinate(client, tiny_town, lon, lat):
    response = locate(client, lon, lat)

    assert response.status_code == 400
    assert response["Content-Type"].startswith("application/problem+json")
    assert response.json()["code"] == "coordinate_invalid"


def test_locate_refuses_a_missing_coordinate(client):
    assert client.get("/api/v1/places/locate?lon=4").status_code == 400


def test_search(client, tiny_town):
    response = client.get("/api/v1/places/search", {"q": "rue haute 4", "limit": "2"})

    assert response.status_code == 200
    assert set(response["Cache-Control"].split(", ")) == {"max-age=60", "public"}
    address, street = response.json()["results"]
    assert address == {
        "type": "address",
        "id": tiny_town.addresses["haute 4"].pk,
        "label": "4 Rue Haute",
        "detail": "1000 Tinyville",
        "lon": 4.4045,
        "lat": 50.8447,
        "bbox": [4.4045, 50.8447, 4.4045, 50.8447],
        "street_id": tiny_town.rue_haute.pk,
        "house_number": "4",
        "box": "",
        "postcode": "1000",
        "district": "West",
    }
    assert (street["type"], street["label"], street["bbox"]) == ("street", "Rue Haute", [4.402, 50.845, 4.408, 50.845])


def test_search_for_nothing(client, tiny_town):
    assert client.get("/api/v1/places/search").json() == {"results": []}


def test_search_gives_no_more_than_twenty(client, tiny_town):
    assert client.get("/api/v1/places/search?q=rue&limit=100000").status_code == 200


@pytest.mark.parametrize("limit", ["0", "-1", "x", "1.5", "٣", "9" * 30])
def test_search_refuses_a_limit_that_is_none(client, limit):
    response = client.get("/api/v1/places/search", {"q": "rue", "limit": limit})

    assert response.status_code == 400
    assert response.json()["code"] == "limit_invalid"


@pytest.mark.parametrize("path", ["locate?lon=4&lat=50", "search?q=rue"])
def test_only_reading(client, path):
    assert client.post(f"/api/v1/places/{path}").status_code == 405


def test_both_are_in_the_schema():
    from drf_spectacular.generators import SchemaGenerator

    schema = SchemaGenerator().get_schema(request=None, public=True)

    locating = schema["paths"]["/api/v1/places/locate"]["get"]
    assert {(p["name"], p.get("required", False)) for p in locating["parameters"]} == {("lon", True), ("lat", True)}
    searching = schema["paths"]["/api/v1/places/search"]["get"]
    assert {p["name"] for p in searching["parameters"]} == {"q", "limit"}
