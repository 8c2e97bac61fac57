"""What is delivered comes from the rounds, and figures follow it without telling of a few letterboxes."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils import timezone

from geoparticipation.accounts.models import User
from geoparticipation.mailings.domain.letterbox_codes import use_code
from geoparticipation.mailings.domain.make_mailing import make_mailing
from geoparticipation.mailings.domain.record_delivery import record_delivery
from geoparticipation.mailings.domain.rounds import plan_rounds
from geoparticipation.mailings.domain.walks.record_acts import deliver_all, record_act
from geoparticipation.mailings.errors import RoundsBegun
from geoparticipation.mailings.layers import RESPONSE
from geoparticipation.mailings.models import LetterboxCode, Mailing, Round
from geoparticipation.mailings.queries import Figures, response_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def three(mailing: Mailing) -> list[Round]:
    """Rue Haute, five letterboxes; Rue Basse, three; Avenue du Parc, four."""
    return plan_rounds(mailing=mailing, rounds=3).rounds


def answer(mailing: Mailing, street: str) -> None:
    codes = LetterboxCode.objects.filter(letterbox__mailing=mailing, letterbox__segment__street_name=street, uses=0)
    use_code(code=codes.order_by("pk")[0])


def test_nothing_noted_and_no_day_is_nothing_delivered(mailing: Mailing, three: list[Round]) -> None:
    assert response_of(mailing).total is None
    assert not mailing.segments.filter(is_told=True).exists()


def test_a_round_that_is_done_counts_without_a_day(mailing: Mailing, three: list[Round], agent: User) -> None:
    deliver_all(round_=three[0], user=agent)
    answer(mailing, "Rue Haute")

    response = response_of(mailing)

    assert response.total == Figures(5, 1, 1)
    assert [(one.number, one.letterboxes, one.delivered) for one in response.rounds] == [
        (1, 5, 5),
        (2, 3, 0),
        (3, 4, 0),
    ]
    assert [street.name for street in response.streets_not_delivered] == ["Avenue du Parc", "Rue Basse"]
    assert {street.name: street.figures for street in response.streets}["Rue Haute"] == Figures(5, 1, 1)
    assert [(day.day, day.delivered_that_day) for day in response.days] == [(timezone.localdate(), 5)]


def test_a_rate_is_never_of_fewer_than_five_delivered(mailing: Mailing, three: list[Round], agent: User) -> None:
    deliver_all(round_=three[0], user=agent)
    letterbox = mailing.letterboxes.get(segment__street_name="Rue Haute", house_number="2")
    record_act(round_=three[0], act="no_access", letterbox=letterbox.pk)

    response = response_of(mailing)

    assert response.letterboxes == 12
    assert response.total is None
    assert all(street.figures is None for street in response.streets)
    assert all(one.figures is None for one in response.rounds)
    assert response.days == ()
    assert {street.name: street.missing for street in response.streets_not_delivered}["Rue Haute"] == 1


def test_who_answered_is_counted_of_all_whatever_was_ticked_off(
    mailing: Mailing, three: list[Round], agent: User
) -> None:
    """Else the figures before and after one more tick would say whether that letterbox answered."""
    deliver_all(round_=three[0], user=agent)
    for _voice in range(2):
        answer(mailing, "Rue Basse")
    before = response_of(mailing).total
    deliver_all(round_=three[1], user=agent)
    after = response_of(mailing).total

    assert (before, after) == (Figures(5, 2, 2), Figures(8, 2, 2))


def test_the_map_shows_what_is_delivered(mailing: Mailing, three: list[Round], agent: User) -> None:
    deliver_all(round_=three[0], user=agent)
    told = mailing.segments.filter(is_told=True)
    shown = {row["pk"]: row["delivered"] for row in RESPONSE.queryset(agent).values("pk", "delivered")}

    assert set(shown) <= set(told.values_list("pk", flat=True))
    assert all(count >= 5 for count in shown.values())


def test_rounds_stay_once_figures_are_told(mailing: Mailing) -> None:
    plan_rounds(mailing=mailing, rounds=2)
    record_delivery(mailing=mailing, delivered_on=timezone.localdate())
    record_delivery(mailing=mailing, delivered_on=None)

    with pytest.raises(RoundsBegun):
        plan_rounds(mailing=mailing, rounds=3)


def test_rounds_of_delivered_flyers_are_planned_once(mailing: Mailing) -> None:
    record_delivery(mailing=mailing, delivered_on=timezone.localdate())
    plan_rounds(mailing=mailing, rounds=2)

    with pytest.raises(RoundsBegun):
        plan_rounds(mailing=mailing, rounds=3)


def test_the_page_says_rates_by_round_and_what_is_missing(
    client: Client, mailing: Mailing, three: list[Round], agent: User
) -> None:
    deliver_all(round_=three[0], user=agent)
    client.force_login(agent)

    page = client.get(f"/workspace/mailings/{mailing.pk}/response/", headers={"accept-language": "en"}).content.decode()

    assert "Streets not delivered" in page
    assert "By round" in page
    assert "4 of 4" in page


def test_a_mailing_whose_rounds_were_noted_is_beside_the_other_without_a_day(
    mailing: Mailing, three: list[Round], agent: User, client: Client
) -> None:
    deliver_all(round_=three[0], user=agent)
    reminder = make_mailing(name="Winter", consultation=mailing.consultation, target=mailing.target)
    record_delivery(mailing=reminder, delivered_on=timezone.localdate())
    client.force_login(agent)

    shown = client.get(f"/workspace/mailings/{reminder.pk}/response/?with={mailing.pk}")

    assert shown.context["other"] == mailing
    assert shown.context["compared"].total == Figures(5, 0, 0)


def test_the_page_says_that_the_notes_count_and_not_the_day(
    mailing: Mailing, three: list[Round], agent: User, client: Client
) -> None:
    record_delivery(mailing=mailing, delivered_on=timezone.localdate())
    deliver_all(round_=three[1], user=agent)
    client.force_login(agent)

    page = client.get(f"/workspace/mailings/{mailing.pk}/response/", headers={"accept-language": "en"}).content.decode()

    assert "these notes are counted, not this day" in page
    assert "Fewer than 5 letterboxes are noted as delivered" in page
