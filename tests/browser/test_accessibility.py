"""Every page in both languages, wide and light, then narrow and dark: axe finds nothing, and nothing is cut off."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from geoparticipation.accounts.models import User
from tests.browser.conftest import LivelyTown
from tests.browser.pages import AGENT, ANYBODY, CITIZEN, NOT_PAGES, PAGES, PageOfSite, addresses_of_pages
from tests.fixtures.site import OpenSite, Watch

Axe = Callable[[Page], list[str]]

WIDER_THAN_THE_SCREEN = """
() => document.documentElement.scrollWidth <= innerWidth ? [] :
  [...document.querySelectorAll("body *")]
    .filter((element) => element.getBoundingClientRect().right > innerWidth + 1)
    .slice(0, 5)
    .map((element) => `${element.localName}.${element.className} ${element.textContent.trim().slice(0, 40)}`)
"""
TOO_LOW = """
() => [...document.querySelectorAll(":is(main, header) :is(a, button, input, select, summary)")]
  .filter((element) => element.checkVisibility({ checkVisibilityCSS: true }))
  .filter((element) => !element.closest(".visually-hidden, gp-map") && getComputedStyle(element).display !== "inline")
  .filter((element) => {
    const { width, height } = element.getBoundingClientRect();
    const label = element.labels?.[0]?.getBoundingClientRect().height ?? 0;
    return width > 1 && Math.max(height, label) < 24;
  })
  .map((element) => `${element.localName} ${(element.textContent || element.name).trim().slice(0, 40)}`)
"""
MAIN_ACTION_TOO_LOW = """
() => [...document.querySelectorAll("main :is(.button, [type=submit])")]
  .filter((element) => element.checkVisibility({ checkVisibilityCSS: true }) && !element.closest(".visually-hidden"))
  .map((element) => [element, element.getBoundingClientRect()])
  .filter(([, { width, height }]) => width > 1 && height < 43.5)
  .map(([element]) => element.textContent.trim().slice(0, 40))
"""


def test_every_page_is_looked_at() -> None:
    known = {page.name for page in PAGES} | NOT_PAGES.keys()

    assert set(addresses_of_pages()) == known


SETTLED = """
async () => {
  const maps = [...document.querySelectorAll("gp-map")].filter((map) => map.checkVisibility());
  for (const map of maps) {  // one below the fold begins when it is seen
    map.scrollIntoView({behavior: "instant"});
    await Promise.allSettled([map.ready ?? customElements.whenDefined("gp-map").then(() => map.ready)]);
  }
  window.scrollTo({top: 0, behavior: "instant"});
  await document.fonts.ready;
  await new Promise(requestAnimationFrame);
  await Promise.allSettled(document.getAnimations().map((animation) => animation.finished));
}
"""


def faults_of(page: Page, axe: Axe, *, what: str) -> list[str]:
    """What is wrong with a page at 1440 px in light and at 360 px in dark colours; it is left wide and light."""
    page.evaluate(SETTLED)
    faults = [f"{what}, wide: {fault}" for fault in axe(page)]
    page.set_viewport_size({"width": 360, "height": 740})
    page.emulate_media(color_scheme="dark")
    page.evaluate(SETTLED)
    faults += [f"{what}, narrow and dark: {fault}" for fault in axe(page)]
    faults += [f"{what}, wider than 360 px: {fault}" for fault in page.evaluate(WIDER_THAN_THE_SCREEN)]
    faults += [f"{what}, lower than 24 px: {fault}" for fault in page.evaluate(TOO_LOW)]
    faults += [f"{what}, a button lower than 44 px: {fault}" for fault in page.evaluate(MAIN_ACTION_TOO_LOW)]
    page.set_viewport_size({"width": 1440, "height": 900})
    page.emulate_media(color_scheme="light")
    return faults


@pytest.mark.parametrize("visitor", [ANYBODY, CITIZEN, AGENT])
def test_pages_in_french_with_their_maps(
    visitor: str,
    lively_town: LivelyTown,
    cast: dict[str, User],
    open_site: OpenSite,
    axe_violations: Axe,
    watch: Watch,
) -> None:
    watch.allow("status of 403")
    page = open_site(None, user=cast.get(visitor), language="fr", reduced_motion="reduce")
    faults = []
    for entry in pages_for(visitor):
        path = entry.path(lively_town)
        answer = page.goto(path)
        assert answer is not None
        assert (answer.status, page.locator("html").get_attribute("lang")) == (entry.status, "fr"), path
        faults += faults_of(page, axe_violations, what=path)

    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("visitor", [ANYBODY, CITIZEN, AGENT])
def test_pages_in_english_where_the_map_script_does_not_arrive(
    visitor: str,
    lively_town: LivelyTown,
    cast: dict[str, User],
    open_site: OpenSite,
    axe_violations: Axe,
    watch: Watch,
) -> None:
    watch.allow("status of 403|maplibre-gl.mjs|map")
    page = open_site(None, user=cast.get(visitor), language="en", reduced_motion="reduce")
    page.route("**/maplibre-gl.mjs", lambda route: route.abort())
    faults = []
    for entry in {entry.name: entry for entry in reversed(pages_for(visitor))}.values():
        path = entry.path(lively_town)
        page.goto(path)
        assert page.locator("html").get_attribute("lang") == "en", path
        faults += faults_of(page, axe_violations, what=path)
        the_map = page.locator("gp-map").first
        if entry.has_map and the_map.is_visible():
            the_map.scroll_into_view_if_needed()  # further down it waits
            expect(the_map, path).to_contain_text("cannot be shown")

    assert not faults, "\n".join(faults)


def pages_for(visitor: str) -> list[PageOfSite]:
    return [entry for entry in PAGES if entry.seen_by == visitor]
