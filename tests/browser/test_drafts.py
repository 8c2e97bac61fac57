"""What an agent typed outlives a lost connection, and is forgotten once it is saved; a double click sends once."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from geoparticipation.accounts.models import User
from geoparticipation.consultations.models import Consultation
from tests.fixtures.site import OpenSite, Watch
from tests.fixtures.tiny_town import TinyTown

pytestmark = pytest.mark.django_db(transaction=True)
NEW = "/workspace/consultations/new/"


def test_consultation_texts_outlive_a_lost_connection(
    open_site: OpenSite, watch: Watch, agent: User, tiny_town: TinyTown
) -> None:
    watch.allow("ERR_INTERNET_DISCONNECTED")
    page = open_site(NEW, user=agent, language="en")
    page.fill("[name=title]", "The park tomorrow")
    page.fill("[name=summary]", "What should change?")
    page.fill("textarea[name=description]", "A long text.")
    page.context.set_offline(True)
    page.get_by_role("button", name="Keep as a draft").click()
    page.wait_for_url("chrome-error://**")
    page.context.set_offline(False)

    page.goto(NEW)

    expect(page.get_by_text("We kept the changes you had not saved.")).to_be_visible()
    expect(page.locator("textarea[name=description]")).to_have_value("A long text.")
    page.get_by_role("button", name="Keep as a draft").click()
    expect(page.get_by_role("heading", level=1, name="The park tomorrow")).to_be_visible()
    assert Consultation.objects.get().description
    page.wait_for_load_state()  # the page's script, which forgets the draft, has run

    page.goto(NEW)
    expect(page.locator("[name=title]")).to_have_value("")
    expect(page.get_by_text("We kept the changes you had not saved.")).to_be_hidden()


def test_double_click_sends_a_form_once(open_site: OpenSite, citizen: User) -> None:
    page = open_site("/compte/password/reset/", language="en")
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    page.fill("[name=email]", citizen.email)

    _double_click(page)
    page.wait_for_url("**/password/reset/done/")

    assert len(sent) == 1


def _double_click(page: Page) -> None:
    """Two clicks before the browser has left the page."""
    page.eval_on_selector("main form button[type=submit]", "button => { button.click(); button.click(); }")
