"""A citizen takes part in a real browser: by mouse, by keyboard alone, without a script, and when things go wrong."""

from __future__ import annotations

import re
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from playwright.sync_api import Locator, Page, Route, expect

from geoparticipation.accounts.models import User
from geoparticipation.consultations.enums import ModerationRule
from geoparticipation.consultations.models import Consultation
from geoparticipation.contributions.enums import LocatedBy, Status
from geoparticipation.contributions.models import Contribution, Support
from neighbourhoods.domain.targets import PartSpec, save_target
from neighbourhoods.enums import PartKind
from tests.fixtures.question import MakeConsultation, Submit, actor_of
from tests.fixtures.site import OpenSite, Watch
from tests.fixtures.tiny_town import TinyTown

PHONE = {"width": 360, "height": 740}
RENDERED = """
async () => {
  await customElements.whenDefined("gp-map");
  const element = document.querySelector("gp-map");
  const map = await element.ready;
  await new Promise((resolve) => { map.once("idle", resolve); map.triggerRepaint(); });
  const drawn = {};
  for (const feature of map.queryRenderedFeatures()) {
    const titles = (drawn[feature.source] ??= []);
    const title = feature.properties.title ?? feature.properties.name ?? feature.geometry.type;
    if (!titles.includes(title)) titles.push(title);
  }
  return drawn;
}
"""
TITLE, BODY, PLACE = "Votre idée en quelques mots", "Dites-nous en plus", "Adresse, rue ou quartier"


@pytest.fixture
def consultation(make_consultation: MakeConsultation, tiny_town: TinyTown, agent: User) -> Consultation:
    """Takes ideas, comments and support at once, from anybody, about the western half of the town."""
    west = save_target(name="West", parts=[PartSpec(kind=PartKind.DISTRICT, district_id=tiny_town.west.pk)], user=agent)
    return make_consultation(title="La place du marché", target=west, identity_level=0)


def place_field(page: Page) -> Locator:
    """Where one types the place (its list of suggestions has the same label)."""
    return page.locator("input").and_(page.get_by_label(PLACE))


def drawn_on_map(page: Page) -> dict[str, list[str]]:
    """What MapLibre draws once everything has arrived: titles, names or types of geometry by source."""
    drawn: dict[str, list[str]] = page.evaluate(RENDERED)
    return drawn


def point_of_map(page: Page, x: float, y: float) -> dict[str, float]:
    """Where on the page a point of the map's picture is; x and y from -1 to 1 around its centre."""
    box = page.locator("gp-map canvas").first.bounding_box()
    assert box is not None
    return {"x": box["x"] + box["width"] * (0.5 + x / 4), "y": box["y"] + box["height"] * (0.5 + y / 4)}


DRAWINGS: dict[str, tuple[str, list[tuple[float, float]]]] = {
    "Point": ("Un point", [(0.1, 0.1)]),
    "LineString": ("Une ligne", [(-0.3, -0.2), (0.2, 0.1), (0.3, 0.3), (0.3, 0.3)]),
    "Polygon": ("Une zone", [(-0.3, -0.3), (0.3, -0.3), (0.2, 0.3), (-0.3, -0.3)]),
}


@pytest.mark.parametrize("shape", DRAWINGS)
def test_by_mouse_from_the_home_page_to_the_idea_on_the_map(
    shape: str, consultation: Consultation, open_site: OpenSite
) -> None:
    page = open_site("/")
    drawn = drawn_on_map(page)
    assert {"Rue Haute", "Rue Basse", "Avenue du Parc"} <= set(drawn["streets"])
    assert {"West", "East"} <= set(drawn["districts"])
    page.get_by_role("combobox").press_sequentially("hau")
    page.get_by_role("option", name=re.compile("^Rue Haute")).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Rue Haute")
    assert drawn_on_map(page)["streets"] == ["Rue Haute"]

    page.get_by_role("link", name=consultation.title, exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(consultation.title)
    assert "target" in drawn_on_map(page)
    page.get_by_role("link", name="Donner une idée").first.click()
    expect(page.get_by_label(TITLE)).to_be_visible()
    tool, corners = DRAWINGS[shape]
    page.get_by_role("button", name=tool).click()
    expect(page.get_by_role("button", name=tool)).to_have_attribute("aria-pressed", "true")
    if shape != "Point":
        page.wait_for_function(
            "document.querySelector('gp-map').map.getStyle().layers.some((l) => l.id.startsWith('td-'))"
        )
    for x, y in corners:
        at = point_of_map(page, x, y)
        page.mouse.move(at["x"], at["y"])
        page.mouse.click(at["x"], at["y"])
    expect(page.get_by_role("button", name=tool)).to_have_attribute("aria-pressed", "false")
    page.get_by_label(TITLE).fill("Un banc à l’ombre")
    page.get_by_label(BODY).fill("Pour souffler un peu.")
    page.get_by_role("button", name="Envoyer mon idée").click()

    expect(page.get_by_role("heading", name="Votre idée est en ligne")).to_be_visible()
    assert drawn_on_map(page)["found"] == ["Un banc à l’ombre"]
    kept = Contribution.objects.get()
    assert (kept.geometry.geom_type, kept.public_geometry.geom_type) == (shape, shape)
    assert kept.located_by == (LocatedBy.PIN if shape == "Point" else LocatedBy.DRAWN)
    page.goto("/contributions/")
    expect(page.locator("#list").get_by_role("link", name="Un banc à l’ombre")).to_be_visible()
    assert drawn_on_map(page)["contributions"] == ["Un banc à l’ombre"]


def test_by_mouse_comments_with_a_place_of_its_own_and_supports(
    consultation: Consultation, submit: Submit, neighbour: User, tiny_town: TinyTown, open_site: OpenSite
) -> None:
    idea = submit(title="Des arbres", actor=actor_of(neighbour))
    page = open_site(f"/contributions/{idea.code}/")
    page.get_by_label("Votre commentaire").fill("Ici aussi, s’il vous plaît.")
    place_field(page).press_sequentially("avenue du parc 3")
    page.get_by_role("option", name=re.compile("^3.*Avenue du Parc")).click()
    page.get_by_role("button", name="Envoyer mon commentaire").click()

    expect(page.get_by_text("Ici aussi, s’il vous plaît.")).to_be_visible()
    comment = Contribution.objects.get(parent=idea)
    assert comment.located_by == LocatedBy.ADDRESS
    assert comment.geometry.equals(tiny_town.addresses["parc 3"].geometry)
    assert len(drawn_on_map(page)["found"]) == 2

    page.get_by_role("button", name="Je soutiens").click()
    expect(page.get_by_text("1 personne soutient")).to_be_visible()
    assert Support.objects.filter(contribution=idea).count() == 1
    page.get_by_role("button", pressed=True).click()
    expect(page.get_by_text("0 personne")).to_be_visible()
    assert not Support.objects.exists()


def tab_to(page: Page, name: str) -> None:
    """Press Tab until what has this accessible name (or begins with it) has the focus; 80 times at most."""
    for _press in range(80):
        page.keyboard.press("Tab")
        if page.evaluate(FOCUSED).startswith(name):
            return
    pytest.fail(f"Tab never reaches “{name}” on {page.url}")


FOCUSED = """
() => {
  const focused = document.activeElement;
  const words = focused.getAttribute("aria-label") || focused.labels?.[0]?.innerText || focused.innerText || "";
  return words.trim();
}
"""


def test_by_keyboard_alone_on_a_phone(
    consultation: Consultation, submit: Submit, neighbour: User, tiny_town: TinyTown, open_site: OpenSite
) -> None:
    others = submit(title="Des arbres", actor=actor_of(neighbour))
    page = open_site("/", **PHONE)
    page.keyboard.press("Tab")
    assert page.evaluate(FOCUSED) == "Aller au contenu"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type("basse")
    expect(page.get_by_role("option").first).to_contain_text("Rue Basse")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Rue Basse")
    tab_to(page, consultation.title)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(consultation.title)
    tab_to(page, "Donner une idée")
    page.keyboard.press("Enter")
    expect(page.get_by_label(TITLE)).to_be_visible()

    tab_to(page, PLACE)
    page.keyboard.type("rue haute 4")
    expect(page.get_by_role("option").first).to_contain_text("4 Rue Haute")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    tab_to(page, TITLE)
    page.keyboard.type("Une boîte à livres")
    tab_to(page, BODY)
    page.keyboard.type("Devant le 4.")
    tab_to(page, "Envoyer mon idée")
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", name="Votre idée est en ligne")).to_be_visible()
    idea = Contribution.objects.get(title="Une boîte à livres")
    assert (idea.located_by, idea.street) == (LocatedBy.ADDRESS, tiny_town.rue_haute)
    assert idea.geometry.equals(tiny_town.addresses["haute 4"].geometry)

    page.goto(f"/contributions/{others.code}/")
    tab_to(page, "Je soutiens")
    page.keyboard.press("Enter")
    expect(page.get_by_text("1 personne soutient")).to_be_visible()
    tab_to(page, "Votre commentaire")
    page.keyboard.type("Bonne idée.")
    tab_to(page, PLACE)
    page.keyboard.type("rue basse")
    expect(page.get_by_role("option").first).to_contain_text("Rue Basse")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    tab_to(page, "Envoyer mon commentaire")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Bonne idée.")).to_be_visible()
    comment = Contribution.objects.get(parent=others)
    assert (comment.located_by, comment.street) == (LocatedBy.STREET, tiny_town.rue_basse)


def test_without_javascript(consultation: Consultation, tiny_town: TinyTown, open_site: OpenSite) -> None:
    page = open_site(f"/consultations/{consultation.slug}/contribute/", java_script_enabled=False, **PHONE)
    place_field(page).fill("Rue Haute 6")
    page.get_by_label(TITLE).fill("Moins de voitures")
    page.get_by_role("button", name="Voir le résultat").click()
    expect(page.get_by_text("Moins de voitures").first).to_be_visible()
    page.get_by_role("button", name="Envoyer mon idée").click()

    expect(page.get_by_role("heading", name="Votre idée est en ligne")).to_be_visible()
    assert Contribution.objects.get().geometry.equals(tiny_town.addresses["haute 6"].geometry)
    page.goto("/contributions/")
    expect(page.get_by_role("link", name="Moins de voitures")).to_be_visible()


def test_with_an_email_address_that_must_be_confirmed(make_consultation: MakeConsultation, open_site: OpenSite) -> None:
    asking = make_consultation(identity_level=1)
    page = open_site(f"/consultations/{asking.slug}/contribute/")
    place_field(page).fill("Rue Haute")
    page.get_by_label(TITLE).fill("Une piste cyclable")
    page.get_by_role("button", name="Se connecter ou créer un compte").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Se connecter")
    page.locator("main a[href*='/signup/']").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Créer un compte")
    page.locator("input[type=email]").fill("eva@example.org")
    page.locator("input[type=password]").fill("un-mot-de-passe-long")
    page.get_by_role("button", name="Créer mon compte").click()
    expect(page.get_by_text("eva@example.org")).to_be_visible()

    [link] = re.findall(r"https?://\S+", "\n".join(message.body for message in mail.outbox))[:1]
    page.goto(re.sub(r"^https?://[^/]+", "", link))
    page.get_by_role("button", name="Oui, c’est la mienne").click()
    expect(page.get_by_role("button", name="Oui, c’est la mienne")).to_have_count(0)
    assert EmailAddress.objects.get(email="eva@example.org").verified
    page.goto(f"/consultations/{asking.slug}/contribute/")
    expect(page.get_by_label(TITLE)).to_have_value("Une piste cyclable")
    page.get_by_role("button", name="Envoyer mon idée").click()

    expect(page.get_by_role("heading", name="Votre idée est en ligne")).to_be_visible()
    assert Contribution.objects.get().author == User.objects.get(email="eva@example.org")


def test_what_is_read_first_waits_until_a_moderator_publishes_it(
    make_consultation: MakeConsultation, citizen: User, moderator: User, open_site: OpenSite
) -> None:
    careful = make_consultation(moderation=ModerationRule.BEFORE)
    page = open_site(f"/consultations/{careful.slug}/contribute/", user=citizen)
    place_field(page).fill("Rue Haute")
    page.get_by_label(TITLE).fill("Un kiosque")
    page.get_by_role("button", name="Envoyer mon idée").click()
    expect(page.get_by_role("heading", name=re.compile("Votre idée est bien arrivée"))).to_be_visible()
    assert Contribution.objects.get().status == Status.SUBMITTED
    address = page.url

    everybody = open_site("/contributions/")
    expect(everybody.get_by_role("link", name="Un kiosque")).to_have_count(0)
    queue = open_site("/workspace/queue/", user=moderator)
    card = queue.get_by_role("article").filter(has_text="Un kiosque")
    card.get_by_role("button", name="Publier").click()
    expect(queue.get_by_text("Tout le monde peut maintenant la lire")).to_be_visible()
    everybody.reload()
    expect(everybody.locator("#list").get_by_role("link", name="Un kiosque")).to_be_visible()
    everybody.goto(address)
    expect(everybody.get_by_role("heading", level=1)).to_have_text("Un kiosque")


def test_out_of_town_is_told_and_the_text_is_kept(
    consultation: Consultation, open_site: OpenSite, watch: Watch
) -> None:
    watch.allow("status of 4")
    page = open_site(f"/consultations/{consultation.slug}/contribute/")
    page.get_by_label(TITLE).fill("Loin d’ici")
    page.get_by_role("button", name="Un point").click()
    expect(page.get_by_role("button", name="Un point")).to_have_attribute("aria-pressed", "true")
    page.evaluate(
        "document.querySelector('gp-map').ready.then((map) => { map.jumpTo({center: [4.5, 50.9], zoom: 15}) })"
    )
    at = point_of_map(page, 0, 0)
    page.mouse.click(at["x"], at["y"])
    expect(page.get_by_text("Ce lieu est hors de la ville")).to_be_visible()
    page.get_by_role("button", name="Envoyer mon idée").click()

    expect(page.get_by_role("alert")).to_contain_text("pas encore")
    expect(page.get_by_label(TITLE)).to_have_value("Loin d’ici")
    assert not Contribution.objects.exists()
    assert "place" in drawn_on_map(page)
    place_field(page).fill("Rue Haute 2")
    page.get_by_role("button", name="Envoyer mon idée").click()
    expect(page.get_by_role("heading", name="Votre idée est en ligne")).to_be_visible()


def test_sent_twice_or_into_a_dead_line_is_one_idea(
    consultation: Consultation, citizen: User, open_site: OpenSite, watch: Watch
) -> None:
    watch.allow("ERR_INTERNET_DISCONNECTED|ERR_FAILED|Failed to load")
    path = f"/consultations/{consultation.slug}/contribute/"
    page = open_site(path, user=citizen)
    place_field(page).fill("Rue Haute 2")
    page.get_by_label(TITLE).fill("Un abri")
    lost: list[Any] = []

    def lose_the_first(route: Route) -> None:
        if route.request.method == "POST" and not lost:
            lost.append(route.request.post_data)
            route.abort("internetdisconnected")
        else:
            route.fallback()

    page.route(f"**{path}", lose_the_first)
    page.get_by_role("button", name="Envoyer mon idée").click()
    page.wait_for_url("chrome-error://**")
    assert not Contribution.objects.exists()
    page.goto(path)
    expect(page.get_by_label(TITLE)).to_have_value("Un abri")
    expect(place_field(page)).to_have_value("Rue Haute 2")
    page.get_by_role("button", name="Envoyer mon idée").dblclick()

    expect(page.get_by_role("heading", name="Votre idée est en ligne")).to_be_visible()
    assert Contribution.objects.count() == 1
    assert len(lost) == 1
    page.wait_for_load_state()  # the receipt's script, which forgets the draft, has run
    page.goto(path)
    expect(page.get_by_label(TITLE)).to_have_value("")
