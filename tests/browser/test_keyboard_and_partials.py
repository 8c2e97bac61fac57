"""By keyboard alone; a part of a page equals the same part of the whole page; what axe says of pages in use."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import product

import pytest
from django.contrib.gis.geos import Point
from django.test import Client
from playwright.sync_api import Page, expect

from geoparticipation.accounts.models import User
from tests.browser.conftest import LivelyTown
from tests.fixtures.question import Submit, actor_of
from tests.fixtures.site import OpenSite, Watch

pytestmark = pytest.mark.django_db(transaction=True)

Axe = Callable[[Page], list[str]]

READY = "async () => { await document.querySelector('gp-map').ready; }"
TAB_STOPS = 15


# By keyboard ----------------------------------------------------------------------------------------------------------

FOCUSED = """
() => {
  const element = document.activeElement;
  const outlined = (style) => style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0;
  const around = [element, element.parentElement, element.closest("form, article, .card, li")].filter(Boolean);
  const { left, top, right, bottom, width, height } = element.getBoundingClientRect();
  return {
    name: `${element.localName}.${element.className} ${(element.textContent || element.name).trim().slice(0, 40)}`,
    outlined: around.some((one) => outlined(getComputedStyle(one))) || outlined(getComputedStyle(element, "::after")),
    onScreen: width > 1 && height > 1 && right > 0 && bottom > 0 && left < innerWidth && top < innerHeight,
  };
}
"""


@pytest.mark.parametrize("which", ["home", "contribute", "list"])
def test_first_tab_stops_are_seen_and_begin_with_the_way_past_the_menu(
    which: str, lively_town: LivelyTown, open_site: OpenSite
) -> None:
    path = {
        "home": "/",
        "contribute": f"/consultations/{lively_town.open.slug}/contribute/",
        "list": "/contributions/",
    }[which]
    page = open_site(path, language="en", reduced_motion="reduce")
    stops = []
    for _ in range(TAB_STOPS):
        page.keyboard.press("Tab")
        stops.append(page.evaluate(FOCUSED))

    assert stops[0]["name"].endswith("Skip to the content")
    assert len({stop["name"] for stop in stops}) > TAB_STOPS / 2
    assert [stop["name"] for stop in stops if not stop["outlined"]] == []
    assert [stop["name"] for stop in stops if not stop["onScreen"]] == []


def test_way_past_the_menu_leads_to_the_content(lively_town: LivelyTown, open_site: OpenSite) -> None:
    page = open_site("/contributions/", language="en")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("#main$"))
    page.keyboard.press("Tab")

    assert page.evaluate("document.activeElement.closest('main') !== null")


VIEW = """
() => {
  const { map } = document.querySelector("gp-map");
  const { lng, lat } = map.getCenter();
  return { zoom: map.getZoom(), lon: lng, lat };
}
"""
WATCH_MOVE = """
() => {
  const { map } = document.querySelector("gp-map");
  window.moved = new Promise((done, failed) => {
    map.once("moveend", done);
    setTimeout(() => failed(new Error("the map did not move")), 5000);
  });
}
"""
MOVED = "async () => { await window.moved; }"
IDLE = "() => new Promise((done) => document.querySelector('gp-map').map.once('idle', done))"


def view_after(page: Page, key: str) -> dict[str, float]:
    """Where the map is once it has moved for this key."""
    page.evaluate(WATCH_MOVE)
    page.keyboard.press(key)
    page.evaluate(MOVED)
    return page.evaluate(VIEW)


def test_map_by_keyboard(lively_town: LivelyTown, open_site: OpenSite) -> None:
    page = open_site("/contributions/", language="en", reduced_motion="reduce")
    page.evaluate(READY)
    page.locator(".maplibregl-canvas").focus()
    first = page.evaluate(VIEW)
    closer = view_after(page, "+")
    back = view_after(page, "-")
    east = view_after(page, "ArrowRight")
    west = view_after(page, "ArrowLeft")
    north = view_after(page, "ArrowUp")
    south = view_after(page, "ArrowDown")

    assert closer["zoom"] > first["zoom"]
    assert back["zoom"] == pytest.approx(first["zoom"])
    assert east["lon"] > back["lon"]
    assert west["lon"] < east["lon"]
    assert north["lat"] > west["lat"]
    assert south["lat"] < north["lat"]


def test_tab_goes_through_the_items_in_view_and_escape_back_to_the_list(
    lively_town: LivelyTown, open_site: OpenSite
) -> None:
    page = open_site("/contributions/", language="en", width=1000, height=600, reduced_motion="reduce")
    page.evaluate(READY)
    page.evaluate("document.querySelector('gp-map').map.jumpTo({center: [4.4065, 50.8452], zoom: 16})")
    page.evaluate(IDLE)
    items = page.locator(".map-items a")
    expect(items.first).to_be_attached()
    count = items.count()
    assert count >= 2
    page.locator(".maplibregl-canvas").focus()
    in_turn = "() => [...document.querySelectorAll('.map-items a')].indexOf(document.activeElement)"
    for _ in range(5):
        page.keyboard.press("Tab")
        if page.evaluate(in_turn) == 0:
            break
    order = [page.evaluate(in_turn)]
    for _ in range(count - 1):
        page.keyboard.press("Tab")
        order.append(page.evaluate(in_turn))
        assert page.evaluate(FOCUSED)["onScreen"]
    page.keyboard.press("Escape")

    assert order == list(range(count))
    expect(page.locator("[data-items] a").first).to_be_focused()


# Partials -------------------------------------------------------------------------------------------------------------

QUERIES = [
    "",
    "kind=comment",
    "kind=proposal&district=W",
    "district=E&q=tree",
    "q=nothing+like+it",
    "in_bbox=4.404,50.844,4.406,50.846",
    "in_bbox=4.404,50.844,4.406,50.846&kind=comment&page=2",
    "page=2",
    "street=no+such+street",
    "kind=nonsense&in_bbox=nonsense",
]
LIST_OPENS = re.compile(r'<div id="list"[^>]*>')


@pytest.fixture
def many_ideas(lively_town: LivelyTown, submit: Submit, neighbour: User) -> LivelyTown:
    """The lively town with enough ideas for a second page of the list (20 to a page) and of the results (50)."""
    for number in range(52):
        place = Point(4.4021 + number * 1e-4, 50.8451, srid=4326)
        submit(title=f"A tree, number {number}", geometry=place, actor=actor_of(neighbour), charter_accepted=True)
    return lively_town


def test_part_of_a_page_equals_the_whole_page(many_ideas: LivelyTown, client: Client) -> None:
    said = set()
    for path, query in product(["/contributions/", f"/consultations/{many_ideas.open.slug}/results/"], QUERIES):
        address = f"{path}?{query}"
        whole = client.get(address)
        part = client.get(address, headers={"hx-request": "true"})
        opening = LIST_OPENS.search(whole.text)
        assert opening, address
        assert whole.text[opening.end() :].startswith(f"{part.text}</div>"), address
        assert "<html" not in part.text
        assert part.text.strip(), address
        assert whole.status_code == part.status_code == 200, address
        for answer in (whole, part):
            assert "hx-request" in answer.headers.get("Vary", "").lower(), f"{address}: kept as one by caches"
        said.add(part.text)

    assert len(said) >= len(QUERIES) + 4


def test_back_restores_the_earlier_filters(many_ideas: LivelyTown, open_site: OpenSite) -> None:
    page = open_site("/contributions/", language="en", width=880, reduced_motion="reduce")
    page.locator("summary", has_text="Filter").click()
    everything = page.locator("[data-count]").inner_text()
    page.get_by_label("Kind").select_option("comment")
    expect(page.locator("[data-count]")).to_have_text("1 contribution")
    page.get_by_label("District", exact=True).select_option("W")
    expect(page.locator("[data-count]")).to_have_text("0 contributions")
    expect(page).to_have_url(re.compile("district=W"))
    page.go_back()
    expect(page.locator("[data-count]")).to_have_text("1 contribution")
    expect(page.locator("#filter-kind")).to_have_value("comment")
    expect(page.locator("#filter-district")).to_have_value("")
    page.go_back()

    expect(page.locator("[data-count]")).to_have_text(everything)
    expect(page.locator("#filter-kind")).to_have_value("")
    expect(page).to_have_url(re.compile("/contributions/$"))


def test_back_from_an_idea_restores_the_filtered_page(many_ideas: LivelyTown, open_site: OpenSite) -> None:
    page = open_site("/contributions/", language="en", width=880, reduced_motion="reduce")
    page.get_by_role("link", name="Next").click()
    expect(page.get_by_text("page 2 of 3")).to_be_visible()
    page.locator("[data-items] a").first.click()
    expect(page).to_have_url(re.compile("/contributions/[0-9a-f-]{36}/"))
    page.go_back()

    expect(page.get_by_text("page 2 of 3")).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_be_visible()


# Pages in use ---------------------------------------------------------------------------------------------------------


STILL = """
async () => {
  await document.fonts.ready;
  await new Promise(requestAnimationFrame);
  await Promise.allSettled(document.getAnimations().map((animation) => animation.finished));
}
"""


def violations(page: Page, axe: Axe) -> list[str]:
    page.evaluate(STILL)
    return axe(page)


def test_menu_on_a_phone_is_accessible(lively_town: LivelyTown, open_site: OpenSite, axe_violations: Axe) -> None:
    page = open_site("/", width=360, height=740, has_touch=True, reduced_motion="reduce")
    button = page.locator("[data-menu-toggle]")
    button.click()

    expect(button).to_have_attribute("aria-expanded", "true")
    expect(page.locator("#site-nav a").first).to_be_visible()
    assert violations(page, axe_violations) == []


def test_map_pane_on_a_phone_is_accessible(lively_town: LivelyTown, open_site: OpenSite, axe_violations: Axe) -> None:
    page = open_site("/contributions/", width=360, height=740, has_touch=True, reduced_motion="reduce")
    page.locator("[data-map-open]").click()
    expect(page.locator("[data-map-close]")).to_be_focused()
    page.evaluate(READY)
    found = violations(page, axe_violations)
    page.keyboard.press("Escape")

    assert found == []
    expect(page.locator("[data-map-open]")).to_be_focused()


def test_refused_forms_are_accessible(
    lively_town: LivelyTown, open_site: OpenSite, axe_violations: Axe, watch: Watch
) -> None:
    watch.allow("status of 4(00|22)")
    page = open_site(f"/consultations/{lively_town.open.slug}/contribute/", width=360, reduced_motion="reduce")
    page.locator("[data-send]").click()
    expect(page.locator("[data-error-summary]")).to_be_focused()
    found = [f"nothing written: {fault}" for fault in violations(page, axe_violations)]
    page.locator("#idea-place").fill("Avenue du Parc 2")
    page.locator("[data-send]").click()
    expect(page.locator("#idea-place")).to_have_value("Avenue du Parc 2")
    found += [f"no title: {fault}" for fault in violations(page, axe_violations)]
    page.goto("/compte/signup/")
    page.locator("main form button[type=submit]").click()
    expect(page.locator("main [aria-invalid=true]").first).to_be_visible()
    found += [f"sign-up: {fault}" for fault in violations(page, axe_violations)]
    page.goto(f"/contributions/{lively_town.idea.code}/")
    page.locator("form[action$='/comment/'] button[type=submit]").last.click()
    expect(page.locator("main [role=alert], main .error").first).to_be_visible()
    found += [f"comment: {fault}" for fault in violations(page, axe_violations)]

    assert found == []


@pytest.mark.parametrize(("width", "scheme"), [(360, "dark"), (1440, "light")])
def test_town_of_which_nothing_is_known_is_accessible(
    open_site: OpenSite, axe_violations: Axe, width: int, scheme: str
) -> None:
    page = open_site(None, width=width, color_scheme=scheme, reduced_motion="reduce")
    found = []
    for path in ("/", "/contributions/"):
        page.goto(path)
        expect(page.locator(".empty").first).to_be_visible()
        found += [f"{path}: {fault}" for fault in violations(page, axe_violations)]

    assert found == []
