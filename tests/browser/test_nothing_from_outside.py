"""What a page loads comes from this site only, is light, and the map's library comes when there is a map to see."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.test import Client
from playwright.sync_api import Page, expect

from geoparticipation.accounts.models import User
from tests.browser.conftest import LivelyTown
from tests.browser.pages import AGENT, COUNCILLOR, PAGES, VISITORS
from tests.fixtures.site import OpenSite

LANGUAGES = ["fr", "en"]
OWN_CODE_LIMIT = 100_000
"""Bytes of our own script and style, as they lie on the disk, that all the citizens' pages take together."""
MAP_LIBRARY = re.compile("maplibre")
READY = "async () => { await document.querySelector('gp-map').ready; }"


class Loads(HTMLParser):
    """What a document would run or load, and what the content security policy is there to refuse."""

    def __init__(self) -> None:
        super().__init__()
        self.faults: list[str] = []
        self.addresses: list[str] = []
        self.stylesheets: list[str] = []
        self.modules: list[str] = []
        self.nonces: list[str] = []
        self.language = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "html":
            self.language = given.get("lang", "")
        if tag == "style" or (
            tag == "script" and "src" not in given and given.get("type") not in {"importmap", "application/json"}
        ):
            self.faults.append(f"inline <{tag}>")
        self.faults += [f"{name}= on <{tag}>" for name in given if name == "style" or name.startswith("on")]
        self.faults += [
            f"{name}={value}" for name, value in given.items() if value.strip().lower().startswith("javascript:")
        ]
        if "nonce" in given:
            self.nonces.append(given["nonce"])
        self.addresses += [given[name] for name in ("src", "poster", "data", "action", "formaction") if name in given]
        self.addresses += [part.split()[0] for part in given.get("srcset", "").split(",") if part.strip()]
        if tag not in {"a", "area"} and "href" in given:
            self.addresses.append(given["href"])
        if tag == "link" and given.get("rel") == "stylesheet":
            self.stylesheets.append(given["href"])
        if tag == "script" and given.get("type") == "module":
            self.modules.append(given["src"])

    handle_startendtag = handle_starttag

    def foreign(self) -> list[str]:
        """Addresses of another host, or of no host at all; a picture within the page is asked of nobody."""
        asked = [address for address in self.addresses if not address.startswith("data:image/")]
        return [address for address in asked if any(urlsplit(address)[:2])]


def read(html: str) -> Loads:
    parser = Loads()
    parser.feed(html)
    parser.close()
    return parser


def test_reader_of_pages_sees_what_it_looks_for() -> None:
    found = read(
        "<html lang=fr><style>a{}</style><script>1</script><p style='color:red' onclick='x()'>"
        "<a href=' JavaScript:x()'></a><img src=//far.example/a.png><a href=https://far.example/></a>"
        "<link href=https://far.example/b.css rel=stylesheet><svg><use href=https://far.example/c.svg /></svg>"
    )

    assert found.language == "fr"
    assert found.faults == [
        "inline <style>",
        "inline <script>",
        "style= on <p>",
        "onclick= on <p>",
        "href= JavaScript:x()",
    ]
    assert found.foreign() == ["//far.example/a.png", "https://far.example/b.css", "https://far.example/c.svg"]


def policy_of(header: str) -> dict[str, set[str]]:
    return {words[0]: set(words[1:]) for words in (part.split() for part in header.split(";")) if words}


@pytest.mark.parametrize("visitor", VISITORS)
def test_pages_run_and_load_nothing_but_their_own(visitor: str, lively_town: LivelyTown, cast: dict[str, User]) -> None:
    client = Client()
    if visitor in cast:
        client.force_login(cast[visitor])
    faults = []
    entries = [entry for entry in PAGES if entry.seen_by == visitor]
    for entry in entries:
        path = entry.path(lively_town)
        for language in LANGUAGES:
            answer = client.get(path, follow=True, headers={"accept-language": language})
            where = f"{path} ({language})"
            assert answer.status_code == entry.status, where
            found = read(answer.text)
            faults += [f"{where}: {fault}" for fault in [*found.faults, *found.foreign()]]
            if found.language != language:
                faults.append(f"{where}: lang={found.language}")
            policy = policy_of(answer.headers.get("Content-Security-Policy", ""))
            nonce = {f"'nonce-{nonce}'" for nonce in found.nonces}
            rules = (policy.get("script-src"), policy.get("style-src"))
            if rules != ({"'self'"} | nonce, {"'self'"}) or len(nonce) > 1:
                faults.append(f"{where}: scripts and styles: {policy}")
            allowed = {"'self'", "'none'"} | nonce
            for directive, sources in policy.items():
                beyond = sources - allowed - ({"data:", "blob:"} if directive == "img-src" else set())
                faults += [f"{where}: {directive} {source}" for source in beyond]
            missing = {"default-src", "object-src", "base-uri", "form-action", "frame-ancestors"} - policy.keys()
            faults += [f"{where}: no {directive}" for directive in missing]

    assert entries
    assert not faults, "\n".join(faults)


# Weight ---------------------------------------------------------------------------------------------------------------

CITIZENS_PAGES = [
    "home",
    "places",
    "consultation",
    "contribute",
    "contributions",
    "contribution",
    "consultation-results",
    "councils",
    "council",
]


def own_file(address: str) -> Path | None:
    """The file behind a static address, unless it is somebody else's library."""
    path = address.removeprefix(settings.STATIC_URL)
    found = finders.find(path)
    assert found, address
    return None if path.startswith("vendor/") else Path(str(found))


def with_imports(module: Path) -> set[Path]:
    """A module of ours and all that it imports of ours, now or later."""
    seen: set[Path] = set()
    waiting = [module]
    while waiting:
        file = waiting.pop()
        if file not in seen:
            seen.add(file)
            waiting += [file.with_name(f"{name}.js") for name in re.findall(r'"gp/([\w-]+)"', file.read_text())]
    return seen


def test_own_script_and_style_of_each_page_of_citizens_are_light(
    lively_town: LivelyTown, citizen: User, client: Client
) -> None:
    client.force_login(citizen)
    opened: set[str] = set()
    seen: set[str] = set()
    for entry in PAGES:
        if entry.name not in CITIZENS_PAGES or entry.seen_by in {AGENT, COUNCILLOR}:
            continue
        opened.add(entry.name)
        files: set[Path] = set()
        generated: dict[str, int] = {}
        path = entry.path(lively_town)
        found = read(client.get(path).text)
        for address in found.modules:
            module = own_file(address)
            files |= with_imports(module) if module else set()
        for address in found.stylesheets:
            if address.startswith(settings.STATIC_URL):
                stylesheet = own_file(address)
                files |= {stylesheet} if stylesheet else set()
            else:
                generated[address] = len(client.get(address).content)
        weights = {file.name: file.stat().st_size for file in files} | generated
        seen |= weights.keys()
        assert len(generated) == 1, "the town's colours"
        assert sum(weights.values()) <= OWN_CODE_LIMIT, (path, weights)

    assert opened == set(CITIZENS_PAGES)
    assert {"site.js", "map.js", "list.js", "contribute.js", "base.css", "map.css"} <= seen
    assert "targeting.js" not in seen, "the workspace's own"


def test_own_stylesheets_point_at_no_other_host() -> None:
    for file in (Path(settings.BASE_DIR) / "static" / "css").glob("*.css"):
        addresses = re.findall(r"url\(\s*['\"]?([^'\")]+)|@import\s+['\"]([^'\"]+)", file.read_text())
        foreign = [one for found in addresses for one in found if one and any(urlsplit(one)[:2])]
        assert [one for one in foreign if not one.startswith("data:")] == [], file.name


# The map's library ----------------------------------------------------------------------------------------------------

NEXT_FRAMES = "async () => { for (const _ of [1, 2, 3]) await new Promise(requestAnimationFrame); }"
"""Long enough for an IntersectionObserver to have told of what is on the screen."""


def note_map_library(page: Page) -> list[str]:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if MAP_LIBRARY.search(request.url) else None)
    return asked


def test_phone_asks_for_the_map_library_when_the_map_is_opened(lively_town: LivelyTown, open_site: OpenSite) -> None:
    page = open_site(None, width=360, height=740, has_touch=True)
    asked = note_map_library(page)
    with_maps = {entry.name: entry for entry in reversed(PAGES) if entry.name in CITIZENS_PAGES}
    paths = [with_maps[name].path(lively_town) for name in CITIZENS_PAGES]
    for path in paths:
        page.goto(path)
        page.evaluate(NEXT_FRAMES)
        assert page.locator("gp-map").count() == 1, path
        assert asked == [], path
    page.goto(paths[0])
    page.locator("[data-map-open]").click()
    page.evaluate(READY)

    assert any(url.endswith("maplibre-gl.mjs") for url in asked)


# In use ---------------------------------------------------------------------------------------------------------------


def note_console(page: Page) -> list[str]:
    """All that is said on the console, save what the graphics driver of this machine says of itself."""
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if "GL Driver" not in message.text else None)
    return said


def point_on_map(page: Page, lon: float, lat: float) -> tuple[float, float]:
    x, y = page.evaluate(
        """([lon, lat]) => {
          const { map } = document.querySelector("gp-map");
          const { left, top } = map.getCanvas().getBoundingClientRect();
          const { x, y } = map.project([lon, lat]);
          return [left + x, top + y];
        }""",
        [lon, lat],
    )
    return x, y


def test_using_the_list_and_its_map_asks_nothing_of_others(lively_town: LivelyTown, open_site: OpenSite) -> None:
    page = open_site(None, language="en", reduced_motion="reduce")
    said = note_console(page)
    page.goto("/contributions/")
    page.evaluate(READY)
    page.get_by_role("button", name="Zoom in").click()
    expect(page).to_have_url(re.compile("in_bbox="))
    page.mouse.move(1100, 600)
    page.mouse.down()
    page.mouse.move(1050, 560, steps=3)
    page.mouse.up()
    before = page.url
    page.mouse.wheel(0, 300)
    expect(page).not_to_have_url(before)
    page.evaluate("document.querySelector('gp-map').map.jumpTo({center: [4.405, 50.8451], zoom: 18})")
    page.evaluate("new Promise((done) => document.querySelector('gp-map').map.once('idle', done))")
    place = lively_town.idea.public_geometry
    page.mouse.click(*point_on_map(page, place.x, place.y))
    expect(page.locator(".map-popup a")).to_have_attribute("href", re.compile(str(lively_town.idea.code)))
    page.locator("summary", has_text="Filter").click()
    page.get_by_label("Kind").select_option("comment")
    expect(page).to_have_url(re.compile("kind=comment"))
    page.get_by_label("Words in the text").fill("here")
    expect(page).to_have_url(re.compile("q=here"))

    assert said == []


def test_searching_a_place_asks_nothing_of_others(lively_town: LivelyTown, open_site: OpenSite) -> None:
    page = open_site(None, language="en", reduced_motion="reduce")
    said = note_console(page)
    page.goto("/")
    page.evaluate(READY)
    page.get_by_role("combobox").fill("haute")
    page.get_by_role("option", name=re.compile("Rue Haute")).first.click()
    expect(page.get_by_role("heading", name="Rue Haute", level=1)).to_be_visible()
    page.evaluate(READY)
    page.goto(f"/consultations/{lively_town.open.slug}/results/")
    page.evaluate(READY)
    page.locator("summary", has_text="Filter").click()
    page.get_by_label("District", exact=True).select_option("W")
    expect(page).to_have_url(re.compile("district=W"))

    assert said == []
