"""Two windows on one workshop: what one does, the other shows; by the stream, and where there is none, by asking."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from geoparticipation.accounts.models import User
from geoparticipation.meetings.domain.workshop.facilitating import group_notes, open_vote, save_group
from geoparticipation.meetings.models import Dot, Note
from tests.fixtures.site import OpenSite, Watch
from tests.meetings.workshop.conftest import MakeWorkshop, PutNote
from tests.meetings.workshop.served import LiveSite

pytestmark = pytest.mark.django_db(transaction=True)


def put(page: Page, text: str, place: str) -> None:
    """Put a note by the keyboard."""
    page.locator("#note-text").fill(text)
    page.locator("#note-place").fill(place)
    page.locator("[data-send]").press("Enter")
    expect(page.locator("#note-text")).to_have_value("")


def test_a_note_put_moved_and_taken_back_in_one_window_is_so_in_the_other(
    live_site: LiveSite, make_workshop: MakeWorkshop, new_context: Callable[..., BrowserContext], agent: User
) -> None:
    live_site.live.wait()
    workshop = make_workshop()
    errors: list[str] = []
    pages = []
    for _window in range(2):
        page = new_context(
            base_url=f"http://127.0.0.1:{live_site.web.port}", locale="en", reduced_motion="reduce"
        ).new_page()
        page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(f"/meetings/{workshop.meeting.code}/workshop/")
        expect(page.locator("body")).to_have_attribute("data-followed", "live")
        pages.append(page)
    mine, theirs = pages

    put(mine, "A bench", "Rue Haute 3")
    note = theirs.locator(".workshop-note", has_text="A bench")
    expect(note).to_be_visible()
    expect(note.locator("[data-edit]")).to_be_hidden()
    marker = mine.locator(".workshop-marker")
    expect(marker).to_have_attribute("aria-label", re.compile("Drag it to move it"))
    expect(theirs.locator(".workshop-marker")).to_have_attribute("aria-label", "Note: A bench")
    before = Note.objects.get().geometry

    marker.hover()  # waits until the map stands still
    box = marker.bounding_box()
    assert box is not None
    with mine.expect_response(lambda answer: answer.request.method == "POST") as sent:
        mine.mouse.down()
        mine.mouse.move(box["x"] + 60, box["y"] + 5, steps=5)
        mine.mouse.up()
    assert sent.value.status == 200
    moved = Note.objects.get().geometry
    assert moved.x > before.x
    position = "() => document.querySelector('.workshop-marker').getBoundingClientRect().x"
    theirs.wait_for_function(f"was => ({position})() > was + 20", arg=theirs.evaluate(position) - 61)

    mine.locator("[data-edit]").click()
    put(mine, "Two benches", "")
    expect(theirs.locator(".workshop-note", has_text="Two benches")).to_be_visible()
    assert Note.objects.get().geometry.equals_exact(moved)

    group = save_group(agent=agent, workshop=workshop, name="Seats", colour="green")
    group_notes(agent=agent, workshop=workshop, codes=[Note.objects.get().code], group=group.code)
    for page in pages:
        expect(page.locator("[data-group]", has_text="Seats").locator(".workshop-note")).to_have_count(1)
        expect(page.locator(".workshop-marker")).to_have_text("A")

    mine.get_by_role("button", name=re.compile("^Take back")).click()
    expect(theirs.locator(".workshop-note")).to_have_count(0)
    expect(theirs.locator("[data-empty]")).to_be_visible()
    assert errors == []


def test_without_a_stream_the_page_asks(
    open_site: OpenSite,
    make_workshop: MakeWorkshop,
    put_note: PutNote,
    agent: User,
    axe_violations: Callable[[Page], list[str]],
    watch: Watch,
) -> None:
    watch.allow("409")  # the dot too many
    workshop = make_workshop(dots_each=1)
    page = open_site(f"/meetings/{workshop.meeting.code}/workshop/", language="en", width=360)
    expect(page.locator("body")).to_have_attribute("data-followed", "polled")

    put_note(workshop, "A bench")
    put_note(workshop, "<b>A tree</b>")
    expect(page.locator(".workshop-note", has_text="<b>A tree</b>")).to_be_visible()
    open_vote(agent=agent, workshop=workshop)
    expect(page.locator("[data-moment]")).to_contain_text("A vote is open")
    expect(page.locator("#put")).to_be_hidden()
    page.get_by_role("button", name="Give a dot · A bench").press("Enter")
    expect(page.get_by_role("button", name="Your dot. Take it back · A bench")).to_be_focused()
    expect(page.locator("[data-left]")).to_have_text("Dots left: 0")
    page.get_by_role("button", name="Give a dot · <b>A tree</b>").click()
    expect(page.locator("[data-error]")).to_contain_text("You have given all your dots")
    assert Dot.objects.count() == 1
    assert axe_violations(page) == []
