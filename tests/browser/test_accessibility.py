"""Every page: French with its map, wide; English without the map's script, narrow and dark. axe finds nothing."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, Request, expect

from geoparticipation.accounts.models import User
from tests.browser.conftest import LivelyTown
from tests.browser.pages import NOT_PAGES, PAGES, VISITORS, PageOfSite, addresses_of_pages
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


WIDE = {"width": 1440, "height": 900}
NARROW = {"width": 360, "height": 740}
MAP_LIBRARY = re.compile("maplibre")
NEXT_FRAMES = "async () => { for (const _ of [1, 2, 3]) await new Promise(requestAnimationFrame); }"
"""Long enough for an IntersectionObserver to have told of what is on the screen."""
PAGES_A_TEST = 12


def rounds() -> list[Any]:
    """Who looks at which pages: few at a time, so that several processes share them."""
    return [
        pytest.param(visitor, seen[start : start + PAGES_A_TEST], id=f"{visitor}-{start // PAGES_A_TEST + 1}")
        for visitor in VISITORS
        for seen in [[entry for entry in PAGES if entry.seen_by == visitor]]
        for start in range(0, len(seen), PAGES_A_TEST)
    ]


def narrow_faults(page: Page, *, what: str) -> list[str]:
    """What is cut off or too small for a finger at 360 px; the page is left as narrow."""
    page.set_viewport_size(NARROW)
    page.evaluate(SETTLED)
    return [
        *(f"{what}, wider than 360 px: {fault}" for fault in page.evaluate(WIDER_THAN_THE_SCREEN)),
        *(f"{what}, lower than 24 px: {fault}" for fault in page.evaluate(TOO_LOW)),
        *(f"{what}, a button lower than 44 px: {fault}" for fault in page.evaluate(MAIN_ACTION_TOO_LOW)),
    ]


def look_in_french(page: Page, entry: PageOfSite, path: str, axe: Axe) -> list[str]:
    """Wide and light, then narrow and dark where there is a map; the map's library comes only where there is one."""
    asked: list[str] = []

    def note(request: Request) -> None:
        asked.extend([request.url] if MAP_LIBRARY.search(request.url) else [])

    page.set_viewport_size(WIDE)
    page.emulate_media(color_scheme="light")
    page.on("request", note)
    answer = page.goto(path)
    assert answer is not None
    assert (answer.status, page.locator("html").get_attribute("lang")) == (entry.status, "fr"), path
    page.evaluate(SETTLED if entry.has_map else NEXT_FRAMES)
    page.remove_listener("request", note)
    faults = [f"{path} (fr), wide: {fault}" for fault in axe(page)]
    if entry.has_map:
        page.emulate_media(color_scheme="dark")
        faults += narrow_faults(page, what=f"{path} (fr)")
        faults += [f"{path} (fr), narrow and dark: {fault}" for fault in axe(page)]
    else:
        faults += narrow_faults(page, what=f"{path} (fr)")
        faults += [f"{path}: asks for {address} without a map" for address in asked]
        faults += [f"{path}: has a map"] if page.locator("gp-map").count() else []
    return faults


def look_in_english(page: Page, entry: PageOfSite, path: str, axe: Axe) -> list[str]:
    """Narrow and dark; a map whose library does not arrive says so."""
    page.set_viewport_size(NARROW)
    page.goto(path)
    assert page.locator("html").get_attribute("lang") == "en", path
    faults = narrow_faults(page, what=f"{path} (en)")
    faults += [f"{path} (en), narrow and dark: {fault}" for fault in axe(page)]
    if entry.has_map:
        page.set_viewport_size(WIDE)
        the_map = page.locator("gp-map").first
        if the_map.is_visible():
            the_map.scroll_into_view_if_needed()  # further down it waits
            expect(the_map, path).to_contain_text("cannot be shown")
            faults += [f"{path} (en), without its map: {fault}" for fault in axe(page)]
    return faults


@pytest.mark.parametrize(("visitor", "entries"), rounds())
def test_pages_with_and_without_their_maps(
    visitor: str,
    entries: list[PageOfSite],
    lively_town: LivelyTown,
    cast: dict[str, User],
    open_site: OpenSite,
    axe_violations: Axe,
    watch: Watch,
) -> None:
    watch.allow("status of 40[34]|maplibre-gl.mjs|map")
    french = open_site(None, user=cast.get(visitor), language="fr", reduced_motion="reduce")
    english = open_site(None, user=cast.get(visitor), language="en", reduced_motion="reduce", color_scheme="dark")
    english.route("**/maplibre-gl.mjs", lambda route: route.abort())
    faults = []
    for entry in entries:
        path = entry.path(lively_town)
        faults += look_in_french(french, entry, path, axe_violations)
        faults += look_in_english(english, entry, path, axe_violations)

    assert not faults, "\n".join(faults)
