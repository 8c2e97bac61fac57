"""Labels: what is on paper, read back in millimetres with pdfplumber, against the measures that Avery publishes."""

from __future__ import annotations

import io
from itertools import groupby
from typing import Any

import pdfplumber
import pytest
from pdfminer.pdftypes import resolve1

from geoparticipation.mailings.domain.formats import labels_pdf
from geoparticipation.mailings.enums import FileFormat, LabelSheet
from geoparticipation.mailings.errors import ListTooLong, StartBeyondSheet
from geoparticipation.mailings.models import MailingListDownload
from neighbourhoods.models import Address, Street
from tests.fixtures.tiny_town import TinyTown
from tests.mailings.formats.conftest import Write, whole

MM = 25.4 / 72
EXACT_MM = 0.3
# Columns and rows; width and height of a label; first label from the left and the top; from label to label; the paper.
PUBLISHED = {
    LabelSheet.L7160: ((3, 7), (63.5, 38.1), (7.2, 15.1), (66.0, 38.1), (210.0, 297.0)),
    LabelSheet.US5160: ((3, 10), (66.675, 25.4), (4.7625, 12.7), (69.85, 25.4), (215.9, 279.4)),
}
SHEETS = pytest.mark.parametrize("sheet", LabelSheet)

Line = dict[str, Any]


def pages_of(content: bytes) -> list[list[Line]]:
    """The lines of each page, in the order in which they were drawn: text, box in mm from the upper left, font size."""
    pages = []
    with pdfplumber.open(io.BytesIO(content)) as document:
        for page in document.pages:
            lines = []
            for (baseline, _run), chars in groupby(_runs(page.chars), key=lambda char: (char["baseline"], char["run"])):
                every = list(chars)
                lines.append(
                    {
                        "text": "".join(char["text"] for char in every),
                        "left": every[0]["x0"] * MM,
                        "right": max(char["x1"] for char in every) * MM,
                        "baseline": (float(page.height) - baseline) * MM,
                        "size": every[0]["size"],
                        "paper": (float(page.width) * MM, float(page.height) * MM),
                    }
                )
            pages.append(lines)
    return pages


def _runs(chars: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Number the runs of characters that follow one another without a jump."""
    run = 0
    for at, char in enumerate(chars):
        char["baseline"] = round(char["matrix"][5], 3)
        if at and abs(char["x0"] - chars[at - 1]["x1"]) > 1:
            run += 1
        char["run"] = run
    return chars


def place_of(line: Line, sheet: LabelSheet) -> tuple[int, float, float]:
    """The label a line starts in (counted from 1), and how far from that label's upper left corner, in mm."""
    (columns, _rows), _size, (left, top), (across, down), _paper = PUBLISHED[sheet]
    column, x = divmod(line["left"] - left, across)
    row, y = divmod(line["baseline"] - top, down)
    return int(row) * columns + int(column) + 1, x, y


def many(town: TinyTown, count: int, **members: Any) -> None:
    """Leave Rue Haute `count` addresses, all of which want flyers."""
    street = town.rue_haute
    Address.objects.filter(street=street).delete()
    Address.objects.bulk_create(
        Address(
            register_id=f"many {number}",
            source="tiny",
            street=street,
            geometry="SRID=4326;POINT(4.4 50.845)",
            **{"house_number": str(number), "number": number, "postcode": "1000", "locality": "Tinyville", **members},
        )
        for number in range(1, count + 1)
    )


@SHEETS
def test_every_label_is_where_the_maker_says(tiny_town: TinyTown, write: Write, sheet: LabelSheet) -> None:
    (columns, rows), (width, height), _first, _pitch, paper = PUBLISHED[sheet]
    many(tiny_town, columns * rows + 1)

    first, second = pages_of(write(FileFormat.LABELS_PDF, whole(tiny_town.rue_haute), sheet=sheet))

    assert first[0]["paper"] == pytest.approx(paper, abs=0.05)
    labels = [first[at : at + 3] for at in range(0, len(first), 3)]
    assert len(labels) == columns * rows
    middle = height / 2
    for number, label in enumerate(labels, start=1):
        assert [line["text"] for line in label] == ["To the residents", f"Rue Haute {number}", "1000 Tinyville"]
        places = [place_of(line, sheet) for line in label]
        assert [place for place, _x, _y in places] == [number] * 3
        for _place, x, _y in places:
            assert x == pytest.approx(4.0, abs=EXACT_MM)
        # Two lines of 4.4 mm between three baselines; capitals 0.729 × 10 points high; the block is in the middle.
        capitals = 0.729 * 10 * MM
        top = middle - (2 * 4.4 + capitals) / 2
        assert [y for _place, _x, y in places] == pytest.approx(
            [top + capitals, top + capitals + 4.4, top + capitals + 8.8], abs=EXACT_MM
        )
        assert all(line["right"] <= line["left"] + width - 8 + EXACT_MM for line in label)
    assert [line["text"] for line in second][1:2] == [f"Rue Haute {columns * rows + 1}"]
    assert place_of(second[0], sheet)[0] == 1


@SHEETS
@pytest.mark.parametrize(
    "name",
    [
        "Rue du Général de Gaulle et de la Libération",
        "Avenue de la Compagnie des Indes Orientales et de ses Marins Disparus en Mer",
        "W" * 190,
        "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft" * 2,
        "i" * 200,
    ],
    ids=lambda name: f"{name[:8]} {len(name)}",
)
def test_no_line_leaves_its_label_or_meets_another(
    tiny_town: TinyTown, write: Write, sheet: LabelSheet, name: str
) -> None:
    (_columns, _rows), (width, height), _first, _pitch, _paper = PUBLISHED[sheet]
    many(tiny_town, 7, locality=name[:120], box="12345678")
    Street.objects.filter(pk=tiny_town.rue_haute.pk).update(name=name)

    [lines] = pages_of(write(FileFormat.LABELS_PDF, whole(tiny_town.rue_haute), sheet=sheet))

    assert len(lines) == 7 * 3
    for number, label in enumerate([lines[at : at + 3] for at in range(0, 21, 3)], start=1):
        for line in label:
            place, x, y = place_of(line, sheet)
            assert place == number
            assert x >= 3.7
            assert x + line["right"] - line["left"] <= width - 3.7
            assert 6 - 0.01 <= line["size"] <= 10.01
            # From the highest accent above the baseline to the lowest descender below it, all is within the label.
            assert y - line["size"] * MM >= 1
            assert y + line["size"] * MM * 0.24 <= height - 1
        baselines = [line["baseline"] for line in label]
        for above, below, line in zip(baselines, baselines[1:], label[1:], strict=False):
            assert below - above >= line["size"] * MM * (0.93 + 0.24)


def test_long_line_shrinks_before_it_is_cut(tiny_town: TinyTown, write: Write) -> None:
    street = tiny_town.rue_haute
    found = {}
    for length in (20, 32, 40, 150):
        Street.objects.filter(pk=street.pk).update(name="n" * length)
        [lines] = pages_of(write(FileFormat.LABELS_PDF, whole(street, number_to=1)))
        found[length] = (lines[1]["text"], round(lines[1]["size"], 1))

    assert found[20] == ("n" * 20 + " 1", 10)
    assert found[32][0] == "n" * 32 + " 1"
    assert found[40][0] == "n" * 40 + " 1"
    assert 6 <= found[40][1] < found[32][1] < 10
    text, size = found[150]
    assert (text[-3:], size) == ("… 1", 6)  # the letter must still find its house
    assert set(text[:-3]) == {"n"}
    assert 40 < len(text) < 60


@pytest.mark.parametrize(
    "name",
    [
        "Östergötlands väg",
        "Łódź Ćwierć ŁŻ",
        "Ţepeş Şişli ğ ı İ",
        "Οδός Ελευθερίου Βενιζέλου",
        "улица Ґалаґан Їжакевича",
        "Þórsgata ðæ",
        "Għajnsielem ħ",
        "Đường Nguyễn",
        "œuvre Ÿ ẞ — “l’Église” №5",
    ],
)
def test_latin_greek_and_cyrillic_are_printed(tiny_town: TinyTown, write: Write, name: str) -> None:
    Street.objects.filter(pk=tiny_town.rue_haute.pk).update(name=name)

    content = write(FileFormat.LABELS_PDF, whole(tiny_town.rue_haute, number_to=1))

    [lines] = pages_of(content)
    assert lines[1]["text"] == f"{name} 1"
    glyphs = labels_pdf.pdfmetrics.getFont("DejaVuSansCondensed").face.charToGlyph
    assert [sign for sign in name if ord(sign) not in glyphs] == []


def test_font_is_in_the_file_and_the_size_is_kept_in_print(tiny_town: TinyTown, write: Write) -> None:
    content = write(FileFormat.LABELS_PDF, whole(tiny_town.rue_haute))

    with pdfplumber.open(io.BytesIO(content)) as document:
        fonts = {char["fontname"] for char in document.pages[0].chars}
        assert all("+DejaVuSansCondensed" in font for font in fonts)  # a subset, hence embedded
        assert resolve1(document.doc.catalog["ViewerPreferences"])["PrintScaling"].name == "None"
        assert document.metadata["Title"] == "A target"


@SHEETS
def test_sheet_that_is_partly_used(tiny_town: TinyTown, write: Write, sheet: LabelSheet) -> None:
    (columns, rows), *_others = PUBLISHED[sheet]
    many(tiny_town, 3)

    pages = pages_of(write(FileFormat.LABELS_PDF, whole(tiny_town.rue_haute), sheet=sheet, start_at=columns * rows - 1))

    places = [[place_of(line, sheet)[0] for line in page[::3]] for page in pages]
    assert places == [[columns * rows - 1, columns * rows], [1]]


@pytest.mark.parametrize(("sheet", "start_at"), [("l7160", 0), ("l7160", 22), ("l7160", -1), ("5160", 31)])
def test_start_beyond_the_sheet_is_refused(tiny_town: TinyTown, write: Write, sheet: str, start_at: int) -> None:
    with pytest.raises(StartBeyondSheet, match="labels 1 to"):
        write(FileFormat.LABELS_PDF, whole(tiny_town.rue_haute), sheet=LabelSheet(sheet), start_at=start_at)

    assert not MailingListDownload.objects.exists()


def test_full_last_sheet_is_not_followed_by_an_empty_one(tiny_town: TinyTown, write: Write) -> None:
    many(tiny_town, 21)

    assert len(pages_of(write(FileFormat.LABELS_PDF, whole(tiny_town.rue_haute)))) == 1


def test_target_that_reaches_nobody_is_one_empty_sheet(tiny_town: TinyTown, write: Write) -> None:
    assert pages_of(write(FileFormat.LABELS_PDF, whole(tiny_town.rue_haute, number_from=1000))) == [[]]


def test_too_many_labels_are_refused(tiny_town: TinyTown, write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(labels_pdf, "MOST_LABELS", 4)

    with pytest.raises(ListTooLong, match="smaller target"):
        write(FileFormat.LABELS_PDF, whole(tiny_town.rue_haute))
