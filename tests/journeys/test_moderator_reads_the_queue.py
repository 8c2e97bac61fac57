"""A moderator publishes, hides with a reason, is told when somebody was quicker; and axe on the whole workspace."""

from __future__ import annotations

import pytest
from django.contrib.gis.geos import Point
from playwright.sync_api import expect

from geoparticipation.accounts.models import User
from geoparticipation.consultations.enums import ConsultationState
from geoparticipation.consultations.models import Consultation
from geoparticipation.contributions.enums import Kind, LocatedBy, Status
from geoparticipation.contributions.models import Contribution
from geoparticipation.moderation.domain import decide
from tests.fixtures.site import OpenSite, Watch
from tests.fixtures.tiny_town import TinyTown

TITLES = ("A bench", "A tree", "A fountain")


@pytest.fixture
def waiting(tiny_town: TinyTown, citizen: User) -> list[Contribution]:
    """Three ideas that wait to be read, the bench first."""
    consultation = Consultation.objects.create(
        slug="park", title="The park", summary="-", state=ConsultationState.PUBLISHED
    )
    point = Point(4.4045, 50.845, srid=4326)
    return [
        Contribution.objects.create(
            kind=Kind.PROPOSAL,
            consultation=consultation,
            author=citizen,
            title=title,
            body="In the shade.",
            status=Status.SUBMITTED,
            geometry=point,
            public_geometry=point,
            located_by=LocatedBy.PIN,
            street=tiny_town.rue_haute,
            district=tiny_town.west,
        )
        for title in TITLES
    ]


def test_publish_hide_and_be_told_that_somebody_was_quicker(
    open_site: OpenSite, watch: Watch, moderator: User, agent: User, waiting: list[Contribution]
) -> None:
    watch.allow("status of 4")  # the refusals below
    bench, tree, fountain = waiting
    page = open_site("/workspace/queue/", user=moderator, language="en")
    badge = page.locator("#queue-badge")
    cards = page.locator("[data-card]")
    expect(badge).to_contain_text("3")

    cards.nth(0).get_by_role("button", name="Publish").press("Enter")
    expect(cards.nth(0)).to_contain_text("Online. Everybody can read it now.")
    expect(badge).to_contain_text("2")
    expect(cards.nth(1).get_by_role("heading")).to_be_focused()

    cards.nth(1).get_by_text("Hide…").click()
    cards.nth(1).get_by_role("button", name="Hide it and tell the author").click()
    expect(cards.nth(1)).to_contain_text("Say why you hide it")
    reason = cards.nth(1).get_by_label("Why? The author will read this.")
    expect(reason).to_be_focused()
    page.keyboard.type("It names a neighbour.")
    page.keyboard.press("Enter")
    expect(cards.nth(1)).to_contain_text("Hidden. The author is told why.")
    expect(badge).to_contain_text("1")

    decide(contribution=fountain, moderator=agent, to_status=Status.HIDDEN, reason="Too late.")
    cards.nth(2).get_by_role("button", name="Publish").click()
    expect(cards.nth(2)).to_contain_text("Agent has hidden this in the meantime. Nothing was changed.")
    expect(cards.nth(2).get_by_role("button", name="Put back online")).to_be_visible()

    for contribution, status in ((bench, "published"), (tree, "hidden"), (fountain, "hidden")):
        contribution.refresh_from_db()
        assert contribution.status == status
    assert tree.status_changes.get().reason == "It names a neighbour."

    page.get_by_role("radio", name="Hidden").check(force=True)
    expect(cards).to_have_count(2)
    assert "shown=hidden" in page.url
