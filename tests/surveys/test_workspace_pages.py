"""Surveys in the workspace: who may open what, what is kept, what responses hold fast."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils.html import escape
from pytest_django import DjangoAssertNumQueries

from geoparticipation.accounts.models import User
from geoparticipation.surveys.definition import find_faults, read_definition
from geoparticipation.surveys.domain.edit_survey import change_questions
from geoparticipation.surveys.editing import changes
from geoparticipation.surveys.enums import SurveyState
from geoparticipation.surveys.models import Survey
from tests.fixtures.question import MakeConsultation
from tests.fixtures.survey import DEFINITION, MakeSurvey, Respond, definition
from tests.fixtures.tiny_town import TinyTown
from tests.surveys.xlsform.workbooks import workbook

pytestmark = pytest.mark.django_db
LIST = "/workspace/surveys/"
ENGLISH = {"accept-language": "en"}
OPENED = ["", "preview/", "texts/", "sections/habits/", "questions/mode/", "questions/danger/why/", "settings/",
          "imported/", "paper/", "paper/form.pdf", "survey.json"]  # fmt: skip
SENT = {"act": "up", "to": "closed", "confirmed": "1"}


@pytest.fixture
def here(survey: Survey) -> str:
    return f"{LIST}{survey.slug}/"


def test_a_visitor_is_sent_to_sign_in(client: Client, here: str) -> None:
    for path in [LIST, f"{LIST}new/", *(f"{here}{page}" for page in OPENED)]:
        assert client.get(path)["Location"].startswith("/compte/login/"), path


@pytest.mark.parametrize("person", ["agent", "moderator", "planner", "councillor", "citizen"])
def test_who_may_open_and_send(client: Client, cast: dict[str, User], here: str, survey: Survey, person: str) -> None:
    client.force_login(cast[person])
    allowed = person == "agent"

    pages = [LIST, f"{LIST}new/", *(f"{here}{page}" for page in OPENED)]
    assert {client.get(path).status_code for path in pages} == ({200} if allowed else {403})
    forms = ["act/", "copy/", "state/", "remove/"]
    assert {client.post(f"{here}{form}", SENT).status_code for form in forms} == ({302} if allowed else {403})
    for form in ["texts/", "sections/habits/", "questions/mode/", "settings/", "paper/"]:
        assert allowed or client.post(f"{here}{form}", SENT).status_code == 403
    assert Survey.objects.count() == 1  # taken away and copied, or neither
    assert Survey.objects.filter(pk=survey.pk).exists() is not allowed


@pytest.mark.parametrize("number", [1, 3])
def test_pages_take_the_same_queries_for_one_and_for_three(
    client: Client, agent: User, make_survey: MakeSurvey, number: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client.force_login(agent)
    made = [make_survey() for _number in range(number)]
    survey = made[0]
    for _more in range(number - 1):
        change_questions(
            user=agent,
            survey=survey,
            change=lambda said: changes.add_section(said, kind="place", at={"lon": 0, "lat": 0})[0],
        )
    client.get(LIST)

    # Session, user and the count of what is to be read are in each.
    with django_assert_num_queries(4):
        client.get(LIST)
    with django_assert_num_queries(5):
        client.get(f"{LIST}{survey.slug}/")
    with django_assert_num_queries(4):
        client.get(f"{LIST}{survey.slug}/questions/danger/")
    with django_assert_num_queries(5):
        client.get(f"{LIST}{survey.slug}/paper/")


def test_preview_asks_every_question_in_the_language_chosen_and_takes_nothing(
    client: Client, agent: User, here: str
) -> None:
    client.force_login(agent)

    page = client.get(f"{here}preview/?language=fr", headers=ENGLISH).content.decode()

    before, frame = page.split("<fieldset disabled>")
    for section in DEFINITION["sections"]:
        for question in section["questions"]:
            assert escape(question["label"]["fr"]) in frame
            assert f'name="q.{question["key"]}' in frame
    assert "Preview" in before
    assert "Montrée si" in frame
    assert "<form" not in frame.split("</section>")[0]


def test_a_new_survey_is_a_draft_that_could_be_opened(
    client: Client, agent: User, make_consultation: MakeConsultation, tiny_town: TinyTown
) -> None:
    client.force_login(agent)
    consultation = make_consultation()

    answer = client.post(
        f"{LIST}new/", {"consultation": consultation.pk, "title": "Ma rue, demain", "languages": "fr, en"}
    )

    made = Survey.objects.get()
    assert answer["Location"] == f"{LIST}ma-rue-demain/"
    assert (made.state, made.consultation, made.created_by) == ("draft", consultation, agent)
    assert made.read.languages == ("fr", "en")
    assert not find_faults(made.definition)


def test_what_a_new_survey_lacks_is_said(client: Client, agent: User, make_consultation: MakeConsultation) -> None:
    client.force_login(agent)

    answer = client.post(f"{LIST}new/", {"consultation": "", "title": "", "languages": "français"})

    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {"consultation", "title", "languages"}
    assert not Survey.objects.exists()


def test_file_of_a_survey_comes_back_as_the_same_survey(client: Client, agent: User, survey: Survey, here: str) -> None:
    client.force_login(agent)
    file = client.get(f"{here}survey.json")
    assert file["Content-Disposition"] == f'attachment; filename="{survey.slug}.json"'

    upload = SimpleUploadedFile("survey.json", file.content)
    said = {"consultation": survey.consultation_id, "title": "", "languages": "nl", "file": upload}
    client.post(f"{LIST}new/", said)

    again = Survey.objects.exclude(pk=survey.pk).get()
    assert again.definition == survey.definition


def test_broken_file_names_line_or_question(client: Client, agent: User, survey: Survey) -> None:
    client.force_login(agent)
    said = {"consultation": survey.consultation_id, "title": "", "languages": "fr"}

    line = client.post(f"{LIST}new/", {**said, "file": SimpleUploadedFile("a.json", b'{\n"a": }')}, headers=ENGLISH)
    broken = json.dumps({**DEFINITION, "title": {}}).encode()
    fault = client.post(f"{LIST}new/", {**said, "file": SimpleUploadedFile("a.json", broken)}, headers=ENGLISH)

    assert "Line 2" in line.content.decode()
    assert "“title” is missing" in fault.content.decode()
    assert (line.status_code, fault.status_code, Survey.objects.count()) == (422, 422, 1)


def test_xlsform_becomes_a_draft_with_a_report(client: Client, agent: User, survey: Survey) -> None:
    client.force_login(agent)
    content = workbook(
        survey=[("type", "name", "label"), ("geopoint", "where", "Where?"), ("audio", "say", "Say it")],
        settings=[("form_title",), ("Markets",)],
    )
    said = {
        "consultation": survey.consultation_id,
        "title": "",
        "languages": "fr",
        "file": SimpleUploadedFile("f.xlsx", content),
    }

    answer = client.post(f"{LIST}new/", said, headers=ENGLISH)

    assert answer["Location"] == f"{LIST}markets/imported/"
    page = client.get(answer["Location"], headers=ENGLISH).content.decode()
    assert "1 question of 2 is in the survey." in page
    assert "survey 3" in page
    assert [question.kind for question in Survey.objects.get(slug="markets").read.questions] == ["place"]


def test_each_act_of_the_outline(client: Client, agent: User, here: str, survey: Survey) -> None:
    client.force_login(agent)

    def keys() -> list[list[str]]:
        survey.refresh_from_db()
        return [[question["key"] for question in section["questions"]] for section in survey.definition["sections"]]

    before = keys()
    client.post(f"{here}act/", {"act": "down", "key": "reasons"})
    assert keys()[0][:3] == ["mode", "cars", "reasons"]
    made = client.post(f"{here}act/", {"act": "add", "key": "more", "kind": "scale"})
    assert made["Location"].startswith(f"{here}questions/q")
    client.post(f"{here}act/", {"act": "section-up", "key": "more"})
    assert keys()[1][0] == "photo"
    client.post(f"{here}act/", {"act": "section-remove", "key": "places"})
    assert len(keys()) == len(before) - 1


def test_a_question_cannot_go_before_the_one_its_rule_asks_about(
    client: Client, agent: User, here: str, survey: Survey
) -> None:
    client.force_login(agent)
    client.post(f"{here}act/", {"act": "up", "key": "cars"})

    answer = client.post(f"{here}act/", {"act": "up", "key": "cars"}, headers=ENGLISH, follow=True)

    assert "comes before" in answer.content.decode() or "come before" in answer.content.decode()
    survey.refresh_from_db()
    assert [question["key"] for question in survey.definition["sections"][0]["questions"]][:2] == ["mode", "cars"]


def test_question_texts_rules_and_choices_are_saved(client: Client, agent: User, here: str, survey: Survey) -> None:
    client.force_login(agent)

    answer = client.post(
        f"{here}questions/order/",
        {
            "label.fr": "Dans quel ordre ?", "label.en": "In what order?", "choices.count": "4",
            "choices.0.key": "b", "choices.0.label.fr": "B", "choices.1.key": "a", "choices.1.label.fr": "A",
            "choices.2.key": "", "choices.2.label.fr": "Vélo électrique", "max_ranks": "2", "required": "on",
            "rule.mode": "any", "rule.0.what": "mode||equals|car", "rule.1.what": "reasons|not|includes|fast",
        },
    )  # fmt: skip

    assert answer["Location"] == f"{here}#part-order"
    survey.refresh_from_db()
    order = changes.find_question(survey.definition, "order")
    assert [choice["key"] for choice in order["choices"]] == ["b", "a", "velo_electrique"]
    assert (order["max_ranks"], order["required"], order["label"]["en"]) == (2, True, "In what order?")
    assert order["show_if"] == {
        "any": [
            {"question": "mode", "is": "equals", "value": "car"},
            {"not": {"question": "reasons", "is": "includes", "value": "fast"}},
        ]
    }


def test_what_does_not_fit_is_said_and_nothing_is_kept(client: Client, agent: User, here: str, survey: Survey) -> None:
    client.force_login(agent)

    answer = client.post(f"{here}questions/order/", {"label.fr": "", "choices.count": "0"}, headers=ENGLISH)

    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {"label", "choices"}
    survey.refresh_from_db()
    assert read_definition(survey.definition) == read_definition(DEFINITION)


def test_two_agents_on_one_question(client: Client, agent: User, here: str, survey: Survey) -> None:
    client.force_login(agent)
    seen = client.get(f"{here}questions/word/").context["seen"]
    first = {"label.en": "First", "max_length": "20", "seen": seen}

    client.post(f"{here}questions/word/", first)
    second = client.post(f"{here}questions/word/", {**first, "label.en": "Second"}, headers=ENGLISH)

    survey.refresh_from_db()
    assert changes.find_question(survey.definition, "word")["label"] == {"en": "First"}
    assert "Somebody else changed this meanwhile" in second.content.decode()
    client.post(f"{here}questions/word/", {**first, "label.en": "Second", "seen": second.context["seen"]})
    survey.refresh_from_db()
    assert changes.find_question(survey.definition, "word")["label"] == {"en": "Second"}


def test_section_texts_and_settings(client: Client, agent: User, here: str, survey: Survey) -> None:
    client.force_login(agent)

    client.post(f"{here}sections/more/", {"title.fr": "Fin", "text.fr": "Presque.", "rule.mode": "always"})
    client.post(f"{here}texts/", {"languages": "en", "title.en": "About you", "title.fr": "Vous"})
    client.post(
        f"{here}settings/",
        {"consultation": survey.consultation_id, "target": "", "one_per": "none", "results_shown": "never"},
    )

    survey.refresh_from_db()
    assert survey.definition["title"] == {"en": "About you"}
    assert survey.definition["sections"][2]["title"] == {}
    assert (survey.one_per, survey.results_shown, survey.definition["languages"]) == ("none", "never", ["en"])


@pytest.mark.usefixtures("respond")
def test_with_responses_only_words_change(
    client: Client, agent: User, here: str, survey: Survey, respond: Respond
) -> None:
    client.force_login(agent)
    respond()
    word = {"label.en": "One word?", "max_length": "20", "rule.mode": "always"}

    kept = client.post(f"{here}questions/word/", word)
    refused = client.post(f"{here}questions/word/", {**word, "max_length": "10"}, headers=ENGLISH)
    for act in (
        {"act": "remove", "key": "word"},
        {"act": "add", "key": "more", "kind": "date"},
        {"act": "up", "key": "word"},
    ):
        client.post(f"{here}act/", act)
    other = {"consultation": survey.consultation_id, "target": "", "one_per": "none", "results_shown": "never"}
    settings = client.post(f"{here}settings/", other, headers=ENGLISH)
    removed = client.post(f"{here}remove/", {"confirmed": "1"})
    drafted = client.post(f"{here}state/", {"to": "draft"})

    assert (kept.status_code, refused.status_code, settings.status_code) == (302, 422, 422)
    assert (removed.status_code, drafted.status_code) == (302, 302)
    assert "copy the survey" in refused.content.decode()
    assert "Copy the survey" in settings.content.decode()
    survey.refresh_from_db()
    assert (survey.state, survey.one_per) == ("open", "device")
    now = read_definition(survey.definition)
    assert [question.key for question in now.questions] == [q.key for q in read_definition(DEFINITION).questions]
    assert now.question("word").label == {"en": "One word?"}
    assert "add-section" not in client.get(here).content.decode()


def test_copying_leaves_responses_behind(
    client: Client, agent: User, here: str, survey: Survey, respond: Respond
) -> None:
    client.force_login(agent)
    respond()

    answer = client.post(f"{here}copy/")

    copied = Survey.objects.exclude(pk=survey.pk).get()
    assert answer["Location"] == f"{LIST}{copied.slug}/"
    assert (copied.state, copied.responses.count(), copied.created_by) == (SurveyState.DRAFT, 0, agent)
    assert copied.definition["sections"] == survey.definition["sections"]
    assert copied.definition["title"]["en"] == "How do you get about? (copie)"


def test_unknown_parts_and_methods(client: Client, agent: User, here: str) -> None:
    client.force_login(agent)

    paths = [f"{LIST}nowhere/", f"{here}questions/nowhere/", f"{here}questions/danger/nowhere/", f"{here}sections/no/"]
    assert {client.get(path).status_code for path in paths} == {404}
    assert {client.get(f"{here}{form}").status_code for form in ("act/", "copy/", "state/", "remove/")} == {405}


def sheet(**typed: Any) -> dict[str, Any]:
    return {
        "place_text": "Rue Haute", "language": "en",
        "mode": "3", "reasons": "1 3", "cars": "2", "order": "2 1",
        "safe": "4", "times.work": "2", "danger.0.place": "C4", "danger.0.bad": "2",
        "way.0.place": "B4-C4", "spots": "2",
        "money.lamps": "30", "money.paths": "70", "since": "1/3/2025", "word": "Lamps", "story": "Dark.",
        "agree": "x", **typed,
    }  # fmt: skip


def test_a_sheet_of_paper_is_stored(
    client: Client, agent: User, here: str, survey: Survey, tiny_town: TinyTown
) -> None:
    client.force_login(agent)

    answer = client.post(f"{here}paper/", sheet())

    assert answer.status_code == 302, answer.context["errors"]
    response = survey.responses.get()
    assert (response.contribution.origin, response.contribution.author) == ("paper", None)
    assert response.contribution.street == tiny_town.rue_haute
    assert response.answers == {
        "mode": "car", "reasons": ["fast", "healthy"], "cars": 2, "order": ["b", "a"], "safe": 4,
        "times": {"work": "often"}, "spots": ["station"], "money": {"lamps": 30, "paths": 70}, "since": "2025-03-01",
        "word": "Lamps", "story": "Dark.", "agree": True,
    }  # fmt: skip
    places = [
        (place.question, place.geometry.geom_type, place.follow_up) for place in response.places.order_by("question")
    ]
    assert places == [("danger", "Point", {"bad": 2}), ("way", "LineString", {})]


@pytest.mark.parametrize(
    ("typed", "box"),
    [
        ({"mode": "9"}, "mode"),
        ({"agree": ""}, "agree"),
        ({"danger.0.bad": "7"}, "danger.0.bad"),
        ({"danger.0.place": "Nulle Part 99"}, "danger.0.place"),
        ({"place_text": ""}, "place_text"),
        ({"place_text": "Nulle Part"}, "place_text"),
        ({"code": "K7QM 2R9X W"}, "code"),
    ],
)
def test_what_is_wrong_on_a_sheet_stands_at_its_box(
    client: Client, agent: User, here: str, survey: Survey, typed: dict[str, str], box: str
) -> None:
    client.force_login(agent)

    answer = client.post(f"{here}paper/", sheet(**typed))

    assert answer.status_code == 422
    assert set(answer.context["errors"]) == {box}
    assert "Dark." in answer.content.decode()
    assert not survey.responses.exists()


def test_the_same_sheet_sent_twice_counts_once(client: Client, agent: User, here: str, survey: Survey) -> None:
    client.force_login(agent)
    token = client.get(f"{here}paper/").context["once"]["token"].value()

    client.post(f"{here}paper/", sheet(token=token))
    client.post(f"{here}paper/", sheet(token=token))

    assert survey.responses.count() == 1


def test_a_closed_survey_takes_no_sheets(client: Client, agent: User, make_survey: MakeSurvey) -> None:
    client.force_login(agent)
    closed = make_survey(state=SurveyState.CLOSED, definition=definition())

    answer = client.post(f"{LIST}{closed.slug}/paper/", sheet())

    assert answer.status_code == 422
    assert answer.context["general"]
