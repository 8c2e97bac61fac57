"""An answer as a person reads it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from geoparticipation.surveys.answers.values import is_other
from geoparticipation.surveys.definition import in_language
from geoparticipation.surveys.definition.model import OTHER, Matrix, Question


def lines_of(question: Question, value: Any, language: str) -> list[str]:
    """The answer in lines: what was chosen by its label, a row or an item with what was said of it."""
    labels = _labels(question, language)
    if is_other(value):
        return [str(value[OTHER])]
    if isinstance(value, list):
        return [line for part in value for line in lines_of(question, part, language)]
    if isinstance(value, dict):
        columns = labels if isinstance(question, Matrix) else {}
        return [f"{labels.get(key, key)} – {columns.get(str(part), part)}" for key, part in value.items()]
    if isinstance(value, bool):
        return ["✓"] if value else []
    return [labels.get(str(value), str(value))]


def _labels(question: Question, language: str) -> Mapping[str, str]:
    labels: dict[str, str] = {}
    for member in ("choices", "rows", "items", "places"):
        things: Sequence[Any] = getattr(question, member, ())
        labels |= {thing.key: in_language(thing.label, language) for thing in things}
    return labels
