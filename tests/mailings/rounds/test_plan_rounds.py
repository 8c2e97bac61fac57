"""Rounds of the tiny town: what is kept, and the files of `manage.py plan_rounds`."""

from __future__ import annotations

import io
import json
import subprocess
from pathlib import Path

import pdfplumber
import pytest
from django.contrib.gis.geos import Point
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from geoparticipation.mailings.domain.rounds import plan_rounds, write_rounds
from geoparticipation.mailings.errors import NoRounds, RoundsMalformed, RoundsTooShort, TooManyRounds
from geoparticipation.mailings.models import Mailing, Round, RoundLetterbox
from layers.geometry import length_m

pytestmark = pytest.mark.django_db


def test_each_letterbox_is_on_one_round_and_streets_stay_whole(mailing: Mailing) -> None:
    planned = plan_rounds(mailing=mailing, rounds=3)

    streets = {
        number: set(those)
        for number, those in (
            (one.number, one.stops.values_list("segment__street_name", flat=True)) for one in planned.rounds
        )
    }
    # from west to east, and each street a round: five, three and four letterboxes
    assert streets == {1: {"Rue Haute"}, 2: {"Rue Basse"}, 3: {"Avenue du Parc"}}
    assert [(one.letterbox_count, one.flyer_count) for one in planned.rounds] == [(5, 7), (3, 6), (4, 5)]
    on_rounds = RoundLetterbox.objects.values_list("letterbox__position", flat=True)
    assert sorted(on_rounds) == list(range(1, 13))
    orders = RoundLetterbox.objects.filter(stop__round__number=1).order_by("order").values_list("order", flat=True)
    assert list(orders) == [1, 2, 3, 4, 5]


def test_the_path_is_as_long_as_is_said(mailing: Mailing) -> None:
    planned = plan_rounds(mailing=mailing, rounds=2, start=Point(4.402, 50.845, srid=4326))

    for one in planned.rounds:
        # Lengths of the plan are those of the plane of UTM, here within 4 in 10,000 of those on the ellipsoid.
        assert length_m(one.geometry) == pytest.approx(one.length_m, rel=1e-3)
        assert one.geometry[0] == pytest.approx((4.402, 50.845), abs=1e-5)
    assert planned.lower_bound_m <= planned.length_m
    # Nothing joins the three streets but straight lines.
    assert planned.beelines == 2


def test_planning_anew_replaces_and_gives_the_same(mailing: Mailing) -> None:
    def kept() -> list[tuple[int, int]]:
        return list(RoundLetterbox.objects.order_by("letterbox").values_list("letterbox_id", "order"))

    plan_rounds(mailing=mailing, rounds=2)
    before = kept()
    plan_rounds(mailing=mailing, rounds=3)
    plan_rounds(mailing=mailing, rounds=2)

    assert kept() == before
    assert list(Round.objects.values_list("number", flat=True)) == [1, 2]


def test_queries_do_not_grow_with_rounds(mailing: Mailing) -> None:
    plan_rounds(mailing=mailing, rounds=3)
    counts = []
    for rounds in (1, 3):
        with CaptureQueriesContext(
            connection,
        ) as captured:
            plan_rounds(mailing=mailing, rounds=rounds)
        counts.append(len(captured))

    assert counts[0] == counts[1]


@pytest.mark.parametrize(
    ("wanted", "refusal"),
    [
        ({}, RoundsMalformed),
        ({"rounds": 0}, RoundsMalformed),
        ({"rounds": 2, "minutes": 60}, RoundsMalformed),
        ({"minutes": float("nan")}, RoundsMalformed),
        ({"rounds": 100}, TooManyRounds),
        ({"minutes": 0.1}, RoundsTooShort),
    ],
)
def test_what_cannot_be_planned_is_refused_and_rounds_stay(mailing: Mailing, wanted: dict, refusal: type) -> None:
    plan_rounds(mailing=mailing, rounds=2)

    with pytest.raises(refusal):
        plan_rounds(mailing=mailing, **wanted)

    assert mailing.rounds.count() == 2


def test_files_of_a_mailing_without_rounds_are_refused(mailing: Mailing, tmp_path: Path) -> None:
    with pytest.raises(NoRounds):
        write_rounds(mailing=mailing, folder=tmp_path / "rounds")


def run(*arguments: str) -> str:
    out = io.StringIO()
    call_command("plan_rounds", *arguments, stdout=out)
    return out.getvalue()


@pytest.fixture
def folder(mailing: Mailing, tmp_path: Path) -> Path:
    """Three rounds as files, where a fourth was before."""
    folder = tmp_path / "rounds"
    folder.mkdir()
    for name in ("round-4.pdf", "round-notes.pdf"):
        (folder / name).write_text("old")
    run(str(mailing.pk), "--rounds", "3", "-o", str(folder))
    return folder


def test_command_writes_three_files_a_round_and_removes_older_rounds(folder: Path) -> None:
    expected = {f"round-{number}.{ending}" for number in (1, 2, 3) for ending in ("gpx", "geojson", "pdf")}
    assert {path.name for path in folder.iterdir()} == {*expected, "round-notes.pdf"}


def test_gpx_is_read_by_gdal(folder: Path) -> None:
    listed = subprocess.run(["ogrinfo", "-al", str(folder / "round-1.gpx")], capture_output=True, text=True, check=True)

    stops = Round.objects.get(number=1).stops.count()
    layers = dict(line.split(": ") for line in _named_counts(listed.stdout))
    assert layers["waypoints"] == str(stops)
    assert layers["tracks"] == "1"
    assert "name (String) = 1. Rue Haute" in listed.stdout
    assert "ERROR" not in listed.stderr


def _named_counts(listing: str) -> list[str]:
    names = [line.removeprefix("Layer name: ") for line in listing.splitlines() if line.startswith("Layer name")]
    counts = [line.removeprefix("Feature Count: ") for line in listing.splitlines() if line.startswith("Feature Count")]
    return [f"{name}: {count}" for name, count in zip(names, counts, strict=True)]


def test_geojson_has_the_path_and_the_stops(folder: Path) -> None:
    features = json.loads((folder / "round-2.geojson").read_text())["features"]

    path, *stops = features
    assert (path["geometry"]["type"], path["properties"]["letterboxes"]) == ("LineString", 3)
    assert [stop["properties"]["street"] for stop in stops] == ["Rue Basse"] * len(stops)
    assert sorted(number for stop in stops for number in stop["properties"]["house_numbers"]) == ["1", "2", "3"]
    sides = {tuple(stop["properties"]["house_numbers"]): stop["properties"]["side"] for stop in stops}
    assert sides[("2",)] == "even"


def test_sheet_names_the_doors_and_those_to_skip(folder: Path) -> None:
    with pdfplumber.open(folder / "round-1.pdf") as sheet:
        first, last = (sheet.pages[at].extract_text() for at in (0, -1))

    assert "Autumn" in first
    assert "5 boîtes aux lettres" in first or "5 letterboxes" in first
    rows = last.splitlines()
    assert any("Rue Haute" in row and "5 bis" in row for row in rows)
    # "haute 4" wants no flyers
    assert rows[-2] == "Rue Haute 4"


def test_command_that_cannot_write_keeps_no_rounds(mailing: Mailing, tmp_path: Path) -> None:
    in_the_way = tmp_path / "rounds"
    in_the_way.write_text("a file")

    with pytest.raises(CommandError, match="rounds"):
        run(str(mailing.pk), "--rounds", "2", "-o", str(in_the_way))

    assert not Round.objects.exists()


def test_command_refuses_an_unknown_mailing(db: None, tmp_path: Path) -> None:
    with pytest.raises(CommandError):
        run("4711", "--rounds", "2", "-o", str(tmp_path))
