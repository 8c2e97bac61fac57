"""Contributions on the map."""

from __future__ import annotations

import math
from typing import Any

import mapbox_vector_tile
import pytest
from django.contrib.gis.geos import Point
from django.test import Client

from geoparticipation.accounts.models import User
from geoparticipation.consultations.enums import PlacePrivacy
from geoparticipation.contributions.models import Contribution
from tests.fixtures.question import MakeConsultation, Submit


def tile_at(lon: float, lat: float, zoom: int) -> str:
    """Address of the tile that holds the point."""
    side = 2**zoom
    across = int((lon + 180) / 360 * side)
    down = int((1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * side)
    return f"/tiles/contributions/{zoom}/{across}/{down}.mvt"


def features(client: Client, url: str, **parameters: str) -> list[dict[str, Any]]:
    response = client.get(url, parameters)
    if response.status_code == 204:
        return []
    assert response.status_code == 200, response.content
    decoded = mapbox_vector_tile.decode(response.content)
    return [feature for layer in decoded.values() for feature in layer["features"]]


@pytest.mark.parametrize("name", ["agent", "citizen", None])
def test_tile_holds_what_is_online_whoever_asks(name: str | None, submit: Submit, cast: dict[str, User]) -> None:
    online, hidden = submit(title="Online"), submit(title="Hidden")
    Contribution.objects.filter(pk=hidden.pk).update(status="hidden")
    client = Client()
    if name:
        client.force_login(cast[name])

    (found,) = features(client, tile_at(4.405, 50.8451, 16))

    assert found["properties"]["code"] == str(online.code)
    assert set(found["properties"]) >= {"code", "kind", "title", "support_count", "consultation"}
    assert "body" not in found["properties"]


def test_tile_of_a_consultation_that_shows_streets_does_not_hold_the_home(
    submit: Submit, make_consultation: MakeConsultation
) -> None:
    home = (4.4025, 50.8490)  # 400 m from the street that is shown
    submit(into=make_consultation(place_privacy=PlacePrivacy.STREET), geometry=Point(*home, srid=4326))

    assert features(Client(), tile_at(*home, 18)) == []
    (street,) = features(Client(), tile_at(4.405, 50.845, 18))
    assert "LineString" in street["geometry"]["type"]


def test_tile_below_the_zoom_of_pins_counts(submit: Submit) -> None:
    for number in range(3):
        submit(title=f"Idea {number}")

    counted = features(Client(), tile_at(4.405, 50.8451, 10))

    assert sum(feature["properties"].get("point_count", 1) for feature in counted) == 3


def test_tile_takes_the_filters_of_the_api(submit: Submit) -> None:
    submit(title="A bench")
    submit(title="A tree")
    url = tile_at(4.405, 50.8451, 16)

    assert [found["properties"]["title"] for found in features(Client(), url, q="bench")] == ["A bench"]
    assert features(Client(), url, consultation="question-1", kind="comment") == []
    response = Client().get(url, {"kind": "song"})
    assert (response.status_code, response.json()["code"]) == (400, "unknown_filter_value")
