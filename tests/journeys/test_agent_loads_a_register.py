"""An agent loads a register of addresses by upload: file, columns, a look at it, loading by a worker, refused rows."""

from __future__ import annotations

import csv
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.db import connection, connections
from playwright.sync_api import Page, expect
from procrastinate.contrib.django import app

from geoparticipation.accounts.models import User
from neighbourhoods.models import Address
from tests.fixtures.register_files import HOMES, latin_csv
from tests.fixtures.site import OpenSite
from tests.fixtures.tiny_town import TinyTown

MAP_MS = 60_000
BAD = ["9;;1000;Tinyville;149000,0;170000,0"]


@pytest.fixture
def empty_queue(transactional_db: None) -> None:
    """Nothing in the task queue: its tables are not emptied between tests that commit."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs")


def work_through_the_queue() -> None:
    """Run a worker until nothing waits, in a thread: this one has the browser's event loop."""

    def work() -> None:
        try:
            worker = app.with_connector(app.connector.get_worker_connector())
            worker.run_worker(wait=False, listen_notify=False, install_signal_handlers=False, delete_jobs="always")
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        pool.submit(work).result()


@pytest.mark.parametrize("script", [True, False])
def test_from_the_file_to_the_refused_rows(
    empty_queue: None,
    open_site: OpenSite,
    agent: User,
    tiny_town: TinyTown,
    tmp_path: Path,
    axe_violations: Callable[[Page], list[str]],
    script: bool,
) -> None:
    path = latin_csv(tmp_path / "adresses.csv", more_lines=BAD)
    page = open_site("/workspace/", user=agent, language="en", java_script_enabled=script)
    page.get_by_role("navigation", name="Workspace").get_by_role("link", name="Registers").click()
    page.get_by_role("link", name="Load a register").first.click()
    page.get_by_label("Addresses").check()
    page.get_by_label("The file", exact=True).set_input_files(path)
    page.get_by_role("button", name="Send the file").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("What do the columns mean?")
    expect(page.get_by_label("Name of the street")).to_have_value("Rue")
    page.get_by_label("Name of the register").fill("commune")
    page.get_by_role("button", name="Go on: see the first rows").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Is this right?")
    expect(page.get_by_role("cell", name="Place du Marché")).to_be_visible()
    if script:
        page.wait_for_selector("[data-register-map][data-ready]", timeout=MAP_MS)
        drawn = page.evaluate(
            """async () => {
                const map = await document.querySelector("gp-map").ready;
                return map.queryRenderedFeatures({layers: ["register-points"]}).map((one) => one.properties.name);
            }"""
        )
        assert set(drawn) == {f"{street} {number}" for number, street, *_ in HOMES}
    page.get_by_role("button", name="Load it").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("It will be loaded in a moment")
    work_through_the_queue()
    if not script:
        page.get_by_role("link", name="See where it is now").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("The register is loaded", timeout=20_000)
    if script:
        expect(page.get_by_role("heading", level=1)).to_be_focused()
        assert axe_violations(page) == []
    with page.expect_download() as download:
        page.get_by_role("link", name="Download the refused row").click()
    with download.value.path().open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file, delimiter=";"))

    assert rows[1:] == [
        ["6", "street_missing", "it names no street", "9", "", "1000", "Tinyville", "149000,0", "170000,0"]
    ]
    assert Address.objects.filter(source="commune").count() == len(HOMES)
