"""Contributions through the API, as another program uses it."""

from __future__ import annotations

import json
import uuid
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.contrib.gis.geos import GEOSGeometry, LineString, Point
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries
from rest_framework.authtoken.models import Token

from geoparticipation.accounts.models import Device, User
from geoparticipation.consultations.enums import ModerationRule, PhaseKind, PlacePrivacy
from geoparticipation.consultations.models import Consultation
from geoparticipation.contributions.models import Contribution, ContributionDistrict
from layers.models import KeptAnswer
from tests.fixtures.question import IN_RUE_HAUTE, MakeConsultation, Submit, actor_of, device_actor
from tests.fixtures.tiny_town import TinyTown

URL = "/api/v1/contributions/"
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


def token_client(user: User) -> Client:
    return Client(headers={"authorization": f"Token {Token.objects.get_or_create(user=user)[0].key}"})


def a_feature(consultation: Consultation, **properties: Any) -> dict[str, Any]:
    return {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": list(IN_RUE_HAUTE)},
        "properties": {
            "title": "A bench",
            "body": "In the shade.",
            "consultation": consultation.slug,
            "kind": "proposal",
            **properties,
        },
    }


def post(client: Client, feature: Any, **headers: str) -> Any:
    text = feature if isinstance(feature, str | bytes) else json.dumps(feature)
    return client.post(URL, text, content_type="application/json", headers=headers)


def titles(client: Client, **parameters: str) -> list[str]:
    response = client.get(URL, parameters)
    assert response.status_code == 200, response.content
    return [feature["properties"]["title"] for feature in response.json()["features"]]


def stored() -> tuple[int, int, int, int]:
    return (
        Contribution.objects.count(),
        ContributionDistrict.objects.count(),
        Device.objects.count(),
        KeptAnswer.objects.count(),
    )


# --- Putting in ---------------------------------------------------------------------------------------------------


def test_post_by_token_stores_the_idea_with_its_place(citizen: User, consultation: Consultation) -> None:
    response = post(token_client(citizen), a_feature(consultation, language="en"))

    assert response.status_code == 201, response.content
    feature = response.json()
    assert list(feature["properties"]) == PROPERTIES
    assert response["Content-Type"] == "application/geo+json"
    assert response["Location"] == f"http://testserver{URL}{feature['properties']['code']}/"
    assert feature["geometry"] == {"type": "Point", "coordinates": list(IN_RUE_HAUTE)}
    properties = feature["properties"]
    assert properties["districts"] == [
        {"code": "TINY", "name": "Tinyville", "level": "commune"},
        {"code": "W", "name": "West", "level": "district"},
    ]
    assert (properties["street"], properties["status"], properties["parent"]) == ("Rue Haute", "published", None)
    assert properties["url"] == f"http://testserver/contributions/{properties['code']}/"
    contribution = Contribution.objects.get()
    assert (contribution.author, contribution.device, contribution.origin) == (citizen, None, "api")
    assert contribution.language == "en"
    assert Client().get(response["Location"]).json() == feature


def test_post_by_visitor_sets_the_device_cookie_and_keeps_only_its_hash(consultation: Consultation) -> None:
    client = Client()

    response = post(client, a_feature(consultation))

    assert response.status_code == 201
    cookie = response.cookies["gp_device"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    device = Device.objects.get()
    assert len(device.key_hash) == 64
    assert cookie.value not in device.key_hash
    assert Contribution.objects.get().device == device


def test_reading_sets_no_cookie_and_stores_no_device(consultation: Consultation) -> None:
    assert not Client().get(URL).cookies
    assert Device.objects.count() == 0


def test_second_idea_of_a_device_is_refused_naming_the_first(consultation: Consultation) -> None:
    client = Client()
    first = post(client, a_feature(consultation)).json()

    response = post(client, a_feature(consultation, title="Another"))

    assert response.status_code == 409
    assert response["Content-Type"] == "application/problem+json"
    problem = response.json()
    assert (problem["code"], problem["earlier"]) == ("already_contributed", first["properties"]["code"])
    assert "A bench" in problem["detail"]
    assert Contribution.objects.count() == 1


def test_comment_inherits_the_place_of_its_idea(citizen: User, submit: Submit, consultation: Consultation) -> None:
    idea = submit()
    comment = a_feature(consultation, parent=str(idea.code), kind="comment", title="", body="Yes.") | {"geometry": None}

    response = post(token_client(citizen), comment)

    assert response.status_code == 201, response.content
    assert response.json()["properties"]["parent"] == str(idea.code)
    assert response.json()["geometry"] == {"type": "Point", "coordinates": list(IN_RUE_HAUTE)}
    stored_comment = Contribution.objects.get(parent=idea)
    assert stored_comment.located_by == "inherited"
    assert stored_comment.shares.count() == 2
    idea.refresh_from_db()
    assert idea.comment_count == 1


def test_session_without_the_token_against_forgery_is_refused(citizen: User, consultation: Consultation) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(citizen)

    response = post(client, a_feature(consultation))

    assert (response.status_code, response.json()["code"]) == (403, "csrf_failed")


SQUARE = [[4.401, 50.841], [4.402, 50.841], [4.402, 50.842], [4.401, 50.842], [4.401, 50.841]]
BOWTIE = [[4.401, 50.841], [4.402, 50.842], [4.402, 50.841], [4.401, 50.842], [4.401, 50.841]]
CROSSING = [[4.401, 50.841], [4.403, 50.841], [4.403, 50.843], [4.402, 50.840], [4.401, 50.843], [4.401, 50.841]]
WHOLE_TOWN = [[4.4, 50.84], [4.42, 50.84], [4.42, 50.85], [4.4, 50.85], [4.4, 50.84]]
WORLD = [[-180, -90], [180, -90], [180, 90], [-180, 90], [-180, -90]]

BAD_GEOMETRY: list[tuple[str, Any, str]] = [
    ("self-crossing", {"type": "Polygon", "coordinates": [CROSSING]}, "geometry_invalid"),
    ("bow-tie", {"type": "Polygon", "coordinates": [BOWTIE]}, "geometry_invalid"),
    ("not closed", {"type": "Polygon", "coordinates": [SQUARE[:-1]]}, "geometry_invalid"),
    ("the world", {"type": "Polygon", "coordinates": [WORLD]}, "outside_territory"),
    ("too large an area", {"type": "Polygon", "coordinates": [WHOLE_TOWN]}, "area_too_large"),
    ("out of town", {"type": "Point", "coordinates": [2.35, 48.85]}, "outside_territory"),
    ("half out of town", {"type": "LineString", "coordinates": [[4.405, 50.845], [4.6, 50.845]]}, "outside_territory"),
    ("text", {"type": "Point", "coordinates": ["4.405", "50.845"]}, "geometry_coordinates_not_numbers"),
    ("null", {"type": "Point", "coordinates": [None, 50.845]}, "geometry_coordinates_not_numbers"),
    ("swapped", {"type": "Point", "coordinates": [50.845, 4.405]}, "outside_territory"),
    ("swapped, out of range", {"type": "Point", "coordinates": [50.845, 104.405]}, "geometry_out_of_range"),
    ("projected", {"type": "Point", "coordinates": [150000.0, 170000.0]}, "geometry_out_of_range"),
    ("not on the earth", {"type": "Point", "coordinates": [999, 50]}, "geometry_out_of_range"),
    (
        "2,001 vertices",
        {"type": "LineString", "coordinates": [[4.401 + i * 1e-6, 50.841] for i in range(2001)]},
        "geometry_too_many_vertices",
    ),
    (
        "1,900 times across the town",  # some 2,600 km
        {"type": "LineString", "coordinates": [[4.4001 + 0.0198 * (i % 2), 50.8401 + 4e-6 * i] for i in range(1900)]},
        "line_too_long",
    ),
    ("empty point", {"type": "Point", "coordinates": []}, "geometry_empty"),
    ("empty polygon", {"type": "Polygon", "coordinates": []}, "geometry_empty"),
    ("empty collection", {"type": "GeometryCollection", "geometries": []}, "geometry_empty"),
    ("one-point line", {"type": "LineString", "coordinates": [[4.405, 50.845]]}, "geometry_degenerate"),
    ("unknown type", {"type": "Circle", "coordinates": [4.4, 50.8]}, "geometry_type_unknown"),
    ("no type", {"coordinates": [4.4, 50.8]}, "geometry_not_an_object"),
    ("a list", [4.4, 50.8], "geometry_not_an_object"),
    ("a text", "POINT(4.4 50.8)", "geometry_not_an_object"),
    ("nothing", None, "place_missing"),
]


@pytest.mark.parametrize(("geometry", "code"), [case[1:] for case in BAD_GEOMETRY], ids=[c[0] for c in BAD_GEOMETRY])
def test_bad_geometry_is_a_clear_problem_and_stores_nothing(
    geometry: Any, code: str, make_consultation: MakeConsultation
) -> None:
    consultation = make_consultation(max_area_m2=1_000_000)

    response = post(Client(), a_feature(consultation) | {"geometry": geometry})

    assert response.status_code == 400, response.content
    assert response["Content-Type"] == "application/problem+json"
    problem = response.json()
    assert problem["code"] == code
    assert problem["instance"] == URL
    assert len(problem["detail"]) > 15
    assert stored() == (0, 0, 0, 0)
    assert not response.cookies


BAD_BODIES: list[tuple[str, str | bytes, int, str]] = [
    ("broken JSON", '{"type": "Feature", ', 400, "parse_error"),
    ("NaN", '{"type":"Feature","geometry":{"type":"Point","coordinates":[NaN,1]},"properties":{}}', 400, "parse_error"),
    ("not UTF-8", b'{"type": "\xff"}', 400, "parse_error"),
    ("nested deeply", "[" * 100_000, 400, "parse_error"),
    ("a list", "[]", 400, "not_a_feature"),
    ("a collection", '{"type": "FeatureCollection", "features": []}', 400, "not_a_feature"),
    ("no properties", '{"type": "Feature", "geometry": null}', 400, "not_a_feature"),
    ("no consultation", '{"type": "Feature", "properties": {"title": "x"}}', 400, "invalid"),
    ("unknown consultation", '{"type": "Feature", "properties": {"consultation": "no"}}', 400, "unknown_consultation"),
    ("a bad parent", '{"type": "Feature", "properties": {"consultation": "no", "parent": "x"}}', 400, "invalid"),
    ("huge", '{"type": "' + "x" * 3_000_000 + '"}', 413, "too_large"),
]


@pytest.mark.parametrize(("body", "status", "code"), [case[1:] for case in BAD_BODIES], ids=[c[0] for c in BAD_BODIES])
def test_bad_body_is_a_clear_problem_and_stores_nothing(
    body: str | bytes, status: int, code: str, consultation: Consultation
) -> None:
    response = post(Client(), body)

    assert (response.status_code, response.json()["code"]) == (status, code), response.content
    assert response["Content-Type"] == "application/problem+json"
    assert stored() == (0, 0, 0, 0)


@pytest.mark.parametrize("infinity", ["1e999", "-1e999", "1" + "0" * 400])
def test_infinite_coordinate_is_not_a_number(infinity: str, consultation: Consultation) -> None:
    body = json.dumps(a_feature(consultation)).replace(str(IN_RUE_HAUTE[0]), infinity)

    response = post(Client(), body)

    assert (response.status_code, response.json()["code"]) == (400, "geometry_coordinates_not_numbers")


BAD_PROPERTIES: list[tuple[str, dict[str, Any], str, str]] = [
    ("no title", {"title": " \n"}, "text_missing", "title"),
    ("half a character", {"title": "x\ud800"}, "invalid", "title"),
    ("long title", {"title": "x" * 121}, "text_too_long", "title"),
    ("long body", {"body": "x" * 5001}, "text_too_long", "body"),
    ("unknown kind", {"kind": "song"}, "unknown_choice", "kind"),
    ("comment on nothing", {"kind": "comment"}, "cannot_be_commented", "parent"),
    ("unknown parent", {"kind": "comment", "parent": str(uuid.uuid4())}, "cannot_be_commented", "parent"),
]


@pytest.mark.parametrize(
    ("properties", "code", "field"), [case[1:] for case in BAD_PROPERTIES], ids=[c[0] for c in BAD_PROPERTIES]
)
def test_bad_property_is_named(
    properties: dict[str, Any], code: str, field: str, citizen: User, consultation: Consultation
) -> None:
    response = post(token_client(citizen), a_feature(consultation, **properties))

    problem = response.json()
    assert (response.status_code, problem["code"]) == (400, code)
    assert [error["field"] for error in problem["errors"]] == [field]


def test_text_is_kept_plain_without_what_deceives(citizen: User, consultation: Consultation) -> None:
    response = post(
        token_client(citizen),
        a_feature(consultation, title="A\u202e b\x07\n c", body="<b>One</b>\r\n\r\n\r\n\r\ntwo"),
    )

    assert response.status_code == 201, response.content
    assert response.json()["properties"]["title"] == "A b c"
    assert response.json()["properties"]["body"] == "<b>One</b>\n\ntwo"


def test_charter_must_be_accepted_once(citizen: User, make_consultation: MakeConsultation) -> None:
    consultation = make_consultation(charter="Be kind.")
    client = token_client(citizen)

    refused = post(client, a_feature(consultation))
    taken = post(client, a_feature(consultation, accept_charter=True))
    again = post(client, a_feature(consultation))

    assert (refused.status_code, refused.json()["code"]) == (400, "charter_not_accepted")
    assert (taken.status_code, again.status_code) == (201, 201)


def test_confirmed_address_is_asked_for(make_consultation: MakeConsultation, make_user: Any, citizen: User) -> None:
    consultation = make_consultation(identity_level=1)
    unconfirmed = make_user("new", confirmed=False)

    assert post(Client(), a_feature(consultation)).json()["code"] == "identity_level_too_low"
    response = post(token_client(unconfirmed), a_feature(consultation))
    assert (response.status_code, response.json()["needed_level"]) == (403, 1)
    assert post(token_client(citizen), a_feature(consultation)).status_code == 201


# --- The same request twice -------------------------------------------------------------------------------------------


def test_same_key_is_carried_out_once(citizen: User, consultation: Consultation) -> None:
    client = token_client(citizen)
    first = post(client, a_feature(consultation), **{"idempotency-key": "abc"})

    second = post(client, a_feature(consultation), **{"idempotency-key": "abc"})

    assert (first.status_code, second.status_code) == (201, 201)
    assert first.content == second.content
    assert first["Location"] == second["Location"]
    assert second["Idempotency-Replayed"] == "true"
    assert Contribution.objects.count() == 1


def test_same_key_of_a_visitor_who_lost_the_answer_and_the_cookie(consultation: Consultation) -> None:
    first = post(Client(), a_feature(consultation), **{"idempotency-key": "abc"})

    second = post(Client(), a_feature(consultation), **{"idempotency-key": "abc"})

    assert first.content == second.content
    assert Contribution.objects.count() == 1


def test_same_key_with_another_body_is_refused(citizen: User, consultation: Consultation) -> None:
    client = token_client(citizen)
    post(client, a_feature(consultation), **{"idempotency-key": "abc"})

    response = post(client, a_feature(consultation, title="Other"), **{"idempotency-key": "abc"})

    assert (response.status_code, response.json()["code"]) == (422, "idempotency_key_reused")
    assert Contribution.objects.count() == 1


def test_same_key_of_another_person_is_another_key(citizen: User, neighbour: User, consultation: Consultation) -> None:
    for person in (citizen, neighbour):
        response = post(token_client(person), a_feature(consultation), **{"idempotency-key": "abc"})
        assert response.status_code == 201
    assert Contribution.objects.count() == 2


def test_refused_request_may_be_sent_again_with_its_key(citizen: User, consultation: Consultation) -> None:
    client = token_client(citizen)
    assert post(client, a_feature(consultation, title=""), **{"idempotency-key": "abc"}).status_code == 400

    assert post(client, a_feature(consultation), **{"idempotency-key": "abc"}).status_code == 201


def test_key_is_forgotten_after_a_day(citizen: User, consultation: Consultation) -> None:
    client = token_client(citizen)
    post(client, a_feature(consultation), **{"idempotency-key": "abc"})
    KeptAnswer.objects.update(expires_at=timezone.now() - timedelta(seconds=1))

    assert post(client, a_feature(consultation), **{"idempotency-key": "abc"}).status_code == 201
    assert Contribution.objects.count() == 2


@pytest.mark.parametrize("key", ["", "a b", "x" * 256, "é"])
def test_malformed_key_is_refused(key: str, citizen: User, consultation: Consultation) -> None:
    response = post(token_client(citizen), a_feature(consultation), **{"idempotency-key": key})

    assert (response.status_code, response.json()["code"]) == (400, "idempotency_key_malformed")


# --- Reading ------------------------------------------------------------------------------------------------------


def test_list_is_a_feature_collection_latest_first(submit: Submit) -> None:
    for number in range(3):
        submit(title=f"Idea {number}")

    collection = Client().get(URL).json()

    assert (collection["type"], collection["numberReturned"], collection["next_cursor"]) == (
        "FeatureCollection",
        3,
        None,
    )
    assert [feature["properties"]["title"] for feature in collection["features"]] == ["Idea 2", "Idea 1", "Idea 0"]
    assert list(collection["features"][0]["properties"]) == PROPERTIES


@pytest.mark.parametrize("how_many", [1, 3])
def test_list_takes_two_queries(
    how_many: int, submit: Submit, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(how_many):
        submit(title=f"Idea {number}")

    with django_assert_num_queries(2):
        assert Client().get(URL).json()["numberReturned"] == how_many


@pytest.mark.parametrize("how_many", [1, 3])
def test_list_with_every_filter_takes_four_queries(
    how_many: int,
    submit: Submit,
    consultation: Consultation,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for number in range(how_many):
        submit(title=f"Idea {number}")
    parameters = {
        "in_bbox": "4.4,50.84,4.42,50.85",
        "kind": "proposal",
        "consultation": consultation.slug,
        "district": "W",
        "street": "Hoogstraat",
        "status": "published",
        "q": "idea shade",
        "submitted_after": "2020-01-01",
        "submitted_before": "2999-01-01",
    }

    with django_assert_num_queries(4):
        assert Client().get(URL, parameters).json()["numberReturned"] == how_many


def test_pages_follow_one_another_without_gap(submit: Submit) -> None:
    for number in range(5):
        submit(title=f"Idea {number}")
    client, seen, url = Client(), [], f"{URL}?limit=2&q=idea"

    for _page in range(3):
        page = client.get(url).json()
        seen += [feature["properties"]["title"] for feature in page["features"]]
        if page["links"]:
            parts = urlsplit(page["links"][0]["href"])
            url = f"{parts.path}?{parts.query}"
            assert "q=idea" in url

    assert seen == ["Idea 4", "Idea 3", "Idea 2", "Idea 1", "Idea 0"]
    assert page["links"] == []


def test_filters_answer_by_place_and_kind(submit: Submit, make_consultation: MakeConsultation, neighbour: User) -> None:
    west = submit(title="West")
    submit(title="East", geometry=Point(4.4153, 50.8465, srid=4326))
    submit(title="Both", geometry=LineString((4.405, 50.842), (4.414, 50.842), srid=4326))
    submit(title="Elsewhere", into=make_consultation())
    submit(parent=west, body="Yes", actor=actor_of(neighbour))
    client = Client()

    assert titles(client, district="W", kind="proposal") == ["Elsewhere", "Both", "West"]
    assert titles(client, district="E") == ["Both", "East"]
    assert titles(client, district="TINY", kind="comment") == [""]
    assert titles(client, street="avenue du parc") == ["East"]
    assert titles(client, street="Laagstraat") == ["Both"]
    assert titles(client, street="av. du PARC") == ["East"]
    assert titles(client, consultation="question-2") == ["Elsewhere"]
    assert titles(client, consultation="question-1,question-2", kind="proposal,comment", q="both") == ["Both"]
    # The line only crosses this box: it stays.
    assert titles(client, in_bbox="4.4095,50.8415,4.4105,50.8425") == ["Both"]
    assert titles(client, in_bbox="10,50,11,51") == []


def test_search_ignores_accents_and_case_and_knows_no_wildcards(submit: Submit) -> None:
    submit(title="Une École verte")
    submit(title="100 % vélo")
    client = Client()

    assert titles(client, q="ecole VERTE") == ["Une École verte"]
    assert titles(client, q="école") == ["Une École verte"]
    assert titles(client, q="100 %") == ["100 % vélo"]
    assert titles(client, q="e%e") == []
    assert titles(client, q="_cole") == []


def test_period_includes_its_start_and_not_its_end(submit: Submit) -> None:
    idea = submit()
    at = idea.submitted_at.isoformat()
    client = Client()

    assert titles(client, submitted_after=at) == ["More trees"]
    assert titles(client, submitted_before=at) == []
    assert titles(client, submitted_after="2020-01-01", submitted_before="2021-01-01T12:00:00+01:00") == []
    # A "+" that nobody escaped arrives as a space.
    assert client.get(f"{URL}?submitted_after=2020-01-01T00:00:00+02:00").json()["numberReturned"] == 1


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("kind", "song", "unknown_filter_value"),
        ("status", "lost", "unknown_filter_value"),
        ("consultation", "nowhere", "unknown_filter_value"),
        ("district", "XX", "unknown_filter_value"),
        ("street", "Rue Inconnue", "unknown_filter_value"),
        ("submitted_after", "yesterday", "unknown_filter_value"),
        ("submitted_before", "2025-02-30", "unknown_filter_value"),
        ("in_bbox", "1,2,3", "bbox_invalid"),
        ("in_bbox", "nan,2,3,4", "bbox_invalid"),
        ("limit", "0", "limit_invalid"),
        ("limit", "1001", "limit_invalid"),
        ("cursor", "nonsense", "cursor_invalid"),
        ("q", "a\x00b", "nul_character"),
    ],
)
def test_value_that_means_nothing_is_a_problem(name: str, value: str, code: str, consultation: Consultation) -> None:
    response = Client().get(URL, {name: value})

    assert (response.status_code, response.json()["code"]) == (400, code)


def test_nothing_but_what_is_online_leaks(
    submit: Submit, moderator: User, citizen: User, neighbour: User, make_consultation: MakeConsultation
) -> None:
    waiting = submit(title="Waiting", into=make_consultation(moderation=ModerationRule.BEFORE))
    others = {name: submit(title=name) for name in ("draft", "hidden", "withdrawn")}
    for name, contribution in others.items():
        Contribution.objects.filter(pk=contribution.pk).update(status=name)
    under_hidden = submit(title="idea taken off")
    comment = submit(parent=under_hidden, title="Comment below", actor=actor_of(neighbour))
    Contribution.objects.filter(pk=under_hidden.pk).update(status="hidden")
    unpublished = submit(title="Unpublished")
    Contribution.objects.filter(pk=unpublished.pk).update(consultation=make_consultation(state="draft"))
    submit(title="Online")

    for client in (Client(), token_client(neighbour), token_client(citizen), token_client(moderator)):
        assert titles(client) == ["Online"]
    for client in (Client(), token_client(neighbour)):
        for status in ("draft", "submitted", "hidden", "withdrawn"):
            assert titles(client, status=status) == []
        for hidden in (waiting, *others.values(), unpublished):
            response = client.get(f"{URL}{hidden.code}/")
            assert (response.status_code, response.json()["code"]) == (404, "not_found")
            assert client.put(f"{URL}{hidden.code}/support/").status_code == 404
    assert Client().get(f"{URL}{comment.code}/").status_code == 404
    assert titles(token_client(moderator), status="submitted,draft") == ["Waiting"]
    assert titles(token_client(citizen), status="hidden,withdrawn") == ["idea taken off", "withdrawn", "hidden"]
    assert token_client(citizen).get(f"{URL}{waiting.code}/").json()["properties"]["status"] == "submitted"


def test_exact_place_never_leaves_where_streets_only_are_shown(
    citizen: User, moderator: User, make_consultation: MakeConsultation, tiny_town: TinyTown
) -> None:
    consultation = make_consultation(place_privacy=PlacePrivacy.STREET)
    home = (4.4044, 50.84513)
    feature = a_feature(consultation) | {"geometry": {"type": "Point", "coordinates": home}}

    response = post(token_client(citizen), feature)

    line = json.loads(tiny_town.rue_haute.geometry.json)
    assert response.json()["geometry"] == line
    code = response.json()["properties"]["code"]
    for client in (Client(), token_client(citizen), token_client(moderator)):
        for url in (URL, f"{URL}{code}/", f"{URL}?in_bbox=4.4043,50.8451,4.4045,50.8452"):
            answer = client.get(url).content
            assert b"4.4044" not in answer
            assert b"50.84513" not in answer
    # The box holds the home but not the street: asking around a house tells nothing.
    assert titles(Client(), in_bbox="4.4043,50.8451,4.4045,50.8452") == []
    assert Contribution.objects.get().geometry.coords == home


# --- Support --------------------------------------------------------------------------------------------------------


def test_support_counts_once_and_is_taken_back(submit: Submit, neighbour: User) -> None:
    url = f"{URL}{submit().code}/support/"
    client = token_client(neighbour)

    assert client.put(url).json()["support_count"] == 1
    assert client.put(url).json() == {"code": url.split("/")[4], "support_count": 1, "supported": True}
    assert Client().put(url).json()["support_count"] == 2
    assert client.delete(url).json()["support_count"] == 1
    assert client.delete(url).json() == {"code": url.split("/")[4], "support_count": 1, "supported": False}


def test_support_of_a_visitor_is_that_of_the_device(submit: Submit) -> None:
    url = f"{URL}{submit().code}/support/"
    client = Client()

    assert [client.put(url).json()["support_count"] for _again in range(2)] == [1, 1]
    assert client.delete(url).json()["support_count"] == 0


def test_support_outside_its_phase_is_refused(submit: Submit, consultation: Consultation, neighbour: User) -> None:
    idea = submit()
    consultation.phases.update(kind=PhaseKind.SYNTHESIS)

    response = token_client(neighbour).put(f"{URL}{idea.code}/support/")

    assert (response.status_code, response.json()["code"]) == (403, "phase_closed")


# --- Errors of the API as a whole ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("get", "/api/v1/nothing/", 404, "not_found"),
        ("post", "/api/v2/contributions/", 404, "not_found"),
        ("get", f"{URL}not-a-code/", 404, "not_found"),
        ("get", f"{URL}{uuid.UUID(int=1)}/", 404, "not_found"),
        ("delete", URL, 405, "method_not_allowed"),
        ("get", "/api/v1/consultations/none/", 404, "not_found"),
    ],
)
def test_error_is_a_problem_document(method: str, path: str, status: int, code: str, db: None) -> None:
    response = getattr(Client(), method)(path)

    problem = response.json()
    assert response["Content-Type"] == "application/problem+json"
    assert (response.status_code, problem["status"], problem["code"]) == (status, status, code)
    assert problem["instance"] == path
    assert set(problem) >= {"type", "title", "detail"}


def test_wrong_token_and_wrong_media_type(db: None) -> None:
    response = Client(headers={"authorization": "Token nonsense"}).get(URL)
    assert (response.status_code, response.json()["code"]) == (401, "authentication_failed")
    assert response["WWW-Authenticate"] == "Token"
    response = Client().post(URL, "a=b", content_type="application/x-www-form-urlencoded")
    assert (response.status_code, response.json()["code"]) == (415, "unsupported_media_type")


def test_crash_is_a_problem_that_tells_nothing(consultation: Consultation, monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(*args: object, **kwargs: object) -> None:
        raise RuntimeError("secret")

    monkeypatch.setattr("geoparticipation.contributions.api.feature_collection", crash)

    response = Client(raise_request_exception=False).get(URL)

    assert (response.status_code, response.json()["code"]) == (500, "internal_error")
    assert b"secret" not in response.content


def test_detail_is_in_the_language_of_the_reader(consultation: Consultation) -> None:
    def detail(language: str) -> str:
        client = Client(headers={"accept-language": language})
        sentence: str = client.get(f"{URL}{uuid.uuid4()}/").json()["detail"]
        return sentence

    assert detail("en") == "This contribution does not exist, or is not online."
    assert detail("fr") == "Cette contribution n’existe pas, ou n’est pas en ligne."


def test_too_many_from_one_connection_are_told_when_to_come_back(consultation: Consultation, settings: Any) -> None:
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "submit": 2}
    responses = [post(Client(), a_feature(consultation, title=f"Idea {number}")) for number in range(3)]

    assert [response.status_code for response in responses] == [201, 201, 429]
    assert responses[2].json()["code"] == "too_often"
    assert 0 < int(responses[2]["Retry-After"]) <= 3600
    other = Client(REMOTE_ADDR="198.51.100.7")
    assert post(other, a_feature(consultation)).status_code == 201


@pytest.mark.parametrize("headers", [{}, {"idempotency-key": "again"}])
def test_refused_attempts_count_too(headers: dict[str, str], consultation: Consultation, settings: Any) -> None:
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "attempt": 2}
    responses = [post(Client(), a_feature(consultation, title=""), **headers) for _ in range(3)]

    assert [response.json()["code"] for response in responses] == ["text_missing", "text_missing", "too_often"]


def test_valid_geometries_of_every_type_are_taken(citizen: User, consultation: Consultation) -> None:
    client = token_client(citizen)
    for wkt in (
        "POINT (4.405 50.845)",
        "LINESTRING (4.405 50.845, 4.406 50.846)",
        "POLYGON ((4.401 50.841, 4.402 50.841, 4.402 50.842, 4.401 50.841))",
        "MULTIPOINT ((4.405 50.845), (4.415 50.845))",
        "MULTILINESTRING ((4.405 50.845, 4.406 50.846), (4.41 50.845, 4.411 50.845))",
        "MULTIPOLYGON (((4.401 50.841, 4.402 50.841, 4.402 50.842, 4.401 50.841)))",
        "GEOMETRYCOLLECTION (POINT (4.405 50.845), LINESTRING (4.405 50.845, 4.406 50.846))",
    ):
        geometry = json.loads(GEOSGeometry(wkt, srid=4326).json)
        response = post(client, a_feature(consultation) | {"geometry": geometry})
        assert response.status_code == 201, (wkt, response.content)
        assert response.json()["geometry"] == geometry


def test_what_a_device_wrote_stays_visible_to_it_while_it_waits(make_consultation: MakeConsultation) -> None:
    client = Client()
    response = post(client, a_feature(make_consultation(moderation=ModerationRule.BEFORE)))

    assert response.json()["properties"]["status"] == "submitted"
    assert client.get(response["Location"]).status_code == 200
    assert Client().get(response["Location"]).status_code == 404


def test_device_that_only_reads_is_looked_up_without_being_stored(consultation: Consultation, submit: Submit) -> None:
    idea = submit(actor=device_actor())
    client = Client()
    client.cookies["gp_device"] = "A" * 43

    assert client.get(f"{URL}{idea.code}/").status_code == 200
    assert Device.objects.count() == 1


def test_unchanged_list_costs_one_small_query(submit: Submit, django_assert_num_queries: Any) -> None:
    submit()
    client, url = Client(), "/api/v1/contributions/?kind=proposal"
    first = client.get(url)

    with django_assert_num_queries(1):
        again = client.get(url, headers={"If-None-Match": first["ETag"]})
    submit(title="Another")
    changed = client.get(url, headers={"If-None-Match": first["ETag"]})

    assert (first.status_code, first["Cache-Control"]) == (200, "no-cache")
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])
    assert (changed.status_code, len(changed.json()["features"])) == (200, 2)


def test_list_that_depends_on_the_reader_is_kept_by_nobody(submit: Submit, moderator: User) -> None:
    client = Client()
    client.force_login(moderator)

    response = client.get("/api/v1/contributions/?status=submitted")

    assert response["Cache-Control"] == "private, no-store"
    assert "ETag" not in response.headers
