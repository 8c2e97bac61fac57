"""GeoJSON made in SQL: pages, order, cursors."""

from __future__ import annotations

import datetime
import json
from dataclasses import replace
from typing import Any

import pytest
from django.contrib.gis.geos import LineString, MultiLineString

from layers.features import CursorInvalid, FeatureNotFound, LimitInvalid, feature, feature_collection, parse_limit
from layers.layer import Layer
from neighbourhoods.layers import STREETS
from neighbourhoods.models import Street, StreetName, Target

pytestmark = pytest.mark.django_db


def _street(number: int, name: str = "Haute", **fields: Any) -> Street:
    west = 9.5 + number / 1000
    course = MultiLineString(LineString((west, 47.123456789), (west + 0.001, 47.2)))
    return Street.objects.create(**{"code": f"s{number}", "name": name, "geometry": course, **fields})


def _codes(body: bytes) -> list[str]:
    return [row["properties"]["code"] for row in json.loads(body)["features"]]


def test_feature_has_every_property_and_seven_decimals() -> None:
    street = _street(1, name='Rue "Ö" \\ %s', locality="Vaduz", kind="residential")
    StreetName.objects.create(street=street, language="fr", name="Rue Haute", search_name="rue haute")
    StreetName.objects.create(street=street, language="de", name="Oberstraße", search_name="oberstrasse")

    found = json.loads(feature(STREETS.queryset(None), STREETS))

    assert found == {
        "type": "Feature",
        "id": street.pk,
        "geometry": {"type": "MultiLineString", "coordinates": [[[9.501, 47.1234568], [9.502, 47.2]]]},
        "properties": {
            "id": street.pk,
            "code": "s1",
            "name": 'Rue "Ö" \\ %s',
            "locality": "Vaduz",
            "kind": "residential",
            "names": [{"name": "Oberstraße", "language": "de"}, {"name": "Rue Haute", "language": "fr"}],
        },
    }


@pytest.mark.parametrize("order_by", [("pk",), ("-pk",), ("name", "-pk"), ("-name", "pk"), ("name", "code", "pk")])
def test_pages_give_each_row_once_in_order(order_by: tuple[str, ...]) -> None:
    for number in range(7):
        _street(number, name="ABC"[number % 3])
    layer = replace(STREETS, order_by=order_by)
    seen: list[str] = []
    cursor: str | None = None

    for _page in range(4):
        body = feature_collection(layer.queryset(None), layer, limit=2, cursor=cursor)
        seen += _codes(body)
        cursor = json.loads(body)["next_cursor"]

    assert cursor is None
    assert seen == list(Street.objects.order_by(*order_by).values_list("code", flat=True))


def test_pages_by_time_tell_microseconds_apart() -> None:
    moment = datetime.datetime(2026, 11, 22, 5, 0, 0, 1, tzinfo=datetime.UTC)
    for number, later in enumerate([0, 1, 1, 2]):
        target = Target.objects.create(name=str(number))
        Target.objects.filter(pk=target.pk).update(created_at=moment + datetime.timedelta(microseconds=later))
    layer = Layer(
        name="targets",
        title="Targets",
        queryset=lambda user: Target.objects.all(),
        properties={"id": "pk", "name": "name", "made": "created_at"},
        order_by=("-created_at", "-pk"),
    )
    names, cursor = [], None

    for _page in range(4):
        page = json.loads(feature_collection(Target.objects.all(), layer, limit=1, cursor=cursor))
        names += [row["properties"]["name"] for row in page["features"]]
        cursor = page["next_cursor"]

    assert names == ["3", "2", "1", "0"]
    assert page["features"][0]["properties"]["made"] == "2026-11-22T05:00:00.000001+00:00"


def test_page_that_ends_with_the_rows_is_the_last() -> None:
    _street(1)
    _street(2)

    body = json.loads(feature_collection(Street.objects.all(), STREETS, limit=2, next_url=lambda cursor: f"/?{cursor}"))

    assert (body["numberReturned"], body["next_cursor"], body["links"]) == (2, None, [])


def test_next_address_is_made_of_the_cursor() -> None:
    _street(1)
    _street(2)

    body = json.loads(feature_collection(Street.objects.all(), STREETS, limit=1, next_url=lambda cursor: f"/?{cursor}"))

    assert body["links"] == [{"rel": "next", "type": "application/geo+json", "href": f"/?{body['next_cursor']}"}]


def test_row_without_geometry_has_null() -> None:
    _street(1, geometry=None)

    assert json.loads(feature(Street.objects.all(), STREETS))["geometry"] is None


def test_no_rows_give_an_empty_collection() -> None:
    for rows in (Street.objects.all(), Street.objects.none()):
        assert json.loads(feature_collection(rows, STREETS, limit=5)) == {
            "type": "FeatureCollection",
            "features": [],
            "numberReturned": 0,
            "next_cursor": None,
        }
        with pytest.raises(FeatureNotFound):
            feature(rows, STREETS)


@pytest.mark.parametrize("count", [1, 3])
def test_one_query_whatever_the_number(count: int, django_assert_num_queries: Any) -> None:
    for number in range(count):
        street = _street(number)
        StreetName.objects.create(street=street, language="fr", name="Rue Haute", search_name="rue haute")

    with django_assert_num_queries(1):
        body = feature_collection(STREETS.queryset(None), STREETS, limit=100)

    assert len(_codes(body)) == count


@pytest.mark.parametrize(
    "cursor", ["x", "é", "!!!!", "bnVsbA", "W10", "WyJhIl0", "WzFd", "WyJcdTAwMDAiXQ", "W" * 50_000]
)
def test_made_up_cursor_is_refused(cursor: str) -> None:
    with pytest.raises(CursorInvalid) as refused:
        feature_collection(Street.objects.all(), STREETS, limit=1, cursor=cursor)

    assert (refused.value.code, refused.value.field) == ("cursor_invalid", "cursor")


def test_limit() -> None:
    assert [parse_limit(text, default=50) for text in (None, "", "1", "1000")] == [50, 50, 1, 1000]
    for text in ("0", "-1", "1001", "ten", "1.5", "٣", "9" * 400):
        with pytest.raises(LimitInvalid):
            parse_limit(text)
