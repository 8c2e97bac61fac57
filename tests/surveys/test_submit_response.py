"""Taking in a response: who may, when and how often; where it is; and that nobody sees it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.contrib.gis.geos import Point
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse

from geoparticipation.accounts.identity import Actor
from geoparticipation.accounts.models import Device, User
from geoparticipation.consultations.enums import PhaseKind
from geoparticipation.contributions.domain.change_status import change_status
from geoparticipation.contributions.enums import Kind, Status
from geoparticipation.contributions.errors import CharterNotAccepted, NotYours, StatusChangeNotAllowed
from geoparticipation.contributions.models import Contribution
from geoparticipation.mailings.domain.letterbox_codes import open_code
from geoparticipation.mailings.domain.make_mailing import code_of, make_mailing
from geoparticipation.surveys.domain import save_survey
from geoparticipation.surveys.enums import OnePer, SurveyState
from geoparticipation.surveys.errors import (
    AlreadyResponded,
    AnswersRefused,
    PlaceOfAnswerRefused,
    SurveyHasResponses,
)
from geoparticipation.surveys.models import PlaceAnswer, Survey, SurveyResponse, SurveyVoice
from layers.errors import Refusal
from neighbourhoods.domain.targets import PartSpec, save_target
from neighbourhoods.enums import PartKind
from neighbourhoods.models import Address
from tests.fixtures.cast import MakeUser
from tests.fixtures.question import IN_RUE_HAUTE, actor_of, device_actor
from tests.fixtures.survey import ANSWERS, MakeSurvey, Respond, answers, definition
from tests.fixtures.tiny_town import TinyTown

pytestmark = pytest.mark.django_db
CAST = ["agent", "moderator", "planner", "councillor", "citizen", "neighbour", "outsider", "unconfirmed", "visitor"]
PERSONS = CAST[:7]


@pytest.fixture
def actors(cast: dict[str, User], make_user: MakeUser) -> dict[str, Actor]:
    known = {name: actor_of(user) for name, user in cast.items()}
    return {**known, "unconfirmed": actor_of(make_user("unconfirmed", confirmed=False)), "visitor": device_actor()}


def outcome(respond: Respond, **said: Any) -> str:
    try:
        with transaction.atomic():
            respond(**said)
    except Refusal as refusal:
        return refusal.code
    return "taken"


def test_response_is_stored_with_its_places(respond: Respond, survey: Survey, tiny_town: TinyTown) -> None:
    response = respond()

    contribution = response.contribution
    assert (contribution.kind, contribution.status, contribution.origin) == ("response", "counted", "web")
    assert (contribution.consultation_id, contribution.phase.kind) == (survey.consultation_id, "survey")
    assert (contribution.title, contribution.language) == ("How do you get about?", "en")
    assert contribution.geometry.coords == IN_RUE_HAUTE
    assert contribution.public_geometry.equals(tiny_town.rue_haute.geometry)
    assert (contribution.district, contribution.street) == (tiny_town.west, tiny_town.rue_haute)
    assert contribution.device is None
    assert response.answers == {key: value for key, value in ANSWERS.items() if key not in {"danger", "way"}}
    places = response.places.order_by("question", "position")
    assert [(p.question, p.position, p.geometry.geom_type, p.follow_up) for p in places] == [
        ("danger", 0, "Point", {"why": "Fast cars", "bad": 3}),
        ("danger", 1, "Point", {"bad": 1}),
        ("way", 0, "LineString", {}),
    ]
    assert [(place.district, place.street) for place in places] == [
        (tiny_town.west, tiny_town.rue_haute),
        (tiny_town.east, tiny_town.avenue_du_parc),
        (tiny_town.west, tiny_town.rue_haute),
    ]


def test_place_by_name_is_that_of_the_street_or_address(respond: Respond, tiny_town: TinyTown) -> None:
    by_name = [
        {"text": "Rue Haute", "follow_up": {"bad": 1}},
        {
            "chosen": f"address:{tiny_town.addresses['haute 1'].pk}",
            "text": "Rue Haute 1",
            "follow_up": {"bad": 2},
        },
    ]
    response = respond(answers=answers(danger=by_name), geometry=None, street=tiny_town.rue_basse)

    street, address = response.places.filter(question="danger").order_by("position")
    assert street.geometry.equals(tiny_town.rue_haute.geometry)
    assert (street.located_by, address.located_by) == ("street", "address")
    assert address.geometry.coords == (4.4025, 50.8453)
    assert response.contribution.located_by == "street"


def test_wrong_answers_and_places_are_named_and_nothing_is_stored(respond: Respond) -> None:
    with pytest.raises(AnswersRefused) as refusal:
        respond(answers=answers(mode="tram", agree=None))
    assert [(told["path"], told["code"]) for told in refusal.value.extra["faults"]] == [
        ("mode", "unknown_choice"),
        ("agree", "missing"),
    ]
    sea = {"geometry": {"type": "Point", "coordinates": [2.0, 51.5]}, "follow_up": {"bad": 1}}
    with pytest.raises(PlaceOfAnswerRefused) as misplaced:
        respond(answers=answers(danger=[*ANSWERS["danger"], sea]))
    assert misplaced.value.extra == {"path": "danger[2]", "reason": "outside_territory"}
    assert not Contribution.objects.exists()
    assert not SurveyVoice.objects.exists()


OPENING = [PhaseKind.SURVEY]


@pytest.mark.parametrize("kind", [None, *PhaseKind])
def test_everybody_in_every_phase(
    kind: PhaseKind | None, actors: dict[str, Actor], make_survey: MakeSurvey, respond: Respond
) -> None:
    survey = make_survey(kind, one_per=OnePer.NONE)

    taken = {name: outcome(respond, actor=actors[name], to=survey) for name in CAST}

    assert taken == dict.fromkeys(CAST, "taken" if kind in OPENING else "phase_closed")


@pytest.mark.parametrize(
    ("one_per", "level", "allowed"),
    [
        (OnePer.NONE, 0, CAST),
        (OnePer.DEVICE, 0, CAST),
        (OnePer.DEVICE, 1, PERSONS),
        (OnePer.PERSON, 0, PERSONS),
        (OnePer.HOUSEHOLD, 0, []),
        (OnePer.NONE, 2, []),
    ],
)
def test_who_is_known_well_enough(
    one_per: str, level: int, allowed: list[str], actors: dict[str, Actor], make_survey: MakeSurvey, respond: Respond
) -> None:
    survey = make_survey(one_per=one_per, of={"identity_level": level})

    taken = {name: outcome(respond, actor=actors[name], to=survey) for name in CAST}

    assert taken == {name: "taken" if name in allowed else "identity_level_too_low" for name in CAST}


@pytest.mark.parametrize(
    ("state", "code"), [(SurveyState.DRAFT, "unknown_survey"), (SurveyState.CLOSED, "survey_closed")]
)
def test_survey_that_is_not_open_takes_nothing(
    state: str, code: str, make_survey: MakeSurvey, respond: Respond
) -> None:
    assert outcome(respond, to=make_survey(state=state)) == code


def test_paper_is_entered_by_agents_and_moderators_only(
    actors: dict[str, Actor], make_survey: MakeSurvey, respond: Respond
) -> None:
    survey = make_survey(one_per=OnePer.PERSON)

    taken = {name: outcome(respond, actor=actors[name], to=survey, origin="paper") for name in CAST}

    assert taken == {name: "taken" if name in {"agent", "moderator"} else "not_allowed" for name in CAST}
    assert set(Contribution.objects.values_list("author", flat=True)) == {None}


def test_response_from_outside_the_target_is_refused(
    make_survey: MakeSurvey, respond: Respond, tiny_town: TinyTown, agent: User
) -> None:
    east = save_target(name="East", parts=[PartSpec(kind=PartKind.DISTRICT, district_id=tiny_town.east.pk)], user=agent)
    survey = make_survey(target=east, one_per=OnePer.NONE)

    assert outcome(respond, to=survey) == "outside_target"
    assert outcome(respond, to=survey, geometry=Point(4.415, 50.845, srid=4326)) == "taken"


def test_charter_is_accepted_first(make_survey: MakeSurvey, respond: Respond) -> None:
    survey = make_survey(of={"charter": "Be kind."})

    with pytest.raises(CharterNotAccepted):
        respond(to=survey)
    respond(to=survey, charter_accepted=True)


def test_one_response_for_each_device_or_account(
    make_survey: MakeSurvey, respond: Respond, citizen: User, neighbour: User
) -> None:
    survey = make_survey(one_per=OnePer.DEVICE)
    respond(to=survey, actor=device_actor("a"))

    with pytest.raises(AlreadyResponded):
        respond(to=survey, actor=device_actor("a"))
    respond(to=survey, actor=Actor(user=citizen, device=Device(key_hash="b" * 64), level=actor_of(citizen).level))
    for again in (device_actor("b"), actor_of(citizen)):
        assert outcome(respond, to=survey, actor=again) == "already_responded"
    assert outcome(respond, to=survey, actor=actor_of(neighbour)) == "taken"
    assert outcome(respond, to=make_survey(), actor=device_actor("a")) == "taken"


def test_one_response_for_each_person_whatever_the_device(
    make_survey: MakeSurvey, respond: Respond, citizen: User
) -> None:
    survey = make_survey(one_per=OnePer.PERSON)
    respond(to=survey, actor=actor_of(citizen))

    other_device = Actor(user=citizen, device=Device(key_hash="c" * 64), level=actor_of(citizen).level)
    assert outcome(respond, to=survey, actor=other_device) == "already_responded"


def test_one_response_for_each_household_and_nothing_leads_to_the_letterbox(
    make_survey: MakeSurvey, respond: Respond, tiny_town: TinyTown, agent: User
) -> None:
    survey = make_survey(one_per=OnePer.HOUSEHOLD, of={"identity_level": 2})
    town = save_target(
        name="All", parts=[PartSpec(kind=PartKind.DISTRICT, district_id=tiny_town.commune.pk)], user=agent
    )
    mailing = make_mailing(name="Autumn", consultation=survey.consultation, target=town)
    letterbox = mailing.letterboxes.get(house_number="3", segment__street_name="Rue Haute")
    code = open_code(text=code_of(mailing, letterbox, letterbox.codes.get()), actor=Actor())

    response = respond(to=survey, letterbox=code)

    assert response.contribution.located_by == "letterbox"
    assert response.contribution.geometry.equals(letterbox.segment.public_geometry)
    assert outcome(respond, to=survey, actor=device_actor("z"), letterbox=code) == "already_responded"
    code.refresh_from_db()
    assert code.is_used_up
    stored = [
        str(value)
        for model in (SurveyResponse, SurveyVoice)
        for row in model.objects.values()
        for value in row.values()
    ]
    assert code.code_hash not in stored


def test_neighbours_who_share_a_flyer_answer_as_many_as_it_has_voices(
    make_survey: MakeSurvey, respond: Respond, tiny_town: TinyTown, agent: User
) -> None:
    survey = make_survey(one_per=OnePer.HOUSEHOLD, of={"identity_level": 2, "voices_per": "dwelling"})
    Address.objects.update(dwellings=2)
    town = save_target(
        name="All", parts=[PartSpec(kind=PartKind.DISTRICT, district_id=tiny_town.commune.pk)], user=agent
    )
    mailing = make_mailing(name="Autumn", consultation=survey.consultation, target=town)
    letterbox = mailing.letterboxes.get(house_number="3", segment__street_name="Rue Haute")

    def answer(device: str) -> str:
        code = open_code(text=code_of(mailing, letterbox, letterbox.codes.get()), actor=Actor())
        return outcome(respond, to=survey, actor=device_actor(device), letterbox=code)

    assert [answer("a"), answer("a"), answer("b"), answer("c")] == [
        "taken", "already_responded", "taken", "letterbox_code_used",
    ]  # fmt: skip


def test_a_code_kept_on_an_account_answers_with_that_account(
    make_survey: MakeSurvey, respond: Respond, tiny_town: TinyTown, agent: User
) -> None:
    """Else the home would speak twice: with the account, and with the flyer."""
    survey = make_survey(of={"identity_level": 2})
    town = save_target(
        name="All", parts=[PartSpec(kind=PartKind.DISTRICT, district_id=tiny_town.commune.pk)], user=agent
    )
    mailing = make_mailing(name="Autumn", consultation=survey.consultation, target=town)
    letterbox = mailing.letterboxes.get(house_number="3", segment__street_name="Rue Haute")
    letterbox.codes.update(has_proved=True)
    code = open_code(text=code_of(mailing, letterbox, letterbox.codes.get()), actor=Actor())

    assert outcome(respond, to=survey, letterbox=code) == "letterbox_code_kept"


@pytest.mark.django_db(transaction=True)
def test_of_two_responses_at_once_one_is_taken(survey: Survey, respond: Respond) -> None:
    def answer(_number: int) -> str:
        try:
            return outcome(respond, actor=device_actor("q"))
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        outcomes = sorted(pool.map(answer, range(4)))

    assert outcomes == ["already_responded"] * 3 + ["taken"]
    assert SurveyResponse.objects.count() == 1


def test_moderator_takes_a_response_out_and_nobody_puts_it_online(
    respond: Respond, moderator: User, citizen: User, neighbour: User
) -> None:
    response = respond(actor=actor_of(citizen))
    contribution = response.contribution

    with pytest.raises(NotYours):
        change_status(contribution=contribution, to_status=Status.HIDDEN, actor=actor_of(neighbour), reason="no")
    with pytest.raises(StatusChangeNotAllowed):
        change_status(contribution=contribution, to_status=Status.PUBLISHED, actor=actor_of(moderator))
    assert SurveyResponse.objects.counted().count() == 1
    change_status(contribution=contribution, to_status=Status.HIDDEN, actor=actor_of(moderator), reason="A name")
    assert SurveyResponse.objects.counted().count() == 0
    with pytest.raises(StatusChangeNotAllowed):
        change_status(contribution=contribution, to_status=Status.PUBLISHED, actor=actor_of(moderator))
    change_status(contribution=contribution, to_status=Status.COUNTED, actor=actor_of(moderator))
    assert SurveyResponse.objects.counted().count() == 1
    with pytest.raises(IntegrityError), transaction.atomic():
        Contribution.objects.filter(pk=contribution.pk).update(status=Status.PUBLISHED)


def test_queries_of_a_response(respond: Respond, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(17):
        respond(answers=answers(danger=ANSWERS["danger"][:1], way=None))


def test_questions_stay_once_people_answered_and_words_may_change(
    survey: Survey, respond: Respond, agent: User
) -> None:
    respond()
    words = definition(title={"fr": "Autrement dit", "en": "In other words"})
    other = definition()
    other["sections"][0]["questions"][0]["choices"].pop()
    other["sections"][0]["questions"][2].pop("show_if")
    same = {"user": agent, "consultation": survey.consultation, "slug": survey.slug, "survey": survey}

    save_survey(**same, definition=words, state=SurveyState.OPEN)

    assert Survey.objects.get().definition["title"]["en"] == "In other words"
    with pytest.raises(SurveyHasResponses):
        save_survey(**same, definition=other)


def test_nothing_public_shows_a_response(
    survey: Survey, respond: Respond, citizen: User, outsider: User, client: Client
) -> None:
    secret = "zanzibar"
    code = str(respond(actor=actor_of(citizen), answers=answers(word=secret)).contribution.code)
    slug = survey.consultation.slug
    addresses = [
        reverse("home"),
        reverse("contributions"),
        reverse("contributions") + "?kind=response",
        reverse("contributions") + "?q=about",
        reverse("consultation", args=[slug]),
        reverse("consultation-results", args=[slug]),
        reverse("consultation-report", args=[slug, "html"]),
        "/api/v1/contributions/",
        "/api/v1/contributions/?kind=response",
        "/api/v1/contributions/?status=counted",
        "/api/v1/contributions/?q=about",
        "/api/v1/contributions/?limit=5",
        *(reverse("contributions-export") + f"?format={kind}" for kind in ("csv", "geojson", "gpkg")),
    ]
    for user in (None, outsider):
        if user is not None:
            client.force_login(user)
        for address in addresses:
            response = client.get(address)
            content = b"".join(response.streaming_content) if response.streaming else response.content
            assert response.status_code == 200, (address, response.status_code)
            for trace in (code, secret):
                assert trace.encode() not in content, address
        assert client.get(f"/contributions/{code}/").status_code == 404
        assert client.get(f"/api/v1/contributions/{code}/").status_code == 404
    tile = client.get("/tiles/contributions/0/0/0.mvt")
    assert tile.status_code == 204
    assert client.get("/tiles/contributions/16/33569/21990.mvt").status_code == 204
    assert client.get("/api/v1/contributions/").json()["features"] == []
    assert PlaceAnswer.objects.count() == 3
    assert Contribution.objects.public().count() == 0
    assert Kind.RESPONSE not in Contribution.objects.visible_to(outsider).values_list("kind", flat=True)
