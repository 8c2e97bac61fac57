"""What is typed from paper: the answers again, by the numbers that stand on the sheet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import pytest
from django.contrib.gis.geos import GEOSGeometry
from hypothesis import given, settings
from hypothesis import strategies as st

from geoparticipation.surveys.answers import check_answers
from geoparticipation.surveys.definition import read_definition
from geoparticipation.surveys.models import PaperGrid
from geoparticipation.surveys.paper.grid import SquareUnknown, are_squares, place_of_squares
from geoparticipation.surveys.paper.typed import boxes_of, read_typed, write_typed
from layers.geometry import geometry_from_geojson, length_m
from tests.fixtures.survey import DEFINITION

SURVEY = read_definition(DEFINITION)
CHOSEN = st.sampled_from(["fast", "cheap", "healthy"])
ANSWERS = st.fixed_dictionaries(
    {},
    optional={
        "mode": st.one_of(st.sampled_from(["foot", "bike", "car"]), st.just({"other": "By boat, 2 days"})),
        "reasons": st.lists(CHOSEN, min_size=1, max_size=2, unique=True),
        "order": st.lists(st.sampled_from("abc"), min_size=1, max_size=3, unique=True),
        "safe": st.integers(1, 5),
        "cars": st.integers(0, 9),
        "times": st.dictionaries(st.sampled_from(["work", "shop"]), st.sampled_from(["never", "often"]), min_size=1),
        "spots": st.lists(st.sampled_from(["park", "station"]), min_size=1, max_size=2, unique=True),
        "money": st.dictionaries(st.sampled_from(["lamps", "paths"]), st.sampled_from([10, 20, 30]), min_size=1),
        "since": st.dates(date(1900, 1, 1)).map(str),
        "word": st.sampled_from(["Lamps", "2 lamps"]),
        "story": st.just("It is dark.\nEvery night."),
        "agree": st.just(True),
    },
)


def no_place(_text: str, _shapes: Sequence[str]) -> Mapping[str, Any]:
    raise AssertionError


@given(ANSWERS)
@settings(max_examples=50, deadline=None)
def test_what_is_written_on_paper_is_read_again(answers: dict[str, Any]) -> None:
    typed: dict[str, str] = {}
    for question in SURVEY.questions:
        if question.key in answers:
            typed |= write_typed(question, answers[question.key])

    assert read_typed(SURVEY, typed, read_place=no_place) == answers


def test_places_with_what_follows_on_each() -> None:
    typed = {"danger.0.place": " C4 ", "danger.0.why": "Cars", "danger.0.bad": "3", "danger.2.place": "12 rue Haute"}

    answers = read_typed(SURVEY, typed, read_place=lambda text, shapes: {"text": f"{text} {shapes}"})

    assert answers == {
        "danger": [
            {"text": "C4 ('point',)", "follow_up": {"why": "Cars", "bad": 3}},
            {"text": "12 rue Haute ('point',)"},
        ]
    }


@pytest.mark.parametrize(
    ("typed", "answers"),
    [
        ({"mode": "4", "mode.other": "Boat"}, {"mode": {"other": "Boat"}}),
        ({"mode.other": "Boat"}, {"mode": {"other": "Boat"}}),
        ({"reasons": "1,3"}, {"reasons": ["fast", "healthy"]}),
        ({"since": "1/3/25"}, {"since": "2025-03-01"}),
        ({"since": "31.2.2025"}, {"since": "31.2.2025"}),
        ({"money.lamps": "30", "money.paths": "1 000"}, {"money": {"lamps": 30, "paths": 1000}}),
        ({"mode": "9"}, {"mode": "9"}),
        ({"safe": "very"}, {"safe": "very"}),
    ],
)
def test_ways_of_typing(typed: dict[str, str], answers: dict[str, Any]) -> None:
    assert read_typed(SURVEY, typed, read_place=no_place) == answers


def test_what_cannot_be_read_is_refused_by_the_one_check() -> None:
    read = read_typed(SURVEY, {"mode": "9", "safe": "very", "since": "31.2.2025"}, read_place=no_place)

    faults = {fault.path: fault.code for fault in check_answers(SURVEY, read).faults}
    assert faults["mode"] == "unknown_choice"
    assert faults["safe"] == "not_a_number"
    assert faults["since"] == "not_a_date"


def test_every_box_has_a_name_of_its_own() -> None:
    names = [box.name for question in SURVEY.questions for box in boxes_of(question, lambda text: text["en"])]

    assert len(set(names)) == len(names)
    assert "danger.1.bad" in names
    assert not any(name.startswith("photo") for name in names)


GRID = PaperGrid(srid=32631, left=600_000, top=5_633_000, cell_m=100, columns=14, rows=17)


@pytest.mark.parametrize("text", ["C4", "c 4", "C4-C5", "A1 B2 C3", "C4+C5,D5"])
def test_squares_are_told_from_addresses(text: str) -> None:
    assert are_squares(text)


@pytest.mark.parametrize("text", ["12 rue Haute", "Rue A4", "C4 rue", "", "4C", "C", "rue C4-C5"])
def test_addresses_are_no_squares(text: str) -> None:
    assert not are_squares(text)


def metres(geojson: dict[str, Any]) -> GEOSGeometry:
    geometry = geometry_from_geojson(geojson)
    geometry.transform(32631)
    return geometry


def test_a_square_is_its_middle_or_itself() -> None:
    point = metres(place_of_squares("C4", grid=GRID, shapes=["point", "area"]))
    area = metres(place_of_squares("C4", grid=GRID, shapes=["area"]))

    assert point.coords == pytest.approx((600_250, 5_632_650), abs=0.05)
    assert area.extent == pytest.approx((600_200, 5_632_600, 600_300, 5_632_700), abs=0.05)


def test_several_squares_are_a_line_or_an_area() -> None:
    line = place_of_squares("A1-B1-C1", grid=GRID, shapes=["line", "area"])
    area = metres(place_of_squares("A1+B1", grid=GRID, shapes=["line", "area"]))

    assert length_m(geometry_from_geojson(line)) == pytest.approx(200, rel=0.002)
    assert area.area == pytest.approx(20_000, rel=0.001)
    assert place_of_squares("A1 B1", grid=GRID, shapes=["line"])["type"] == "LineString"
    assert place_of_squares("A1 B1", grid=GRID, shapes=["line", "area"])["type"] == "Polygon"


@pytest.mark.parametrize(
    ("text", "shapes"),
    [("Z9", ["point"]), ("C18", ["point"]), ("A0", ["point"]), ("C4", ["line"]), ("C4-C5", ["point"]),
     ("A1+C3", ["area"]), ("A1+A2", ["line"]), ("A1-A2", ["area"])],
)  # fmt: skip
def test_squares_that_make_no_such_place_are_refused(text: str, shapes: list[str]) -> None:
    with pytest.raises(SquareUnknown):
        place_of_squares(text, grid=GRID, shapes=shapes)
