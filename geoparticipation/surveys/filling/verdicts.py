"""What is wrong with the answers of a step, as the page says it: sentences by path, and a list that leads to each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from geoparticipation.contributions.locating import PlaceAmbiguous
from geoparticipation.surveys.answers import AnswerFault, Checked
from geoparticipation.surveys.answers.keeping import kept_answers
from geoparticipation.surveys.answers.sentences import sentence_of
from geoparticipation.surveys.definition.model import Question
from geoparticipation.surveys.domain.place_answers import find_place
from geoparticipation.surveys.errors import PlaceOfAnswerRefused
from geoparticipation.surveys.models import Survey


@dataclass
class Verdict:
    """Sentences by path; for a place that has several of its name, the places one may have meant."""

    errors: dict[str, list[str]] = field(default_factory=dict)
    place_choices: dict[str, Any] = field(default_factory=dict)

    def add(self, path: str, sentence: str) -> None:
        """Note one more thing to change."""
        self.errors.setdefault(path, []).append(sentence)

    def add_faults(self, faults: Iterable[AnswerFault]) -> None:
        """Note what the check of the answers found."""
        for fault in faults:
            self.add(fault.path, sentence_of(fault))

    def add_place(self, refusal: PlaceOfAnswerRefused) -> None:
        """Note a place that cannot be taken."""
        self.add(refusal.path, str(refusal.detail))
        if isinstance(refusal.reason, PlaceAmbiguous):
            self.place_choices[refusal.path] = refusal.reason.choices


def judge(survey: Survey, checked: Checked, questions: Iterable[Question]) -> Verdict:
    """The verdict on these questions: limits first, and where they are kept to, whether each place can be found.

    No query without places, else two to six for each.
    """
    asked = {question.key for question in questions}
    verdict = Verdict()
    verdict.add_faults(fault for fault in checked.faults if fault.question in asked)
    faulty = {path.split(".")[0].split("[")[0] for path in verdict.errors}
    good: Mapping[str, Any] = {
        key: value for key, value in checked.values.items() if key in asked and key not in faulty
    }
    for given in kept_answers(survey.read, good).places:
        try:
            find_place(survey=survey, given=given)
        except PlaceOfAnswerRefused as refusal:
            verdict.add_place(refusal)
    return verdict
