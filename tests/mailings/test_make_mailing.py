"""A mailing of the tiny town: frozen letterboxes, segments, codes."""

from __future__ import annotations

import io
import secrets
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import Sum
from django.utils.translation import override

from geoparticipation.accounts.models import User
from geoparticipation.consultations.enums import VoicesPer
from geoparticipation.consultations.models import Consultation
from geoparticipation.mailings.codes import hash_code, read_code
from geoparticipation.mailings.domain.letterbox_codes import use_code
from geoparticipation.mailings.domain.make_mailing import code_of, make_mailing
from geoparticipation.mailings.enums import FlyersPer
from geoparticipation.mailings.errors import MailingNameMissing, NothingToMail
from geoparticipation.mailings.models import LetterboxCode, Mailing
from neighbourhoods.domain.targets import PartSpec, save_target
from neighbourhoods.enums import PartKind
from neighbourhoods.models import Address, Street, Target
from tests.fixtures.tiny_town import TinyTown

pytestmark = pytest.mark.django_db


@pytest.fixture
def whole_town(tiny_town: TinyTown, agent: User) -> Target:
    parts = [PartSpec(kind=PartKind.DISTRICT, district_id=tiny_town.commune.pk)]
    return save_target(name="Everybody", parts=parts, user=agent)


def test_letterboxes_are_frozen_in_the_order_of_the_list(
    consultation: Consultation, whole_town: Target, tiny_town: TinyTown
) -> None:
    mailing = make_mailing(name="Autumn", consultation=consultation, target=whole_town)
    tiny_town.addresses["haute 1"].delete()
    Address.objects.update(house_number="99")

    frozen = list(mailing.letterboxes.values_list("position", "segment__street_name", "house_number"))
    # 14 letterboxes, of which "haute 4" and "basse 4" want no flyers
    assert frozen == [
        (1, "Avenue du Parc", "1"),
        (2, "Avenue du Parc", "2"),
        (3, "Avenue du Parc", "3"),
        (4, "Avenue du Parc", ""),
        (5, "Rue Basse", "1"),
        (6, "Rue Basse", "2"),
        (7, "Rue Basse", "3"),
        (8, "Rue Haute", "1"),
        (9, "Rue Haute", "2"),
        (10, "Rue Haute", "3"),
        (11, "Rue Haute", "5 bis"),
        (12, "Rue Haute", "6"),
    ]
    assert (mailing.letterbox_count, mailing.flyer_count, mailing.no_flyers_left_out) == (12, 12, 2)


def test_flyers_per_dwelling_each_have_a_code(consultation: Consultation, whole_town: Target) -> None:
    mailing = make_mailing(name="Autumn", consultation=consultation, target=whole_town, flyers_per=FlyersPer.DWELLING)

    # 20 dwellings in town, one each in the two that want no flyers
    assert mailing.flyer_count == 18
    assert LetterboxCode.objects.filter(letterbox__mailing=mailing).count() == 18
    assert set(LetterboxCode.objects.values_list("uses_allowed", flat=True)) == {1}
    assert mailing.segments.aggregate(Sum("flyer_count"), Sum("letterbox_count")) == {
        "flyer_count__sum": 18,
        "letterbox_count__sum": 12,
    }


def test_one_flyer_may_take_the_answers_of_all_dwellings(consultation: Consultation, whole_town: Target) -> None:
    consultation.voices_per = VoicesPer.DWELLING
    make_mailing(name="Autumn", consultation=consultation, target=whole_town)

    uses = dict(
        LetterboxCode.objects.filter(letterbox__segment__street_name="Rue Basse").values_list(
            "letterbox__house_number", "uses_allowed"
        )
    )
    assert uses == {"1": 1, "2": 4, "3": 1}


def test_printed_codes_are_those_that_are_kept(consultation: Consultation, whole_town: Target) -> None:
    mailing = make_mailing(name="Autumn", consultation=consultation, target=whole_town, flyers_per=FlyersPer.DWELLING)

    rows = LetterboxCode.objects.select_related("letterbox")
    codes = {row.pk: code_of(mailing, row.letterbox, row) for row in rows}

    assert len(set(codes.values())) == 18
    assert all(read_code(code) == code for code in codes.values())
    assert {row.pk: row.code_hash for row in rows} == {pk: hash_code(code) for pk, code in codes.items()}


def test_a_code_that_is_taken_is_made_anew(
    consultation: Consultation, whole_town: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the same salt every first code of the second mailing is one of the first mailing's."""
    monkeypatch.setattr(secrets, "token_hex", lambda _bytes: "the same")
    for name in ("First", "Second"):
        make_mailing(name=name, consultation=consultation, target=whole_town)

    rows = LetterboxCode.objects.select_related("letterbox__mailing").order_by("pk")
    codes = [code_of(row.letterbox.mailing, row.letterbox, row) for row in rows]

    assert [row.attempt for row in rows] == [0] * 12 + [1] * 12
    assert len(set(codes)) == 24
    assert [row.code_hash for row in rows] == [hash_code(code) for code in codes]


def test_whoever_has_the_database_alone_cannot_work_a_code_out(
    consultation: Consultation, whole_town: Target, settings: Any
) -> None:
    """All that is stored (salt, position, number, attempt, hash) gives a wrong code without the key of the site."""
    make_mailing(name="Autumn", consultation=consultation, target=whole_town)
    rows = LetterboxCode.objects.select_related("letterbox__mailing")
    printed = {code_of(row.letterbox.mailing, row.letterbox, row) for row in rows}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT string_agg(to_jsonb(c)::text || to_jsonb(l)::text || to_jsonb(m)::text, ' ')"
            " FROM mailings_letterboxcode c JOIN mailings_mailingletterbox l ON l.id = c.letterbox_id"
            " JOIN mailings_mailing m ON m.id = l.mailing_id"
        )
        [(stored,)] = cursor.fetchall()

    settings.PRIVACY_KEY = "a guess"
    guessed = {code_of(row.letterbox.mailing, row.letterbox, row) for row in rows}

    assert not any(code in stored or code.lower() in stored for code in printed)
    assert printed.isdisjoint(guessed)
    assert {row.code_hash for row in rows}.isdisjoint(hash_code(code) for code in printed | guessed)


def test_segments_lie_between_crossings_and_show_at_least_five_letterboxes(
    consultation: Consultation, whole_town: Target, tiny_town: TinyTown
) -> None:
    mailing = make_mailing(name="Autumn", consultation=consultation, target=whole_town)

    segments = list(mailing.segments.all())
    for segment in segments:
        shown = [
            other
            for other in segments
            if segment.public_geometry.distance(other.geometry.interpolate_normalized(0.5)) < 1e-7
        ]
        assert segment in shown
        assert sum(other.letterbox_count for other in shown) >= 5
        doors = [letterbox.geometry for letterbox in segment.letterboxes.all()]
        assert all(segment.public_geometry.distance(door) > 1e-5 for door in doors)


def test_a_street_without_a_course_shows_no_door(
    consultation: Consultation, whole_town: Target, tiny_town: TinyTown
) -> None:
    Street.objects.update(geometry=None)

    mailing = make_mailing(name="Autumn", consultation=consultation, target=whole_town)

    doors = [letterbox.geometry for letterbox in mailing.letterboxes.all()]
    for segment in mailing.segments.all():
        assert segment.geometry is None
        assert segment.public_geometry.geom_type in {"Polygon", "MultiPolygon"}
        boundary = segment.public_geometry.boundary
        assert all(
            boundary.distance(door) > 0 and door.distance(segment.public_geometry.centroid) > 0 for door in doors
        )
        assert len(doors) >= sum(segment.public_geometry.covers(door) for door in doors) >= 5


def test_a_street_of_few_homes_is_not_named(
    consultation: Consultation, whole_town: Target, tiny_town: TinyTown
) -> None:
    """Rue Basse has three letterboxes that take flyers, and is shown with neighbours; Rue Haute has five."""
    mailing = make_mailing(name="Autumn", consultation=consultation, target=whole_town)

    shown = {(segment.street_name, segment.public_street) for segment in mailing.segments.all()}
    alike = {name for name, street in shown if street is None}
    assert "Rue Basse" in alike
    assert len(alike) == 2
    assert shown <= {(name, None) for name in alike} | {("Rue Haute", tiny_town.rue_haute)}
    shapes = {segment.public_geometry.wkt for segment in mailing.segments.filter(street_name__in=alike)}
    assert len(shapes) == 1


def answer_from(street: str, mailing: Mailing | None = None) -> None:
    codes = LetterboxCode.objects.select_related("letterbox").filter(letterbox__segment__street_name=street)
    for code in codes.filter(letterbox__mailing=mailing) if mailing else codes:
        use_code(code=code)


def test_a_reminder_goes_only_to_those_that_did_not_answer(consultation: Consultation, whole_town: Target) -> None:
    first = make_mailing(name="Autumn", consultation=consultation, target=whole_town)
    answer_from("Rue Basse")

    second = make_mailing(name="Reminder", consultation=consultation, target=whole_town, only_unanswered_of=first)

    assert (second.letterbox_count, second.answered_left_out) == (9, 3)
    assert not second.segments.filter(street_name="Rue Basse").exists()
    assert LetterboxCode.objects.count() == 21


def test_a_second_reminder_spares_those_that_answered_the_first_mailing(
    consultation: Consultation, whole_town: Target
) -> None:
    first = make_mailing(name="Autumn", consultation=consultation, target=whole_town)
    answer_from("Rue Basse")
    second = make_mailing(name="Reminder", consultation=consultation, target=whole_town, only_unanswered_of=first)
    answer_from("Avenue du Parc", second)

    third = make_mailing(name="Last", consultation=consultation, target=whole_town, only_unanswered_of=second)

    assert (third.letterbox_count, third.answered_left_out) == (5, 7)
    assert set(third.segments.values_list("street_name", flat=True)) == {"Rue Haute"}


def test_refusals_leave_nothing(consultation: Consultation, whole_town: Target, tiny_town: TinyTown) -> None:
    with pytest.raises(MailingNameMissing):
        make_mailing(name=" ", consultation=consultation, target=whole_town)
    Address.objects.update(no_flyers=True)
    with pytest.raises(NothingToMail):
        make_mailing(name="Autumn", consultation=consultation, target=whole_town)

    assert not Mailing.objects.exists()


def test_command_prints_the_number_alone(consultation: Consultation, tiny_town: TinyTown) -> None:
    out = io.StringIO()
    call_command(
        "make_mailing",
        "Even side",
        "--consultation",
        consultation.slug,
        "--street",
        "Rue Haute:even",
        stdout=out,
        stderr=io.StringIO(),
    )

    mailing = Mailing.objects.get()
    assert out.getvalue().strip() == str(mailing.pk)
    assert [letterbox.house_number for letterbox in mailing.letterboxes.all()] == ["2", "6"]
    assert mailing.target.name == "Even side"


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--consultation", "nothing", "--street", "Rue Haute"], "does not exist"),
        (["--consultation", "question-1", "--street", "Rue Inconnue"], "Rue Inconnue"),
        (["--consultation", "question-1", "--street", "Rue Haute", "--unanswered-of", "99"], "no mailing"),
    ],
)
def test_command_says_what_is_wrong_and_keeps_nothing(
    consultation: Consultation, tiny_town: TinyTown, options: list[str], sentence: str
) -> None:
    with override("en"), pytest.raises(CommandError, match=sentence):
        call_command("make_mailing", "Autumn", *options)

    assert not Target.objects.exists()
