"""The citizens' pages in a real browser: they are accessible, the map draws, and nothing needs the map or a script."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from geoparticipation.consultations.models import Consultation
from geoparticipation.contributions.models import Contribution
from tests.fixtures.question import Submit
from tests.fixtures.site import OpenSite
from tests.fixtures.tiny_town import TinyTown

pytestmark = pytest.mark.django_db(transaction=True)

MAP_READY = "async () => { await document.querySelector('gp-map').ready; }"


def drawn(page: Page, layers: list[str]) -> int:
    """How many features of these layers the map has rendered."""
    page.evaluate(MAP_READY)
    return page.evaluate(
        "layers => document.querySelector('gp-map').map.queryRenderedFeatures({layers}).length", layers
    )


def test_map_draws_streets_districts_and_contributions(open_site: OpenSite, submit: Submit) -> None:
    submit()
    page = open_site("/")

    assert drawn(page, ["streets"]) >= 3
    assert drawn(page, ["district-lines"]) >= 2
    assert drawn(page, ["parks"]) == 1
    assert drawn(page, ["contributions-points", "contributions-groups"]) >= 1
    expect(page.locator(".map-legend")).to_contain_text("idée")


def test_contribute_by_keyboard_with_suggestions(
    open_site: OpenSite, consultation: Consultation, tiny_town: TinyTown
) -> None:
    page = open_site(f"/consultations/{consultation.slug}/contribute/", language="en")
    page.get_by_role("combobox", name="Address, street or district").focus()
    page.keyboard.type("haut")
    expect(page.get_by_role("option").first).to_contain_text("Rue Haute")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.get_by_label("Your idea in a few words").fill("A bench")
    page.get_by_role("button", name="Send my idea").focus()
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", name="Your idea is online")).to_be_visible()
    assert Contribution.objects.get().street == tiny_town.rue_haute


def test_contribute_without_script_on_a_phone(
    open_site: OpenSite, consultation: Consultation, tiny_town: TinyTown
) -> None:
    page = open_site(
        f"/consultations/{consultation.slug}/contribute/",
        language="en",
        width=360,
        height=740,
        java_script_enabled=False,
    )
    page.get_by_label("Address, street or district").fill("Avenue du Parc 2")
    page.get_by_label("Your idea in a few words").fill("A bench")
    page.get_by_role("button", name="Send my idea").click()

    expect(page.get_by_role("heading", name="Your idea is online")).to_be_visible()
    assert Contribution.objects.get().street == tiny_town.avenue_du_parc


def test_typed_words_survive_a_reload(open_site: OpenSite, consultation: Consultation) -> None:
    page = open_site(f"/consultations/{consultation.slug}/contribute/", language="en")
    page.get_by_label("Your idea in a few words").fill("Kept words")
    page.reload()

    expect(page.get_by_label("Your idea in a few words")).to_have_value("Kept words")


def test_pin_by_mouse_and_by_keyboard(open_site: OpenSite, consultation: Consultation) -> None:
    page = open_site(f"/consultations/{consultation.slug}/contribute/", language="en")
    page.evaluate(MAP_READY)
    page.get_by_role("button", name="A point").click()
    expect(page.locator(".map-status")).to_contain_text("Click on the map")
    page.mouse.click(950, 480)
    expect(page.locator("[data-place-words]")).to_contain_text("Here: ")
    by_mouse = page.locator("[data-geometry]").input_value()

    page.get_by_role("button", name="A point").click()
    expect(page.locator(".maplibregl-canvas")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("[data-geometry]")).not_to_have_value(by_mouse)
    assert '"Point"' in page.locator("[data-geometry]").input_value()


def test_moving_the_map_filters_the_list(open_site: OpenSite, submit: Submit) -> None:
    submit()
    page = open_site("/contributions/", language="en")
    page.evaluate(MAP_READY)
    expect(page.locator("[data-count]")).to_have_text("1 contribution")
    page.evaluate("document.querySelector('gp-map').map.jumpTo({center: [4.4193, 50.8405], zoom: 18})")
    page.mouse.move(1000, 500)
    page.mouse.wheel(0, -240)

    expect(page.locator("[data-count]")).to_have_text("0 contributions in view")
    expect(page).to_have_url(re.compile(r"in_bbox=4\.4"))


def test_support_in_place_and_item_lights_its_shape(open_site: OpenSite, submit: Submit) -> None:
    idea = submit()
    page = open_site(f"/contributions/{idea.code}/", language="en")
    page.get_by_role("button", name="I support this").click()
    expect(page.get_by_role("button", name="You support this")).to_be_visible()
    expect(page.locator(".support-count")).to_have_text("1 person supports this")

    page.goto("/contributions/")
    page.evaluate(MAP_READY)
    page.locator(f'[data-code="{idea.code}"]').hover()
    lit = (
        "code => { const {map} = document.querySelector('gp-map');"
        " return map.getFeatureState({source: 'contributions', sourceLayer: 'contributions', id: code}).lit; }"
    )
    assert page.evaluate(lit, str(idea.code)) is True


def test_items_of_the_map_by_tab_and_back_by_escape(open_site: OpenSite, submit: Submit) -> None:
    idea = submit()
    page = open_site("/contributions/", language="en")
    page.evaluate(MAP_READY)
    page.locator(".map-items a").first.wait_for(state="attached")
    page.locator(".map-items a").first.focus()
    page.keyboard.press("Escape")

    expect(page.locator(f'[data-items] [data-code="{idea.code}"] a')).to_be_focused()
