"""A person's evening on the site: idea, like, comment, survey, help, an association, and one charter for all."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from geoparticipation.accounts.models import User
from geoparticipation.consultations.enums import PhaseKind
from geoparticipation.consultations.models import Consultation
from geoparticipation.contributions.enums import Kind, LocatedBy, Status
from geoparticipation.contributions.models import Contribution
from geoparticipation.volunteering.domain.associations import check_association, save_association
from geoparticipation.volunteering.domain.details import When
from geoparticipation.volunteering.domain.missions import submit_mission
from geoparticipation.volunteering.domain.skills import save_skill
from tests.fixtures.question import MakeConsultation, Submit, actor_of
from tests.fixtures.site import OpenSite
from tests.fixtures.tiny_town import TinyTown

pytestmark = pytest.mark.django_db(transaction=True)

CHARTER = "Je parle de lieux, jamais contre une personne."
WEDNESDAY_AFTERNOON = "7"


@pytest.fixture
def evening(
    make_consultation: MakeConsultation,
    submit: Submit,
    agent: User,
    neighbour: User,
    councillor: User,
    citizen: User,
    tiny_town: TinyTown,
) -> tuple[Consultation, Contribution, Consultation]:
    """Ideas, with one of the neighbour's; an exchange, with a mission in Rue Haute; an answer given to a survey."""
    ideas = make_consultation(title="La place", charter=CHARTER)
    idea = submit(actor=actor_of(neighbour), into=ideas, title="Une fontaine", charter_accepted=True)
    exchange = make_consultation(PhaseKind.VOLUNTEERING, title="La bourse", charter=CHARTER)
    survey = make_consultation(PhaseKind.SURVEY, title="Une enquête")
    Contribution.objects.create(
        kind=Kind.RESPONSE, consultation=survey, author=citizen, status=Status.COUNTED, located_by=LocatedBy.PIN,
        geometry=idea.geometry, public_geometry=idea.geometry,
    )  # fmt: skip
    skill = save_skill(user=agent, names={"fr": "Jardinage", "en": "Gardening"})
    association = save_association(
        actor=actor_of(councillor), name="Les Jardiniers", summary="Nous plantons.", geometry=idea.geometry
    )
    check_association(user=agent, association=association, accepted=True)
    submit_mission(
        actor=actor_of(councillor),
        association=association,
        consultation=exchange,
        title="Planter la haie",
        skills=[skill],
        when=When([int(WEDNESDAY_AFTERNOON)]),
        geometry=tiny_town.addresses["haute 5"].geometry,
        charter_accepted=True,
    )
    return ideas, idea, exchange


def test_an_evening_on_the_site(
    evening: tuple[Consultation, Contribution, Consultation], citizen: User, open_site: OpenSite
) -> None:
    ideas, idea, exchange = evening
    page = open_site(f"/consultations/{ideas.slug}/contribute/", user=citizen)

    page.locator("input[name=place_text]").fill("Rue Haute")
    page.locator("input[name=title]").fill("Des bancs à l’ombre")
    page.locator("input[name=accept_charter]").check()
    page.get_by_role("button", name="Envoyer mon idée").click()
    expect(page.get_by_role("heading", name="Votre idée est en ligne")).to_be_visible()

    page.goto(f"/contributions/{idea.code}/")
    page.get_by_role("button", name="Je soutiens").click()
    expect(page.locator("#support button[aria-pressed=true]")).to_be_visible()
    expect(page.locator("input[name=accept_charter]")).to_have_count(0)
    page.locator("#comment-body").fill("Oui, et de l’eau potable.")
    page.locator("#comment button[type=submit]").last.click()
    expect(page.get_by_text("Votre commentaire est en ligne.")).to_be_visible()

    page.goto(f"/consultations/{exchange.slug}/")
    page.get_by_role("link", name="Proposer ou trouver de l’aide").first.click()
    page.locator("#panel").get_by_role("link", name="Proposer mon aide").click()
    expect(page.get_by_role("heading", name="D’où partez-vous ?")).to_be_visible()
    expect(page.locator("input[name=accept_charter]")).to_have_count(0)
    page.locator("input[name=place_text]").fill("Rue Haute 3")
    page.locator("input[name=title]").fill("Deux heures de jardin")
    page.get_by_label("Jardinage").check()
    page.locator(f"input[name=times][value='{WEDNESDAY_AFTERNOON}']").check()
    page.get_by_role("button", name="Envoyer mon offre").click()
    expect(page.get_by_role("heading", name="C’est en ligne")).to_be_visible()

    page.get_by_role("link", name="Voir ce qui me convient").first.click()
    reason = re.compile(r"à \d+ m à pied · mercredi après-midi · Jardinage", re.IGNORECASE)
    expect(page.locator(".match-reason")).to_have_text(reason)
    page.get_by_role("link", name="Planter la haie").click()
    page.get_by_label("Votre message").fill("Je viens avec ma bêche.")
    page.get_by_role("button", name="Envoyer", exact=True).click()
    expect(page.locator("[data-state=asked]")).to_be_visible()
    page.get_by_role("link", name="Les Jardiniers").click()
    expect(page.get_by_role("heading", name="Les Jardiniers")).to_be_visible()

    page.get_by_role("link", name="Citizen").click()
    for section, title in (
        ("my-proposal", "Des bancs à l’ombre"),
        ("my-comment", "Oui, et de l’eau potable."),
        ("my-response", "Une enquête"),
        ("my-offer", "Deux heures de jardin"),
        ("my-supports", "Une fontaine"),
        ("my-agreements", "Planter la haie"),
    ):
        expect(page.locator(f"section[aria-labelledby={section}]").get_by_role("link", name=title)).to_be_visible()
