"""Answers on paper: one by its code, many from a file, and who may enter them; codes through the API."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from geoparticipation.accounts.enums import IdentityLevel
from geoparticipation.accounts.errors import NotAllowed
from geoparticipation.accounts.models import RateCount, User
from geoparticipation.consultations.models import Consultation
from geoparticipation.contributions.domain.enter_paper import (
    MOST_ROWS,
    enter_paper_answer,
    find_flyer,
    import_paper_answers,
)
from geoparticipation.contributions.enums import LocatedBy, Origin, Status
from geoparticipation.contributions.errors import PaperFileUnreadable, TextMissing
from geoparticipation.contributions.models import Contribution
from geoparticipation.mailings.codes import derive_code
from geoparticipation.mailings.domain.make_mailing import code_of, make_mailing
from geoparticipation.mailings.errors import CodeMistyped, CodeUnknown, CodeUsedUp
from geoparticipation.mailings.models import LetterboxCode, Mailing
from neighbourhoods.domain.targets import PartSpec, save_target
from neighbourhoods.enums import PartKind
from tests.fixtures.question import MakeConsultation, actor_of
from tests.fixtures.tiny_town import TinyTown

pytestmark = pytest.mark.django_db
FOREIGN = derive_code(salt="no mailing", letterbox=1, number=1)
PAGE = "/workspace/mailings/paper/"
API = "/api/v1/contributions/"


@pytest.fixture
def question(make_consultation: MakeConsultation) -> Consultation:
    """Asks for the code of a flyer."""
    return make_consultation(identity_level=IdentityLevel.HOUSEHOLD)


@pytest.fixture
def mailing(question: Consultation, tiny_town: TinyTown, agent: User) -> Mailing:
    parts = [PartSpec(kind=PartKind.DISTRICT, district_id=tiny_town.commune.pk)]
    target = save_target(name="Everybody", parts=parts, user=agent)
    return make_mailing(name="Autumn", consultation=question, target=target)


def code_at(mailing: Mailing, house_number: str, street: str = "Rue Haute") -> str:
    letterbox = mailing.letterboxes.get(house_number=house_number, segment__street_name=street)
    return code_of(mailing, letterbox, letterbox.codes.get())


def test_an_answer_on_paper_is_the_households_voice(mailing: Mailing, question: Consultation, agent: User) -> None:
    actor = actor_of(agent)
    text = code_at(mailing, "2")
    find_flyer(text=text, actor=actor)
    assert not LetterboxCode.objects.filter(opened_on__isnull=False).exists()  # an agent looked, not the household

    stored = enter_paper_answer(actor=actor, code_text=text.lower(), title="A bench", body="In the shade.")

    segment = mailing.letterboxes.get(house_number="2", segment__street_name="Rue Haute").segment
    assert (stored.origin, stored.status, stored.located_by) == (Origin.PAPER, Status.SUBMITTED, LocatedBy.LETTERBOX)
    assert (stored.author, stored.author_name, stored.device) == (None, "", None)
    assert stored.geometry.equals(segment.public_geometry)
    with pytest.raises(CodeUsedUp):
        enter_paper_answer(actor=actor, code_text=text, title="Another", body="")
    assert Contribution.objects.count() == 1


def test_a_refused_answer_leaves_the_code_unused(mailing: Mailing, agent: User) -> None:
    for code, title, error in (
        ("AAAA AAAA A", "A bench", CodeMistyped),
        (FOREIGN, "A bench", CodeUnknown),
        (code_at(mailing, "2"), "", TextMissing),
    ):
        with pytest.raises(error):
            enter_paper_answer(actor=actor_of(agent), code_text=code, title=title, body="")

    assert not LetterboxCode.objects.filter(uses__gt=0).exists()


def test_citizens_enter_no_paper(mailing: Mailing, citizen: User) -> None:
    with pytest.raises(NotAllowed):
        enter_paper_answer(actor=actor_of(citizen), code_text=code_at(mailing, "2"), title="A bench", body="")
    with pytest.raises(NotAllowed):
        import_paper_answers(actor=actor_of(citizen), content=b"code,title,body\n")


@pytest.mark.parametrize(("encoding", "delimiter"), [("utf-8-sig", ","), ("utf-8", ";"), ("cp1252", "\t")])
def test_a_file_is_taken_row_by_row(mailing: Mailing, agent: User, encoding: str, delimiter: str) -> None:
    one, two = code_at(mailing, "2"), code_at(mailing, "6")
    lines = [
        ["Title", "CODE", "body", "page"],
        ["Une allée", one, "D'été.", "1"],
        ["Typed wrong", "AAAA AAAA A", "", "2"],
        ["", two, "No title", "3"],
        ["", "", "", ""],
        ["Unknown", FOREIGN, "", "4"],
        ["Again", one, "", "5"],
        ["Un banc", two],
    ]
    content = "\r\n".join(delimiter.join(line) for line in lines).encode(encoding)

    report = import_paper_answers(actor=actor_of(agent), content=content)

    assert (report.read, report.written) == (6, 2)
    assert [(row.number, row.code) for row in report.refused] == [
        (3, "letterbox_code_mistyped"),
        (4, "text_missing"),
        (6, "letterbox_code_unknown"),
        (7, "letterbox_code_used"),
    ]
    assert set(Contribution.objects.values_list("title", flat=True)) == {"Une allée", "Un banc"}
    again = import_paper_answers(actor=actor_of(agent), content=content)
    assert (again.written, Contribution.objects.count()) == (0, 2)


NO_SUCH_FILES = [
    b"",
    b"code;title\n",
    b"\x00\xff\xfe",
    b'code,title,body\n"' + b"x" * 140_000,
    b"code,title,body\n" + b"a,b,c\n" * (MOST_ROWS + 1),
]


@pytest.mark.parametrize("content", NO_SUCH_FILES, ids=["empty", "column", "bytes", "quote", "long"])
def test_what_is_no_such_file_is_refused_whole(content: bytes, agent: User) -> None:
    with pytest.raises(PaperFileUnreadable):
        import_paper_answers(actor=actor_of(agent), content=content)


@pytest.mark.parametrize(
    ("who", "status"),
    [("agent", 200), ("moderator", 403), ("planner", 403), ("councillor", 403), ("citizen", 403), (None, 302)],
)
def test_only_agents_open_the_page(cast: dict[str, User], client: Client, who: str | None, status: int) -> None:
    if who:
        client.force_login(cast[who])

    assert client.get(PAGE).status_code == status
    assert client.post(PAGE, {"act": "look", "code": FOREIGN}).status_code == (422 if who == "agent" else status)


def test_the_page_shows_the_street_and_never_the_home(mailing: Mailing, agent: User, client: Client) -> None:
    client.force_login(agent)
    english = {"accept-language": "en"}
    text = code_at(mailing, "5 bis")

    looked = client.post(PAGE, {"act": "look", "code": text}, headers=english).content.decode()
    assert "Question 1" in looked
    assert "5 bis" not in looked
    untitled = client.post(PAGE, {"act": "send", "code": text, "body": "Kept"}, headers=english)
    assert untitled.status_code == 422
    assert "Give your idea a title." in untitled.content.decode()
    assert "Kept" in untitled.content.decode()
    sent = client.post(PAGE, {"act": "send", "code": text, "title": "A bench"}, headers=english)
    assert sent.status_code == 302
    again = client.post(PAGE, {"act": "look", "code": text}, headers=english).content.decode()
    assert "Each letterbox has one voice here." in again
    file = SimpleUploadedFile("a.csv", f"code,title,body\n{text},A bench,\n".encode())
    imported = client.post(PAGE, {"act": "import", "file": file}, headers=english).content.decode()
    assert "0 answers stored of 1 rows." in imported
    assert client.post(PAGE, {"act": "import"}, headers=english).status_code == 422


# Through the API ------------------------------------------------------------------------------------------------------


def a_feature(question: Consultation, code: str, **more: Any) -> dict[str, Any]:
    properties = {"consultation": question.slug, "title": "A bench", "letterbox_code": code}
    return {"type": "Feature", "geometry": None, "properties": properties, **more}


def test_a_code_in_the_api_speaks_for_its_household_once(
    client: Client, mailing: Mailing, question: Consultation
) -> None:
    body = a_feature(question, code_at(mailing, "2").lower())

    made = client.post(API, body, content_type="application/json")
    again = client.post(API, body, content_type="application/json")

    assert made.status_code == 201, made.content
    stored = Contribution.objects.get()
    assert (stored.origin, stored.located_by) == (Origin.API, LocatedBy.LETTERBOX)
    assert (again.status_code, again.json()["code"]) == (409, "letterbox_code_used")
    assert "letterbox_code" not in made.json()["properties"]


def test_a_pin_goes_before_the_place_of_the_code(client: Client, mailing: Mailing, question: Consultation) -> None:
    point = {"type": "Point", "coordinates": [4.405, 50.8451]}

    made = client.post(API, a_feature(question, code_at(mailing, "2"), geometry=point), content_type="application/json")

    assert made.status_code == 201
    assert Contribution.objects.get().located_by == LocatedBy.PIN


def test_wrong_codes_in_the_api_are_refused_and_counted(
    client: Client, mailing: Mailing, question: Consultation, settings: Any
) -> None:
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "code": 2}
    slip = client.post(API, a_feature(question, "AAAA AAAA A"), content_type="application/json")
    assert (slip.status_code, slip.json()["code"]) == (400, "letterbox_code_mistyped")
    headers = {"idempotency-key": "one"}  # a transaction around the answer does not undo the count

    answers = [
        client.post(API, a_feature(question, FOREIGN), content_type="application/json", headers=headers)
        for _ in range(3)
    ]

    assert [answer.status_code for answer in answers] == [404, 404, 429]
    assert RateCount.objects.exists()
    assert not Contribution.objects.exists()


def test_a_code_of_another_consultation_is_refused(
    client: Client, mailing: Mailing, make_consultation: MakeConsultation
) -> None:
    answer = client.post(API, a_feature(make_consultation(), code_at(mailing, "2")), content_type="application/json")

    assert (answer.status_code, answer.json()["code"]) == (400, "letterbox_code_elsewhere")
    assert not LetterboxCode.objects.filter(uses__gt=0).exists()
