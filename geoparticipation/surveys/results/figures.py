"""Counts of people by question, part of a question, answer and district of the person."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

ANSWERED: Final = ""
"""The value under which everybody is counted who answered a question at all."""
HEXAGON: Final = "hex"
"""The part of a question under which people are counted by the hexagons that their places lie in."""
FOLLOW_UP: Final = "place:"
"""What the parts begin with that count places, not people, by the answer to a question about each place."""
LEAST: Final = "least"
MORE: Final = "more"
"""The values of a budget's item: people who gave it no more than it must have, and those who gave more."""

Row = tuple[str, str, str, int, int, float]
"""Question (none for all responses), part, value, district (0 for none), people, sum of what they said as numbers."""


@dataclass
class Tallied:
    """People who gave one answer; `amount` adds up what they said where it is a number."""

    n: int = 0
    amount: float = 0.0
    by_district: Counter[int] = field(default_factory=Counter)


Part = Mapping[str, Tallied]
"""The answers to one part of a question: value → who gave it."""


@dataclass(frozen=True)
class Figures:
    """What was counted; `is_told` says that these are the figures for everybody: what is missing is not told.

    `rest` are people that told figures count together by part: what they answered is not told apart.
    """

    responses: Tallied
    parts: Mapping[tuple[str, str], Part]
    rest: Mapping[tuple[str, str], int] = field(default_factory=dict)
    is_told: bool = False

    def part(self, question: str, part: str = "") -> dict[str, Tallied]:
        """The answers to a part of a question, without the one that says that there was any."""
        return {value: tallied for value, tallied in self.parts.get((question, part), {}).items() if value != ANSWERED}

    def answered(self, question: str) -> Tallied | None:
        """Who answered a question; None where that is not told."""
        found = self.parts.get((question, ""), {}).get(ANSWERED)
        return found if found is not None or self.is_told else Tallied()

    def rows(self) -> Iterator[Row]:
        """What `figures_from` makes them of again, without the rest; a told answer's people outside of what is told
        by district are in district -1.
        """
        for question, part, value, tallied in self._all():
            elsewhere = tallied.n - tallied.by_district.total()
            yield from ((question, part, value, district, n, 0.0) for district, n in tallied.by_district.items())
            if elsewhere or tallied.amount or not tallied.n:
                yield question, part, value, ELSEWHERE, elsewhere, tallied.amount

    def _all(self) -> Iterator[tuple[str, str, str, Tallied]]:
        yield "", "", "", self.responses
        for (question, part), answers in self.parts.items():
            yield from ((question, part, value, tallied) for value, tallied in answers.items())


ELSEWHERE: Final = -1
"""Stands for all districts whose figures are not told."""


def figures_from(rows: Iterable[Row]) -> Figures:
    """Put rows together."""
    responses = Tallied()
    parts: dict[tuple[str, str], dict[str, Tallied]] = {}
    for question, part, value, district, n, amount in rows:
        tallied = parts.setdefault((question, part), {}).setdefault(value, Tallied()) if question else responses
        tallied.n += n
        tallied.amount += amount
        if district != ELSEWHERE:
            tallied.by_district[district] += n
    return Figures(responses, parts)
