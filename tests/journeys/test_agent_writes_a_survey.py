"""An agent writes a survey by keyboard alone and sees beside the form what people will be asked."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from geoparticipation.accounts.models import User
from geoparticipation.surveys.enums import SurveyState
from geoparticipation.surveys.models import Survey
from tests.fixtures.site import OpenSite
from tests.fixtures.survey import MakeSurvey

pytestmark = pytest.mark.django_db(transaction=True)


def focus(page: Page, target: Locator) -> None:
    """Tab until this has the focus."""
    target = target.first
    for _press in range(120):
        if target.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press("Tab")
    pytest.fail(f"no way to {target} by Tab")


def test_a_question_added_by_keyboard_is_seen_in_the_preview(
    make_survey: MakeSurvey, agent: User, open_site: OpenSite
) -> None:
    survey = make_survey(state=SurveyState.DRAFT)
    page = open_site(f"/workspace/surveys/{survey.slug}/", user=agent, language="fr")
    preview = page.get_by_role("region", name="Aperçu").first
    asked = preview.locator("[data-preview-question]")
    expect(asked).to_have_count(len(list(survey.read.questions)))

    focus(page, page.locator("#add-habits"))
    page.keyboard.type("Texte court")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/questions/*/")
    expect(asked).to_have_count(1)
    label = page.locator("[name='label.fr']")
    focus(page, label)
    page.keyboard.press("Control+A")
    page.keyboard.type("Votre arrêt ?")
    expect(asked).to_contain_text("Votre arrêt ?")  # before it is saved
    expect(label).to_be_focused()
    assert "Votre arrêt ?" not in str(Survey.objects.get().definition)
    focus(page, page.locator(".workspace-save button"))
    page.keyboard.press("Enter")

    page.wait_for_url(f"**/surveys/{survey.slug}/#part-*")
    added = asked.filter(has_text="Votre arrêt ?")
    expect(added.get_by_label("Votre arrêt ?")).to_be_disabled()
    key = added.get_attribute("data-preview-question")
    expect(asked.nth(6)).to_have_attribute("data-preview-question", key or "")

    up = page.locator(f"#up-part-{key}")
    focus(page, up)
    page.keyboard.press("Enter")
    expect(asked.nth(5)).to_have_attribute("data-preview-question", key or "")
    expect(up).to_be_focused()

    english = preview.locator("#preview-en")
    focus(page, english)
    page.keyboard.press("Enter")
    expect(preview).to_contain_text("How do you mostly get about?")
    expect(preview).to_contain_text("(optional)")
    expect(english).to_be_focused()
    assert [question.key for question in Survey.objects.get().read.questions][5] == key
