"""One change of a survey each: from JSON of the format to JSON of the format.

A question is named by its key, one that follows up on a place by both keys, as in "bench/why". What is given is never
changed itself. Only `domain` decides whether the outcome is kept; it checks it as a whole.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import deepcopy
from typing import Any

from geoparticipation.surveys.editing.errors import NothingThere, TheOnlyQuestion
from geoparticipation.surveys.editing.kinds import new_question

Definition = dict[str, Any]
Part = dict[str, Any]


def find_section(definition: Mapping[str, Any], key: str) -> Part:
    """The section of this key; raises NothingThere."""
    for section in definition["sections"]:
        if section["key"] == key:
            found: Part = section
            return found
    raise NothingThere


def find_question(definition: Mapping[str, Any], path: str) -> Part:
    """The question at this path; raises NothingThere."""
    siblings, at = _siblings(definition, path)
    found: Part = siblings[at]
    return found


def _siblings(definition: Mapping[str, Any], path: str) -> tuple[list[Part], int]:
    """The list a question stands in, and where in it."""
    key, _slash, follow_up = path.partition("/")
    for section in definition["sections"]:
        for at, question in enumerate(section["questions"]):
            if question["key"] == key and not follow_up:
                return section["questions"], at
            if question["key"] == key:
                parts = question.get("follow_up", [])
                for place, part in enumerate(parts):
                    if part["key"] == follow_up:
                        return parts, place
    raise NothingThere


def all_keys(definition: Mapping[str, Any]) -> set[str]:
    """The keys of all questions, in lower case."""
    return {question["key"].lower() for section in definition["sections"] for question in section["questions"]}


def free_key(taken: set[str], first: str) -> str:
    """q1, q2, …: the first one that is free."""
    number = len(taken) + 1
    while f"{first}{number}" in taken:
        number += 1
    return f"{first}{number}"


def add_section(definition: Definition, *, kind: str, at: Mapping[str, float]) -> tuple[Definition, str]:
    """A section at the end with a first question of this kind; gives the key of the section, too."""
    changed = deepcopy(definition)
    key = free_key({section["key"].lower() for section in changed["sections"]}, "s")
    question = new_question(kind, key=free_key(all_keys(changed), "q"), languages=changed["languages"], at=at)
    changed["sections"].append({"key": key, "questions": [question]})
    return changed, key


def add_question(definition: Definition, *, section: str, kind: str, at: Mapping[str, float]) -> tuple[Definition, str]:
    """A question at the end of a section; gives its path, too."""
    changed = deepcopy(definition)
    key = free_key(all_keys(changed), "q")
    find_section(changed, section)["questions"].append(
        new_question(kind, key=key, languages=changed["languages"], at=at)
    )
    return changed, key


def add_follow_up(definition: Definition, *, question: str, kind: str) -> tuple[Definition, str]:
    """A further question on each place of a question on the map; gives its path, too."""
    changed = deepcopy(definition)
    parent = find_question(changed, question)
    follow_up = parent.setdefault("follow_up", [])
    key = free_key({part["key"].lower() for part in follow_up}, "f")
    follow_up.append(new_question(kind, key=key, languages=changed["languages"], at={}))
    return changed, f"{question}/{key}"


def copy_question(definition: Definition, *, path: str) -> tuple[Definition, str]:
    """The same question again, after itself, under another key; gives its path, too."""
    changed = deepcopy(definition)
    siblings, at = _siblings(changed, path)
    parent, slash, _key = path.rpartition("/")
    taken = {part["key"].lower() for part in siblings} if slash else all_keys(changed)
    key = free_key(taken, "f" if slash else "q")
    siblings.insert(at + 1, {**deepcopy(siblings[at]), "key": key})
    return changed, f"{parent}{slash}{key}"


def replace_question(definition: Definition, *, path: str, question: Mapping[str, Any]) -> Definition:
    """Another question in the place of this one."""
    changed = deepcopy(definition)
    siblings, at = _siblings(changed, path)
    siblings[at] = dict(question)
    return changed


def replace_section(definition: Definition, *, key: str, **members: Any) -> Definition:
    """Other words, rules or order for a section; its questions stay."""
    changed = deepcopy(definition)
    section = find_section(changed, key)
    section.update(members)
    if members.get("show_if", ...) is None:
        del section["show_if"]
    return changed


def remove_question(definition: Definition, *, path: str) -> Definition:
    """Without this question, and without its section if that was its only one; raises TheOnlyQuestion."""
    changed = deepcopy(definition)
    siblings, at = _siblings(changed, path)
    del siblings[at]
    changed["sections"] = [section for section in changed["sections"] if section["questions"]]
    if not changed["sections"]:
        raise TheOnlyQuestion
    return changed


def remove_section(definition: Definition, *, key: str) -> Definition:
    """Without this section and its questions; raises TheOnlyQuestion."""
    changed = deepcopy(definition)
    changed["sections"].remove(find_section(changed, key))
    if not changed["sections"]:
        raise TheOnlyQuestion
    return changed


def move_section(definition: Definition, *, key: str, by: int) -> Definition:
    """A section one up (-1) or down (1); at the edge it stays."""
    changed = deepcopy(definition)
    _step(changed["sections"], changed["sections"].index(find_section(changed, key)), by)
    return changed


def move_question(definition: Definition, *, path: str, by: int) -> Definition:
    """A question one up (-1) or down (1), at the edge of its section into the next one.

    The only question of a section takes the section with it: the section goes.
    """
    changed = deepcopy(definition)
    siblings, at = _siblings(changed, path)
    if "/" in path or 0 <= at + by < len(siblings):
        _step(siblings, at, by)
        return changed
    sections = changed["sections"]
    here = next(number for number, section in enumerate(sections) if section["questions"] is siblings)
    if not 0 <= here + by < len(sections):
        return changed
    question = siblings.pop(at)
    beside = sections[here + by]["questions"]
    beside.insert(len(beside) if by < 0 else 0, question)
    changed["sections"] = [section for section in sections if section["questions"]]
    return changed


def _step(parts: list[Part], at: int, by: int) -> None:
    to = at + by
    if 0 <= to < len(parts):
        parts[at], parts[to] = parts[to], parts[at]


def change_languages(definition: Definition, *, languages: list[str]) -> Definition:
    """Other languages; the words in those that go are taken out, the first is the one every text falls back on."""
    known = set(definition["languages"])

    def kept(value: Any) -> Any:
        if isinstance(value, dict):
            if value and set(value) <= known and all(isinstance(words, str) for words in value.values()):
                return {language: words for language, words in value.items() if language in languages}
            return {name: kept(part) for name, part in value.items()}
        return [kept(part) for part in value] if isinstance(value, list) else value

    changed: Definition = {**kept(definition), "languages": languages}
    return changed


Change = Callable[[Definition], Definition]
