"""Changes of a survey, one at a time; whatever is pressed, what stands there could be opened."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geoparticipation.surveys.definition import find_faults
from geoparticipation.surveys.editing import changes
from geoparticipation.surveys.editing.errors import NothingThere, TheOnlyQuestion
from geoparticipation.surveys.editing.kinds import FOLLOW_UP_KINDS_IN_WORDS, KINDS_IN_WORDS
from tests.fixtures.survey import DEFINITION

AT = {"lon": 4.4, "lat": 50.84}


def keys(definition: dict[str, Any]) -> list[list[str]]:
    return [[question["key"] for question in section["questions"]] for section in definition["sections"]]


SMALL = {
    "format": "geoparticipation-survey/1",
    "languages": ["fr", "en"],
    "title": {"fr": "T"},
    "sections": [
        {"key": "s1", "questions": [{"key": k, "kind": "short_text", "label": {"fr": k}} for k in ("a", "b")]},
        {"key": "s2", "questions": [{"key": "c", "kind": "short_text", "label": {"fr": "c"}}]},
    ],
}


@pytest.mark.parametrize(
    ("path", "by", "after"),
    [
        ("a", 1, [["b", "a"], ["c"]]),
        ("a", -1, [["a", "b"], ["c"]]),
        ("b", 1, [["a"], ["b", "c"]]),
        ("c", -1, [["a", "b", "c"]]),
        ("c", 1, [["a", "b"], ["c"]]),
    ],
)
def test_moving_a_question(path: str, by: int, after: list[list[str]]) -> None:
    before = copy.deepcopy(SMALL)

    assert keys(changes.move_question(SMALL, path=path, by=by)) == after
    assert before == SMALL


def test_moving_removing_and_copying() -> None:
    assert keys(changes.move_section(SMALL, key="s2", by=-1)) == [["c"], ["a", "b"]]
    assert keys(changes.move_section(SMALL, key="s2", by=1)) == keys(SMALL)
    assert keys(changes.remove_question(SMALL, path="c")) == [["a", "b"]]
    assert keys(changes.remove_section(SMALL, key="s1")) == [["c"]]
    copied, path = changes.copy_question(SMALL, path="a")
    assert (keys(copied), path) == ([["a", "q4", "b"], ["c"]], "q4")
    with pytest.raises(TheOnlyQuestion):
        changes.remove_section(changes.remove_section(SMALL, key="s1"), key="s2")
    with pytest.raises(NothingThere):
        changes.remove_question(SMALL, path="nowhere")


def test_questions_on_a_place() -> None:
    added, path = changes.add_follow_up(DEFINITION, question="danger", kind="number")

    assert path == "danger/f3"
    assert [part["key"] for part in changes.find_question(added, "danger")["follow_up"]] == ["why", "bad", "f3"]
    moved = changes.move_question(added, path=path, by=-1)
    assert [part["key"] for part in changes.find_question(moved, "danger")["follow_up"]] == ["why", "f3", "bad"]
    assert not find_faults(changes.remove_question(moved, path="danger/bad"))


def test_other_languages_keep_the_words_of_those_that_stay() -> None:
    changed = changes.change_languages(DEFINITION, languages=["en", "nl"])

    assert not find_faults(changed)
    assert changed["title"] == {"en": "How do you get about?"}
    assert changed["sections"][0]["questions"][4]["labels"] == {
        "minimum": {"en": "not at all"},
        "maximum": {"en": "very"},
    }
    assert changed["sections"][0]["questions"][2]["show_if"] == {"question": "mode", "is": "equals", "value": "car"}


ACTS = st.lists(
    st.one_of(
        st.tuples(st.just("add"), st.sampled_from([kind.kind for kind in KINDS_IN_WORDS])),
        st.tuples(st.just("add-section"), st.sampled_from([kind.kind for kind in KINDS_IN_WORDS])),
        st.tuples(st.just("follow"), st.sampled_from([kind.kind for kind in FOLLOW_UP_KINDS_IN_WORDS])),
        st.tuples(st.sampled_from(["up", "down", "copy", "remove"]), st.integers(0, 20)),
        st.tuples(st.sampled_from(["section-up", "section-down", "section-remove"]), st.integers(0, 5)),
    ),
    min_size=1,
    max_size=15,
)


@given(ACTS)
@settings(max_examples=50, deadline=None)
def test_whatever_is_pressed_it_could_be_opened(acts: list[tuple[str, Any]]) -> None:
    """From a survey without rules; those are checked as a whole when a change is kept."""
    said: dict[str, Any] = copy.deepcopy(SMALL)
    for act, what in acts:
        questions = [question for section in said["sections"] for question in section["questions"]]
        question = questions[what % len(questions)]["key"] if isinstance(what, int) else ""
        section = said["sections"][(what if isinstance(what, int) else 0) % len(said["sections"])]["key"]
        places = [one["key"] for one in questions if one["kind"] == "place" and len(one.get("follow_up", [])) < 8]
        try:
            match act:
                case "add":
                    if what != "photo":
                        said, _path = changes.add_question(said, section=section, kind=what, at=AT)
                case "add-section":
                    if what != "photo":
                        said, _key = changes.add_section(said, kind=what, at=AT)
                case "follow":
                    if places:
                        said, _path = changes.add_follow_up(said, question=places[0], kind=what)
                case "up" | "down":
                    said = changes.move_question(said, path=question, by=-1 if act == "up" else 1)
                case "copy":
                    said, _path = changes.copy_question(said, path=question)
                case "remove":
                    said = changes.remove_question(said, path=question)
                case "section-remove":
                    said = changes.remove_section(said, key=section)
                case _:
                    said = changes.move_section(said, key=section, by=-1 if act == "section-up" else 1)
        except TheOnlyQuestion:
            pass
        assert not find_faults(said)
