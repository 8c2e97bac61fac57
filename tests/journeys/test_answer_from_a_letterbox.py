"""From the code on a flyer to the street's rate: scanned, answered, told politely the second time, counted once."""

from __future__ import annotations

import re

import pytest
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import override
from playwright.sync_api import expect

from geoparticipation.accounts.enums import IdentityLevel
from geoparticipation.accounts.models import User
from geoparticipation.consultations.models import Consultation
from geoparticipation.contributions.models import Contribution
from geoparticipation.mailings.domain.make_mailing import code_of, make_mailing
from geoparticipation.mailings.domain.record_delivery import record_delivery
from geoparticipation.mailings.models import Mailing
from neighbourhoods.domain.targets import PartSpec, save_target
from neighbourhoods.enums import PartKind
from tests.fixtures.question import MakeConsultation
from tests.fixtures.site import OpenSite, Watch
from tests.fixtures.tiny_town import TinyTown


@pytest.fixture
def consultation(make_consultation: MakeConsultation) -> Consultation:
    return make_consultation(title="The market square", identity_level=IdentityLevel.HOUSEHOLD)


@pytest.fixture
def mailing(consultation: Consultation, tiny_town: TinyTown, agent: User) -> Mailing:
    """Delivered today: 5 letterboxes in Rue Haute, 12 in all."""
    parts = [PartSpec(kind=PartKind.DISTRICT, district_id=tiny_town.commune.pk)]
    target = save_target(name="Everybody", parts=parts, user=agent)
    made = make_mailing(name="Autumn", consultation=consultation, target=target)
    return record_delivery(mailing=made, delivered_on=timezone.localdate())


def test_scan_answer_and_scan_again(open_site: OpenSite, watch: Watch, mailing: Mailing, agent: User) -> None:
    watch.allow("status of 409")  # the second answer
    letterbox = mailing.letterboxes.get(house_number="2", segment__street_name="Rue Haute")
    code = code_of(mailing, letterbox, letterbox.codes.get())
    desk = open_site(f"/workspace/mailings/{mailing.pk}/response/", user=agent, language="en")
    rate = desk.locator('[data-street="Rue Haute"] [data-rate]')
    expect(rate).to_have_text("0.0 %")

    phone = open_site(f"/l/{code}", language="en")
    phone.get_by_label("Your idea in a few words").fill("A bench")
    phone.get_by_role("button", name="Send my idea").click()
    expect(phone.get_by_role("heading", name="A bench")).to_be_visible()
    desk.reload()
    expect(rate).to_have_text("20.0 %")  # one of five
    expect(desk.locator('[data-rate="total"]')).to_have_text("8.3 %")  # one of twelve

    phone.goto(f"/l/{code}")
    expect(phone).to_have_url(re.compile(rf"/consultations/{mailing.consultation.slug}/$"))
    with override("en"):
        day = date_format(timezone.localdate(), "DATE_FORMAT")
    expect(phone.get_by_text(f"This letterbox answered on {day}, and the answer counts: thank you.")).to_be_visible()
    desk.reload()
    expect(rate).to_have_text("20.0 %")

    phone.goto(phone.url.split("/consultations/")[0] + f"/consultations/{mailing.consultation.slug}/contribute/")
    expect(phone.get_by_text("Each letterbox has one voice here.")).to_be_visible()
    phone.get_by_label("Your idea in a few words").fill("Another one")
    phone.get_by_role("button", name="Send my idea").click()
    expect(phone.get_by_role("alert").first).to_be_visible()
    desk.reload()
    expect(rate).to_have_text("20.0 %")
    assert Contribution.objects.count() == 1
