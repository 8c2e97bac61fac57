"""A flyer's code as proof of residence: the target and the day, never the letterbox; once per code."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from geoparticipation.accounts.enums import IdentityLevel
from geoparticipation.accounts.errors import NotAllowed
from geoparticipation.accounts.identity import Actor
from geoparticipation.accounts.models import User
from geoparticipation.consultations.models import Consultation
from geoparticipation.contributions.domain import give_support, submit_contribution
from geoparticipation.contributions.enums import Kind, LocatedBy
from geoparticipation.contributions.errors import AlreadySpoken, IdentityTooLow
from geoparticipation.contributions.models import Contribution
from geoparticipation.mailings.domain.keep_residence import keep_typed_code, remove_residence
from geoparticipation.mailings.domain.letterbox_codes import open_code, use_code
from geoparticipation.mailings.domain.make_mailing import code_of, make_mailing
from geoparticipation.mailings.errors import CodeKeptOnAccount, CodeProvedAlready
from geoparticipation.mailings.models import LetterboxCode, Mailing, Residence
from neighbourhoods.domain.targets import PartSpec, save_target
from neighbourhoods.enums import PartKind
from neighbourhoods.models import Target
from tests.fixtures.question import MakeConsultation, Submit, actor_of
from tests.fixtures.tiny_town import TinyTown

pytestmark = pytest.mark.django_db


@pytest.fixture
def mailing(consultation: Consultation, tiny_town: TinyTown, agent: User) -> Mailing:
    parts = [PartSpec(kind=PartKind.DISTRICT, district_id=tiny_town.commune.pk)]
    target = save_target(name="Everybody", parts=parts, user=agent)
    return make_mailing(name="Autumn", consultation=consultation, target=target)


def code_at(mailing: Mailing, house_number: str) -> str:
    letterbox = mailing.letterboxes.get(house_number=house_number, segment__street_name="Rue Haute")
    return code_of(mailing, letterbox, letterbox.codes.get())


def test_the_target_and_the_day_are_kept_and_nothing_of_the_letterbox(mailing: Mailing, citizen: User) -> None:
    kept = keep_typed_code(actor=actor_of(citizen), text=code_at(mailing, "2"))

    assert (kept.user, kept.target, kept.verified_on) == (citizen, mailing.target, timezone.localdate())
    with connection.cursor() as cursor:
        cursor.execute("SELECT column_name FROM information_schema.columns WHERE table_name = 'mailings_residence'")
        assert {name for (name,) in cursor.fetchall()} == {"id", "user_id", "target_id", "verified_on"}
    assert not LetterboxCode.objects.filter(opened_on__isnull=False).exists()


def test_a_code_proves_one_residence_and_still_answers(mailing: Mailing, citizen: User, neighbour: User) -> None:
    text = code_at(mailing, "2")
    first = keep_typed_code(actor=actor_of(citizen), text=text)

    assert keep_typed_code(actor=actor_of(citizen), text=text) == first
    with pytest.raises(CodeProvedAlready):
        keep_typed_code(actor=actor_of(neighbour), text=text)
    use_code(code=LetterboxCode.objects.get(has_proved=True))

    assert Residence.objects.count() == 1


def test_only_its_owner_takes_a_proof_away(mailing: Mailing, citizen: User, neighbour: User) -> None:
    kept = keep_typed_code(actor=actor_of(citizen), text=code_at(mailing, "2"))

    remove_residence(user=neighbour, residence_id=kept.pk)
    assert Residence.objects.exists()
    remove_residence(user=citizen, residence_id=kept.pk)

    assert not Residence.objects.exists()


def test_without_an_account_nothing_is_kept(mailing: Mailing) -> None:
    with pytest.raises(NotAllowed):
        keep_typed_code(actor=Actor(source="a connection"), text=code_at(mailing, "2"))


def test_page_keeps_and_removes_ones_own(client: Client, mailing: Mailing, citizen: User, neighbour: User) -> None:
    assert client.get("/compte/residence/").status_code == 302
    client.force_login(citizen)
    english = {"accept-language": "en"}

    assert client.post("/compte/residence/", {"code": "AAAA AAAA A"}).status_code == 400
    assert client.post("/compte/residence/", {"code": code_at(mailing, "2")}).status_code == 302
    page = client.get("/compte/residence/", headers=english).content.decode()
    assert "Everybody" in page
    assert "verified by letterbox" in page
    client.force_login(neighbour)
    assert "Everybody" not in client.get("/compte/residence/", headers=english).content.decode()
    assert client.post("/compte/residence/", {"code": code_at(mailing, "2")}).status_code == 409
    client.post("/compte/residence/", {"remove": str(Residence.objects.get().pk)})
    assert Residence.objects.count() == 1
    client.force_login(citizen)
    client.post("/compte/residence/", {"remove": str(Residence.objects.get().pk)})
    assert not Residence.objects.exists()


# Where it counts ------------------------------------------------------------------------------------------------------


def street_target(tiny_town: TinyTown, street: str) -> Target:
    part = PartSpec(kind=PartKind.STREET, street_id=getattr(tiny_town, street).pk, buffer_m=30)
    return save_target(name=street, parts=[part], user=None)


@pytest.mark.parametrize(
    ("asked_in", "counts"), [("Everybody", True), (None, True), ("rue_haute", False), ("commune again", True)]
)
def test_it_counts_as_level_2_where_the_home_is_known_to_be(
    mailing: Mailing,
    make_consultation: MakeConsultation,
    submit: Submit,
    citizen: User,
    neighbour: User,
    tiny_town: TinyTown,
    asked_in: str | None,
    counts: bool,
) -> None:
    """The proof says "in the commune": enough for whoever asks for that, and not for a street of it."""
    whole = [PartSpec(kind=PartKind.DISTRICT, district_id=tiny_town.commune.pk)]
    targets = {
        "Everybody": mailing.target,
        "rue_haute": street_target(tiny_town, "rue_haute"),
        "commune again": save_target(name="Again", parts=whole, user=None),
        None: None,
    }
    question = make_consultation(identity_level=IdentityLevel.HOUSEHOLD, target=targets[asked_in])
    keep_typed_code(actor=actor_of(citizen), text=code_at(mailing, "2"))

    if counts:
        assert submit(into=question).author == citizen
    else:
        with pytest.raises(IdentityTooLow):
            submit(into=question)
    with pytest.raises(IdentityTooLow):
        submit(into=question, actor=actor_of(neighbour))


def test_a_home_inside_a_wider_target_is_inside_it(
    consultation: Consultation,
    make_consultation: MakeConsultation,
    submit: Submit,
    tiny_town: TinyTown,
    citizen: User,
    mailing: Mailing,
) -> None:
    narrow = make_mailing(name="Street", consultation=consultation, target=street_target(tiny_town, "rue_haute"))
    keep_typed_code(actor=actor_of(citizen), text=code_at(narrow, "2"))
    question = make_consultation(identity_level=IdentityLevel.HOUSEHOLD, target=mailing.target)

    idea = submit(into=question)

    give_support(actor=actor_of(citizen), contribution=idea)
    idea.refresh_from_db()
    assert idea.support_count == 1


def test_an_account_that_speaks_for_its_home_has_one_voice(
    mailing: Mailing, make_consultation: MakeConsultation, submit: Submit, citizen: User
) -> None:
    question = make_consultation(identity_level=IdentityLevel.HOUSEHOLD, target=mailing.target)
    keep_typed_code(actor=actor_of(citizen), text=code_at(mailing, "2"))
    idea = submit(into=question)

    with pytest.raises(AlreadySpoken):
        submit(into=question, title="Another")
    submit(parent=idea, into=question)
    submit(parent=idea, into=question, body="Comments are not counted.")

    assert Contribution.objects.filter(kind=Kind.PROPOSAL).count() == 1


def test_a_home_that_kept_its_code_has_no_second_voice(
    mailing: Mailing, consultation: Consultation, submit: Submit, citizen: User, neighbour: User
) -> None:
    Consultation.objects.update(identity_level=IdentityLevel.HOUSEHOLD, target=mailing.target)
    consultation.refresh_from_db()
    text = code_at(mailing, "2")
    keep_typed_code(actor=actor_of(citizen), text=text)
    code = open_code(text=text, actor=actor_of(neighbour))

    def answer(user: User | None) -> Contribution:
        return submit_contribution(
            actor=actor_of(user), consultation=consultation, kind=Kind.PROPOSAL, title="A bench",
            located_by=LocatedBy.LETTERBOX, letterbox=code,
        )  # fmt: skip

    for other in (neighbour, None):
        with pytest.raises(CodeKeptOnAccount):
            answer(other)
    assert answer(citizen).located_by == LocatedBy.LETTERBOX
    with pytest.raises(AlreadySpoken):
        submit(into=consultation)

    assert Contribution.objects.count() == 1


# The question after a scan --------------------------------------------------------------------------------------------

QUESTION = "Keep your flyer’s code as proof of residence?"
ENGLISH = {"accept-language": "en"}


def asks(client: Client, path: str = "/") -> bool:
    return QUESTION in client.get(path, headers=ENGLISH).content.decode()


@pytest.mark.parametrize("answer", ["keep", "no"])
def test_whoever_is_signed_in_is_asked_once_after_a_scan(
    client: Client, mailing: Mailing, citizen: User, answer: str
) -> None:
    client.force_login(citizen)
    assert not asks(client)
    form = client.get(f"/l/{code_at(mailing, '2')}")["Location"]
    assert asks(client, form)
    assert asks(client)

    sent = client.post("/compte/residence/offer/", {answer: "1", "next": form})

    assert sent["Location"] == form
    assert Residence.objects.filter(user=citizen, target=mailing.target).exists() == (answer == "keep")
    client.get(f"/l/{code_at(mailing, '2')}")
    assert not asks(client, form)
    account = client.get("/compte/email/", headers=ENGLISH).content.decode()
    assert ("inside this target" in account) == (answer == "keep")


def test_whoever_signs_up_after_a_scan_is_asked(client: Client, mailing: Mailing) -> None:
    client.get(f"/l/{code_at(mailing, '2')}")
    assert not asks(client)

    client.post(
        "/compte/signup/",
        {"email": "new@example.org", "name": "New", "password1": "a-long-enough-one", "password2": "a-long-enough-one"},
    )
    client.force_login(User.objects.get(email="new@example.org"))

    assert asks(client)


def test_nobody_is_asked_about_what_is_known(client: Client, mailing: Mailing, citizen: User, neighbour: User) -> None:
    keep_typed_code(actor=actor_of(citizen), text=code_at(mailing, "2"))

    for person, number in ((citizen, "3"), (neighbour, "2")):
        client.force_login(person)
        client.get(f"/l/{code_at(mailing, number)}")
        assert not asks(client)


def test_an_answer_to_the_question_leads_nowhere_else(client: Client, mailing: Mailing, citizen: User) -> None:
    assert client.post("/compte/residence/offer/", {"keep": "1"}).status_code == 302
    client.force_login(citizen)

    sent = client.post("/compte/residence/offer/", {"keep": "1", "next": "https://example.com/"})

    assert sent["Location"] == "/compte/residence/"
    assert client.get("/compte/residence/offer/").status_code == 405
    assert not Residence.objects.exists()
