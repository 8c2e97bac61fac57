"""The page of a mailing's rounds in a browser: the start from the map, and waiting for the worker."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from geoparticipation.accounts.models import User
from geoparticipation.consultations.models import Consultation
from geoparticipation.mailings.domain.make_mailing import make_mailing
from geoparticipation.mailings.domain.rounds import carry_out_plan
from geoparticipation.mailings.models import Mailing, RoundPlan
from neighbourhoods.domain.targets import PartSpec, save_target
from neighbourhoods.enums import PartKind
from tests.fixtures.site import OpenSite
from tests.fixtures.tiny_town import TinyTown

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def mailing(consultation: Consultation, tiny_town: TinyTown, agent: User) -> Mailing:
    parts = [PartSpec(kind=PartKind.DISTRICT, district_id=tiny_town.commune.pk)]
    target = save_target(name="Everybody", parts=parts, user=agent)
    return make_mailing(name="Autumn", consultation=consultation, target=target)


def test_start_from_the_map_then_wait_until_the_rounds_are_there(
    open_site: OpenSite, mailing: Mailing, agent: User
) -> None:
    page = open_site(f"/workspace/mailings/{mailing.pk}/rounds/", user=agent, language="en")
    expect(page.locator("[data-rounds-map][data-ready]")).to_be_attached()
    page.get_by_role("button", name="Choose on the map").first.click()
    expect(page.get_by_role("button", name="Choose on the map").first).to_have_attribute("aria-pressed", "true")
    box = page.locator("[data-rounds-map] canvas").bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(page.get_by_role("combobox", name="All rounds start at")).to_have_value("a point on the map")
    page.get_by_role("spinbutton", name="Number of rounds").fill("2")
    page.get_by_role("button", name="Plan rounds").click()
    expect(page.get_by_text("In line: the rounds are planned in a moment.")).to_be_visible()

    plan = RoundPlan.objects.get()
    assert plan.start is not None
    assert plan.start.coords == pytest.approx((4.41, 50.845), abs=0.003)  # the middle of the town
    carry_out_plan(plan_id=plan.pk)

    expect(page.get_by_role("heading", name="2 rounds")).to_be_visible()  # without a reload by hand
    expect(page.locator("tr[data-round]")).to_have_count(2)
