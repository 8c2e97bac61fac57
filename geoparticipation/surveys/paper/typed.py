"""What is typed from a printed form as answers: choices by the numbers that stand before them on paper.

Each question has one box or several, by name: the question's key, and after it what the box is for. What cannot be
read is passed on as it is typed, so that the one check of answers says what is wrong with it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from geoparticipation.surveys.definition.model import (
    OTHER,
    Budget,
    Choice,
    Consent,
    Day,
    LongText,
    Matrix,
    MultipleChoice,
    Number,
    Photo,
    PlaceChoice,
    PlaceQuestion,
    PlacesChoice,
    Question,
    Ranking,
    Scale,
    SingleChoice,
    SurveyDefinition,
    Text,
)
from geoparticipation.surveys.editing.question_form import typed_number

MOST_PLACES: Final = 6
"""Places of one question that are typed in from one sheet."""
_APART: Final = re.compile(r"[\s,;]+")
_DAY: Final = re.compile(r"(\d{1,2})[./\- ](\d{1,2})[./\- ](\d{2}|\d{4})")

Typed = Mapping[str, str]
ReadPlace = Callable[[str, Sequence[str]], Mapping[str, Any]]
"""From what stands for a place, and the shapes that may be drawn, to an entry of the answers."""


@dataclass(frozen=True)
class Box:
    """One field to type into: its name, what stands before it, and whether it is for several lines."""

    name: str
    label: str
    is_long: bool = False
    is_first: bool = False


def on_paper(question: Question) -> bool:
    """Whether a question can be answered on paper; a photo cannot."""
    return not isinstance(question, Photo)


def numbered(question: Question) -> list[tuple[int, Text]]:
    """What has a number on paper: choices, places, and "other" as the last."""
    parts: Sequence[Choice | PlaceChoice] = ()
    match question:
        case SingleChoice() | MultipleChoice() | Ranking() | Matrix():
            parts = question.choices
        case PlacesChoice():
            parts = question.places
    found = [(number, part.label) for number, part in enumerate(parts, start=1)]
    if isinstance(question, SingleChoice | MultipleChoice) and question.other:
        found.append((len(found) + 1, {"": _("other")}))
    return found


def _keys(question: Question) -> list[str]:
    match question:
        case SingleChoice() | MultipleChoice():
            return [*(choice.key for choice in question.choices), *([OTHER] if question.other else [])]
        case Ranking() | Matrix():
            return [choice.key for choice in question.choices]
        case PlacesChoice():
            return [place.key for place in question.places]
    return []


def boxes_of(question: Question, words: Callable[[Text], str], prefix: str = "") -> Iterator[Box]:
    """The boxes of a question, in the order of the paper."""
    name = f"{prefix}{question.key}"
    match question:
        case Matrix():
            for at, row in enumerate(question.rows):
                yield Box(f"{name}.{row.key}", words(row.label), is_first=not at)
        case Budget():
            for at, item in enumerate(question.items):
                yield Box(f"{name}.{item.key}", words(item.label), is_first=not at)
        case PlaceQuestion():
            for number in range(min(question.max_places, MOST_PLACES)):
                yield Box(f"{name}.{number}.place", _("Place %(number)d") % {"number": number + 1}, is_first=not number)
                for follow_up in question.follow_up:
                    yield from (
                        Box(box.name, f"{words(follow_up.label)} {box.label}".strip(), box.is_long)
                        for box in boxes_of(follow_up, words, f"{name}.{number}.")
                    )
        case LongText():
            yield Box(name, "", is_long=True, is_first=True)
        case Photo():
            return
        case _:
            yield Box(name, "", is_first=True)
    if isinstance(question, SingleChoice | MultipleChoice) and question.other:
        yield Box(f"{name}.other", _("in their own words"))


def read_typed(definition: SurveyDefinition, typed: Typed, *, read_place: ReadPlace) -> dict[str, Any]:
    """The answers to all questions; what is empty is left out. Raises what `read_place` raises."""
    answers = {question.key: _value(question, typed, "", read_place) for question in definition.questions}
    return {key: value for key, value in answers.items() if value not in (None, "", [], {})}


def _value(question: Question, typed: Typed, prefix: str, read_place: ReadPlace) -> Any:
    name = f"{prefix}{question.key}"
    text = typed.get(name, "").strip()
    match question:
        case SingleChoice():
            return _own_words(_key(question, text), typed.get(f"{name}.other", "").strip(), question)
        case MultipleChoice():
            keys = [_key(question, part) for part in _APART.split(text) if part]
            own = typed.get(f"{name}.other", "").strip()
            if own and question.other and OTHER not in keys:
                keys.append(OTHER)
            return [_own_words(key, own, question) for key in keys]
        case Ranking() | PlacesChoice():
            return [_key(question, part) for part in _APART.split(text) if part]
        case Matrix():
            rows = {row.key: _key(question, typed.get(f"{name}.{row.key}", "").strip()) for row in question.rows}
            return {row: choice for row, choice in rows.items() if choice}
        case Budget():
            amounts = {item.key: typed.get(f"{name}.{item.key}", "").strip() for item in question.items}
            return {item: typed_number(amount) for item, amount in amounts.items() if amount}
        case Scale() | Number():
            return typed_number(text) if text else None
        case Day():
            return _day(text)
        case Consent():
            return True if text else None
        case PlaceQuestion():
            return list(_places(question, typed, name, read_place))
        case Photo():
            return None
    return text


def _key(question: Question, text: str) -> str:
    """The choice with this number on paper; what is no such number is passed on."""
    keys = _keys(question)
    number = int(text) if text.isdecimal() and len(text) < 4 else 0
    return keys[number - 1] if 1 <= number <= len(keys) else text


def _own_words(key: str, own: str, question: SingleChoice | MultipleChoice) -> Any:
    """ "other" becomes what was written; words alone mean it, too."""
    if question.other and (key == OTHER or (not key and own)):
        return {OTHER: own}
    return key


def _places(question: PlaceQuestion, typed: Typed, name: str, read_place: ReadPlace) -> Iterator[dict[str, Any]]:
    for number in range(min(question.max_places, MOST_PLACES)):
        text = " ".join(typed.get(f"{name}.{number}.place", "").split())
        if not text:
            continue
        prefix = f"{name}.{number}."
        said = {part.key: _value(part, typed, prefix, read_place) for part in question.follow_up}
        follow_up = {key: value for key, value in said.items() if value not in (None, "", [], {})}
        yield {**read_place(text, question.shapes), **({"follow_up": follow_up} if follow_up else {})}


def _day(text: str) -> str:
    """A date as one writes it, the day first; else as it is typed."""
    found = _DAY.fullmatch(text)
    if found is None:
        return text
    day, month, year = (int(part) for part in found.groups())
    try:
        return date(year + (2000 if year < 100 else 0), month, day).isoformat()
    except ValueError:
        return text


def write_typed(question: Question, value: Any, *, prefix: str = "") -> dict[str, str]:
    """What one would type for an answer that has no place in it: the way back of `read_typed`, for trying it."""
    name = f"{prefix}{question.key}"
    match question:
        case SingleChoice():
            return _choices_typed(question, [value], name)
        case MultipleChoice():
            return _choices_typed(question, value, name)
        case Ranking() | PlacesChoice():
            return {name: " ".join(str(_keys(question).index(key) + 1) for key in value)}
        case Matrix():
            return {f"{name}.{row}": str(_keys(question).index(key) + 1) for row, key in value.items()}
        case Budget():
            return {f"{name}.{item}": _number_typed(amount) for item, amount in value.items()}
        case Scale() | Number():
            return {name: _number_typed(value)}
        case Day():
            return {name: date.fromisoformat(value).strftime("%d/%m/%Y")}
        case Consent():
            return {name: "x"}
    return {name: value}


def _choices_typed(question: SingleChoice | MultipleChoice, value: list[Any], name: str) -> dict[str, str]:
    keys = [OTHER if isinstance(part, dict) else part for part in value]
    own = next((part[OTHER] for part in value if isinstance(part, dict)), "")
    return {
        name: ",".join(str(_keys(question).index(key) + 1) for key in keys),
        **({f"{name}.other": own} if own else {}),
    }


def _number_typed(number: float) -> str:
    return str(number_format(number, use_l10n=True)) if number == int(number) else repr(number).replace(".", ",")
