"""Reading and writing definitions: every fault is named, with its question and what to do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import translation

from geoparticipation.surveys.definition import DefinitionRefused, find_faults, read_definition, write_definition
from geoparticipation.surveys.definition.model import KINDS
from tests.fixtures.survey import choices, definition, text


def test_definition_of_all_kinds_is_read_and_written_the_same() -> None:
    read = read_definition(definition())

    assert {question.kind for question in read.questions} == set(KINDS)
    written = write_definition(read)
    assert read_definition(written) == read
    assert write_definition(read_definition(written)) == written
    assert written["sections"][0]["questions"][2]["show_if"] == {"question": "mode", "is": "equals", "value": "car"}


def question(number: int, section: int = 0) -> Callable[[dict[str, Any]], dict[str, Any]]:
    return lambda said: said["sections"][section]["questions"][number]


def change(at: Callable[[dict[str, Any]], dict[str, Any]], **members: Any) -> dict[str, Any]:
    said = definition()
    at(said).update(members)
    return said


RULE = {"question": "mode", "is": "equals", "value": "car"}

# What is changed; then where, question, code and words of the sentence.
WRONG = {
    "another format": (definition(format="survey/9"), "", "", "format_unknown", "geoparticipation-survey/1"),
    "no title": (definition(title={}), "title", "", "text_missing", "The survey: “title” is missing"),
    "unknown language": (
        definition(thanks={"nl": "Dank u"}),
        "thanks",
        "",
        "language_unknown",
        "“nl”",
    ),
    "languages twice": (definition(languages=["fr", "fr"]), "languages", "", "languages_malformed", "each once"),
    "key with accent": (
        change(question(3), key="été"),
        "sections[0].questions[3].key",
        "habits",
        "key_malformed",
        "“été”",
    ),
    "key twice": (change(question(1), key="MODE"), "sections", "MODE", "key_twice", "Give one of them another key"),
    "unknown kind": (
        change(question(3), kind="poll"),
        "sections[0].questions[3].kind",
        "order",
        "kind_unknown",
        "Question “order”: there is no kind “poll”",
    ),
    "member that means nothing": (
        change(question(0), shuffle=True),
        "sections[0].questions[0].shuffle",
        "mode",
        "member_unknown",
        "“shuffle” means nothing",
    ),
    "choice called other": (
        change(question(0), choices=choices("foot", "bike", "car", "other")),
        "sections[0].questions[0].choices[3].key",
        "mode",
        "key_malformed",
        "one's own words",
    ),
    "no choices": (
        change(question(3), choices=[]),
        "sections[0].questions[3].choices",
        "order",
        "too_few",
        "between 1 and 20",
    ),
    "limits crossed": (
        change(question(2), minimum=12),
        "sections[0].questions[2].minimum",
        "cars",
        "limits_crossed",
        "“minimum” is above “maximum”",
    ),
    "rule about a later question": (
        change(question(1), show_if={"question": "safe", "is": "answered"}),
        "sections[0].questions[1].show_if",
        "reasons",
        "rule_looks_ahead",
        "“safe”, which does not come before it",
    ),
    "rule about itself": (
        change(question(1), show_if={"not": {"question": "reasons", "is": "answered"}}),
        "sections[0].questions[1].show_if",
        "reasons",
        "rule_looks_ahead",
        "“reasons”",
    ),
    "rule that never holds": (
        change(question(2), show_if={**RULE, "value": "tram"}),
        "sections[0].questions[2].show_if",
        "cars",
        "rule_never_holds",
        "compares “mode”",
    ),
    "rule that is none": (
        change(question(2), show_if={"question": "mode", "is": "like", "value": "car"}),
        "sections[0].questions[2].show_if",
        "cars",
        "rule_malformed",
        "“equals”",
    ),
    "rule within a shuffled section": (
        change(lambda said: said["sections"][0], random_order=True),
        "sections[0].questions[2].show_if",
        "cars",
        "rule_looks_ahead",
        "Ask about an earlier question",
    ),
    "follow-up of a kind that is none": (
        change(
            question(0, 1),
            follow_up=[{"key": "deep", "kind": "place", "label": text("And there?")}],
        ),
        "sections[1].questions[0].follow_up[0].kind",
        "deep",
        "kind_unknown",
        "long_text",
    ),
    "place that cannot be shown": (
        change(
            question(2, 1),
            places=[{"key": "park", "label": text("Park"), "geometry": {"type": "Point", "coordinates": [4000, 1]}}],
        ),
        "sections[1].questions[2].places[0].geometry",
        "spots",
        "geometry_refused",
        "“park”",
    ),
    "budget that nobody can keep to": (
        change(question(1, 2), total=5),
        "sections[2].questions[1].total",
        "money",
        "limits_crossed",
        "nobody could answer",
    ),
    "date that is none": (
        change(question(2, 2), latest="2026-02-30"),
        "sections[2].questions[2].latest",
        "since",
        "date_malformed",
        "2026-06-30",
    ),
    "number as text": (
        change(question(4), maximum="5"),
        "sections[0].questions[4].maximum",
        "safe",
        "number_malformed",
        "whole number",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_fault_is_named(name: str) -> None:
    said, where, key, code, words = WRONG[name]

    with translation.override("en"):
        faults = find_faults(said)

    assert [(fault.where, fault.question, fault.code) for fault in faults] == [(where, key, code)]
    assert words in faults[0].sentence


def test_all_faults_are_named_at_once() -> None:
    said = change(question(2), show_if={**RULE, "value": "tram"})
    said["sections"][2]["questions"][1]["total"] = -1
    said["sections"][0]["questions"][4]["maximum"] = True

    with pytest.raises(DefinitionRefused) as refusal:
        read_definition(said)

    assert [(fault.question, fault.code) for fault in refusal.value.faults] == [
        ("safe", "number_malformed"),
        ("money", "number_malformed"),
        ("money", "limits_crossed"),
        ("cars", "rule_never_holds"),
    ]
    assert refusal.value.extra["faults"][0]["where"] == "sections[0].questions[4].maximum"


@pytest.mark.parametrize("said", [None, [], "x", 3, {}, {"format": 1}])
def test_what_is_no_object_of_the_format_is_refused(said: object) -> None:
    assert [fault.code for fault in find_faults(said)] == ["format_unknown"]


@pytest.mark.parametrize("junk", [None, 1, "x", [], {}, [[]], [None], {"a": 1}, True])
def test_junk_in_any_member_is_refused_or_read_and_never_breaks_the_reader(junk: object) -> None:
    def spoil(part: Any, path: list[Any]) -> Any:
        if not path:
            return junk
        copied = dict(part) if isinstance(part, dict) else list(part)
        copied[path[0]] = spoil(copied[path[0]], path[1:])
        return copied

    def paths(part: Any, above: list[Any]) -> list[list[Any]]:
        entries = list(part.items()) if isinstance(part, dict) else list(enumerate(part))
        found = []
        for name, inner in entries:
            found.append([*above, name])
            if isinstance(inner, dict | list):
                found += paths(inner, [*above, name])
        return found

    whole = definition()
    for path in paths(whole, []):
        find_faults(spoil(whole, path))
