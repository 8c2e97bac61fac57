"""Filling a survey in as a plain form: step by step, kept, found again, sent once."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.template.loader import render_to_string
from django.test import Client
from django.urls import reverse

from geoparticipation.accounts.models import User
from geoparticipation.consultations.enums import PhaseKind
from geoparticipation.surveys.domain.drafts import forget_drafts
from geoparticipation.surveys.enums import OnePer, SurveyState
from geoparticipation.surveys.models import Survey, SurveyDraft, SurveyResponse
from tests.fixtures.survey import ANSWERS, MakeSurvey, Respond, choices, definition, text
from tests.layers.pictures.pictures import photo as jpeg_photo

pytestmark = pytest.mark.django_db

HABITS = {
    "q.mode": "car",
    "q.reasons": ["fast", "cheap"],
    "q.cars": "2",
    "q.order.1": "b",
    "q.order.2": "a",
    "q.safe": "4",
    "q.times.work": "often",
}
POINT = '{"type": "Point", "coordinates": [%s, 50.845]}'
PLACES = {
    "q.danger._count": "2",
    "q.danger.0._geometry": POINT % 4.405,
    "q.danger.0.why": "Fast cars",
    "q.danger.0.bad": "3",
    "q.danger.1._text": "Rue Haute 3",
    "q.danger.1.bad": "1",
    "q.way._count": "1",
    "q.way.0._geometry": '{"type": "LineString", "coordinates": [[4.402, 50.845], [4.408, 50.845]]}',
    "q.spots": ["station"],
}
MORE = {
    "q.money.lamps": "30",
    "q.money.paths": "70",
    "q.since": "2025-03-01",
    "q.word": "Lamps",
    "q.story": "It is dark.\r\nEvery night.",
    "q.agree": "yes",
}
SEND = {"place_text": "Rue Basse"}


def address(survey: Survey) -> str:
    return reverse("survey", args=[survey.consultation.slug, survey.slug])


def post(client: Client, survey: Survey, step: str, fields: dict[str, Any], act: str = "next", **more: Any) -> Any:
    return client.post(address(survey), {"step": step, "act": act, "seed": "7", **fields, **more})


def fill_in(client: Client, survey: Survey) -> None:
    for step, fields, following in (("habits", HABITS, "places"), ("places", PLACES, "more"), ("more", MORE, "send")):
        response = post(client, survey, step, fields)
        assert response.status_code == 302, response.context["summary"]
        assert response.url == f"{address(survey)}?step={following}"


def test_whole_survey_without_a_script(client: Client, survey: Survey) -> None:
    assert client.get(address(survey)).status_code == 200
    fill_in(client, survey)

    response = post(client, survey, "send", SEND, act="send")

    assert response.url == reverse("survey-thanks", args=[survey.consultation.slug, survey.slug])
    assert (
        "We publish the results in June."
        in client.get(response.url, headers={"accept-language": "en"}).content.decode()
    )
    stored = SurveyResponse.objects.get()
    assert stored.answers == {key: value for key, value in ANSWERS.items() if key not in {"danger", "way"}}
    assert [(place.question, place.located_by, place.follow_up) for place in stored.places.order_by("pk")] == [
        ("danger", "pin", {"why": "Fast cars", "bad": 3}),
        ("danger", "address", {"bad": 1}),
        ("way", "drawn", {}),
    ]
    assert (stored.contribution.located_by, stored.contribution.street.name) == ("street", "Rue Basse")
    assert not SurveyDraft.objects.exists()
    assert client.get(address(survey)).context["has_responded"]


def test_what_is_wrong_is_said_beside_it_and_above_and_everything_stays(client: Client, survey: Survey) -> None:
    wrong = {**HABITS, "q.mode": "", "q.cars": "", "q.safe": "9", "q.times.work": "daily"}

    response = post(client, survey, "habits", wrong)

    page = response.content.decode()
    assert response.status_code == 422
    assert [line["href"] for line in response.context["summary"]] == ["#q.mode", "#q.safe", "#q.times.work"]
    for line in response.context["summary"]:
        assert f'id="{line["href"][1:]}"' in page
    assert 'value="b" selected' in page
    assert 'value="cheap" checked' in page
    assert SurveyDraft.objects.get().answers["safe"] == 9


@pytest.mark.parametrize("typed", ["nan", "1e999", "-inf", "1\0", "9" * 5000])
def test_what_is_no_number_to_the_database_is_told_of(client: Client, survey: Survey, typed: str) -> None:
    answer = post(client, survey, "habits", {**HABITS, "q.cars": typed})

    assert answer.status_code == 422
    assert [line["href"] for line in answer.context["summary"]] == ["#q.cars"]


def test_a_seed_that_is_none_is_drawn_anew(client: Client, survey: Survey) -> None:
    assert client.post(address(survey), {"step": "habits", "act": "save", "seed": "9" * 5000}).status_code == 302


def test_characters_that_the_database_does_not_take_are_left_out(client: Client, survey: Survey) -> None:
    post(client, survey, "more", {"q.word": "a\0b"}, act="save")
    place = {"q.danger._count": "1", "q.danger.0._text": "Rue Haute\0 3", "q.danger.0._geometry": '[NaN, "\\u0000"]'}
    answer = post(client, survey, "places", place)

    assert answer.status_code == 422
    assert SurveyDraft.objects.get().answers["word"] == "ab"


def test_place_that_could_be_several_is_chosen_from_them(client: Client, survey: Survey) -> None:
    post(client, survey, "habits", HABITS)
    typed = {**PLACES, "q.danger._count": "1", "q.danger.0._geometry": "", "q.danger.0._text": "Rue"}

    response = post(client, survey, "places", typed)

    found = re.findall(r'name="q\.danger\.0\._place" value="(street:\d+)"', response.content.decode())
    assert (response.status_code, len(found)) == (422, 2)
    assert post(client, survey, "places", {**typed, "q.danger.0._place": found[0]}).status_code == 302


def test_place_outside_the_town_is_told_of_at_its_step(client: Client, survey: Survey) -> None:
    post(client, survey, "habits", HABITS)

    response = post(client, survey, "places", {**PLACES, "q.danger.0._geometry": POINT % 5.5})

    assert [line["href"] for line in response.context["summary"]] == ["#q.danger.0"]


def test_places_are_added_and_taken_away_one_by_one(client: Client, survey: Survey) -> None:
    post(client, survey, "habits", HABITS)

    post(client, survey, "places", PLACES, act="add:danger")
    page = client.get(f"{address(survey)}?step=places").content.decode()
    assert 'id="q.danger.2"' in page
    assert "add:danger" not in page  # three at the most
    post(client, survey, "places", {**PLACES, "q.danger._count": "3"}, act="remove:danger|0")
    assert [place.get("text") for place in SurveyDraft.objects.get().answers["danger"]] == ["Rue Haute 3"]


def test_answers_are_found_again_by_the_private_link_elsewhere_and_nowhere_without(
    client: Client, survey: Survey
) -> None:
    saved = client.get(post(client, survey, "habits", HABITS, act="save").url)
    link = saved.context["saved_link"]
    elsewhere, stranger = Client(), Client()

    came_back = elsewhere.get(link, follow=True)

    assert came_back.redirect_chain[-1][0] == address(survey)
    assert 'value="car" checked' in came_back.content.decode()
    assert 'value="car" checked' not in stranger.get(address(survey)).content.decode()
    token = link.rpartition("=")[2]
    assert token not in str(list(SurveyDraft.objects.values()))
    assert (
        "no longer here"
        in stranger.get(
            f"{address(survey)}?resume=another", follow=True, headers={"accept-language": "en"}
        ).content.decode()
    )
    SurveyDraft.objects.update(expires_at="2020-01-01T00:00Z")
    assert 'value="car" checked' not in elsewhere.get(address(survey)).content.decode()
    assert forget_drafts() == 1


def test_answers_are_found_again_by_the_account(survey: Survey, citizen: User, neighbour: User) -> None:
    here, there, other = Client(), Client(), Client()
    for browser, user in ((here, citizen), (there, citizen), (other, neighbour)):
        browser.force_login(user)
    post(here, survey, "habits", HABITS, act="save")

    assert 'value="car" checked' in there.get(address(survey)).content.decode()
    assert 'value="car" checked' not in other.get(address(survey)).content.decode()


def test_sending_twice_is_sending_once(client: Client, make_survey: MakeSurvey) -> None:
    survey = make_survey(one_per=OnePer.NONE)
    fill_in(client, survey)
    token = re.search(r'name="token" value="([^"]+)"', client.get(f"{address(survey)}?step=send").content.decode())
    assert token
    for _time in range(2):
        assert post(client, survey, "send", {**SEND, "token": token[1]}, act="send").status_code == 302

    assert SurveyResponse.objects.count() == 1


def test_what_is_missing_on_another_step_is_linked_there(client: Client, survey: Survey) -> None:
    post(client, survey, "habits", HABITS)

    response = post(client, survey, "send", SEND, act="send")

    assert response.status_code == 422
    assert [line["href"] for line in response.context["summary"]] == [
        f"{address(survey)}?step=places#q.danger",
        f"{address(survey)}?step=more#q.agree",
    ]
    assert SurveyResponse.objects.count() == 0


def test_photo_is_kept_with_its_place_and_attached(client: Client, survey: Survey) -> None:
    post(client, survey, "habits", HABITS)
    post(client, survey, "places", PLACES)
    file = SimpleUploadedFile("lamp.jpg", jpeg_photo(), content_type="image/jpeg")

    first = post(client, survey, "more", MORE, **{"q.photo": file})
    assert [line["href"] for line in first.context["summary"]] == ["#q.photo.0"]  # where was it taken?
    again = post(client, survey, "more", {**MORE, "q.photo._description": "A lamp", "q.photo.0._text": "Rue Basse"})
    assert again.status_code == 302
    post(client, survey, "send", SEND, act="send")

    stored = SurveyResponse.objects.get()
    photo = stored.contribution.photos.get()
    assert stored.answers["photo"] == str(photo.code)
    assert photo.description == "A lamp"
    assert stored.places.get(question="photo").street.name == "Rue Basse"
    assert client.get(reverse("photo", args=[photo.code, "small"])).status_code == 404  # nobody sees it in public


def test_file_that_is_no_photo_is_told_of(client: Client, survey: Survey) -> None:
    file = SimpleUploadedFile("lamp.jpg", b"not a picture", content_type="image/jpeg")

    response = post(client, survey, "more", MORE, **{"q.photo": file})

    assert [line["href"] for line in response.context["summary"]] == ["#q.photo"]


def test_random_order_is_the_same_for_one_respondent(client: Client, make_survey: MakeSurvey) -> None:
    said = definition()
    said["sections"] = said["sections"][:1]
    said["sections"][0]["questions"] = [
        {
            "key": "mode",
            "kind": "single",
            "label": text("How?"),
            "random_order": True,
            "choices": choices(*"abcdefghij"),
        }
    ]
    survey = make_survey(definition=said)

    def order(browser: Client) -> list[str]:
        return re.findall(r'name="q\.mode" value="(\w)"', browser.get(address(survey)).content.decode())

    browsers = [client, Client(), Client()]
    for seed, browser in enumerate(browsers, start=1):
        browser.post(address(survey), {"step": "habits", "act": "save", "seed": str(seed)})
    orders = [order(browser) for browser in browsers]
    assert orders == [order(browser) for browser in browsers]
    assert len({tuple(one) for one in orders}) == 3
    assert all(sorted(one) == list("abcdefghij") for one in orders)


@pytest.mark.parametrize(
    ("phase", "state", "words"),
    [
        (PhaseKind.SURVEY, SurveyState.CLOSED, "This survey is over"),
        (PhaseKind.DEBATE, SurveyState.OPEN, "Answers are not taken at the moment"),
    ],
)
def test_survey_that_takes_no_answers_says_so(
    phase: PhaseKind, state: str, words: str, client: Client, make_survey: MakeSurvey
) -> None:
    survey = make_survey(phase, state=state)

    page = client.get(address(survey), headers={"accept-language": "en"}).content.decode()

    assert words in page
    assert "data-survey" not in page


def test_draft_survey_is_there_for_agents_only(
    client: Client, make_survey: MakeSurvey, agent: User, citizen: User
) -> None:
    survey = make_survey(state=SurveyState.DRAFT)

    found = {}
    for user in (None, citizen, agent):
        browser = Client()
        if user:
            browser.force_login(user)
        found[user and user.name] = browser.get(address(survey)).status_code

    assert found == {None: 404, "Citizen": 404, "Agent": 200}


def test_open_surveys_are_on_the_home_page_and_on_the_page_of_the_consultation(
    client: Client, survey: Survey, make_survey: MakeSurvey
) -> None:
    closed = make_survey(state=SurveyState.CLOSED)
    not_yet = make_survey(PhaseKind.CONTRIBUTION)
    for page in (reverse("home"), reverse("consultation", args=[survey.consultation.slug])):
        assert f'href="{address(survey)}"' in client.get(page).content.decode()
    for hidden in (closed, not_yet):
        for page in (reverse("home"), reverse("consultation", args=[hidden.consultation.slug])):
            assert f'href="{address(hidden)}"' not in client.get(page).content.decode()


@pytest.mark.parametrize("how_many", [1, 3])
def test_queries_of_a_step(
    how_many: int, client: Client, make_survey: MakeSurvey, django_assert_num_queries: Any
) -> None:
    said = definition()
    said["sections"][0]["questions"] = said["sections"][0]["questions"][: 2 * how_many]
    survey = make_survey(definition=said)
    post(client, survey, "habits", HABITS, act="save")
    client.get(address(survey))

    with django_assert_num_queries(4):
        client.get(address(survey))


def test_quick_poll_on_any_page_leads_on_to_the_rest(rf: Any, client: Client, survey: Survey) -> None:
    poll = render_to_string("surveys/_poll.html", {"survey": survey}, request=rf.get("/"))
    posted = dict(re.findall(r'<input type="hidden" name="(step)" value="([^"]+)"', poll))
    assert f'action="{address(survey)}"' in poll
    assert poll.count('name="q.mode"') == 4

    response = client.post(address(survey), {**posted, "act": "next", "q.mode": "foot"})

    assert response.url == f"{address(survey)}?step=places"
    assert SurveyDraft.objects.get().answers == {"mode": "foot"}


def test_moderators_read_a_response_and_take_it_out_and_nobody_else_does(
    respond: Respond, cast: dict[str, User]
) -> None:
    code = respond().contribution.code
    path = reverse("workspace-response", args=[code])
    statuses = {}
    for name, user in cast.items():
        browser = Client()
        browser.force_login(user)
        statuses[name] = browser.get(path).status_code
    assert statuses == {name: 200 if name in {"agent", "moderator"} else 403 for name in cast}
    browser.force_login(cast["moderator"])
    page = browser.get(path, headers={"accept-language": "en"}).content.decode()
    for words in ("Car", "Work – Often", "Lamps – 30", "Why? – Fast cars", "It is dark."):
        assert words in page

    assert browser.post(path, {"act": "out", "reason": ""}).status_code == 400
    assert SurveyResponse.objects.counted().count() == 1
    browser.post(path, {"act": "out", "reason": "It names a neighbour."})
    assert SurveyResponse.objects.counted().count() == 0
    browser.post(path, {"act": "back"})
    assert SurveyResponse.objects.counted().count() == 1
