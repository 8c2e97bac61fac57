"""Checking answers: one verdict for each question, the same as the page gives while one fills it in.

Answers are JSON by question key, as they are kept (see the format), with three differences while they are filled in: a
place question has a list of `{"geometry": GeoJSON}`, `{"chosen": "street:12"}` or `{"text": "12 rue Haute"}`, each with
`follow_up`; a photo is `{"code": "…", "place": {…}}`; and what is not shown may still be there, and is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from geoparticipation.surveys.answers.days import is_day
from geoparticipation.surveys.answers.places import check_place
from geoparticipation.surveys.answers.showing import holds
from geoparticipation.surveys.answers.values import is_blank, is_empty, is_on_step, is_other, number_of
from geoparticipation.surveys.definition.model import (
    Budget,
    Consent,
    Day,
    LongText,
    Matrix,
    MultipleChoice,
    Number,
    Photo,
    PlaceQuestion,
    PlacesChoice,
    Question,
    Ranking,
    Scale,
    ShortText,
    SingleChoice,
    SurveyDefinition,
)

OTHER_LENGTH: Final = 200
PHOTO_CODE_LENGTH: Final = 36


@dataclass(frozen=True)
class AnswerFault:
    """What is wrong with one answer: `path` leads to it ("q1", "q1.other", "m1.row", "p1[0].f1").

    `limit` is what it should have kept to, where `code` speaks of one.
    """

    path: str
    code: str
    limit: float | str | None = None

    @property
    def question(self) -> str:
        """The key of the question."""
        return self.path.split(".")[0].split("[")[0]


@dataclass(frozen=True)
class Checked:
    """The verdict on all answers."""

    sections: tuple[str, ...]
    """Keys of the sections that are shown."""
    shown: tuple[str, ...]
    """Keys of the questions that are shown, in order."""
    faults: tuple[AnswerFault, ...]
    values: Mapping[str, Any]
    """The answers of the shown questions that have one."""


Faults = Iterator[tuple[str, str, float | str | None]]
"""What follows the question's key in the path, code, limit."""


def check_answers(definition: SurveyDefinition, answers: Mapping[str, Any]) -> Checked:
    """Go through the survey once, from the first question to the last: rules only look back."""
    sections: list[str] = []
    shown: list[str] = []
    faults: list[AnswerFault] = []
    values: dict[str, Any] = {}
    for section in definition.sections:
        if not holds(section.show_if, values):
            continue
        sections.append(section.key)
        for question in section.questions:
            if not holds(question.show_if, values):
                continue
            shown.append(question.key)
            value = answers.get(question.key)
            faults += [AnswerFault(question.key + path, code, limit) for path, code, limit in verdict(question, value)]
            if not is_empty(value):
                values[question.key] = value
    return Checked(tuple(sections), tuple(shown), tuple(faults), values)


def verdict(question: Question, value: Any) -> Faults:
    """All that is wrong with the answer to one question that is shown."""
    if is_empty(value):
        if question.required:
            yield "", "missing", None
        elif isinstance(question, PlaceQuestion) and question.min_places:
            yield "", "too_few_places", question.min_places
        return
    yield from _CHECKS[type(question)](question, value)


def _single(question: SingleChoice, value: Any) -> Faults:
    yield from _choice(question, value)


def _choice(question: SingleChoice | MultipleChoice, value: Any) -> Faults:
    if question.other and is_other(value):
        if is_blank(value["other"]):
            yield ".other", "missing", None
        elif len(value["other"]) > OTHER_LENGTH:
            yield ".other", "too_long", OTHER_LENGTH
    elif value not in [choice.key for choice in question.choices]:
        yield "", "unknown_choice", None


def _multiple(question: MultipleChoice, value: Any) -> Faults:
    if not isinstance(value, list):
        yield "", "malformed", None
        return
    for part in value:
        yield from _choice(question, part)
    keys = ["other" if is_other(part) else part for part in value if isinstance(part, str) or is_other(part)]
    if len(set(keys)) < len(keys):
        yield "", "twice", None
    if question.min_choices is not None and len(value) < question.min_choices:
        yield "", "too_few", question.min_choices
    if question.max_choices is not None and len(value) > question.max_choices:
        yield "", "too_many", question.max_choices


def _some_of(value: Any, keys: list[str], most: int | None) -> Faults:
    if not isinstance(value, list):
        yield "", "malformed", None
        return
    if any(part not in keys for part in value):
        yield "", "unknown_choice", None
    known = [part for part in value if isinstance(part, str)]
    if len(set(known)) < len(known):
        yield "", "twice", None
    if most is not None and len(value) > most:
        yield "", "too_many", most


def _ranking(question: Ranking, value: Any) -> Faults:
    yield from _some_of(value, [choice.key for choice in question.choices], question.max_ranks)


def _places_choice(question: PlacesChoice, value: Any) -> Faults:
    yield from _some_of(value, [place.key for place in question.places], question.max_choices)


def _scale(question: Scale, value: Any) -> Faults:
    yield from _figure(value, question.minimum, question.maximum, question.minimum, 1)


def _number(question: Number, value: Any) -> Faults:
    yield from _figure(value, question.minimum, question.maximum, question.minimum or 0, question.step)


def _figure(value: Any, least: float | None, most: float | None, start: float, step: float | None) -> Faults:
    figure = number_of(value)
    if figure is None:
        yield "", "not_a_number", None
    elif least is not None and figure < least:
        yield "", "too_small", least
    elif most is not None and figure > most:
        yield "", "too_large", most
    elif step is not None and not is_on_step(figure, start, step):
        yield "", "not_a_step", step


def _matrix(question: Matrix, value: Any) -> Faults:
    if not isinstance(value, dict):
        yield "", "malformed", None
        return
    rows, choices = [row.key for row in question.rows], [choice.key for choice in question.choices]
    if any(row not in rows for row in value):
        yield "", "malformed", None
    for row in rows:
        if is_empty(value.get(row)):
            if question.required:
                yield f".{row}", "missing", None
        elif value[row] not in choices:
            yield f".{row}", "unknown_choice", None


def _text(question: ShortText | LongText, value: Any) -> Faults:
    if not isinstance(value, str):
        yield "", "malformed", None
    elif len(value) > question.max_length:
        yield "", "too_long", question.max_length


def _day(question: Day, value: Any) -> Faults:
    if not isinstance(value, str) or not is_day(value):
        yield "", "not_a_date", None
    elif question.earliest is not None and value < question.earliest:
        yield "", "too_early", question.earliest
    elif question.latest is not None and value > question.latest:
        yield "", "too_late", question.latest


def _places(question: PlaceQuestion, value: Any) -> Faults:
    if not isinstance(value, list):
        yield "", "malformed", None
        return
    if len(value) < (question.min_places or 0):
        yield "", "too_few_places", question.min_places
    if len(value) > question.max_places:
        yield "", "too_many_places", question.max_places
    for number, entry in enumerate(value):
        here = f"[{number}]"
        if not isinstance(entry, dict):
            yield here, "malformed", None
            continue
        fault = check_place(entry, question.shapes, question.max_area_m2, question.max_length_m)
        if fault is not None:
            yield here, *fault
        said = entry.get("follow_up")
        said = said if isinstance(said, dict) else {}
        for follow_up in question.follow_up:
            for path, code, limit in verdict(follow_up, said.get(follow_up.key)):
                yield f"{here}.{follow_up.key}{path}", code, limit


def _photo(question: Photo, value: Any) -> Faults:
    code = value.get("code") if isinstance(value, dict) else None
    if not isinstance(code, str) or is_blank(code) or len(code) > PHOTO_CODE_LENGTH:
        yield "", "malformed", None
    elif question.with_place:
        place = value.get("place")
        fault = check_place(place if isinstance(place, dict) else {}, ("point",), None, None)
        if fault is not None:
            yield "[0]", *fault


def _budget(question: Budget, value: Any) -> Faults:
    if not isinstance(value, dict) or any(key not in [item.key for item in question.items] for key in value):
        yield "", "malformed", None
        return
    spent = 0.0
    for item in question.items:
        given = value.get(item.key)
        if is_empty(given):
            spent += item.cost_minimum
            continue
        for path, code, limit in _figure(given, item.cost_minimum, item.cost_maximum, item.cost_minimum, item.step):
            yield f".{item.key}{path}", code, limit
        spent += number_of(given) or 0
    if spent > question.total:
        yield "", "over_total", question.total


def _consent(_question: Consent, value: Any) -> Faults:
    if value is not True:
        yield "", "malformed", None


_CHECKS: Final[Mapping[type[Question], Callable[[Any, Any], Faults]]] = {
    SingleChoice: _single,
    MultipleChoice: _multiple,
    Ranking: _ranking,
    Scale: _scale,
    Matrix: _matrix,
    Number: _number,
    ShortText: _text,
    LongText: _text,
    Day: _day,
    PlaceQuestion: _places,
    PlacesChoice: _places_choice,
    Photo: _photo,
    Budget: _budget,
    Consent: _consent,
}
