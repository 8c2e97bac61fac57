"""Making a mailing in the workspace: figures before, once however often it is sent, at once or by the worker."""

from __future__ import annotations

import json
import re
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from geoparticipation.accounts.models import User
from geoparticipation.consultations.enums import ConsultationState, VoicesPer
from geoparticipation.consultations.models import Consultation
from geoparticipation.mailings.domain import order_mailing as ordering
from geoparticipation.mailings.domain.letterbox_codes import use_code
from geoparticipation.mailings.domain.make_mailing import make_mailing
from geoparticipation.mailings.domain.order_mailing import (
    MailingFigures,
    carry_out_order,
    order_mailing,
    preview_mailing,
)
from geoparticipation.mailings.domain.record_delivery import record_delivery
from geoparticipation.mailings.enums import FlyersPer, OrderState
from geoparticipation.mailings.models import FlyerDesign, LetterboxCode, Mailing, MailingOrder
from geoparticipation.mailings.tasks import make_ordered_mailing
from neighbourhoods.domain.targets import PartSpec, save_target
from neighbourhoods.enums import PartKind
from neighbourhoods.models import Address, Target
from tests.fixtures.tiny_town import TinyTown

pytestmark = pytest.mark.django_db
LIST = "/workspace/mailings/"
NEW = f"{LIST}new/"
ENGLISH = {"accept-language": "en"}


@pytest.fixture
def target(tiny_town: TinyTown, agent: User) -> Target:
    """14 letterboxes of 20 dwellings; numbers 4 of Rue Haute and Rue Basse, with one dwelling each, want no flyers."""
    parts = [PartSpec(kind=PartKind.DISTRICT, district_id=tiny_town.commune.pk)]
    return save_target(name="Everybody", parts=parts, user=agent)


@pytest.fixture
def desk(client: Client, agent: User) -> Client:
    client.force_login(agent)
    return client


def filled_in(consultation: Consultation, target: Target, **more: Any) -> dict[str, Any]:
    return {
        "name": "Autumn", "consultation": consultation.pk, "target": target.pk, "flyers_per": "letterbox",
        "respect_no_flyers": "on", "only_unanswered_of": "", "act": "make", "token": str(uuid4()), **more,
    }  # fmt: skip


def carry_out_queued() -> None:
    """Carry out the mailings that are queued, as the worker does, within the test's own transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT args FROM procrastinate_jobs WHERE task_name LIKE '%%make_ordered_mailing'")
        [(arguments,)] = cursor.fetchall()
    make_ordered_mailing(**(json.loads(arguments) if isinstance(arguments, str) else arguments))


def figures_on(html: str) -> dict[str, int]:
    return {name: int(number) for name, number in re.findall(r'data-figure="(\w+)">([\d,]+)<', html)}


@pytest.mark.parametrize(
    ("person", "status"), [("agent", 200), ("planner", 403), ("councillor", 403), ("moderator", 403), ("citizen", 403)]
)
def test_only_agents_make_mailings(
    client: Client, cast: dict[str, User], consultation: Consultation, target: Target, person: str, status: int
) -> None:
    made = make_mailing(name="Autumn", consultation=consultation, target=target)
    order = MailingOrder.objects.create(name="Large", consultation=consultation, target=target)
    client.force_login(cast[person])

    paths = (LIST, NEW, f"{LIST}{made.pk}/", f"{LIST}orders/{order.pk}/")
    assert {client.get(path).status_code for path in paths} == {status}
    sent = client.post(NEW, filled_in(consultation, target))

    assert sent.status_code == (302 if person == "agent" else 403)
    assert Mailing.objects.count() == (2 if person == "agent" else 1)


def test_a_visitor_is_sent_to_sign_in(client: Client, db: None) -> None:
    assert client.get(NEW)["Location"] == f"/compte/login/?next={NEW}"


def test_figures_come_before_the_mailing_and_are_what_it_has(
    desk: Client, consultation: Consultation, target: Target
) -> None:
    Address.objects.filter(register_id="haute 1").update(dwellings=3)
    copied = Address.objects.get(register_id="haute 1")
    Address.objects.create(
        **{
            field.name: getattr(copied, field.name)
            for field in Address._meta.concrete_fields
            if field.name not in {"id", "register_id"}
        },
        register_id="haute 1 again",
    )

    shown = figures_on(desk.get(f"{NEW}?target={target.pk}", headers=ENGLISH).content.decode())
    each = filled_in(consultation, target, flyers_per="dwelling", act="preview")
    by_dwelling = figures_on(desk.post(NEW, each, headers=ENGLISH).content.decode())
    desk.post(NEW, {**each, "act": "make"})

    assert shown == {"letterboxes": 12, "flyers": 12, "no_flyers": 2, "duplicates": 1}
    assert by_dwelling == {"letterboxes": 12, "flyers": 20, "no_flyers": 2, "duplicates": 1}
    made = Mailing.objects.get()
    assert (made.letterbox_count, made.flyer_count, made.no_flyers_left_out, made.duplicates_left_out) == (12, 20, 2, 1)
    assert LetterboxCode.objects.count() == 20


def test_a_preview_makes_nothing_and_says_nothing_is_wrong(desk: Client, target: Target) -> None:
    page = desk.post(NEW, {"target": target.pk, "act": "preview"}, headers={**ENGLISH, "hx-request": "true"})

    html = page.content.decode()
    assert page.status_code == 200
    assert figures_on(html)["letterboxes"] == 14  # the box about flyers is not ticked
    assert "<html" not in html
    assert "error" not in html
    assert not MailingOrder.objects.exists()


def test_a_double_click_makes_one_mailing(desk: Client, consultation: Consultation, target: Target) -> None:
    sent = filled_in(consultation, target)

    first, second = desk.post(NEW, sent), desk.post(NEW, sent)

    assert first["Location"] == second["Location"]
    made = Mailing.objects.get()
    assert desk.get(first["Location"])["Location"] == f"{LIST}{made.pk}/"
    assert (made.name, made.created_by.email) == ("Autumn", "agent@example.org")
    assert desk.post(NEW, {**sent, "name": "Spring"})["Location"] != first["Location"]


@pytest.mark.parametrize(
    ("field", "value"),
    [("name", " "), ("name", "x" * 201), ("target", ""), ("target", "999999"), ("consultation", ""),
     ("consultation", "x"), ("flyers_per", "street"), ("target", "9" * 40)],
)  # fmt: skip
def test_what_is_missing_is_said_and_the_rest_is_kept(
    desk: Client, consultation: Consultation, target: Target, field: str, value: str
) -> None:
    page = desk.post(NEW, {**filled_in(consultation, target), field: value})

    assert page.status_code == 422
    assert set(page.context["form"].errors) == {field}
    assert not Mailing.objects.exists()


def test_nobody_left_is_refused(desk: Client, consultation: Consultation, target: Target) -> None:
    Address.objects.update(no_flyers=True)

    page = desk.post(NEW, filled_in(consultation, target), headers=ENGLISH)

    assert page.status_code == 422
    assert "No letterbox is left" in page.content.decode()
    assert not MailingOrder.objects.exists()


def test_a_reminder_goes_to_those_that_did_not_answer(desk: Client, consultation: Consultation, target: Target) -> None:
    first = make_mailing(name="Autumn", consultation=consultation, target=target)
    for code in LetterboxCode.objects.select_related("letterbox").filter(letterbox__segment__street_name="Rue Basse"):
        use_code(code=code)

    page = desk.get(f"{NEW}?reminder_of={first.pk}", headers=ENGLISH)
    shown = figures_on(page.content.decode())
    form = page.context["form"]
    desk.post(NEW, filled_in(consultation, target, only_unanswered_of=first.pk, name=form["name"].value()))

    assert shown == {"letterboxes": 9, "flyers": 9, "no_flyers": 2, "duplicates": 0, "answered": 3}
    reminder = Mailing.objects.get(name="Reminder: Autumn")
    assert (reminder.letterbox_count, reminder.answered_left_out, reminder.only_unanswered_of) == (9, 3, first)
    assert preview_mailing(target=target, only_unanswered_of=reminder) == MailingFigures(9, 9, 2, 0, 3)


def test_an_earlier_mailing_of_another_target_is_not_offered(
    desk: Client, consultation: Consultation, target: Target, tiny_town: TinyTown
) -> None:
    elsewhere = save_target(
        name="Rue Basse", parts=[PartSpec(kind=PartKind.STREET, street_id=tiny_town.rue_basse.pk)], user=None
    )
    other = make_mailing(name="Elsewhere", consultation=consultation, target=elsewhere)

    page = desk.post(
        NEW, filled_in(consultation, target, only_unanswered_of=other.pk, act="preview"), headers=ENGLISH
    ).content.decode()
    desk.post(NEW, filled_in(consultation, target, only_unanswered_of=other.pk))

    assert "Elsewhere" not in page
    assert "answered" not in figures_on(page)
    assert Mailing.objects.get(name="Autumn").only_unanswered_of is None


def test_a_consultation_that_is_over_is_not_offered(desk: Client, consultation: Consultation, target: Target) -> None:
    Consultation.objects.update(state=ConsultationState.ARCHIVED)

    assert set(desk.post(NEW, filled_in(consultation, target)).context["form"].errors) == {"consultation"}


def test_a_large_mailing_is_left_to_the_worker(
    desk: Client, consultation: Consultation, target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ordering, "MOST_AT_ONCE", 11)

    assert "in the background" in desk.get(f"{NEW}?target={target.pk}", headers=ENGLISH).content.decode()
    order_page = desk.post(NEW, filled_in(consultation, target, flyers_per="dwelling"))["Location"]
    waiting = desk.get(order_page, headers=ENGLISH).content.decode()
    assert "The mailing is being made." in waiting
    assert "Autumn" in desk.get(LIST, headers=ENGLISH).content.decode()
    assert not Mailing.objects.exists()
    carry_out_queued()

    made = Mailing.objects.get()
    assert (made.flyer_count, made.flyers_per, made.created_by.email) == (18, FlyersPer.DWELLING, "agent@example.org")
    assert desk.get(order_page)["Location"] == f"{LIST}{made.pk}/"
    assert desk.get(order_page, headers={"hx-request": "true"})["HX-Redirect"] == f"{LIST}{made.pk}/"
    order = MailingOrder.objects.get()
    carry_out_order(order_id=order.pk)  # a task that runs again makes no second one
    assert Mailing.objects.count() == 1


def test_what_the_worker_cannot_make_says_why(
    desk: Client, consultation: Consultation, target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ordering, "MOST_AT_ONCE", 1)
    order = order_mailing(name="Autumn", consultation=consultation, target=target)
    Address.objects.update(no_flyers=True)

    carry_out_order(order_id=order.pk)

    order.refresh_from_db()
    assert (order.state, order.mailing) == (OrderState.REFUSED, None)
    assert not Mailing.objects.exists()
    assert order.refusal in desk.get(f"{LIST}orders/{order.pk}/").content.decode()
    assert order.refusal.startswith("Il ne reste aucune boîte aux lettres")


def test_voices_are_those_that_the_consultation_says(desk: Client, consultation: Consultation, target: Target) -> None:
    Consultation.objects.update(voices_per=VoicesPer.DWELLING)

    desk.post(NEW, filled_in(consultation, target))

    made = Mailing.objects.get()
    assert {box.house_number: box.voices for box in made.letterboxes.filter(segment__street_name="Rue Basse")} == {
        "1": 1, "2": 4, "3": 1,
    }  # fmt: skip


def next_step(desk: Client, mailing: Mailing) -> str:
    [step] = [step for step in desk.get(f"{LIST}{mailing.pk}/", headers=ENGLISH).context["steps"] if step.is_next]
    return step.title


def test_the_next_step_is_the_one_that_is_missing(desk: Client, consultation: Consultation, target: Target) -> None:
    mailing = make_mailing(name="Autumn", consultation=consultation, target=target)

    seen = [next_step(desk, mailing)]
    FlyerDesign.objects.create(mailing=mailing)
    seen.append(next_step(desk, mailing))
    record_delivery(mailing=mailing, delivered_on=mailing.created_at.date())
    seen.append(next_step(desk, mailing))

    assert seen == ["Flyers", "Rounds", "What came back"]
    assert desk.get(f"{LIST}{10**12}/").status_code == 404


def test_the_list_takes_the_same_queries_for_one_and_three(
    desk: Client,
    consultation: Consultation,
    target: Target,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    desk.get(LIST)
    for number in range(3):
        make_mailing(name=f"Mailing {number}", consultation=consultation, target=target)
        # session, user, count, mailings, orders, badge
        with django_assert_num_queries(6):
            desk.get(LIST)


@pytest.mark.parametrize("page", ["target", "consultation"])
def test_target_and_consultation_lead_to_a_new_mailing(
    desk: Client, consultation: Consultation, target: Target, page: str
) -> None:
    Consultation.objects.update(target=target)
    path = f"/workspace/targets/{target.pk}/" if page == "target" else f"/workspace/consultations/{consultation.slug}/"

    [link] = set(re.findall(rf'href="({NEW}\?[^"]+)"', desk.get(path).content.decode()))
    form = desk.get(link).context["form"]

    assert (form["target"].value(), form["consultation"].value()) == (target.pk, consultation.pk)
    assert form["name"].value() in {target.name, consultation.title}
