"""Reading show-if rules, and seeing that each asks about an earlier question in a way that question can answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from django.utils.translation import gettext as _

from geoparticipation.surveys.definition.model import (
    OTHER,
    Answered,
    Compared,
    Day,
    Every,
    MultipleChoice,
    Number,
    Opposite,
    PlacesChoice,
    Question,
    Ranking,
    Rule,
    Scale,
    ShortText,
    SingleChoice,
    Some,
    SurveyDefinition,
)
from geoparticipation.surveys.definition.reading_values import At, Reading

MAX_DEPTH: Final = 5
MAX_PARTS: Final = 20
COMPARISONS: Final = ("equals", "includes", "at_least", "at_most")


def read_rule(reading: Reading, said: object, at: At, *, depth: int = 1) -> Rule | None:
    """A rule; None without one, or (with a fault) where it is none."""
    if said is None:
        return None
    if depth > MAX_DEPTH:
        reading.fault(at, "rule_too_deep", _("the rule is nested more than five deep. Make it simpler."))
        return None
    if isinstance(said, Mapping) and len(said) == 1 and set(said) <= {"all", "any"}:
        name = next(iter(said))
        parts = reading.objects(said, name, at, at_most=MAX_PARTS)
        rules = [read_rule(reading, part, at.at(f"{name}[{n}]"), depth=depth + 1) for n, part in enumerate(parts)]
        known = tuple(rule for rule in rules if rule is not None)
        return Every(known) if name == "all" else Some(known)
    if isinstance(said, Mapping) and set(said) == {"not"}:
        inner = read_rule(reading, said["not"], at.at("not"), depth=depth + 1)
        if inner is None and said["not"] is None:
            _malformed(reading, at)
        return Opposite(inner) if inner is not None else None
    if isinstance(said, Mapping) and set(said) <= {"question", "is", "value"} and isinstance(said.get("question"), str):
        question, how, value = said["question"], said.get("is"), said.get("value")
        if how == "answered" and (value is None or value is True):
            return Answered(question)
        if how in COMPARISONS and isinstance(value, str | int | float):
            return Compared(question, str(how), value)
    _malformed(reading, at)
    return None


def _malformed(reading: Reading, at: At) -> None:
    told = _(
        '“show_if” must be {"question": key, "is": "answered"}, or with “equals”, “includes”, “at_least”, “at_most”'
        ' and a “value”, or {"all": […]}, {"any": […]}, {"not": …}.'
    )
    reading.fault(at, "rule_malformed", told)


def check_rules(reading: Reading, definition: SurveyDefinition) -> None:
    """Rules look back only: so there is no circle, and one pass through the survey settles what is shown."""
    earlier: dict[str, Question] = {}
    for number, section in enumerate(definition.sections):
        at = At(f"sections[{number}].show_if", section.key, _("Section “%(key)s”") % {"key": section.key})
        _check(reading, section.show_if, earlier, at)
        for place, question in enumerate(section.questions):
            where = f"sections[{number}].questions[{place}].show_if"
            _check(
                reading,
                question.show_if,
                earlier,
                At(where, question.key, _("Question “%(key)s”") % {"key": question.key}),
                # In random order nobody knows which question of the section comes first.
                not_yet={other.key for other in section.questions} if section.random_order else frozenset(),
            )
            earlier[question.key] = question


def _check(
    reading: Reading,
    rule: Rule | None,
    earlier: Mapping[str, Question],
    at: At,
    *,
    not_yet: set[str] | frozenset[str] = frozenset(),
) -> None:
    if isinstance(rule, Every | Some):
        for part in rule.rules:
            _check(reading, part, earlier, at, not_yet=not_yet)
    elif isinstance(rule, Opposite):
        _check(reading, rule.rule, earlier, at, not_yet=not_yet)
    elif rule is not None:
        asked = earlier.get(rule.question)
        if asked is None or rule.question in not_yet:
            told = _("“show_if” asks about “%(key)s”, which does not come before it. Ask about an earlier question.")
            reading.fault(at, "rule_looks_ahead", told % {"key": rule.question[:40]})
        elif isinstance(rule, Compared) and not _can_be(asked, rule):
            told = _("“show_if” compares “%(key)s” with something that it is never answered. Change “is” or “value”.")
            reading.fault(at, "rule_never_holds", told % {"key": rule.question})


def _can_be(question: Question, rule: Compared) -> bool:
    """Whether the question can be answered so at all."""
    is_number = isinstance(rule.value, int | float) and not isinstance(rule.value, bool)
    if rule.how in {"at_least", "at_most"}:
        return is_number and isinstance(question, Scale | Number)
    if rule.how == "includes":
        return rule.value in _keys(question)
    if isinstance(question, SingleChoice):
        return rule.value in {*(choice.key for choice in question.choices), *((OTHER,) if question.other else ())}
    if isinstance(question, Scale | Number):
        return is_number
    return isinstance(question, ShortText | Day) and isinstance(rule.value, str)


def _keys(question: Question) -> Sequence[str]:
    if isinstance(question, MultipleChoice):
        return [*(choice.key for choice in question.choices), *((OTHER,) if question.other else ())]
    if isinstance(question, Ranking):
        return [choice.key for choice in question.choices]
    if isinstance(question, PlacesChoice):
        return [place.key for place in question.places]
    return []
