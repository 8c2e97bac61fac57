"""A survey as a file: what is written is read again, and what cannot be read is told with its place."""

from __future__ import annotations

import json
import string
from typing import Any

import pytest
from django.utils.translation import override
from hypothesis import given, settings
from hypothesis import strategies as st

from geoparticipation.surveys.definition import DefinitionRefused, read_definition, write_definition
from geoparticipation.surveys.editing.kinds import KINDS_IN_WORDS, new_question
from geoparticipation.surveys.exchange import MOST_BYTES, SurveyFileUnreadable, read_file, write_file
from tests.fixtures.survey import DEFINITION

WORDS = st.text(
    st.characters(min_codepoint=32, max_codepoint=0x2FF, categories=["L", "N", "P", "S", "Zs"]), max_size=20
)
TEXTS = st.fixed_dictionaries(
    {"fr": WORDS.map(lambda words: f"a{words}".strip())}, optional={"en": WORDS.map(str.strip)}
)
KEYS = st.text(string.ascii_lowercase, min_size=1, max_size=8)


@st.composite
def definitions(draw: st.DrawFn) -> dict[str, Any]:
    """A survey of questions of any kind, with words, and rules that look back."""
    keys = draw(st.lists(KEYS, min_size=1, max_size=5, unique=True))
    sections: list[dict[str, Any]] = []
    for at, key in enumerate(keys):
        kind = draw(st.sampled_from(KINDS_IN_WORDS)).kind
        question = {
            **new_question(kind, key=key, languages=["fr", "en"], at={"lon": 4.4, "lat": 50.8}),
            "label": draw(TEXTS),
            "help": draw(TEXTS),
            "required": draw(st.booleans()),
        }
        if at and draw(st.booleans()):
            question["show_if"] = {"any": [{"not": {"question": keys[draw(st.integers(0, at - 1))], "is": "answered"}}]}
        if not sections or draw(st.booleans()):
            sections.append({"key": f"s{at}", "title": draw(TEXTS), "questions": []})
        sections[-1]["questions"].append(question)
    return {
        "format": "geoparticipation-survey/1",
        "languages": ["fr", "en"],
        "title": draw(TEXTS),
        "sections": sections,
    }


@given(definitions())
@settings(max_examples=50, deadline=None)
def test_definition_is_the_same_after_its_file(said: dict[str, Any]) -> None:
    definition = read_definition(said)

    content = write_file(definition)

    assert read_file(content) == definition
    assert json.loads(content) == write_definition(definition)
    assert write_file(read_file(content)) == content


def test_the_survey_of_every_kind_is_the_same_after_its_file() -> None:
    definition = read_definition(DEFINITION)

    assert read_file(write_file(definition)) == definition


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b'{\n "format": 1,\n oops', "Line 3"),
        (b"\xff\xfe{", "UTF-8"),
        (b'{"a": NaN}', "no JSON"),
        (b"[" * 100_000, "no JSON"),
        (b" " * (MOST_BYTES + 1), "too large"),
    ],
)
def test_what_is_no_file_of_a_survey_is_told(content: bytes, told: str) -> None:
    with override("en"), pytest.raises(SurveyFileUnreadable, match=told):
        read_file(content)


def test_faults_name_their_question() -> None:
    broken = json.loads(json.dumps(DEFINITION))
    broken["sections"][0]["questions"][1]["max_choices"] = "two"

    with pytest.raises(DefinitionRefused) as refused:
        read_file(json.dumps(broken).encode())

    assert [(fault.question, fault.where) for fault in refused.value.faults] == [
        ("reasons", "sections[0].questions[1].max_choices")
    ]
