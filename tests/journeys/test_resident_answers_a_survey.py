"""A resident answers a survey with every kind of question: on a phone by touch, and by keyboard alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from geoparticipation.surveys.models import Survey, SurveyResponse
from tests.fixtures.site import OpenSite, Watch
from tests.fixtures.survey import ANSWERS, MakeSurvey, definition, text
from tests.layers.pictures.pictures import photo as jpeg_photo

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def survey(make_survey: MakeSurvey) -> Survey:
    """The survey of all kinds, with a third question on the map."""
    said = definition()
    said["sections"][1]["questions"].insert(
        2, {"key": "area", "kind": "place", "label": text("Which area?"), "shapes": ["area"], "max_area_m2": 500_000}
    )
    return make_survey(definition=said)


def address(survey: Survey) -> str:
    return f"/consultations/{survey.consultation.slug}/surveys/{survey.slug}/"


def at_step(page: Page, step: str) -> None:
    """Wait until the step is shown and its script is at work (it hides what is for browsers without one)."""
    expect(page.locator(f"form[data-step={step}]")).to_be_visible()
    expect(page.locator("form[data-survey] [data-without-script]:not([hidden])")).to_have_count(0)


def go_on(page: Page, step: str) -> None:
    page.locator("[data-next]").click()
    at_step(page, step)


def draw(page: Page, question: str, tool: str, corners: list[tuple[float, float]]) -> None:
    """Draw on the map's pane, which opens and closes by itself; corners from -1 to 1 around the middle."""
    place = page.locator(f"[data-question={question}] [data-place-answer]").last
    place.locator(f"[data-tool={tool}]").click()
    expect(page.locator("gp-map[drawing]")).to_be_visible()
    box = page.locator("gp-map canvas").first.bounding_box()
    assert box is not None
    for x, y in corners:
        page.mouse.click(box["x"] + box["width"] * (0.5 + x / 4), box["y"] + box["height"] * (0.5 + y / 4))
    expect(place.locator("[data-geometry]")).not_to_have_value("")
    expect(place.locator("[data-place-words]")).not_to_be_empty()


def test_on_a_phone_with_every_kind_and_three_questions_on_the_map(
    survey: Survey,
    open_site: OpenSite,
    watch: Watch,
    tmp_path: Path,
    axe_violations: Any,
) -> None:
    watch.allow("422")
    picture = tmp_path / "lamp.jpg"
    picture.write_bytes(jpeg_photo())
    page = open_site(f"/consultations/{survey.consultation.slug}/", width=360, height=740, language="en")
    page.get_by_role("link", name="Answer the survey").click()
    at_step(page, "habits")

    # Required, and a question that appears.
    page.locator("[data-next]").click()
    expect(page.locator("[data-error-list] a")).to_have_text(["How do you mostly get about?"])
    expect(page.get_by_label("How many cars has your home?")).to_be_hidden()
    page.get_by_label("Car", exact=True).check()
    page.get_by_label("How many cars has your home?").fill("12")
    page.locator("[data-next]").click()
    expect(page.locator("#q\\.cars-error")).to_have_text("This must be 9 or less.")
    page.get_by_label("How many cars has your home?").fill("2")
    page.get_by_label("Fast").check()
    page.get_by_label("Cheap").check()
    order = page.locator("[data-question=order]")
    for choice in ("A", "B"):
        order.get_by_role("button", name=choice, exact=True).click()
    order.get_by_role("button", name="Move B up").click()
    page.locator("[data-question=safe]").get_by_label("4", exact=True).check()
    page.get_by_role("group", name="Work").get_by_label("Often").check()
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    assert axe_violations(page) == []

    go_on(page, "places")
    draw(page, "danger", "point", [(0.1, 0.1)])
    page.get_by_label("Why?").fill("Fast cars")
    page.locator("[data-question=danger]").get_by_label("3", exact=True).check()
    page.get_by_role("button", name="Add another place").click()
    expect(page.locator("[data-question=danger] [data-place-answer]")).to_have_count(2)
    at_step(page, "places")
    draw(page, "danger", "point", [(-0.2, 0.2)])
    page.locator("[data-place-answer]").nth(1).get_by_label("1", exact=True).check()
    draw(page, "way", "linestring", [(-0.3, -0.2), (0.1, 0.1), (0.1, 0.1)])
    draw(page, "area", "polygon", [(-0.3, -0.3), (0.1, -0.3), (0, 0.1), (-0.3, -0.3)])
    page.get_by_label("Station").check()
    assert axe_violations(page) == []

    go_on(page, "more")
    page.get_by_label("Choose a photo").set_input_files(picture)
    page.locator("[data-question=photo] [data-place-field]").fill("Rue Basse")
    page.get_by_role("spinbutton", name="Lamps").fill("30")
    page.get_by_role("spinbutton", name="Paths").fill("90")
    expect(page.locator("[data-left]")).to_have_text("20 € too much, of 100 €")
    page.get_by_role("spinbutton", name="Paths").fill("70")
    page.get_by_label("Since when?").fill("2025-03-01")
    page.get_by_label("In one word").fill("Lamps")
    page.get_by_label("Tell us more").fill("It is dark.\nEvery night.")
    page.get_by_label("I agree").check()
    assert axe_violations(page) == []

    go_on(page, "send")
    page.locator("[data-own-place] [data-place-field]").fill("Rue Haute 3")
    assert axe_violations(page) == []
    page.get_by_role("button", name="Send my answers").click()
    expect(page.get_by_role("heading", name="Thank you, your answers have arrived")).to_be_visible()

    stored = SurveyResponse.objects.get()
    expected = {key: value for key, value in ANSWERS.items() if key not in {"danger", "way"}}
    assert {key: value for key, value in stored.answers.items() if key != "photo"} == expected
    assert stored.answers["photo"] == str(stored.contribution.photos.get().code)
    assert [(place.question, place.geometry.geom_type) for place in stored.places.order_by("question", "position")] == [
        ("area", "Polygon"),
        ("danger", "Point"),
        ("danger", "Point"),
        ("photo", "MultiLineString"),
        ("way", "LineString"),
    ]
    assert stored.contribution.located_by == "address"


class Keyboard:
    """Hands that have a keyboard only."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def to(self, selector: str) -> None:
        """Tab until this has the focus."""
        for _press in range(80):
            if self.page.evaluate("selector => document.activeElement?.matches(selector)", selector):
                return
            self.page.keyboard.press("Tab")
        pytest.fail(f"no way to {selector} by Tab")

    def press(self, selector: str, key: str = "Enter") -> None:
        """Go there and press a key."""
        self.to(selector)
        self.page.keyboard.press(key)

    def type(self, selector: str, words: str) -> None:
        """Go there and type."""
        self.to(selector)
        self.page.keyboard.type(words)


def test_by_keyboard_alone_with_three_questions_on_the_map(survey: Survey, open_site: OpenSite) -> None:
    page = open_site(address(survey), width=360, height=740, language="en")
    at_step(page, "habits")
    hands = Keyboard(page)

    hands.press("[name='q.mode']", "Space")
    hands.press("[name='q.reasons'][value=cheap]", "Space")
    hands.press("[data-pool] li[data-key=b] button")
    hands.press("[data-pool] li[data-key=a] button")
    hands.press("li[data-key=a] [data-up]")
    hands.press("[name='q.safe']", "ArrowRight")
    hands.press("[name='q.times.shop']", "Space")
    hands.press("[data-next]:not([tabindex])")
    at_step(page, "places")

    hands.press("[data-question=danger] [data-tool=point]")
    expect(page.locator("gp-map canvas").first).to_be_focused()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(page.locator("[data-question=danger] [data-geometry]")).not_to_have_value("")
    hands.press("[name='q.danger.0.bad']", "Space")
    hands.type("[name='q.way.0._text']", "Rue Hau")
    expect(page.locator("[role=option]").first).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    hands.type("[name='q.area.0._text']", "East")
    expect(page.locator("[data-question=area] [role=option]").first).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    hands.press("[name='q.spots'][value=park]", "Space")
    hands.press("[data-next]:not([tabindex])")
    at_step(page, "more")

    hands.press("[data-budget] input[type=range]", "ArrowRight")
    hands.type("[name='q.money.paths']", "20")
    hands.type("[name='q.word']", "Lamps")
    hands.press("[name='q.agree']", "Space")
    hands.press("[data-next]:not([tabindex])")
    at_step(page, "send")
    hands.type("[data-own-place] [data-place-field]", "Rue Basse")
    hands.press("[data-next]:not([tabindex])")
    expect(page.get_by_role("heading", name="Thank you, your answers have arrived")).to_be_visible()

    stored = SurveyResponse.objects.get()
    assert stored.answers == {
        "mode": "foot",
        "reasons": ["cheap"],
        "order": ["a", "b"],
        "safe": 2,
        "times": {"shop": "never"},
        "spots": ["park"],
        "money": {"lamps": 10, "paths": 20},
        "word": "Lamps",
        "agree": True,
    }
    assert [(place.question, place.located_by) for place in stored.places.order_by("question")] == [
        ("area", "district"),
        ("danger", "pin"),
        ("way", "street"),
    ]
