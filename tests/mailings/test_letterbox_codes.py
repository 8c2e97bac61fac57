"""Opening and using codes: from the flyer to the answer, once, and what a guesser gets."""

from __future__ import annotations

import json
import re
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.contrib.gis.geos import Point
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.utils.translation import override

from geoparticipation.accounts.enums import IdentityLevel
from geoparticipation.accounts.errors import TooOften
from geoparticipation.accounts.identity import Actor
from geoparticipation.accounts.models import RateCount, User
from geoparticipation.consultations.enums import ConsultationState, ModerationRule, VoicesPer
from geoparticipation.consultations.models import Consultation
from geoparticipation.contributions.domain import submit_contribution
from geoparticipation.contributions.enums import Kind, LocatedBy, Status
from geoparticipation.contributions.errors import IdentityTooLow
from geoparticipation.contributions.models import Contribution
from geoparticipation.mailings.codes import ALPHABET, check_character, derive_code
from geoparticipation.mailings.domain.letterbox_codes import open_code, use_code
from geoparticipation.mailings.domain.make_mailing import code_of, make_mailing
from geoparticipation.mailings.enums import FlyersPer
from geoparticipation.mailings.errors import CodeForAnotherConsultation, CodeMistyped, CodeUnknown, CodeUsedUp
from geoparticipation.mailings.models import LetterboxCode, Mailing
from neighbourhoods.domain.targets import PartSpec, save_target
from neighbourhoods.enums import PartKind
from tests.fixtures.question import MakeConsultation
from tests.fixtures.tiny_town import TinyTown
from tests.layers.pictures.pictures import photo as jpeg_photo

pytestmark = pytest.mark.django_db
SOMEBODY = Actor(source="a connection")
FOREIGN = derive_code(salt="no mailing", letterbox=1, number=1)


@pytest.fixture
def household_question(make_consultation: MakeConsultation) -> Consultation:
    return make_consultation(identity_level=IdentityLevel.HOUSEHOLD)


@pytest.fixture
def mailing(household_question: Consultation, tiny_town: TinyTown, agent: User) -> Mailing:
    parts = [PartSpec(kind=PartKind.DISTRICT, district_id=tiny_town.commune.pk)]
    target = save_target(name="Everybody", parts=parts, user=agent)
    return make_mailing(name="Autumn", consultation=household_question, target=target)


def code_at(mailing: Mailing, house_number: str, street: str = "Rue Haute") -> str:
    letterbox = mailing.letterboxes.get(house_number=house_number, segment__street_name=street)
    return code_of(mailing, letterbox, letterbox.codes.get())


def answer(consultation: Consultation, letterbox: LetterboxCode, **said: Any) -> Contribution:
    return submit_contribution(
        actor=SOMEBODY,
        consultation=consultation,
        kind=Kind.PROPOSAL,
        title="A bench",
        located_by=LocatedBy.LETTERBOX,
        letterbox=letterbox,
        **said,
    )


def test_a_code_opens_its_letterbox_and_notes_the_first_time(mailing: Mailing) -> None:
    text = code_at(mailing, "5 bis")

    first = open_code(
        text=f" {text.lower()[:4]} {text[4:]}", actor=SOMEBODY, at=datetime(2025, 6, 29, 22, 30, tzinfo=UTC)
    )
    second = open_code(text=text, actor=SOMEBODY)

    assert first.letterbox.house_number == "5 bis"
    assert first.letterbox.mailing == mailing
    assert second.opened_on == first.opened_on == date(2025, 6, 30)  # in the town, where it is past midnight
    assert list(LetterboxCode.objects.filter(opened_on__isnull=False)) == [first]
    assert not RateCount.objects.exists()  # right codes are not counted


def test_an_answer_lies_on_the_segment_and_says_nothing_of_the_door(
    mailing: Mailing, household_question: Consultation, tiny_town: TinyTown
) -> None:
    code = open_code(text=code_at(mailing, "5 bis"), actor=SOMEBODY)

    idea = answer(household_question, code)

    door = tiny_town.addresses["haute 5"].geometry
    assert idea.located_by == LocatedBy.LETTERBOX
    assert idea.geometry.equals_exact(idea.public_geometry)
    assert idea.geometry.geom_type in {"LineString", "MultiLineString"}
    assert idea.geometry.distance(door) > 0.0002  # 0.0003° off the middle of the street
    assert (idea.street, idea.author, idea.device) == (tiny_town.rue_haute, None, None)
    # No column or table ties the two together.
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_jsonb(c)::text FROM contributions_contribution c")
        [(row,)] = cursor.fetchall()
        cursor.execute("SELECT to_jsonb(c)::text FROM mailings_letterboxcode c WHERE uses > 0")
        [(used,)] = cursor.fetchall()
    assert str(code.letterbox.geometry.x) not in row
    assert not re.search(r"\d\d:\d\d", used)  # the answer's moment would tell
    kept = {field.name for field in Contribution._meta.get_fields()}
    assert not {"letterbox", "letterbox_code", "mailing"} & kept


def test_one_voice_per_code(mailing: Mailing, household_question: Consultation) -> None:
    code = open_code(text=code_at(mailing, "2"), actor=SOMEBODY)
    answer(household_question, code)

    with pytest.raises(CodeUsedUp):
        answer(household_question, code)

    assert Contribution.objects.count() == 1
    code.refresh_from_db()
    assert (code.uses, code.is_used_up) == (1, True)
    assert open_code(text=code_at(mailing, "2"), actor=SOMEBODY).is_used_up


def test_as_many_voices_as_dwellings_where_the_mailing_says_so(
    mailing: Mailing, household_question: Consultation
) -> None:
    household_question.voices_per = VoicesPer.DWELLING
    second = make_mailing(name="Winter", consultation=household_question, target=mailing.target)
    code = open_code(text=code_at(second, "6"), actor=SOMEBODY)  # three dwellings

    for _ in range(3):
        use_code(code=code)
    with override("en"), pytest.raises(CodeUsedUp, match="All 3 answers of this letterbox were given"):
        use_code(code=code)


@pytest.mark.parametrize(
    ("voices_per", "heard", "sentence"),
    [
        (VoicesPer.LETTERBOX, 1, "This letterbox answered on July 3, 2026"),
        (VoicesPer.DWELLING, 3, "An answer was given with this code on July 3, 2026"),
    ],
)
def test_flyers_for_each_dwelling_have_the_voices_that_the_consultation_says(
    mailing: Mailing, household_question: Consultation, voices_per: VoicesPer, heard: int, sentence: str
) -> None:
    """Three flyers lie in the letterbox of number 6: three voices, or one between them; never two with one flyer."""
    household_question.voices_per = voices_per
    second = make_mailing(
        name="Winter", consultation=household_question, target=mailing.target, flyers_per=FlyersPer.DWELLING
    )
    flyers = LetterboxCode.objects.select_related("letterbox").filter(
        letterbox__mailing=second, letterbox__house_number="6", letterbox__segment__street_name="Rue Haute"
    )
    july = datetime(2026, 7, 3, 12, tzinfo=UTC)

    answered = 0
    for code in [*flyers, *flyers]:
        with suppress(CodeUsedUp):
            use_code(code=code, at=july)
            answered += 1

    assert (len(flyers), answered) == (3, heard)
    assert {code.is_used_up for code in flyers.all()} == {True}
    assert second.letterboxes.get(house_number="6").voices_used == heard
    with override("en"), pytest.raises(CodeUsedUp, match=sentence):
        use_code(code=flyers[0])


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_one_is_heard(mailing: Mailing, household_question: Consultation) -> None:
    code = open_code(text=code_at(mailing, "2"), actor=SOMEBODY)

    def once(_number: int) -> bool:
        try:
            answer(household_question, code)
        except CodeUsedUp:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(once, range(6))) == 1
    assert Contribution.objects.count() == 1


def test_a_code_opens_nothing_in_another_consultation(mailing: Mailing, make_consultation: MakeConsultation) -> None:
    other = make_consultation()
    code = open_code(text=code_at(mailing, "2"), actor=SOMEBODY)

    with pytest.raises(CodeForAnotherConsultation):
        answer(other, code)

    code.refresh_from_db()
    assert code.uses == 0


def test_a_scanned_code_opens_no_form_of_another_consultation(
    client: Client, mailing: Mailing, make_consultation: MakeConsultation
) -> None:
    other = make_consultation(identity_level=IdentityLevel.HOUSEHOLD)
    path = f"/consultations/{other.slug}/contribute/"
    said = {"title": "A bench", "place_text": "Rue Haute", "act": "send"}
    client.get(f"/l/{code_at(mailing, '2')}")

    assert client.post(path, said).status_code == 403
    typed = client.post(path, {**said, "letterbox_code": code_at(mailing, "2")}, headers={"accept-language": "en"})

    assert typed.status_code == 400
    assert "This code belongs to another consultation." in typed.content.decode()
    assert not Contribution.objects.exists()
    assert not LetterboxCode.objects.filter(uses__gt=0).exists()


def test_codes_of_a_draft_open_nothing(mailing: Mailing, household_question: Consultation) -> None:
    Consultation.objects.filter(pk=household_question.pk).update(state=ConsultationState.DRAFT)

    with pytest.raises(CodeUnknown):
        open_code(text=code_at(mailing, "2"), actor=SOMEBODY)


def test_without_a_code_nobody_speaks_for_a_household(household_question: Consultation, citizen: User) -> None:
    with pytest.raises(IdentityTooLow):
        submit_contribution(
            actor=Actor(user=citizen, level=IdentityLevel.EMAIL),
            consultation=household_question,
            kind=Kind.PROPOSAL,
            title="A bench",
            geometry=Point(4.405, 50.8451, srid=4326),
        )


def test_a_guesser_is_stopped_and_right_codes_with_it(mailing: Mailing, settings: Any) -> None:
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "code": 3}
    with pytest.raises(CodeMistyped):
        open_code(text="AAAA AAAA A", actor=SOMEBODY)  # a slip, which tells nothing
    for _ in range(3):
        with pytest.raises(CodeUnknown):
            open_code(text=FOREIGN, actor=SOMEBODY)

    for text in (FOREIGN, code_at(mailing, "2")):
        with pytest.raises(TooOften):
            open_code(text=text, actor=SOMEBODY)
    assert open_code(text=code_at(mailing, "2"), actor=Actor(source="another connection"))


def test_guessing_is_hopeless(mailing: Mailing) -> None:
    """Odds of one guess with a right check character: codes in use of 31⁸. Here 12; of 2,000 guesses none is right."""
    guesses = []
    for number in range(2_000):
        eight = "".join(ALPHABET[(number * 7 + position * position) % 31] for position in range(8))
        guesses.append(eight + check_character(eight))
    for number, text in enumerate(guesses):
        with pytest.raises(CodeUnknown):
            open_code(text=text, actor=Actor(source=f"connection {number}"))


# Pages ----------------------------------------------------------------------------------------------------------------


def test_scanned_code_leads_to_the_form_at_the_segment(
    client: Client, mailing: Mailing, household_question: Consultation
) -> None:
    response = client.get(f"/l/{code_at(mailing, '2')}")

    assert response.headers["Location"] == f"/consultations/{household_question.slug}/contribute/"
    assert response.headers["Referrer-Policy"] == "no-referrer"
    assert "no-store" in response.headers["Cache-Control"]
    page = client.get(response.headers["Location"], headers={"accept-language": "en"}).content.decode()
    assert "your part of Rue Haute" in page
    assert "letterbox-place" in page

    sent = client.post(
        response.headers["Location"], {"title": "A bench", "act": "send"}, headers={"accept-language": "en"}
    )
    assert sent.status_code == 302
    assert Contribution.objects.get().located_by == LocatedBy.LETTERBOX
    again = client.get(f"/l/{code_at(mailing, '2')}", follow=True, headers={"accept-language": "en"})
    assert again.redirect_chain[-1][0] == f"/consultations/{household_question.slug}/"
    assert "This letterbox answered on" in again.content.decode()


def test_an_answer_with_a_photo_waits_for_its_moderator(
    client: Client, mailing: Mailing, household_question: Consultation
) -> None:
    Consultation.objects.filter(pk=household_question.pk).update(moderation=ModerationRule.BEFORE)
    form = client.get(f"/l/{code_at(mailing, '2')}").headers["Location"]
    photo = SimpleUploadedFile("bench.jpg", jpeg_photo(), "image/jpeg")

    sent = client.post(
        form, {"title": "A bench", "act": "send", "photos": photo}, headers={"accept-language": "en"}, follow=True
    )

    assert (sent.status_code, sent.redirect_chain[-1][0]) == (200, f"/consultations/{household_question.slug}/")
    assert "Your idea has arrived." in sent.content.decode()
    idea = Contribution.objects.get()
    assert (idea.status, idea.photos.count(), idea.author, idea.device) == (Status.SUBMITTED, 1, None, None)
    assert client.get(f"/contributions/{idea.code}/").status_code == 404


def test_a_typed_code_works_like_a_scanned_one(
    client: Client, mailing: Mailing, household_question: Consultation
) -> None:
    path = f"/consultations/{household_question.slug}/contribute/"
    data = {"title": "A bench", "place_text": "Rue Haute", "act": "send"}

    refused = client.post(path, {**data, "letterbox_code": "AAAA AAAA A"})
    assert refused.status_code == 400
    assert 'id="idea-code-error"' in refused.content.decode()
    assert client.post(path, data).status_code == 403
    sent = client.post(path, {**data, "letterbox_code": code_at(mailing, "2").lower()})

    assert sent.status_code == 302
    assert Contribution.objects.get().located_by == LocatedBy.STREET
    assert LetterboxCode.objects.get(uses=1).letterbox.house_number == "2"


@pytest.mark.parametrize(
    ("text", "status"), [("AAAA-AAAA-A", 400), (FOREIGN, 404), ("%E2%98%83", 400), ("x" * 300, 400)]
)
def test_wrong_codes_are_asked_for_again(client: Client, mailing: Mailing, text: str, status: int) -> None:
    response = client.get(f"/l/{text}")

    assert response.status_code == status
    assert 'role="alert"' in response.content.decode()


def test_comments_and_support_of_a_household(
    client: Client, mailing: Mailing, household_question: Consultation
) -> None:
    idea = answer(household_question, open_code(text=code_at(mailing, "2"), actor=SOMEBODY))
    client.get(f"/l/{code_at(mailing, '6')}")

    client.post(f"/contributions/{idea.code}/comment/", {"body": "Yes."})
    client.post(f"/contributions/{idea.code}/support/")

    idea.refresh_from_db()
    assert (idea.comment_count, idea.support_count) == (1, 1)
    stranger = Client()
    assert stranger.post(f"/contributions/{idea.code}/comment/", {"body": "Yes."}).status_code == 403


def test_no_public_output_holds_the_door(client: Client, mailing: Mailing, household_question: Consultation) -> None:
    """After an answer, nothing that anybody may read has the letterbox's point, however it is written."""
    letterbox = mailing.letterboxes.get(house_number="5 bis")
    code = open_code(text=code_at(mailing, "5 bis"), actor=SOMEBODY)
    idea = answer(household_question, code)
    texts = [f"{letterbox.geometry.x:.4f}", f"{letterbox.geometry.y:.4f}"]
    assert texts == ["4.4065", "50.8453"]

    for path in (
        "/api/v1/contributions/",
        f"/api/v1/contributions/{idea.code}/",
        f"/contributions/{idea.code}/",
        f"/consultations/{household_question.slug}/results/",
        f"/consultations/{household_question.slug}/report.html",
        "/api/v1/contributions/export.csv",
        "/api/v1/contributions/export.geojson",
    ):
        response = client.get(path)
        assert response.status_code == 200, path
        body = b"".join(response.streaming_content) if response.streaming else response.content
        data = body.decode()
        if "json" in response.headers["Content-Type"]:
            data = json.dumps(json.loads(data)["features"] if "features" in json.loads(data) else json.loads(data))
        assert not any(text in data for text in texts), path
