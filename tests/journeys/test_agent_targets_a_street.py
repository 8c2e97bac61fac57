"""An agent aims at a street's even side, a district and 50 m around, and fetches the letterboxes."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable
from pathlib import Path

import pdfplumber
import pytest
from playwright.sync_api import Page, expect

from geoparticipation.accounts.models import User
from geoparticipation.mailings.models import MailingListDownload
from neighbourhoods.models import Target
from tests.fixtures.cast import PASSWORD
from tests.fixtures.site import OpenSite
from tests.fixtures.tiny_town import TinyTown

NEW = "/workspace/targets/new/"
SAVED = re.compile(r"/workspace/targets/\d+/$")
MAP_MS = 60_000
BOW_TIE = {"type": "Polygon", "coordinates": [[[4.4, 50.84], [4.41, 50.85], [4.41, 50.84], [4.4, 50.85], [4.4, 50.84]]]}
AROUND_HAUTE = {
    "type": "Polygon",
    "coordinates": [[[4.4, 50.844], [4.41, 50.844], [4.41, 50.846], [4.4, 50.846], [4.4, 50.844]]],
}

# Where Rue Haute's even side is (2, 4, 6), 50 m around that stretch reach the odd side, 33 m across; East has the rest.
HAUTE = {"haute 1", "haute 2", "haute 3", "haute 4", "haute 5", "haute 6"}
EAST = {"basse 3", "basse 4", "parc 1", "parc 2", "parc 3", "parc"}
NO_FLYERS = {"haute 4", "basse 4"}


def figure(page: Page, name: str) -> str:
    return page.locator(f"dd[data-figure={name}]").inner_text()


def rows_of(path: Path) -> set[int]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return {int(row["address_id"]) for row in csv.DictReader(file)}


def ids(town: TinyTown, labels: set[str]) -> set[int]:
    return {town.addresses[label].pk for label in labels}


def click_street(page: Page, lon: float, lat: float) -> None:
    """Click where the map shows this position, once it has drawn a street there.

    The figures below the map grow as they come, and the map gives way: not before it has its new size.
    """
    where = page.evaluate(
        """async ([lon, lat]) => {
            const element = document.querySelector("gp-map");
            const map = await element.ready;
            const result = document.querySelector("[data-result]");
            const isSettled = () => !["working", "first"].includes(result.dataset.state)
                && map.getContainer().clientHeight === map.getCanvas().clientHeight;
            while (!isSettled()) await new Promise(requestAnimationFrame);
            await new Promise((done) => { map.once("idle", done); map.triggerRepaint(); });
            const { x, y } = map.project([lon, lat]);
            const drawn = map.queryRenderedFeatures([x, y], { layers: ["streets"] }).map((one) => one.properties.name);
            const { left, top } = map.getCanvas().getBoundingClientRect();
            return { x: x + left, y: y + top, drawn };
        }""",
        [lon, lat],
    )
    assert "Rue Haute" in where["drawn"]
    page.mouse.click(where["x"], where["y"])


@pytest.fixture
def signed_in(open_site: OpenSite, agent: User, tiny_town: TinyTown) -> Page:
    """Sign in by hand, as an agent does in the morning."""
    page = open_site("/compte/login/", language="en")
    page.get_by_label("Email").fill(agent.email)
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("input[name=password]").press("Enter")
    page.wait_for_url(lambda url: "login" not in url)
    return page


def test_by_keyboard_alone(
    signed_in: Page, tiny_town: TinyTown, tmp_path: Path, axe_violations: Callable[[Page], list[str]]
) -> None:
    page = signed_in
    page.goto(NEW)
    assert axe_violations(page) == []

    search = page.get_by_role("combobox", name="Add a street, a district or an address")
    search.focus()
    page.keyboard.type("rue hau")
    expect(page.get_by_role("option").first).to_contain_text("Rue Haute")
    page.keyboard.press("Enter")
    expect(page.locator("dd[data-figure=addresses]")).to_have_text("6")

    tab_to(page, "both", "the choice of side")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Tab")
    page.keyboard.type("2")
    page.keyboard.press("Tab")
    page.keyboard.type("60")
    expect(page.locator("dd[data-figure=addresses]")).to_have_text("3")
    page.keyboard.press("Tab")
    page.keyboard.type("50")
    expect(page.locator("dd[data-figure=addresses]")).to_have_text("6")
    expect(page.locator("[data-words]").first).to_have_text("Rue Haute · even side · numbers 2 to 60 · + 50 m")

    search.focus()
    page.keyboard.type("east")
    expect(page.get_by_role("option").first).to_contain_text("East")
    page.keyboard.press("Enter")
    expect(page.locator("dd[data-figure=addresses]")).to_have_text(str(len(HAUTE | EAST)))
    assert figure(page, "no_flyers") == "2"
    assert axe_violations(page) == []

    page.get_by_label("Name of the target").focus()
    page.keyboard.type("Haute and East")
    page.keyboard.press("Enter")
    page.wait_for_url(SAVED)
    target = Target.objects.get()
    assert (target.name, target.letterboxes) == ("Haute and East", 12)

    button = page.get_by_role("button", name="Download · 10 rows (CSV)")
    button.focus()
    with page.expect_download() as download:
        page.keyboard.press("Enter")
    download.value.save_as(tmp_path / "list.csv")
    assert rows_of(tmp_path / "list.csv") == ids(tiny_town, (HAUTE | EAST) - NO_FLYERS)
    record = MailingListDownload.objects.get()
    assert (record.letterboxes, record.no_flyers_left_out) == (10, 2)

    page.get_by_text("Sheet of labels").focus()
    page.keyboard.press("Enter")
    page.get_by_label("Start at label number").fill("20")
    assert axe_violations(page) == []
    labels = page.get_by_role("button", name="Labels (PDF)")
    labels.focus()
    with page.expect_download() as download:
        page.keyboard.press("Enter")
    download.value.save_as(tmp_path / "labels.pdf")
    with pdfplumber.open(tmp_path / "labels.pdf") as sheets:
        assert [sheet.extract_text().count("TINYVILLE") for sheet in sheets.pages] == [2, 8]


def tab_to(page: Page, value: str, what: str) -> None:
    """Press Tab until the radio button of this value has the focus."""
    for _ in range(15):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.value") == value:
            return
    raise AssertionError(f"Tab never reaches {what}")


def test_by_mouse_on_the_map(signed_in: Page, tiny_town: TinyTown, tmp_path: Path) -> None:
    page = signed_in
    page.goto(NEW)
    page.locator("gp-map[data-ready]").wait_for(timeout=MAP_MS)
    words = page.locator("[data-words]")
    addresses = page.locator("dd[data-figure=addresses]")

    for side, count in (("", "6"), (" · even side", "3"), (" · odd side", "3")):
        click_street(page, 4.405, 50.845)
        expect(words).to_have_text(f"Rue Haute{side}")
        expect(addresses).to_have_text(count)
    click_street(page, 4.405, 50.845)
    expect(words).to_have_count(0)

    page.get_by_role("button", name="Undo").click()
    expect(words).to_have_text("Rue Haute · odd side")
    page.get_by_role("button", name="Undo").click()
    expect(words).to_have_text("Rue Haute · even side")
    expect(addresses).to_have_text("3")
    expect(page.locator("[data-result]")).to_have_attribute("data-state", "ready")

    shown = page.evaluate(
        """async () => {
            const map = await document.querySelector("gp-map").ready;
            await new Promise((done) => { map.once("idle", done); map.triggerRepaint(); });
            return new Set(map.queryRenderedFeatures({ layers: ["target-letterboxes"] }).map(({ id }) => id)).size;
        }"""
    )
    assert shown == 3

    page.get_by_label("Name of the target").fill("Even side")
    page.get_by_role("button", name="Save").click()
    page.wait_for_url(SAVED)
    with page.expect_download() as download:
        page.get_by_role("button", name="Download · 2 rows (CSV)").click()
    download.value.save_as(tmp_path / "list.csv")
    assert rows_of(tmp_path / "list.csv") == ids(tiny_town, {"haute 2", "haute 6"})


def test_drawing_an_area_on_the_map(open_site: OpenSite, agent: User, tiny_town: TinyTown) -> None:
    page = open_site(NEW, user=agent, language="en")
    page.locator("gp-map[data-ready]").wait_for(timeout=MAP_MS)
    page.get_by_role("button", name="Draw an area").click()
    page.locator("gp-map[drawing]").wait_for()
    corners = [(4.4142, 50.8430), (4.4158, 50.8430), (4.4158, 50.8480), (4.4142, 50.8480), (4.4142, 50.8430)]
    for lon, lat in corners:
        x, y = page.evaluate(
            """([lon, lat]) => {
                const map = document.querySelector("gp-map").map;
                const { left, top } = map.getCanvas().getBoundingClientRect();
                const { x, y } = map.project([lon, lat]);
                return [x + left, y + top];
            }""",
            [lon, lat],
        )
        page.mouse.move(x, y)
        page.mouse.click(x, y)

    expect(page.locator("[data-words]")).to_have_text("drawn area")
    expect(page.locator("dd[data-figure=addresses]")).to_have_text("4")  # Avenue du Parc


def test_what_is_not_saved_is_kept_and_pasted_nonsense_is_explained(
    open_site: OpenSite, agent: User, tiny_town: TinyTown, watch: object
) -> None:
    watch.allow("400")  # type: ignore[attr-defined]
    page = open_site(NEW, user=agent, language="en", width=360, height=740)
    page.get_by_role("button", name="Paste GeoJSON").click()
    text = page.get_by_label("A shape as GeoJSON")
    text.fill("Rue Haute")
    page.get_by_role("button", name="Add the shape").click()
    expect(page.locator("[data-paste-error]")).to_contain_text("This is not JSON")
    text.fill(json.dumps(BOW_TIE))
    page.get_by_role("button", name="Add the shape").click()
    expect(page.locator("[data-paste-error]")).not_to_contain_text("JSON")
    expect(page.locator("[data-part]")).to_have_count(0)
    text.fill(json.dumps(AROUND_HAUTE))
    page.get_by_role("button", name="Add the shape").click()
    expect(page.locator("dd[data-figure=addresses]")).to_have_text("6")

    page.on("dialog", lambda dialog: dialog.accept())  # “Leave the page?”
    page.reload()

    expect(page.locator("[data-words]")).to_have_text("drawn area")
    expect(page.locator("dd[data-figure=addresses]")).to_have_text("6")
    assert page.evaluate("document.documentElement.scrollWidth") == 360
