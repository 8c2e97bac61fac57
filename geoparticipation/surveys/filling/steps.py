"""Which step one is at: the sections that are shown, then who one is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from geoparticipation.surveys.answers import Checked, check_answers
from geoparticipation.surveys.definition.model import Section, SurveyDefinition, questions_named

LAST_STEP: Final = "send"
"""Where one answers from, and sending. No section is called so twice: sections come first."""


@dataclass(frozen=True)
class Steps:
    """The way through a survey as the answers given so far lay it out."""

    definition: SurveyDefinition
    checked: Checked
    keys: tuple[str, ...]

    def at(self, wanted: str) -> str:
        """The step of this name, else the first."""
        return wanted if wanted in self.keys else self.keys[0]

    def number(self, key: str) -> int:
        """Which one it is, from 1."""
        return self.keys.index(key) + 1

    def after(self, key: str) -> str:
        """The next one; the last stays."""
        return self.keys[min(self.keys.index(key) + 1, len(self.keys) - 1)]

    def before(self, key: str) -> str:
        """The one before; the first stays."""
        return self.keys[max(self.keys.index(key) - 1, 0)]

    def section(self, key: str) -> Section | None:
        """The section of a step; None for the last step."""
        return next((section for section in self.definition.sections if section.key == key), None)

    def depending(self, section: Section) -> tuple[str, ...]:
        """Questions of a section that an answer in the same section shows or hides."""
        here = {question.key for question in section.questions}
        return tuple(question.key for question in section.questions if here & set(questions_named(question.show_if)))

    def step_of(self, question: str) -> str:
        """The step on which a question is asked."""
        for section in self.definition.sections:
            if any(asked.key == question for asked in section.questions):
                return section.key
        return self.keys[0]


def steps_of(definition: SurveyDefinition, answers: Mapping[str, Any]) -> Steps:
    """The steps for these answers; sections in which nothing is asked are passed over."""
    checked = check_answers(definition, answers)
    shown = set(checked.shown)
    way = Steps(definition, checked, ())
    keys = []
    for section in definition.sections:
        asked = {question.key for question in section.questions}
        if section.key in checked.sections and (asked & shown or way.depending(section)):
            keys.append(section.key)
    last = LAST_STEP
    while last in keys:
        last += "_"
    return Steps(definition, checked, (*keys, last))
