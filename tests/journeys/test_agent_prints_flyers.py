"""From a mailing to the file of its flyers: designed, seen at once, written by a worker, downloaded, scanned."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from geoparticipation.accounts.models import User
from geoparticipation.consultations.models import Consultation
from geoparticipation.mailings.domain.make_mailing import code_of, make_mailing
from geoparticipation.mailings.models import Mailing
from neighbourhoods.domain.targets import PartSpec, save_target
from neighbourhoods.enums import PartKind
from tests.fixtures.site import OpenSite
from tests.fixtures.tiny_town import TinyTown
from tests.journeys.test_agent_loads_a_register import empty_queue, work_through_the_queue
from tests.mailings.flyers.conftest import scanned, words_of

__all__ = ["empty_queue"]


@pytest.fixture
def mailing(consultation: Consultation, tiny_town: TinyTown, agent: User) -> Mailing:
    """Twelve letterboxes."""
    parts = [PartSpec(kind=PartKind.DISTRICT, district_id=tiny_town.commune.pk)]
    target = save_target(name="Everybody", parts=parts, user=agent)
    return make_mailing(name="Autumn", consultation=consultation, target=target)


@pytest.mark.parametrize("script", [True, False])
def test_from_the_design_to_the_codes_on_paper(
    empty_queue: None,
    open_site: OpenSite,
    mailing: Mailing,
    agent: User,
    tmp_path: Path,
    axe_violations: Callable[[Page], list[str]],
    script: bool,
) -> None:
    page = open_site(f"/workspace/mailings/{mailing.pk}/flyers/", user=agent, language="en", java_script_enabled=script)
    picture = page.locator("#flyer-preview img")
    before = picture.get_attribute("src")
    page.get_by_label("DL (a third of A4)").check(force=True)
    page.get_by_label("Title", exact=False).first.fill("A better square")
    if script:
        expect(picture).to_have_attribute("data-template-width", "99")
        expect(picture).not_to_have_attribute("src", before or "")
        expect(page.locator("#flyer-preview")).not_to_have_attribute("aria-busy", "true")
    page.get_by_role("button", name="Save the design").click()
    expect(page.get_by_text("The design is saved.")).to_be_visible()
    expect(picture).to_have_attribute("data-template-width", "99")

    page.get_by_role("button", name="Write all flyers").click()
    expect(page.get_by_role("heading", name="The flyers will be written soon.")).to_be_visible()
    if script:
        assert axe_violations(page) == []
    work_through_the_queue()
    if not script:
        page.get_by_role("link", name="Look again").click()
        page.reload()  # the same address with another fragment is not fetched again
    expect(page.get_by_role("heading", name="The flyers are ready.")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download (PDF)").click()

    file = tmp_path / "flyers.pdf"
    download.value.save_as(file)
    assert download.value.suggested_filename == "flyers-autumn.pdf"
    codes = [
        code_of(mailing, letterbox, letterbox.codes.get()) for letterbox in mailing.letterboxes.order_by("position")
    ]
    assert [re.sub(r".*/l/", "", one) for (one,) in scanned(file, tmp_path)] == codes
    assert all("A better square" in text for text in words_of(file))
