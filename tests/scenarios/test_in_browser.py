"""Comparing variants in a real browser: at 360 px, by keyboard, and without a script."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from geoparticipation.accounts.models import User
from geoparticipation.contributions.enums import Kind
from geoparticipation.contributions.models import Contribution
from geoparticipation.scenarios.models import Preference
from tests.fixtures.site import OpenSite
from tests.scenarios.conftest import ParkPlan

pytestmark = pytest.mark.django_db(transaction=True)

SHOWN = "document.querySelector('gp-map').map.queryRenderedFeatures({layers: ['scenario-lines', 'scenario-points']})"


def shown_variants(page: Page) -> set[str]:
    """Names of the elements that the map has drawn."""
    page.wait_for_function("() => document.querySelector('gp-map').map.areTilesLoaded()")
    return set(page.evaluate(f"() => {SHOWN}.map((one) => one.properties.label)"))


def test_compare_prefer_and_comment_on_a_phone_by_keyboard(open_site: OpenSite, park: ParkPlan, citizen: User) -> None:
    page = open_site(f"/plans/places/{park.corner.code}/", user=citizen, language="en", width=360, height=740)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    expect(page.locator("[data-side] img")).to_have_count(3)
    page.get_by_role("radio", name="side by side").focus()
    page.keyboard.press("ArrowDown")
    slider = page.get_by_role("slider", name="Move the divider")
    expect(slider).to_be_visible()
    expect(page.locator("[data-side]")).to_be_hidden()
    slider.focus()
    page.keyboard.press("ArrowRight")
    expect(slider).to_have_attribute("aria-valuetext", "A – As it is up to 55 %, then B – Many trees")
    page.get_by_label("On the right").select_option("2")
    expect(slider).to_have_attribute("aria-valuetext", "A – As it is up to 55 %, then C – A tram")
    under = page.locator("[data-under]")
    expect(under).to_have_attribute(
        "src", f"http://{page.url.split('/')[2]}/plans/pictures/{park.tram.code}/{park.corner.code}.svg"
    )
    page.wait_for_function("() => document.querySelector('[data-under]').naturalWidth === 640")

    page.get_by_role("group", name="What do you prefer here?").get_by_role("radio", name="Many trees").focus()
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Change my answer")).to_be_visible()
    assert Preference.objects.get().variant == park.trees
    page.get_by_label("Your comment").fill("Shade for the children.")
    page.get_by_role("button", name="Send my comment").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".items")).to_contain_text("Shade for the children.")
    assert Contribution.objects.get(kind=Kind.COMMENT).parent.code == park.corner.code


def test_map_switches_between_variants(open_site: OpenSite, park: ParkPlan) -> None:
    page = open_site(f"/plans/{park.plan.code}/", language="en", width=1200, height=800)
    page.locator("gp-map[data-ready]").wait_for()
    overlays = page.get_by_role("group", name="On the map")
    expect(overlays.get_by_role("radio", name="A tram")).to_be_checked()
    page.wait_for_function(f"() => {SHOWN}.length > 0")
    assert shown_variants(page) == {"Tram line"}
    overlays.get_by_role("radio", name="A tram").focus()
    page.keyboard.press("ArrowUp")
    page.wait_for_function(f"() => {SHOWN}.some((one) => one.properties.label === 'Tree')")
    assert shown_variants(page) == {"Tree"}
    overlays.get_by_role("radio", name="As it is").check()
    page.wait_for_function(f"() => {SHOWN}.length === 0")


def test_without_script_pictures_and_words_say_all(open_site: OpenSite, park: ParkPlan, citizen: User) -> None:
    page = open_site(
        f"/plans/{park.plan.code}/", user=citizen, language="en", width=360, height=740, java_script_enabled=False
    )
    expect(page.locator("[data-side] img")).to_have_count(3)
    expect(page.locator("[data-overlays]")).to_be_hidden()
    corner = page.locator("#place-1")
    expect(corner).to_contain_text("2 × Tree")
    expect(corner).to_contain_text("Nothing changes here.")
    corner.get_by_role("radio", name="None of these").check()
    corner.get_by_role("button", name="Say so").click()
    expect(page.locator("#place-1").get_by_role("button", name="Change my answer")).to_be_visible()
    assert Preference.objects.get().variant is None
