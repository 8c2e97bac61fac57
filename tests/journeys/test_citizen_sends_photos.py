"""A citizen sends photos with an idea: with and without a script, by keyboard, and when things go wrong."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from geoparticipation.consultations.models import Consultation
from geoparticipation.contributions.models import Attachment, Contribution, HeldPhoto
from tests.fixtures.question import MakeConsultation
from tests.fixtures.site import OpenSite, Watch
from tests.fixtures.tiny_town import TinyTown
from tests.layers.pictures.pictures import four_colours, photo

pytestmark = pytest.mark.django_db(transaction=True)

TITLE = "Votre idée en quelques mots"
OFFER = "Placer votre idée là où la photo a été prise ?"
IN_RUE_HAUTE = (4.40501, 50.84512)


@pytest.fixture
def consultation(make_consultation: MakeConsultation, tiny_town: TinyTown) -> Consultation:
    return make_consultation(title="La place du marché")


@pytest.fixture
def chosen(tmp_path: Path) -> Callable[..., str]:
    """Write a photo to a file and return its path."""

    def write(name: str, image_format: str = "JPEG", **options: Any) -> str:
        path = tmp_path / name
        path.write_bytes(photo(four_colours(400, 300), image_format, **options))
        return str(path)

    return write


def form_of(consultation: Consultation) -> str:
    return f"/consultations/{consultation.slug}/contribute/"


def pictures_arrived(page: Page) -> list[int]:
    """Widths of the pictures of the page, once each has arrived."""
    widths: list[int] = page.evaluate(
        """async () => {
            const pictures = [...document.querySelectorAll("img[src*='/photos/']")];
            await Promise.all(pictures.map((picture) => { picture.loading = "eager"; return picture.decode(); }));
            return pictures.map((picture) => picture.naturalWidth);
        }"""
    )
    return widths


def test_photo_offers_its_place_is_sent_and_is_shown(
    consultation: Consultation,
    chosen: Callable[..., str],
    open_site: OpenSite,
    axe_violations: Callable[[Page], list[str]],
) -> None:
    page = open_site(form_of(consultation))
    lon, lat = IN_RUE_HAUTE
    page.get_by_label("Ajouter des photos").set_input_files(
        [chosen("banc.heic", "HEIF", lon=lon, lat=lat), chosen("arbre.png", "PNG")]
    )
    expect(page.locator("[data-held-photo]")).to_have_count(2)
    expect(page.get_by_text(OFFER)).to_have_count(1)
    expect(page.locator(".photo-place")).to_contain_text("Rue Haute")
    assert page.locator("[data-geometry]").input_value() == ""
    assert axe_violations(page) == []
    page.get_by_label("Décrivez-la").first.fill("Un banc cassé")
    page.get_by_role("button", name="Oui, la placer là").click()
    expect(page.locator("[data-place-words]")).to_contain_text("Rue Haute")
    expect(page.get_by_text(OFFER)).to_be_hidden()
    page.get_by_role("button", name="Retirer cette photo").nth(1).click()
    expect(page.locator("[data-held-photo]")).to_have_count(1)
    page.get_by_label(TITLE).fill("Réparer le banc")
    page.get_by_role("button", name="Envoyer mon idée").click()

    expect(page.get_by_role("heading", name="Votre idée est en ligne")).to_be_visible()
    expect(page.get_by_role("img", name="Un banc cassé")).to_be_visible()
    assert pictures_arrived(page) == [400]
    kept = Contribution.objects.get()
    assert kept.geometry.coords == pytest.approx(IN_RUE_HAUTE, abs=1e-7)
    assert kept.photos.get().description == "Un banc cassé"
    assert axe_violations(page) == []


def test_on_a_phone_without_script_the_place_of_the_photo_is_asked_and_the_photo_kept(
    consultation: Consultation, chosen: Callable[..., str], open_site: OpenSite, watch: Watch
) -> None:
    watch.allow("status of 400")
    page = open_site(form_of(consultation), width=360, height=740, java_script_enabled=False)
    lon, lat = IN_RUE_HAUTE
    page.get_by_label("Ajouter des photos").set_input_files(chosen("banc.jpg", lon=lon, lat=lat))
    page.get_by_label(TITLE).fill("Réparer le banc")
    page.get_by_role("button", name="Envoyer mon idée").click()

    expect(page.get_by_role("heading", name="Ce n’est pas encore envoyé")).to_be_visible()
    assert not Contribution.objects.exists()
    expect(page.get_by_label(TITLE)).to_have_value("Réparer le banc")
    expect(page.get_by_role("group", name=OFFER).get_by_label("Non, j’indique le lieu moi-même")).to_be_checked()
    page.get_by_role("group", name=OFFER).get_by_label("Oui : Rue Haute").check()
    page.get_by_role("button", name="Envoyer mon idée").click()

    expect(page.get_by_role("heading", name="Votre idée est en ligne")).to_be_visible()
    expect(page.get_by_role("img", name="Photo 1 sur 1")).to_be_visible()
    kept = Contribution.objects.get()
    assert kept.geometry.coords == pytest.approx(IN_RUE_HAUTE, abs=1e-7)
    assert (kept.photos.count(), HeldPhoto.objects.count()) == (1, 0)


def test_by_keyboard_from_the_photo_to_the_place(
    consultation: Consultation, chosen: Callable[..., str], open_site: OpenSite
) -> None:
    page = open_site(form_of(consultation))
    lon, lat = IN_RUE_HAUTE
    page.get_by_label(TITLE).fill("Un banc")
    field = page.get_by_label("Ajouter des photos")
    with page.expect_file_chooser() as choosing:
        field.focus()
        page.keyboard.press("Enter")
    choosing.value.set_files(chosen("banc.webp", "WEBP", lon=lon, lat=lat))
    offer = page.get_by_role("button", name="Oui, la placer là")
    expect(offer).to_be_visible()
    for _step in range(4):  # backwards from the field for files: take away, yes, description
        page.keyboard.press("Shift+Tab")
        if offer.evaluate("button => button === document.activeElement"):
            break
    expect(offer).to_be_focused()
    page.keyboard.press("Enter")

    expect(page.locator("[data-place-words]")).to_contain_text("Rue Haute")
    expect(field).to_be_focused()
    assert json.loads(page.locator("[data-geometry]").input_value())["coordinates"] == pytest.approx(list(IN_RUE_HAUTE))


def test_photo_from_elsewhere_is_said_in_words_and_a_place_one_gave_is_left_alone(
    consultation: Consultation, chosen: Callable[..., str], open_site: OpenSite
) -> None:
    page = open_site(form_of(consultation))
    page.get_by_label("Ajouter des photos").set_input_files(chosen("mer.jpg", lon=2.5, lat=51.2))
    expect(page.locator("[data-held-photo]")).to_contain_text("prise hors de la commune")
    expect(page.get_by_role("button", name="Oui, la placer là")).to_have_count(0)

    page.get_by_role("combobox", name="Adresse, rue ou quartier").fill("Rue Basse")
    lon, lat = IN_RUE_HAUTE
    page.get_by_label("Ajouter des photos").set_input_files(chosen("banc.jpg", lon=lon, lat=lat))
    expect(page.locator("[data-held-photo]")).to_have_count(2)
    expect(page.get_by_role("button", name="Oui, la placer là")).to_be_hidden()


def test_what_goes_wrong_with_a_photo_loses_nothing(
    consultation: Consultation, chosen: Callable[..., str], open_site: OpenSite, watch: Watch, tmp_path: Path
) -> None:
    watch.allow("Failed to load resource")
    page = open_site(form_of(consultation))
    page.get_by_label(TITLE).fill("Réparer le banc")
    page.get_by_role("combobox", name="Adresse, rue ou quartier").fill("Rue Haute")
    (tmp_path / "dessin.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    (tmp_path / "enorme.jpg").write_bytes(b"\xff\xd8\xff" + b"\0" * 15_000_001)
    field, status = page.get_by_label("Ajouter des photos"), page.locator("[data-photo-status]")

    field.set_input_files(str(tmp_path / "dessin.svg"))
    expect(status).to_contain_text("« dessin.svg » : Ce fichier n’est pas une photo")
    field.set_input_files(str(tmp_path / "enorme.jpg"))
    expect(status).to_contain_text("enorme.jpg dépasse 15 Mo")

    def lose(route: Route) -> None:
        route.abort("connectionfailed")

    page.route("**/photos/", lose)
    field.set_input_files(chosen("banc.jpg"))
    expect(status).to_contain_text("banc.jpg n’est pas arrivée")
    page.unroute("**/photos/", lose)
    field.set_input_files(chosen("banc.jpg"))
    expect(page.locator("[data-held-photo]")).to_have_count(1)
    page.get_by_role("button", name="Envoyer mon idée").click()

    expect(page.get_by_role("heading", name="Votre idée est en ligne")).to_be_visible()
    assert Attachment.objects.count() == 1


def test_who_sends_before_the_photo_has_arrived_waits_and_loses_nothing(
    consultation: Consultation, chosen: Callable[..., str], open_site: OpenSite
) -> None:
    page = open_site(form_of(consultation))
    page.get_by_label(TITLE).fill("Réparer le banc")
    page.get_by_role("combobox", name="Adresse, rue ou quartier").fill("Rue Haute")
    held_back: list[Route] = []

    def hold_back(route: Route) -> None:
        held_back.append(route)

    page.route("**/photos/", hold_back)
    with page.expect_request("**/photos/"):
        page.get_by_label("Ajouter des photos").set_input_files(chosen("banc.jpg"))
    page.get_by_role("button", name="Envoyer mon idée").click()
    expect(page.locator("[data-photo-status]")).to_contain_text("encore en route")
    assert not Contribution.objects.exists()
    held_back[0].continue_()

    expect(page.get_by_role("heading", name="Votre idée est en ligne")).to_be_visible()
    assert Contribution.objects.get().photos.count() == 1
