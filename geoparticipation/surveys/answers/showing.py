"""Whether a show-if rule holds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from geoparticipation.surveys.answers.values import key_of, number_of
from geoparticipation.surveys.definition.model import Answered, Compared, Every, Opposite, Rule, Some


def holds(rule: Rule | None, answers: Mapping[str, Any]) -> bool:
    """Whether the rule holds for the answers given so far: those of shown questions, and none that are empty."""
    match rule:
        case None:
            return True
        case Every():
            return all(holds(part, answers) for part in rule.rules)
        case Some():
            return any(holds(part, answers) for part in rule.rules)
        case Opposite():
            return not holds(rule.rule, answers)
        case Answered():
            return rule.question in answers
        case Compared():
            return rule.question in answers and _compares(rule, answers[rule.question])


def _compares(rule: Compared, answer: Any) -> bool:
    if rule.how == "includes":
        return isinstance(answer, list) and any(key_of(part) == rule.value for part in answer)
    figure, limit = number_of(answer), number_of(rule.value)
    if rule.how == "at_least":
        return figure is not None and limit is not None and figure >= limit
    if rule.how == "at_most":
        return figure is not None and limit is not None and figure <= limit
    if limit is not None:
        return figure == limit
    return key_of(answer) == rule.value
