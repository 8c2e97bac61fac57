"""One round on two phones without a connection: what both noted is there once both have sent, once each."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from geoparticipation.accounts.models import User
from geoparticipation.consultations.models import Consultation
from geoparticipation.mailings.domain.make_mailing import make_mailing
from geoparticipation.mailings.domain.rounds import plan_rounds
from geoparticipation.mailings.domain.walks.links import withdraw_link
from geoparticipation.mailings.models import Mailing, RoundEvent
from neighbourhoods.domain.targets import PartSpec, save_target
from neighbourhoods.enums import PartKind
from neighbourhoods.models import Address
from tests.fixtures.site import OpenSite, Watch
from tests.fixtures.tiny_town import TinyTown

pytestmark = pytest.mark.django_db(transaction=True)

READY = "body[data-ready]"


@pytest.fixture
def mailing(consultation: Consultation, tiny_town: TinyTown, agent: User) -> Mailing:
    parts = [PartSpec(kind=PartKind.DISTRICT, district_id=tiny_town.commune.pk)]
    target = save_target(name="Everybody", parts=parts, user=agent)
    made = make_mailing(name="Autumn", consultation=consultation, target=target)
    plan_rounds(mailing=made, rounds=1)
    return made


def handed_out(desk: Page) -> str:
    """The path of the link that an agent makes."""
    desk.get_by_role("button", name="Make a link").click()
    address = desk.locator("[data-link]").inner_text()
    return re.sub(r"^https?://[^/]+", "", address)


def tick(phone: Page, stop: int) -> None:
    item = phone.locator("[data-stop]").nth(stop)
    item.get_by_role("button", name="Done").click()
    expect(item).to_have_class("is-done")


def note(phone: Page, door: str, what: str, text: str = "") -> None:
    phone.locator(f"[data-door][data-name='{door}']").click()
    phone.get_by_role("radio", name=what).check()
    phone.get_by_label("In a few words").fill(text)
    phone.get_by_role("button", name="Note it").click()
    expect(phone.locator(f"[data-door][data-name='{door}']")).to_have_class("is-noted")


def waiting(phone: Page, count: int) -> None:
    expect(phone.locator("body")).to_have_attribute("data-waiting", str(count))


def test_two_phones_offline_then_sent(
    open_site: OpenSite, watch: Watch, mailing: Mailing, agent: User, tiny_town: TinyTown
) -> None:
    watch.allow("ERR_INTERNET_DISCONNECTED|Failed to load resource|status of 410")
    desk = open_site(f"/workspace/mailings/{mailing.pk}/rounds/", user=agent, language="en")
    path = handed_out(desk)
    phones = [open_site(path, language="en", width=390, height=800) for _ in range(2)]
    for phone in phones:
        expect(phone.locator(READY)).to_be_attached()
        phone.context.set_offline(True)
        phone.reload()  # from what the phone keeps
        expect(phone.locator("body[data-started]")).to_be_attached()
        expect(phone.locator("[data-drawing] .walk-path")).to_be_visible()
    one, other = phones
    stops = one.locator("[data-stop]").count()
    assert stops >= 3

    tick(one, 0)
    tick(one, 1)
    tick(other, 1)  # both do it, unknowing
    note(one, "Rue Haute 3", "No flyers")
    note(other, "Rue Haute 3", "Wrong address", "it is number 7")
    waiting(one, 3)
    waiting(other, 2)
    one.reload()
    waiting(one, 3)
    expect(one.locator("[data-progress]")).to_have_text(f"2 of {stops} done")
    assert not RoundEvent.objects.exists()

    other.context.set_offline(False)  # the second phone first
    waiting(other, 0)
    one.context.set_offline(False)
    waiting(one, 0)
    assert RoundEvent.objects.count() == 5
    other.reload()
    for phone in phones:
        expect(phone.locator("[data-progress]")).to_have_text(f"2 of {stops} done")
        noted = phone.locator("[data-door][data-name='Rue Haute 3']")
        expect(noted).to_contain_text("no flyers")
        expect(noted).to_contain_text("it is number 7")

    desk.goto(f"/workspace/mailings/{mailing.pk}/corrections/")
    expect(desk.locator("[data-correction]")).to_have_count(2)
    haute_3 = Address.objects.get(register_id="haute 3")
    assert not haute_3.no_flyers
    desk.get_by_role("button", name="Mark “no flyers”").click()
    expect(desk.locator("[data-correction]")).to_have_count(1)
    haute_3.refresh_from_db()
    assert haute_3.no_flyers

    withdraw_link(round_=mailing.rounds.get())
    one.reload()
    expect(one.get_by_text("This link is no longer valid.")).to_be_visible()
    one.context.set_offline(True)
    other.reload()
    expect(other.get_by_text("This link is no longer valid.")).to_be_visible()
