"""The verdict on answers: what is shown, what is wrong, what is kept."""

from __future__ import annotations

from typing import Any

import pytest

from geoparticipation.surveys.answers import check_answers
from geoparticipation.surveys.answers.keeping import kept_answers
from geoparticipation.surveys.definition import read_definition
from tests.fixtures.survey import answers, definition

SURVEY = read_definition(definition())


def verdict(**changes: Any) -> list[tuple[str, str, Any]]:
    return [(fault.path, fault.code, fault.limit) for fault in check_answers(SURVEY, answers(**changes)).faults]


def test_good_answers_are_kept_without_places() -> None:
    checked = check_answers(SURVEY, answers())

    assert checked.faults == ()
    kept = kept_answers(SURVEY, checked.values)
    assert kept.values == {key: value for key, value in answers().items() if key not in {"danger", "way"}}
    assert [(place.question, place.position, place.follow_up) for place in kept.places] == [
        ("danger", 0, {"why": "Fast cars", "bad": 3}),
        ("danger", 1, {"bad": 1}),
        ("way", 0, {}),
    ]


POINT = {"geometry": {"type": "Point", "coordinates": [4.405, 50.845]}, "follow_up": {"bad": 1}}
LONG = {"type": "LineString", "coordinates": [[4.4, 50.845], [4.44, 50.845]]}
EIGHT = {"type": "Polygon", "coordinates": [[[4.4, 50.84], [4.41, 50.85], [4.41, 50.84], [4.4, 50.85], [4.4, 50.84]]]}
SQUARE = {"type": "Polygon", "coordinates": [[[4.4, 50.84], [4.41, 50.84], [4.41, 50.85], [4.4, 50.85], [4.4, 50.84]]]}

# One change to good answers, and all that is wrong then.
WRONG: list[tuple[dict[str, Any], list[tuple[str, str, Any]]]] = [
    ({"mode": None}, [("mode", "missing", None)]),
    ({"mode": "  \u00a0"}, [("mode", "missing", None)]),
    ({"mode": "tram"}, [("mode", "unknown_choice", None)]),
    ({"mode": {"other": "tram"}}, []),
    ({"mode": {"other": " "}}, [("mode", "missing", None)]),
    ({"mode": {"other": "x" * 201}}, [("mode.other", "too_long", 200)]),
    ({"mode": ["car"]}, [("mode", "unknown_choice", None)]),
    ({"reasons": ["fast", "cheap", "healthy"]}, [("reasons", "too_many", 2)]),
    ({"reasons": ["fast", "fast"]}, [("reasons", "twice", None)]),
    ({"reasons": [{"other": "x"}]}, [("reasons", "unknown_choice", None)]),
    ({"reasons": "fast"}, [("reasons", "malformed", None)]),
    ({"cars": 10}, [("cars", "too_large", 9)]),
    ({"cars": -1}, [("cars", "too_small", 0)]),
    ({"cars": 1.5}, [("cars", "not_a_step", 1)]),
    ({"cars": "2"}, [("cars", "not_a_number", None)]),
    ({"cars": True}, [("cars", "not_a_number", None)]),
    ({"cars": float("nan")}, [("cars", "not_a_number", None)]),
    ({"cars": 10, "mode": "foot"}, []),
    ({"order": ["a", "d"]}, [("order", "unknown_choice", None)]),
    ({"safe": 6}, [("safe", "too_large", 5)]),
    ({"safe": 4.0}, []),
    ({"times": {"work": "daily"}}, [("times.work", "unknown_choice", None)]),
    ({"times": {"play": "often"}}, [("times", "malformed", None)]),
    ({"danger": []}, [("danger", "missing", None)]),
    ({"danger": [POINT] * 4}, [("danger", "too_many_places", 3)]),
    ({"danger": [{**POINT, "follow_up": {}}]}, [("danger[0].bad", "missing", None)]),
    ({"danger": [{"follow_up": {"bad": 1}}]}, [("danger[0]", "place_missing", None)]),
    ({"danger": [{"text": "Rue Haute", "follow_up": {"bad": 4}}]}, [("danger[0].bad", "too_large", 3)]),
    ({"danger": [{**POINT, "geometry": LONG}]}, [("danger[0]", "shape_not_allowed", None)]),
    ({"way": [{"geometry": LONG}]}, [("way[0]", "line_too_long", 2000)]),
    ({"way": [{"geometry": SQUARE}]}, [("way[0]", "area_too_large", 50_000)]),
    ({"way": [{"geometry": EIGHT}]}, [("way[0]", "not_a_place", None)]),
    ({"way": [{"geometry": {"type": "LineString", "coordinates": [[1, 1]]}}]}, [("way[0]", "not_a_place", None)]),
    ({"spots": ["church"]}, [("spots", "unknown_choice", None)]),
    ({"photo": {"code": "1"}}, [("photo[0]", "place_missing", None)]),
    ({"photo": {"code": "1", "place": {"text": "Rue Haute"}}}, []),
    ({"photo": "1"}, [("photo", "malformed", None)]),
    ({"money": {"lamps": 60, "paths": 50}}, [("money", "over_total", 100)]),
    ({"money": {"lamps": 35}}, [("money.lamps", "not_a_step", 10)]),
    ({"money": {"paths": 0}}, [("money.paths", "too_small", 10)]),
    ({"money": {"trees": 10}}, [("money", "malformed", None)]),
    ({"since": "2027-01-01"}, [("since", "too_late", "2026-12-31")]),
    ({"since": "2026-02-30"}, [("since", "not_a_date", None)]),
    ({"word": "x" * 21}, [("word", "too_long", 20)]),
    ({"word": "🌳" * 20}, []),
    ({"agree": False}, [("agree", "missing", None)]),
    ({"agree": "yes"}, [("agree", "malformed", None)]),
]


@pytest.mark.parametrize(("changes", "faults"), WRONG, ids=lambda part: str(part)[:50])
def test_each_rule_of_each_kind(changes: dict[str, Any], faults: list[tuple[str, str, Any]]) -> None:
    assert verdict(**changes) == faults


def test_hidden_question_is_not_kept_and_counts_as_unanswered() -> None:
    said = definition()
    said["sections"][1]["show_if"] = {"question": "cars", "is": "at_least", "value": 1}
    survey = read_definition(said)

    by_car = check_answers(survey, answers())
    on_foot = check_answers(survey, answers(mode="foot"))

    assert "cars" in by_car.shown
    assert by_car.sections == ("habits", "places", "more")
    assert "cars" not in on_foot.shown
    assert on_foot.sections == ("habits", "more")
    assert not {"cars", "danger", "way", "spots"} & set(on_foot.values)
    assert on_foot.faults == ()


RULES = [
    ({"question": "mode", "is": "answered"}, {}, False),
    ({"question": "mode", "is": "answered"}, {"mode": "car"}, True),
    ({"question": "mode", "is": "equals", "value": "other"}, {"mode": {"other": "tram"}}, True),
    ({"question": "reasons", "is": "includes", "value": "fast"}, {"reasons": ["cheap"]}, False),
    ({"question": "reasons", "is": "includes", "value": "fast"}, {"reasons": ["cheap", "fast"]}, True),
    ({"question": "safe", "is": "at_most", "value": 3}, {"safe": 3}, True),
    ({"question": "safe", "is": "at_most", "value": 3}, {}, False),
    ({"question": "safe", "is": "at_least", "value": 3.5}, {"safe": 3}, False),
    ({"question": "safe", "is": "equals", "value": 3}, {"safe": 3.0}, True),
    ({"not": {"question": "safe", "is": "equals", "value": 3}}, {}, True),
    ({"any": [{"question": "safe", "is": "equals", "value": 3}, {"question": "mode", "is": "answered"}]}, {}, False),
    ({"all": [{"question": "order", "is": "includes", "value": "a"}]}, {"order": ["b", "a"]}, True),
]


@pytest.mark.parametrize(("rule", "given", "is_shown"), RULES, ids=str)
def test_rules(rule: dict[str, Any], given: dict[str, Any], is_shown: bool) -> None:
    said = definition()
    said["sections"][2]["show_if"] = rule

    assert ("more" in check_answers(read_definition(said), given).sections) is is_shown
