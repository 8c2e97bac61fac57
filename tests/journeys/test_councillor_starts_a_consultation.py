"""A councillor aims at a street, is told that it reaches beyond the area, takes less, and asks its people."""

from __future__ import annotations

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from geoparticipation.accounts.models import User
from geoparticipation.consultations.enums import ConsultationState
from geoparticipation.consultations.models import Consultation
from geoparticipation.councils.domain.councils import save_council, save_member
from geoparticipation.councils.models import Council
from neighbourhoods.models import Target
from tests.councils.conftest import target_of
from tests.fixtures.site import OpenSite, Watch
from tests.fixtures.tiny_town import TinyTown

BEYOND = "This reaches beyond the area of “Council of West”."


@pytest.fixture
def west(db: None, tiny_town: TinyTown, agent: User, councillor: User) -> Council:
    """The council of West, which publishes itself and in which the councillor sits."""
    council = save_council(agent=agent, name="Council of West", area=target_of(tiny_town.west), may_publish=True)
    save_member(agent=agent, council=council, name="Ana", user=councillor, since=timezone.localdate())
    return council


def aim_at(page: Page, street: str) -> None:
    page.locator("#add-place").fill(street)
    page.get_by_role("option", name=street).first.click()


@pytest.mark.django_db(transaction=True)
def test_councillor_asks_a_part_of_the_area_and_no_more(
    west: Council, councillor: User, open_site: OpenSite, watch: Watch
) -> None:
    watch.allow("status of 422")
    page = open_site(f"/workspace/councils/{west.slug}/", user=councillor, language="en")
    page.get_by_role("link", name="Aim at a part of your area").click()

    # Rue Basse runs from West into East.
    aim_at(page, "Rue Basse")
    expect(page.locator("[data-result-error]")).to_contain_text(BEYOND)
    expect(page.locator("dd[data-figure=addresses]")).to_have_text("4")
    page.get_by_label("Name of the target").fill("Rue Basse")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("[data-error-summary]")).to_contain_text(BEYOND)
    assert not Target.objects.filter(name="Rue Basse").exists()

    # Its numbers 1 and 2 lie in West.
    page.locator("[data-part] details").first.evaluate("(row) => { row.open = true; }")
    page.locator("[name=part-0-number_to]").fill("2")
    expect(page.locator("dd[data-figure=addresses]")).to_have_text("2")
    expect(page.locator("[data-result-error]")).to_be_hidden()
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".message")).to_contain_text("“Rue Basse” is saved.")

    page.get_by_role("link", name="Start a consultation").click()
    page.get_by_label("Title", exact=True).fill("Benches in Rue Basse")
    page.get_by_label("Summary").fill("Where do you want to sit?")
    page.get_by_label("Target (optional)").select_option(label="Rue Basse")
    page.get_by_role("button", name="Keep as a draft").click()
    expect(page.locator(".message").first).to_contain_text("Your draft is kept.")
    page.get_by_role("button", name="Publish").click()
    expect(page.locator(".message").first).to_contain_text("The consultation is online.")

    consultation = Consultation.objects.get()
    assert (consultation.state, consultation.target) == (
        ConsultationState.PUBLISHED,
        Target.objects.get(name="Rue Basse"),
    )
    visitor = open_site(f"/councils/{west.slug}/", language="en")
    expect(visitor.get_by_role("link", name="Benches in Rue Basse", exact=True)).to_be_visible()
