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

    assert response.total == Figures(12, 5, 1, 1)
    assert [(one.number, one.letterboxes, one.delivered) for one in response.rounds] == [
        (1, 5, 5),
        (2, 3, 0),
        (3, 4, 0),
    ]
    assert [street.name for street in response.streets_not_delivered] == ["Avenue du Parc", "Rue Basse"]
    assert {street.name: street.figures for street in response.streets}["Rue Haute"] is None  # yet
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

    assert (before, after) == (Figures(12, 5, 2, 2), Figures(12, 8, 2, 2))


def test_a_street_is_not_told_while_few_of_the_others_are_ticked_off(
    mailing: Mailing, three: list[Round], agent: User
) -> None:
    """Five of Rue Haute and three of Rue Basse: all less Rue Haute would be about these three."""
    deliver_all(round_=three[0], user=agent)
    deliver_all(round_=three[1], user=agent)
    some = response_of(mailing)
    segments_then = set(mailing.segments.filter(is_told=True).values_list("street_name", flat=True))
    deliver_all(round_=three[2], user=agent)
    every = response_of(mailing)

    assert some.total == Figures(12, 8, 0, 0)
    assert [street.figures for street in some.streets] == [None, None, None]
    assert [one.figures for one in some.rounds] == [None, None, None]
    assert segments_then == set()
    assert {street.name: street.figures for street in every.streets}["Rue Haute"] == Figures(5, 5, 0, 0)


def test_a_rate_is_of_all_letterboxes_whoever_answered_before_the_tick(
    mailing: Mailing, three: list[Round], agent: User
) -> None:
    deliver_all(round_=three[0], user=agent)
    for street, homes in (("Rue Haute", 2), ("Rue Basse", 3), ("Avenue du Parc", 4)):
        for _home in range(homes):
            answer(mailing, street)

    response = response_of(mailing)

    assert response.total == Figures(12, 5, 9, 9)
    assert response.total.percent == 75
    assert [day.percent_so_far for day in response.days] == [75]


def test_the_map_shows_what_is_delivered(mailing: Mailing, three: list[Round], agent: User) -> None:
    deliver_all(round_=three[0], user=agent)
    haute = mailing.segments.filter(street_name="Rue Haute").order_by("pk")[0]
    basse = mailing.segments.filter(street_name="Rue Basse").order_by("pk")[0]
    mailing.letterboxes.filter(segment__street_name="Rue Haute").update(segment=haute)
    mailing.letterboxes.exclude(segment=haute).update(segment=basse)
    mailing.segments.filter(pk=haute.pk).update(letterbox_count=5, is_told=True)
    mailing.segments.filter(pk=basse.pk).update(letterbox_count=7, is_told=True)  # as if; none of it is delivered
    codes = LetterboxCode.objects.filter(letterbox__segment=haute)
    for code in codes.order_by("pk")[:2]:
        use_code(code=code)

    shown = [(row.street_name, row.delivered, row.answered, row.rate) for row in RESPONSE.queryset(agent)]

    assert shown == [("Rue Haute", 5, 2, 0.4)]


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
    assert shown.context["compared"].total == Figures(12, 5, 0, 0)


def test_the_steps_say_what_was_delivered_by_notes_alone(
    mailing: Mailing, three: list[Round], agent: User, client: Client
) -> None:
    client.force_login(agent)
    pages = ("/workspace/mailings/", f"/workspace/mailings/{mailing.pk}/")

    def words() -> list[str]:
        return [client.get(page, headers={"accept-language": "en"}).content.decode() for page in pages]

    assert all("not delivered yet" in page for page in words())
    deliver_all(round_=three[0], user=agent)
    some = words()
    for one in three[1:]:
        deliver_all(round_=one, user=agent)
    shown = client.get(pages[1])

    assert all("delivered to 5 of 12 letterboxes" in page for page in some)
    assert not any("not delivered yet" in page for page in some)
    assert [(step.is_done, step.is_next) for step in shown.context["steps"]] == [
        (True, False),
        (True, False),
        (True, False),
        (False, True),
    ]


def test_the_page_says_that_the_notes_count_and_not_the_day(
    mailing: Mailing, three: list[Round], agent: User, client: Client
) -> None:
    record_delivery(mailing=mailing, delivered_on=timezone.localdate())
    deliver_all(round_=three[1], user=agent)
    client.force_login(agent)

    page = client.get(f"/workspace/mailings/{mailing.pk}/response/", headers={"accept-language": "en"}).content.decode()

    assert "these notes are counted, not this day" in page
    assert "Fewer than 5 letterboxes are noted as delivered" in page
