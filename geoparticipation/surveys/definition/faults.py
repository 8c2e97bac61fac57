"""What is wrong with a definition, in words for who writes it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from layers.errors import Refusal


@dataclass(frozen=True)
class Fault:
    """One thing to change.

    `where` is the place in the JSON ("sections[0].questions[2].choices"), `question` the key of the question or
    section it belongs to ("" for the whole survey), `code` is stable, `sentence` names the question and says what to
    do.
    """

    where: str
    question: str
    code: str
    sentence: str


class DefinitionRefused(Refusal):
    """A definition that is no survey; `faults` has all of them, `extra["faults"]` the same for programs."""

    code = "survey_definition_refused"
    status = 422

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__(
            " ".join(fault.sentence for fault in faults[:3]),
            field="definition",
            faults=[asdict(fault) for fault in faults],
        )
        self.faults = tuple(faults)
