"""A vote in a real browser: by keyboard on a phone, closed by an agent, and found again in the list."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from geoparticipation.accounts.models import User
from geoparticipation.budgets.models import Ballot
from tests.budgets.conftest import MakeBudget, end_vote
from tests.fixtures.site import OpenSite

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_voter_spends_the_envelope_by_keyboard_and_finds_the_ballot_after_closing(
    make_budget: MakeBudget, citizen: User, agent: User, open_site: OpenSite
) -> None:
    budget = make_budget(method="envelope", max_projects=0)
    slug = budget.consultation.slug
    phone = open_site(f"/consultations/{slug}/vote/", user=citizen, language="en", width=360, height=740)
    state, fountain = phone.locator("#ballot-state"), phone.locator('[data-number="3"]')

    phone.get_by_role("checkbox", name="1 Trees in Rue Haute").press("Space")
    expect(state).to_contain_text("4,000 € left")
    expect(fountain.get_by_text("no longer fits")).to_be_hidden()
    phone.get_by_role("checkbox", name="2 Benches").press("Space")
    expect(state).to_contain_text("2,500 € left")
    expect(fountain.get_by_text("no longer fits")).to_be_visible()
    phone.get_by_role("button", name="Send my ballot").press("Enter")
    receipt = phone.locator(".receipt-code").inner_text()
    end_vote(budget.consultation)
    desk = open_site(f"/workspace/budgets/{slug}/count/", user=agent, language="en")
    desk.get_by_label("I am sure.").check()
    desk.get_by_role("button", name="Close and count").click()
    expect(desk.get_by_role("heading", name="These projects are in")).to_be_visible()
    phone.goto(f"/consultations/{slug}/vote/ballots/")
    phone.get_by_label("Your receipt").fill(receipt.lower())
    phone.get_by_role("button", name="Find my ballot").click()

    expect(phone.locator("#mine")).to_contain_text("Trees in Rue Haute")
    expect(phone.locator("#mine")).to_contain_text("Benches")
    assert Ballot.objects.get().receipt == receipt.replace("-", "")
