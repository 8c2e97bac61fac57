"""A definition as JSON again: reading what is written here gives an equal definition."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from geoparticipation.surveys.definition.model import (
    FORMAT,
    Answered,
    BudgetItem,
    Choice,
    Compared,
    Every,
    Opposite,
    PlaceChoice,
    Question,
    Rule,
    Scale,
    Section,
    Some,
    SurveyDefinition,
)


def write_definition(definition: SurveyDefinition) -> dict[str, Any]:
    """The JSON of the format; what is empty or as usual is left out."""
    return {
        "format": FORMAT,
        "languages": list(definition.languages),
        "title": dict(definition.title),
        "introduction": dict(definition.introduction),
        "thanks": dict(definition.thanks),
        "sections": [_section(section) for section in definition.sections],
    }


def _section(section: Section) -> dict[str, Any]:
    return {
        "key": section.key,
        "title": dict(section.title),
        "text": dict(section.text),
        **({"show_if": write_rule(section.show_if)} if section.show_if is not None else {}),
        "random_order": section.random_order,
        "questions": [write_question(question) for question in section.questions],
    }


def write_question(question: Question) -> dict[str, Any]:
    """One question of the format."""
    said: dict[str, Any] = {
        "key": question.key,
        "kind": question.kind,
        "label": dict(question.label),
        "help": dict(question.help),
        "required": question.required,
    }
    if question.show_if is not None:
        said["show_if"] = write_rule(question.show_if)
    if isinstance(question, Scale):
        ends = {"minimum": dict(question.minimum_label), "maximum": dict(question.maximum_label)}
        return {**said, "minimum": question.minimum, "maximum": question.maximum, "labels": ends}
    own = {field.name for field in fields(question)} - {field.name for field in fields(Question)}
    for name in (field.name for field in fields(question) if field.name in own):
        value = getattr(question, name)
        if value is not None:
            said[name] = _plain(value)
    return said


def _plain(value: object) -> Any:
    match value:
        case Question():
            return write_question(value)
        case Choice():
            return {"key": value.key, "label": dict(value.label)}
        case PlaceChoice():
            return {"key": value.key, "label": dict(value.label), "geometry": dict(value.geometry)}
        case BudgetItem():
            return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
        case tuple():
            return [_plain(part) for part in value]
        case dict():
            return dict(value)
    return value


def write_rule(rule: Rule) -> dict[str, Any]:
    """One rule of the format."""
    match rule:
        case Answered():
            return {"question": rule.question, "is": "answered"}
        case Compared():
            return {"question": rule.question, "is": rule.how, "value": rule.value}
        case Every():
            return {"all": [write_rule(part) for part in rule.rules]}
        case Some():
            return {"any": [write_rule(part) for part in rule.rules]}
        case Opposite():
            return {"not": write_rule(rule.rule)}
