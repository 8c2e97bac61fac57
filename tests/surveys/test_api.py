"""Surveys in the API."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from geoparticipation.accounts.domain.tokens import issue_token
from geoparticipation.accounts.models import RateCount, User
from geoparticipation.surveys.enums import OnePer, SurveyState
from geoparticipation.surveys.models import Survey, SurveyResponse
from tests.fixtures.survey import ANSWERS, MakeSurvey, answers

pytestmark = pytest.mark.django_db
PLACE = {"geometry": {"type": "Point", "coordinates": [4.405, 50.8451]}}


@pytest.fixture
def token(citizen: User) -> dict[str, str]:
    return {"Authorization": f"Token {issue_token(email=citizen.email)}"}


def post(client: Client, survey: Survey, body: dict[str, Any], **headers: str) -> Any:
    return client.post(
        f"/api/v1/surveys/{survey.slug}/responses/", json.dumps(body), content_type="application/json", headers=headers
    )


@pytest.mark.parametrize("how_many", [1, 3])
def test_surveys_are_listed_but_for_drafts(
    how_many: int, client: Client, make_survey: MakeSurvey, django_assert_num_queries: Any
) -> None:
    made = [make_survey() for _number in range(how_many)]
    make_survey(state=SurveyState.DRAFT)

    with django_assert_num_queries(2):
        listed = client.get("/api/v1/surveys/").json()["results"]

    assert [survey["slug"] for survey in listed] == [survey.slug for survey in made]
    assert listed[0] == {
        "slug": made[0].slug,
        "title": {"fr": "Comment vous déplacez-vous ?", "en": "How do you get about?"},
        "consultation": made[0].consultation.slug,
        "state": "open",
        "one_per": "device",
        "results_shown": "afterwards",
        "takes_responses": True,
        "needed_level": 0,
        "url": f"http://testserver/consultations/{made[0].consultation.slug}/surveys/{made[0].slug}/",
    }


def test_definition_is_told_and_a_draft_is_not(client: Client, survey: Survey, make_survey: MakeSurvey) -> None:
    assert client.get(f"/api/v1/surveys/{survey.slug}/").json()["definition"] == survey.definition

    hidden = client.get(f"/api/v1/surveys/{make_survey(state=SurveyState.DRAFT).slug}/")
    assert (hidden.status_code, hidden.json()["code"]) == (404, "unknown_survey")


def test_response_is_taken_once_with_the_same_key(
    client: Client, survey: Survey, token: dict[str, str], citizen: User
) -> None:
    body = {"answers": ANSWERS, "place": PLACE, "language": "fr"}

    first, again = (post(client, survey, body, **token, **{"Idempotency-Key": "k1"}) for _time in range(2))

    stored = SurveyResponse.objects.get()
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert first.json()["code"] == str(stored.contribution.code)
    assert (stored.contribution.author, stored.contribution.origin) == (citizen, "api")
    assert stored.places.count() == 3
    other = post(client, survey, body, **token)
    assert (other.status_code, other.json()["code"]) == (409, "already_responded")


def test_faults_are_named_by_path(client: Client, survey: Survey, token: dict[str, str]) -> None:
    wrong = answers(mode="tram", danger=[{"text": "Rue Haute", "follow_up": {"bad": 9}}])

    response = post(client, survey, {"answers": wrong, "place": PLACE}, **token)

    assert (response.status_code, response["Content-Type"]) == (422, "application/problem+json")
    problem = response.json()
    assert (problem["code"], problem["field"]) == ("answers_refused", "answers")
    assert [(told["path"], told["code"], told["limit"]) for told in problem["faults"]] == [
        ("mode", "unknown_choice", None),
        ("danger[0].bad", "too_large", 3),
    ]


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"answers": ANSWERS}, 400, "place_missing"),
        ({"answers": ANSWERS, "place": {"text": "Nowhere Lane"}}, 400, "place_unknown"),
        ({"answers": [1], "place": PLACE}, 400, "invalid"),
        ({"answers": ANSWERS, "place": PLACE, "letterbox_code": "XX"}, 400, "letterbox_code_mistyped"),
        (
            {"answers": answers(danger=[{"text": "Nowhere", "follow_up": {"bad": 1}}]), "place": PLACE},
            422,
            "place_of_answer_refused",
        ),
        (
            {"answers": answers(danger=[{"text": "Now\0here", "follow_up": {"bad": 1}}]), "place": PLACE},
            422,
            "place_of_answer_refused",
        ),
    ],
)
def test_what_is_refused(
    body: dict[str, Any], status: int, code: str, client: Client, survey: Survey, token: dict[str, str]
) -> None:
    response = post(client, survey, body, **token)

    assert (response.status_code, response.json()["code"]) == (status, code)
    assert not SurveyResponse.objects.exists()


def test_too_many_responses_from_one_connection_are_stopped(
    client: Client, make_survey: MakeSurvey, settings: Any
) -> None:
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "response": 2}
    survey = make_survey(one_per=OnePer.NONE)
    body = {"answers": ANSWERS, "place": PLACE}

    statuses = [post(client, survey, body).status_code for _time in range(3)]

    assert statuses == [201, 201, 429]
    assert RateCount.objects.exists()
