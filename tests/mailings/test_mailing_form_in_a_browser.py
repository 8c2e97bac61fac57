"""The form of a new mailing says its figures while it is filled in, and the browser has nothing to complain of."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from geoparticipation.accounts.models import User
from geoparticipation.consultations.models import Consultation
from geoparticipation.mailings.domain.make_mailing import make_mailing
from neighbourhoods.domain.targets import PartSpec, save_target
from neighbourhoods.enums import PartKind
from tests.fixtures.site import OpenSite
from tests.fixtures.tiny_town import TinyTown


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("styled", [False, True])
def test_the_figures_follow_the_form(
    open_site: OpenSite, consultation: Consultation, tiny_town: TinyTown, agent: User, styled: bool
) -> None:
    """Also where something in the browser has given fields a style: none may be carried over to new ones.

    `open_site` fails the test on any error in the console.
    """
    parts = [PartSpec(kind=PartKind.DISTRICT, district_id=tiny_town.commune.pk)]
    target = save_target(name="Everybody", parts=parts, user=agent)
    earlier = make_mailing(name="Earlier", consultation=consultation, target=target)
    page = open_site(f"/workspace/mailings/new/?target={target.pk}", user=agent, language="en")
    if styled:
        page.evaluate("for (const field of document.querySelectorAll('input')) field.style.color = 'inherit'")

    page.locator(f"[name=only_unanswered_of][value='{earlier.pk}']").check()

    expect(page.locator("[data-figure=answered]")).to_have_text("0")
    expect(page.locator("[data-figure=letterboxes]")).to_have_text("12")
    expect(page.locator(f"[name=only_unanswered_of][value='{earlier.pk}']")).to_be_focused()
