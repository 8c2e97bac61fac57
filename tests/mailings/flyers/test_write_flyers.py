"""Flyers as they come off the press: read by zbar and pdfplumber, and compared with the database."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pdfplumber
import pytest
from django.core.files.storage import default_storage

from geoparticipation.mailings.codes import hash_code, read_code
from geoparticipation.mailings.domain.flyers import sequence
from geoparticipation.mailings.domain.flyers import write_flyers as module
from geoparticipation.mailings.domain.flyers.design import change_flyer_design, design_of
from geoparticipation.mailings.domain.flyers.pages import PrintOptions
from geoparticipation.mailings.domain.flyers.words import address_of_code
from geoparticipation.mailings.domain.flyers.write_flyers import FlyersCancelled, unfinished_folder, write_flyers
from geoparticipation.mailings.domain.make_mailing import make_mailing
from geoparticipation.mailings.domain.rounds.plan_rounds import plan_rounds
from geoparticipation.mailings.enums import FlyerOrder, FlyerTemplate
from geoparticipation.mailings.errors import (
    AddressedTooSmall,
    CodesNotReproducible,
    FlyerColourUnknown,
    FlyersBeingWritten,
    FlyerTextTooLong,
    LanguageTwice,
    ReplyTooSmall,
)
from geoparticipation.mailings.models import LetterboxCode, Mailing
from layers.pictures.errors import PhotoFormatUnknown
from neighbourhoods.models import Street
from tests.fixtures.tiny_town import TinyTown
from tests.layers.pictures.pictures import four_colours, photo
from tests.mailings.flyers.conftest import MM, MakeMailing, designed, scanned, words_of

pytestmark = pytest.mark.django_db

PRINTED = re.compile(r"\b([2-9A-Z]{4}) ([2-9A-Z]{4}) ([2-9A-Z])\b")
SIZES = {FlyerTemplate.A5: (148, 210), FlyerTemplate.A6: (105, 148), FlyerTemplate.DL: (99, 210)}


def printed_code(text: str) -> str:
    return "".join(PRINTED.findall(text)[-1])


def hashes_in_order(mailing: Mailing) -> list[str]:
    codes = LetterboxCode.objects.filter(letterbox__mailing=mailing).order_by("letterbox__position", "number")
    return list(codes.values_list("code_hash", flat=True))


@pytest.mark.parametrize("template", SIZES)
def test_each_page_has_the_code_of_its_letterbox(
    mailing: Mailing, tmp_path: Path, settings: Any, template: str
) -> None:
    settings.SITE_URL = "https://participez.exemple.org"
    path = tmp_path / "flyers.pdf"

    write_flyers(design=designed(mailing=mailing, template=template), path=path)

    codes = [printed_code(text) for text in words_of(path)]
    assert [hash_code(code) for code in codes] == hashes_in_order(mailing)
    assert [read_code(code) for code in codes] == codes
    assert scanned(path, tmp_path) == [[f"https://participez.exemple.org/l/{code}"] for code in codes]
    with pdfplumber.open(path) as document:
        sizes = {(round(float(page.width) * MM), round(float(page.height) * MM)) for page in document.pages}
    assert sizes == {SIZES[FlyerTemplate(template)]}


def test_address_stands_in_the_window_of_the_country(
    make_town_mailing: MakeMailing, tiny_town: TinyTown, tmp_path: Path, settings: Any
) -> None:
    settings.ADDRESS_COUNTRY = "DE"
    Street.objects.filter(pk=tiny_town.rue_basse.pk).update(name="Łódźstraße Ω Жук")
    mailing = make_town_mailing()
    design = designed(mailing=mailing, template=FlyerTemplate.A4, addressed=True)
    corners = {}
    for country in ("FR", "DE"):
        settings.ADDRESS_COUNTRY = country
        path = tmp_path / f"{country}.pdf"
        write_flyers(design=design, path=path)
        with pdfplumber.open(path) as document:
            pages = [[line["text"] for line in _in_upper_third(page)] for page in document.pages]
            first = _in_upper_third(document.pages[0])[0]
            fonts = {char["fontname"].partition("+")[2] for page in document.pages for char in page.chars}
            corners[country] = (round(first["x0"] * MM), round(first["bottom"] * MM))
        lines = mailing.letterboxes.order_by("position").values_list("lines", flat=True)
        assert pages == [[" ".join(line.split()) for line in several if line] for several in lines]
        assert fonts == {"DejaVuSansCondensed"}
    assert any("Łódźstraße Ω Жук 2" in page for page in pages)
    # DL envelopes, with a sheet folded at 99 mm: NF Z 11-001 has its window at the right, DIN 5008 B at the left
    # from 20 mm, its address from 62.7 mm on.
    assert 100 <= corners["FR"][0] <= 120
    assert 45 <= corners["FR"][1] <= 60
    assert 20 <= corners["DE"][0] <= 30
    assert 62 <= corners["DE"][1] <= 70


@pytest.mark.parametrize("order", FlyerOrder.values)
def test_address_on_each_page_is_that_of_the_letterbox_its_code_leads_to(
    make_town_mailing: MakeMailing, tmp_path: Path, order: str
) -> None:
    mailing, path = make_town_mailing(8), tmp_path / "flyers.pdf"
    plan_rounds(mailing=mailing, rounds=2)

    write_flyers(
        design=designed(mailing=mailing, template=FlyerTemplate.A4, addressed=True),
        path=path,
        options=PrintOptions(order=order),
    )

    with pdfplumber.open(path) as document:
        printed = [
            (printed_code(page.extract_text()), [line["text"] for line in _in_upper_third(page)])
            for page in document.pages
        ]
    assert len({code for code, _lines in printed}) == mailing.flyer_count == 20
    for code, lines in printed:
        letterbox = LetterboxCode.objects.get(code_hash=hash_code(code), letterbox__mailing=mailing).letterbox
        assert lines == [" ".join(line.split()) for line in letterbox.lines if line]
    assert [leads_to for ((leads_to,), _page) in zip(scanned(path, tmp_path), printed, strict=True)] == [
        address_of_code(code) for code, _lines in printed
    ]


def _in_upper_third(page: Any) -> list[dict[str, Any]]:
    return [line for line in page.extract_text_lines() if 25 < line["bottom"] * MM < 95]  # above is who sends it


def quarters_of(path: Path) -> list[list[str]]:
    """The codes of each quarter of the sheets, from the upper left to the lower right; empty where there is none."""
    with pdfplumber.open(path) as document:
        assert {(round(float(page.width) * MM), round(float(page.height) * MM)) for page in document.pages} == {
            (210, 297)
        }
        piles = []
        for y in range(2):
            for x in range(2):
                texts = [
                    page.crop(
                        (x * page.width / 2, y * page.height / 2, (x + 1) * page.width / 2, (y + 1) * page.height / 2)
                    ).extract_text()
                    for page in document.pages
                ]
                piles.append([printed_code(text) for text in texts if PRINTED.search(text)])
    return piles


def test_piles_cut_from_sheets_of_a4_are_in_the_order_of_the_list(
    make_town_mailing: MakeMailing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sequence, "SHEETS_IN_A_PACKET", 3)
    mailing, path = make_town_mailing(2), tmp_path / "flyers.pdf"

    written = write_flyers(
        design=designed(mailing=mailing, template=FlyerTemplate.A6),
        path=path,
        options=PrintOptions(on_a4=True),
    )

    assert (written.flyers, written.pages) == (14, 4)
    piles = quarters_of(path)
    # the first packet has three sheets of four, the second one sheet of two
    first_packet = [code for pile in piles for code in pile[:3]]
    second_packet = [code for pile in piles for code in pile[3:]]
    assert [hash_code(code) for code in first_packet + second_packet] == hashes_in_order(mailing)
    assert [len(page) for page in scanned(path, tmp_path)] == [4, 4, 4, 2]


def test_bleed_has_boxes_for_the_cutter_and_marks_outside(mailing: Mailing, tmp_path: Path) -> None:
    path = tmp_path / "flyers.pdf"

    write_flyers(design=design_of(mailing), path=path, options=PrintOptions(bleed=True))

    with pdfplumber.open(path) as document:
        page = document.pages[0]
        trim, bleed = ([float(edge) * MM for edge in page.page_obj.attrs[box]] for box in ("TrimBox", "BleedBox"))
        size = (float(page.width) * MM, float(page.height) * MM)
        marks = [line for line in page.lines if abs(line["linewidth"] - 0.25) < 0.01]
        ends = [(line["x0"] * MM, line["x1"] * MM) for line in marks if line["x1"] - line["x0"] > 1]
    assert size == pytest.approx((166, 228), abs=0.01)
    assert trim == pytest.approx([9, 9, 157, 219], abs=0.01)
    assert bleed == pytest.approx([6, 6, 160, 222], abs=0.01)
    assert len(marks) == 8
    assert all(right < 6 or left > 160 for left, right in ends)


def test_what_pages_share_is_in_the_file_once(make_town_mailing: MakeMailing, tmp_path: Path) -> None:
    path = tmp_path / "flyers.pdf"

    written = write_flyers(design=design_of(make_town_mailing(300)), path=path)

    pages = (path.stat().st_size - len(_head(path))) / written.pages
    assert written.pages == 312
    assert pages < 2500
    assert path.read_bytes().count(b"/Subtype /Form") == 1


def _head(path: Path) -> bytes:
    content = path.read_bytes()
    return content[: content.index(b"%%EOF") + 6]


@pytest.mark.parametrize("stops", [[1], [1, 2, 2]])
def test_run_that_was_stopped_gives_the_same_file(
    make_town_mailing: MakeMailing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stops: list[int]
) -> None:
    monkeypatch.setattr(module, "PAGES_BETWEEN_CHECKPOINTS", 10)
    design = design_of(make_town_mailing(50))
    unbroken, stopped = tmp_path / "unbroken.pdf", tmp_path / "stopped.pdf"
    write_flyers(design=design, path=unbroken)

    for steps in stops:
        told = iter(range(steps))

        def stop(_done: int, _in_all: int, told: Any = told) -> None:
            if next(told, None) is None:
                raise FlyersCancelled

        with pytest.raises(FlyersCancelled):
            write_flyers(design=design, path=stopped, on_progress=stop)
        assert not stopped.exists()
        # what a kill leaves behind the checkpoint
        with (unfinished_folder(stopped) / "pages.pdf").open("ab") as file:
            file.write(b"99 0 obj half a page")
        with (unfinished_folder(stopped) / "offsets").open("ab") as file:
            file.write(b"12345678" * 3)
    written = write_flyers(design=design, path=stopped)

    assert written.pages_found == 10 * sum(stops)
    assert stopped.read_bytes() == unbroken.read_bytes()
    assert not unfinished_folder(stopped).exists()
    codes = [printed_code(text) for text in words_of(stopped)]
    assert len(set(codes)) == len(codes) == 62


def test_other_design_is_begun_anew(
    make_town_mailing: MakeMailing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PAGES_BETWEEN_CHECKPOINTS", 10)
    mailing, path = make_town_mailing(20), tmp_path / "flyers.pdf"

    def stop(done: int, _in_all: int) -> None:
        if done >= 20:
            raise FlyersCancelled

    with pytest.raises(FlyersCancelled):
        write_flyers(design=design_of(mailing), path=path, on_progress=stop)
    assert json.loads((unfinished_folder(path) / "checkpoint.json").read_text())["pages"] == 20

    written = write_flyers(design=designed(mailing=mailing, title="Another title"), path=path)

    assert written.pages_found == 0
    assert all("Another title" in text for text in words_of(path))


def test_two_runs_do_not_write_the_same_file(mailing: Mailing, tmp_path: Path) -> None:
    path = tmp_path / "flyers.pdf"

    def again(_done: int, _in_all: int) -> None:
        with pytest.raises(FlyersBeingWritten):
            write_flyers(design=design_of(mailing), path=path)

    write_flyers(design=design_of(mailing), path=path, on_progress=again)

    assert len(words_of(path)) == 12


def test_codes_of_another_key_are_not_printed(mailing: Mailing, tmp_path: Path, settings: Any) -> None:
    settings.PRIVACY_KEY = "another key"

    with pytest.raises(CodesNotReproducible):
        write_flyers(design=design_of(mailing), path=tmp_path / "flyers.pdf")

    assert not (tmp_path / "flyers.pdf").exists()


def test_flyer_says_its_texts_in_two_languages(mailing: Mailing, tmp_path: Path) -> None:
    consultation = mailing.consultation
    consultation.help_place, consultation.help_phone = "Mairie, salle 2", "01 23 45 67 89"
    consultation.save()
    path = tmp_path / "flyers.pdf"

    design = designed(
        mailing=mailing,
        title="Place\x00  du\u202e Marché",
        text="Un banc ?\n\nUn arbre ?",
        second_language="en",
        second_title="Market square",
        second_text="A bench?",
    )
    write_flyers(design=design, path=path)

    assert design.title == "Place du Marché"
    text = words_of(path)[0]
    for said in ("Place du Marché", "Market square", "Un banc ?", "A bench?", "Mairie, salle 2", "01 23 45 67 89"):
        assert said in text


def test_design_is_refused(mailing: Mailing, tmp_path: Path) -> None:
    with pytest.raises(AddressedTooSmall):
        designed(mailing=mailing, template=FlyerTemplate.A5, addressed=True)
    with pytest.raises(ReplyTooSmall):
        designed(mailing=mailing, template=FlyerTemplate.A6, with_reply=True)
    with pytest.raises(FlyerColourUnknown):
        designed(mailing=mailing, colour="red")
    with pytest.raises(LanguageTwice):
        designed(mailing=mailing, second_language="fr")
    with pytest.raises(FlyerTextTooLong):
        designed(mailing=mailing, text="m" * 2001)
    many = "trop de mots " * 150
    design = designed(mailing=mailing, template=FlyerTemplate.A6, second_language="en", text=many, second_text=many)
    with pytest.raises(FlyerTextTooLong):
        write_flyers(design=design, path=tmp_path / "flyers.pdf")


def test_reply_form_bears_the_code_a_second_time(mailing: Mailing, tmp_path: Path) -> None:
    mailing.consultation.help_place = "Mairie, salle 2"
    mailing.consultation.save()
    path = tmp_path / "flyers.pdf"

    write_flyers(design=designed(mailing=mailing, with_reply=True), path=path)

    with pdfplumber.open(path) as document:
        page = document.pages[0]
        form = page.crop((0, page.height * 2 / 3, page.width, page.height))
        above, below = page.extract_text(), form.extract_text()
        lines = [line for line in form.lines if line["width"] * MM > 100 and line["linewidth"] < 0.5]
    assert ["".join(found) for found in PRINTED.findall(above)] == [printed_code(below)] * 2
    assert hash_code(printed_code(below)) == hashes_in_order(mailing)[0]
    assert "Mairie, salle 2" in below
    assert len(lines) >= 3


def test_picture_and_logo_are_in_the_file_once(make_town_mailing: MakeMailing, tmp_path: Path) -> None:
    path = tmp_path / "flyers.pdf"
    mailing = make_town_mailing(20)

    design = change_flyer_design(
        mailing=mailing,
        wanted={"colour": "#aa2200"},
        pictures={"picture": photo(four_colours(800, 400)), "logo": photo(four_colours(300, 300), "PNG")},
    )
    write_flyers(design=design, path=path)

    assert path.read_bytes().count(b"/Subtype /Image") == 2
    with pdfplumber.open(path) as document:
        sizes = [{image["srcsize"] for image in page.images} for page in (document.pages[0], document.pages[-1])]
        colours = {rect["non_stroking_color"] for rect in document.pages[0].rects}
    assert sizes == [{(800, 400), (300, 300)}] * 2
    red = pytest.approx((0xAA / 255, 0x22 / 255, 0), abs=0.001)
    assert any(colour == red for colour in colours if isinstance(colour, tuple))


def test_picture_stays_until_it_is_replaced_or_taken_off(mailing: Mailing) -> None:
    first = change_flyer_design(mailing=mailing, wanted={}, pictures={"picture": photo(four_colours(80, 40))}).picture
    assert change_flyer_design(mailing=mailing, wanted={"title": "Other"}).picture == first

    broken = {"picture": photo(four_colours(8, 4)), "logo": b"GIF89a"}
    with pytest.raises(PhotoFormatUnknown):
        change_flyer_design(mailing=mailing, wanted={}, pictures=broken)
    unbroken, long = {"logo": photo(four_colours(8, 4))}, "mot\n" * 60
    with pytest.raises(FlyerTextTooLong):
        change_flyer_design(mailing=mailing, wanted={"text": long}, pictures=unbroken)

    assert design_of(mailing).picture == first
    assert [f"flyer-pictures/{name}" for name in default_storage.listdir("flyer-pictures")[1]] == [first]
    assert change_flyer_design(mailing=mailing, wanted={}, without=frozenset({"picture"})).picture == ""


def test_next_mailing_begins_with_logo_and_colour_of_the_last(mailing: Mailing) -> None:
    wanted = {"colour": "#aa2200", "title": "Only here"}
    first = change_flyer_design(mailing=mailing, wanted=wanted, pictures={"logo": photo(four_colours(8, 4))})
    second = make_mailing(name="Winter", consultation=mailing.consultation, target=mailing.target)

    begun = design_of(second)
    assert (begun.logo, begun.colour, begun.title, begun.pk) == (first.logo, "#aa2200", "", None)

    change_flyer_design(mailing=second, wanted={}, without=frozenset())
    change_flyer_design(mailing=mailing, wanted={}, without=frozenset({"logo"}))
    assert default_storage.exists(design_of(second).logo)
