"""What is kept of answers that are right: values as the format has them, and places and photos apart."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from geoparticipation.surveys.answers.values import is_empty, is_other
from geoparticipation.surveys.definition.model import (
    OTHER,
    LongText,
    Photo,
    PlaceQuestion,
    Question,
    Scale,
    ShortText,
    SurveyDefinition,
)
from layers.plain_text import clean_text


@dataclass(frozen=True)
class GivenPlace:
    """One place of an answer, as it was given: drawn, chosen or typed (see `answers.checking`)."""

    question: str
    position: int
    entry: Mapping[str, Any]
    follow_up: Mapping[str, Any]
    inside: str
    """ "target" or "territory"."""


@dataclass(frozen=True)
class Kept:
    """Answers as they are stored."""

    values: Mapping[str, Any]
    places: tuple[GivenPlace, ...]
    photos: Mapping[str, tuple[str, str]]
    """Code and description of the photo, by question."""


def kept_answers(definition: SurveyDefinition, values: Mapping[str, Any]) -> Kept:
    """Of answers that `check_answers` found nothing wrong with; text is cleaned, and what is left empty is dropped."""
    kept: dict[str, Any] = {}
    places: list[GivenPlace] = []
    photos: dict[str, tuple[str, str]] = {}
    for question in definition.questions:
        if question.key not in values:
            continue
        value = values[question.key]
        if isinstance(question, PlaceQuestion):
            for position, entry in enumerate(value):
                follow_up = _values_of(question.follow_up, entry.get("follow_up") or {})
                places.append(GivenPlace(question.key, position, entry, follow_up, question.inside))
        elif isinstance(question, Photo):
            description = value.get("description")
            photos[question.key] = (value["code"], description if isinstance(description, str) else "")
            if question.with_place:
                places.append(GivenPlace(question.key, 0, value["place"], {}, "territory"))
        else:
            kept.update(_values_of((question,), values))
    return Kept(kept, tuple(places), photos)


def _values_of(questions: tuple[Question, ...], values: Mapping[str, Any]) -> dict[str, Any]:
    kept = {}
    for question in questions:
        value = _clean(question, values.get(question.key))
        if not is_empty(value):
            kept[question.key] = value
    return kept


def _clean(question: Question, value: Any) -> Any:
    if isinstance(value, str) and isinstance(question, ShortText | LongText):
        return clean_text(value, lines=isinstance(question, LongText))
    if isinstance(question, Scale) and value is not None:
        return int(value)
    if isinstance(value, list):
        return [_clean(question, part) for part in value]
    if is_other(value):
        return {OTHER: clean_text(value[OTHER], lines=False)}
    if isinstance(value, dict):
        return {key: part for key, part in value.items() if not is_empty(part)}
    return value
