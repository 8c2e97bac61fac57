"""Flyers by round, as one walks, with a sheet on top of each round."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest

from geoparticipation.mailings.codes import hash_code
from geoparticipation.mailings.domain.flyers import sequence
from geoparticipation.mailings.domain.flyers import write_flyers as module
from geoparticipation.mailings.domain.flyers.design import design_of
from geoparticipation.mailings.domain.flyers.pages import PrintOptions
from geoparticipation.mailings.domain.flyers.postage import write_postage
from geoparticipation.mailings.domain.flyers.write_flyers import FlyersCancelled, write_flyers
from geoparticipation.mailings.domain.rounds.plan_rounds import plan_rounds
from geoparticipation.mailings.enums import FlyerOrder, FlyerTemplate
from geoparticipation.mailings.errors import NoRounds, RoundsIncomplete
from geoparticipation.mailings.models import LetterboxCode, Mailing, RoundLetterbox
from tests.mailings.flyers.conftest import MakeMailing, designed, words_of
from tests.mailings.flyers.test_write_flyers import PRINTED, printed_code

pytestmark = pytest.mark.django_db
WALK = PrintOptions(order=FlyerOrder.WALK)
WITH_COVERS = PrintOptions(order=FlyerOrder.WALK, with_covers=True)


def walked(mailing: Mailing) -> list[list[int]]:
    """The letterboxes of each round in the order of the walk."""
    rounds: dict[int, list[int]] = {}
    rows = RoundLetterbox.objects.filter(stop__round__mailing=mailing).order_by("stop__round__number", "order")
    for number, letterbox in rows.values_list("stop__round__number", "letterbox_id"):
        rounds.setdefault(number, []).append(letterbox)
    return list(rounds.values())


def letterboxes_of(texts: list[str]) -> list[int]:
    """To which letterbox each printed code leads."""
    return [LetterboxCode.objects.get(code_hash=hash_code(printed_code(text))).letterbox_id for text in texts]


def test_flyers_come_as_one_walks_with_a_cover_before_each_round(mailing: Mailing, tmp_path: Path) -> None:
    plan_rounds(mailing=mailing, rounds=2)
    path = tmp_path / "flyers.pdf"

    write_flyers(design=design_of(mailing), path=path, options=WITH_COVERS)

    first, second = walked(mailing)
    assert sorted(first + second) == sorted(mailing.letterboxes.values_list("pk", flat=True))
    texts = words_of(path)
    covers = [place for place, text in enumerate(texts) if not PRINTED.search(text)]
    assert covers == [0, 1 + len(first)]
    assert letterboxes_of(texts[1 : covers[1]]) == first
    assert letterboxes_of(texts[covers[1] + 1 :]) == second
    for cover, number, letterboxes in zip(covers, (1, 2), (first, second), strict=True):
        assert f"Tournée {number} sur 2" in texts[cover]
        assert f"{len(letterboxes)} dépliants" in texts[cover]
        assert "Autumn" in texts[cover]
    streets = set(mailing.letterboxes.filter(pk__in=first).values_list("segment__street_name", flat=True))
    assert all(street in texts[0] for street in streets)


def test_round_begins_a_sheet_of_its_own(
    make_town_mailing: MakeMailing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sequence, "SHEETS_IN_A_PACKET", 2)
    mailing, path = make_town_mailing(9), tmp_path / "flyers.pdf"
    plan_rounds(mailing=mailing, rounds=2)

    written = write_flyers(
        design=designed(mailing=mailing, template=FlyerTemplate.A6),
        path=path,
        options=PrintOptions(on_a4=True, order=FlyerOrder.WALK, with_covers=True),
    )

    texts = words_of(path)
    sheets = [1 + -(-len(letterboxes) // 4) for letterboxes in walked(mailing)]
    assert written.pages == len(texts) == sum(sheets)
    assert [place for place, text in enumerate(texts) if not PRINTED.search(text)] == [0, sheets[0]]
    assert all(len(PRINTED.findall(text)) <= 4 for text in texts)
    codes = ["".join(code) for text in texts for code in PRINTED.findall(text)]
    assert {hash_code(code) for code in codes} == set(
        LetterboxCode.objects.filter(letterbox__mailing=mailing).values_list("code_hash", flat=True)
    )


def test_run_goes_on_in_the_same_order_only(
    make_town_mailing: MakeMailing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PAGES_BETWEEN_CHECKPOINTS", 5)
    mailing = make_town_mailing(20)
    plan_rounds(mailing=mailing, rounds=2)
    unbroken, stopped = tmp_path / "unbroken.pdf", tmp_path / "stopped.pdf"
    write_flyers(design=design_of(mailing), path=unbroken, options=WITH_COVERS)

    def stop(done: int, _in_all: int) -> None:
        if done >= 20:
            raise FlyersCancelled

    def run(**more: Any) -> int:
        return write_flyers(design=design_of(mailing), path=stopped, options=WITH_COVERS, **more).pages_found

    with pytest.raises(FlyersCancelled):
        run(on_progress=stop)
    assert run() == 20
    assert stopped.read_bytes() == unbroken.read_bytes()

    with pytest.raises(FlyersCancelled):
        run(on_progress=stop)
    plan_rounds(mailing=mailing, rounds=3)
    assert run() == 0
    texts = [text for text in words_of(stopped) if PRINTED.search(text)]
    assert letterboxes_of(texts) == [letterbox for letterboxes in walked(mailing) for letterbox in letterboxes]


def test_addresses_are_in_the_order_of_the_walk(mailing: Mailing, tmp_path: Path) -> None:
    plan_rounds(mailing=mailing, rounds=2)
    path = tmp_path / "post.csv"

    write_postage(mailing=mailing, path=path, order=FlyerOrder.WALK)

    lines = dict(mailing.letterboxes.values_list("pk", "lines"))
    with path.open(encoding="utf-8-sig", newline="") as table:
        printed = [[row[f"line{n}"] for n in range(1, 5) if row[f"line{n}"]] for row in csv.DictReader(table)]
    assert printed == [[line for line in lines[pk] if line] for letterboxes in walked(mailing) for pk in letterboxes]


def test_no_walk_without_rounds_for_every_letterbox(mailing: Mailing, tmp_path: Path) -> None:
    path = tmp_path / "flyers.pdf"
    with pytest.raises(NoRounds):
        write_flyers(design=design_of(mailing), path=path, options=WALK)

    plan_rounds(mailing=mailing, rounds=2)
    left_out = RoundLetterbox.objects.filter(stop__round__mailing=mailing).first()
    assert left_out is not None
    left_out.delete()
    with pytest.raises(RoundsIncomplete):
        write_flyers(design=design_of(mailing), path=path, options=WALK)
    assert not path.exists()
