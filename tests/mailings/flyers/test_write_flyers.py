"""Flyers as they come off the press: read by zbar and pdfplumber, and compared with the database."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pdfplumber
import pytest

from geoparticipation.mailings.codes import hash_code, read_code
from geoparticipation.mailings.domain.flyers import write_flyers as module
from geoparticipation.mailings.domain.flyers.design import design_of, save_flyer_design
from geoparticipation.mailings.domain.flyers.pages import PrintOptions
from geoparticipation.mailings.domain.flyers.write_flyers import FlyersCancelled, unfinished_folder, write_flyers
from geoparticipation.mailings.enums import FlyerTemplate
from geoparticipation.mailings.errors import (
    AddressedTooSmall,
    CodesNotReproducible,
    FlyersBeingWritten,
    FlyerTextTooLong,
    LanguageTwice,
)
from geoparticipation.mailings.models import LetterboxCode, Mailing
from neighbourhoods.models import Street
from tests.fixtures.tiny_town import TinyTown
from tests.mailings.flyers.conftest import MM, MakeMailing, scanned, words_of

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

    write_flyers(design=save_flyer_design(mailing=mailing, template=template), path=path)

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
    design = save_flyer_design(mailing=mailing, template=FlyerTemplate.A4, addressed=True)
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


def _in_upper_third(page: Any) -> list[dict[str, Any]]:
    return [line for line in page.extract_text_lines() if line["bottom"] * MM < 95]


def test_many_on_a_sheet_of_a4_are_in_the_order_of_the_list(mailing: Mailing, tmp_path: Path) -> None:
    path = tmp_path / "flyers.pdf"

    written = write_flyers(
        design=save_flyer_design(mailing=mailing, template=FlyerTemplate.A6),
        path=path,
        options=PrintOptions(on_a4=True),
    )

    assert (written.flyers, written.pages) == (12, 3)
    with pdfplumber.open(path) as document:
        assert {(round(float(page.width) * MM), round(float(page.height) * MM)) for page in document.pages} == {
            (210, 297)
        }
        quarters = [
            page.crop((x * page.width / 2, y * page.height / 2, (x + 1) * page.width / 2, (y + 1) * page.height / 2))
            for page in document.pages
            for y in range(2)
            for x in range(2)
        ]
        codes = [printed_code(quarter.extract_text()) for quarter in quarters]
    assert [hash_code(code) for code in codes] == hashes_in_order(mailing)
    assert [len(page) for page in scanned(path, tmp_path)] == [4, 4, 4]


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

    written = write_flyers(design=save_flyer_design(mailing=mailing, title="Another title"), path=path)

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

    design = save_flyer_design(
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
        save_flyer_design(mailing=mailing, template=FlyerTemplate.A5, addressed=True)
    with pytest.raises(LanguageTwice):
        save_flyer_design(mailing=mailing, second_language="fr")
    with pytest.raises(FlyerTextTooLong):
        save_flyer_design(mailing=mailing, text="m" * 2001)
    many = "trop de mots " * 150
    design = save_flyer_design(
        mailing=mailing, template=FlyerTemplate.A6, second_language="en", text=many, second_text=many
    )
    with pytest.raises(FlyerTextTooLong):
        write_flyers(design=design, path=tmp_path / "flyers.pdf")
