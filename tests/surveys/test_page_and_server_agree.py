"""The page's script and the server give the same verdict on the same answers, whatever is asked and answered.

Sizes are compared away from their limits: the page measures to one part in ten thousand.
"""

from __future__ import annotations

import json
import math
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geoparticipation.surveys.answers import check_answers
from geoparticipation.surveys.definition import find_faults, read_definition, write_definition
from layers.geometry import area_m2, geometry_from_geojson, length_m
from tests.fixtures.survey import ANSWERS, definition, text

CHECKOUT = Path(__file__).resolve().parents[2]
DRIVER = """
import { checkAnswers } from "gp/survey-rules";
import { areaOf, lengthOf } from "gp/survey-measures";
import { createInterface } from "node:readline";
for await (const line of createInterface({ input: process.stdin })) {
  const [what, ...said] = JSON.parse(line);
  const told = { check: checkAnswers, length: lengthOf, area: areaOf }[what](...said);
  console.log(JSON.stringify(told));
}
"""
Ask = Callable[..., Any]


@pytest.fixture(scope="module")
def in_the_page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ask]:
    """Call the page's own modules, in node."""
    node = shutil.which("node") or str(CHECKOUT / ".local" / "node" / "bin" / "node")
    folder = tmp_path_factory.mktemp("page")
    package = folder / "node_modules" / "gp"
    package.mkdir(parents=True)
    (package / "package.json").write_text('{"type": "module", "exports": {"./*": "./*.js"}}')
    for name in ("survey-rules", "survey-measures"):
        shutil.copy(CHECKOUT / "static" / "js" / f"{name}.js", package)
    (folder / "driver.mjs").write_text(DRIVER)
    with subprocess.Popen(
        [node, folder / "driver.mjs"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8"
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None

        def ask(*said: Any) -> Any:
            process.stdin.write(json.dumps(said) + "\n")
            process.stdin.flush()
            return json.loads(process.stdout.readline())

        yield ask
        process.stdin.close()


KEYS = ["a", "b", "c", "toString"]
some_keys = st.lists(st.sampled_from(KEYS), min_size=1, max_size=4, unique=True)
small = st.integers(-3, 12)
words = st.sampled_from(["", " ", "\u00a0\u3000", "x", "éé", "🌳🌳🌳", "x" * 9, "x" * 201, "2026-02-28", "2026-02-30"])
position = st.tuples(st.sampled_from([4.4, 4.401, 4.403, 4.41]), st.sampled_from([50.84, 50.842, 50.8425])).map(list)
drawn = st.one_of(
    position.map(lambda at: {"type": "Point", "coordinates": at}),
    st.lists(position, min_size=1, max_size=4).map(lambda line: {"type": "LineString", "coordinates": line}),
    st.lists(position, min_size=3, max_size=5).map(lambda ring: {"type": "Polygon", "coordinates": [[*ring, ring[0]]]}),
)
junk = st.sampled_from(
    [None, True, False, 0, 1.5, 1e400, "", "a", [], ["a", "a"], [None], {}, {"other": ""}, {"a": 1}, {"type": "Point"}]
).filter(lambda value: value != float("inf"))


def labelled(keys: list[str]) -> list[dict[str, Any]]:
    return [{"key": key, "label": text(key)} for key in keys]


@st.composite
def questions(draw: Any, key: str, kinds: list[str]) -> dict[str, Any]:
    """A question of any kind with its limits; what happens to be no question is filtered by whoever asks."""
    kind = draw(st.sampled_from(kinds))
    said: dict[str, Any] = {"key": key, "kind": kind, "label": text(key), "required": draw(st.booleans())}
    limit = st.none() | st.integers(1, 3)
    if kind in {"single", "multiple"}:
        said |= {"choices": labelled(draw(some_keys)), "other": draw(st.booleans())}
    if kind == "multiple":
        said |= {"min_choices": draw(st.none() | st.just(1)), "max_choices": draw(limit)}
    if kind == "ranking":
        said |= {"choices": labelled(draw(some_keys)), "max_ranks": draw(limit)}
    if kind == "matrix":
        said |= {"rows": labelled(draw(some_keys)), "choices": labelled(draw(some_keys))}
    if kind == "scale":
        said |= {"minimum": draw(st.integers(0, 3)), "maximum": draw(st.integers(4, 8))}
    if kind == "number":
        said |= {"minimum": draw(st.none() | st.just(-1)), "maximum": draw(st.none() | st.just(7.5))}
        said |= {"step": draw(st.sampled_from([None, 0.1, 1, 2]))}
    if kind in {"short_text", "long_text"}:
        said |= {"max_length": draw(st.sampled_from([1, 3, 8]))}
    if kind == "date":
        said |= {"earliest": draw(st.none() | st.just("2026-01-31")), "latest": draw(st.none() | st.just("2026-03-01"))}
    if kind == "place":
        said |= {
            "shapes": draw(st.lists(st.sampled_from(["point", "line", "area"]), min_size=1, max_size=3, unique=True))
        }
        said |= {"min_places": draw(st.none() | st.just(1)), "max_places": draw(st.integers(1, 2))}
        said |= {
            "max_length_m": draw(st.sampled_from([None, 250, 900])),
            "max_area_m2": draw(st.sampled_from([None, 40_000])),
        }
        said |= {"follow_up": [draw(questions("f", ["single", "multiple", "scale", "number", "short_text"]))]}
    if kind == "places_choice":
        at = {"type": "Point", "coordinates": [4.4, 50.84]}
        said |= {
            "places": [{**place, "geometry": at} for place in labelled(draw(some_keys))],
            "max_choices": draw(limit),
        }
    if kind == "photo":
        said |= {"with_place": draw(st.booleans())}
    if kind == "budget":
        items = [{**item, "cost_minimum": 1, "cost_maximum": 6, "step": 0.5} for item in labelled(draw(some_keys))]
        said |= {"items": items, "total": draw(st.sampled_from([5, 9]))}
    return {name: value for name, value in said.items() if value is not None}


@st.composite
def rules(draw: Any, earlier: list[dict[str, Any]], depth: int = 0) -> dict[str, Any]:
    if depth < 2 and draw(st.integers(0, 3)) == 0:
        name = draw(st.sampled_from(["all", "any", "not"]))
        part = draw(rules(earlier, depth + 1))
        return {"not": part} if name == "not" else {name: [part, draw(rules(earlier, depth + 1))]}
    asked = draw(st.sampled_from(earlier))
    how = draw(st.sampled_from(["answered", "equals", "includes", "at_least", "at_most"]))
    if how == "answered":
        return {"question": asked["key"], "is": how}
    keys = [choice["key"] for choice in asked.get("choices", asked.get("places", []))]
    return {"question": asked["key"], "is": how, "value": draw(st.sampled_from([*keys, "other", "x", 1, 2, 5.5]))}


ALL_KINDS = [
    *("single", "multiple", "ranking", "scale", "matrix", "number", "short_text", "long_text", "date"),
    *("place", "places_choice", "photo", "budget", "consent"),
]


@st.composite
def surveys(draw: Any) -> dict[str, Any]:
    """A survey of two sections; rules that nobody can follow are left out."""
    sections: list[dict[str, Any]] = []
    earlier: list[dict[str, Any]] = []
    for number in range(2):
        section: dict[str, Any] = {"key": f"s{number}", "questions": []}
        sections.append(section)
        if earlier and draw(st.booleans()):
            section["show_if"] = draw(rules(earlier))
        for place in range(draw(st.integers(2, 4))):
            question = draw(questions(f"q{number}{place}", ALL_KINDS))
            if earlier and draw(st.booleans()):
                question["show_if"] = draw(rules(earlier))
            section["questions"].append(question)
            earlier = [*earlier, question]
    survey = definition(sections=sections)
    for fault in find_faults(survey):
        if fault.where.endswith("show_if"):
            for part in [*sections, *earlier]:
                if part["key"] == fault.question:
                    part.pop("show_if", None)
    return survey


@st.composite
def answers_to(draw: Any, question: dict[str, Any]) -> Any:
    """Mostly what such a question is answered with, right or wrong; now and then anything at all."""
    if draw(st.integers(0, 5)) == 0:
        return draw(junk)
    kind, key = question["kind"], st.sampled_from(KEYS)
    other = words.map(lambda said: {"other": said})
    entry = st.fixed_dictionaries(
        {},
        optional={
            "geometry": drawn,
            "text": words,
            "follow_up": st.fixed_dictionaries({}, optional={"f": st.one_of(key, small, words, other, st.lists(key))}),
        },
    )
    return draw(
        {
            "single": key | other,
            "multiple": st.lists(key | other, max_size=4),
            "ranking": st.lists(key, max_size=4),
            "places_choice": st.lists(key, max_size=4),
            "scale": small,
            "number": small | st.sampled_from([0.1, 0.3, 0.7000000000000001, 2.05, -1, 7.5]),
            "matrix": st.dictionaries(key, key | words, max_size=4),
            "short_text": words,
            "long_text": words,
            "date": words | st.dates().map(str),
            "place": st.lists(entry, max_size=3),
            "photo": st.fixed_dictionaries({"code": words}, optional={"place": entry}),
            "budget": st.dictionaries(key, st.sampled_from([0, 1, 1.5, 1.7, 3, 6, 7, "3"]), max_size=4),
            "consent": st.booleans(),
        }[kind]
    )


@st.composite
def cases(draw: Any) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    survey = draw(surveys())
    asked = [question for section in survey["sections"] for question in section["questions"]]
    given_ones = [
        {question["key"]: draw(answers_to(question)) for question in asked if draw(st.integers(0, 7))} for _ in range(4)
    ]
    return survey, given_ones


@settings(max_examples=50, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(cases())
def test_random_answers_to_random_surveys_get_the_same_verdict(
    in_the_page: Ask, case: tuple[dict[str, Any], list[dict[str, Any]]]
) -> None:
    survey, all_answers = case
    if find_faults(survey):
        return  # limits that nobody can keep to

    read = read_definition(survey)
    written = write_definition(read)  # as it is kept, and as the page has it
    for given_answers in all_answers:
        told = in_the_page("check", written, given_answers)
        checked = check_answers(read, given_answers)

        assert told == {
            "sections": list(checked.sections),
            "shown": list(checked.shown),
            "faults": [{"path": fault.path, "code": fault.code, "limit": fault.limit} for fault in checked.faults],
        }


def test_good_answers_are_good_on_both_sides(in_the_page: Ask) -> None:
    told = in_the_page("check", write_definition(read_definition(definition())), ANSWERS)

    assert told["faults"] == []
    assert told["shown"] == list(check_answers(read_definition(definition()), ANSWERS).shown)


@settings(max_examples=50, deadline=None, derandomize=True)
@given(st.floats(-60, 60), st.floats(-179, 179), st.lists(st.floats(1e-4, 0.01), min_size=4, max_size=9))
def test_page_measures_as_the_server(in_the_page: Ask, lat: float, lon: float, spokes: list[float]) -> None:
    """Stars of some metres to two kilometres, anywhere on earth."""
    turns = [2 * math.pi * number / len(spokes) for number in range(len(spokes))]
    ring = [[lon + r * math.cos(turn), lat + r * math.sin(turn)] for r, turn in zip(spokes, turns, strict=True)]
    ring = [*ring, ring[0]]

    length = length_m(geometry_from_geojson({"type": "LineString", "coordinates": ring}))
    area = area_m2(geometry_from_geojson({"type": "Polygon", "coordinates": [ring]}))
    assert in_the_page("length", ring) == pytest.approx(length, rel=1e-6, abs=1e-3)
    assert in_the_page("area", ring) == pytest.approx(area, rel=1e-4, abs=1)
