"""Numbers put together into ranges, for charts and tables.

Between a least and a largest number that the survey sets: every number where it lets through twenty at the most, else
ten equal ranges. Without them the ranges grow with the number (0, 1, 2, 5, 10, 20, 50 …), the same in every survey:
ranges that followed the answers would tell the largest of them.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import replace

from geoparticipation.surveys.definition.model import Number, SurveyDefinition
from geoparticipation.surveys.results.figures import ANSWERED, Figures, Part, Tallied

MOST_SINGLE = 20
RANGES = 10


def put_into_ranges(definition: SurveyDefinition, figures: Figures) -> Figures:
    """The same figures, with ranges as the values of numbers: "lowest:highest", the highest not in it."""
    numbers = {question.key: question for question in definition.questions if isinstance(question, Number)}
    parts = {
        (key, part): _ranged(numbers[key], answers) if key in numbers and not part else answers
        for (key, part), answers in figures.parts.items()
    }
    return replace(figures, parts=parts)


def _ranged(question: Number, answers: Part) -> Part:
    ranged: dict[str, Tallied] = {}
    for value, tallied in answers.items():
        into = ranged.setdefault(value if value == ANSWERED else range_of(question, float(value)), Tallied())
        into.n += tallied.n
        into.amount += tallied.amount
        into.by_district = Counter(into.by_district) + tallied.by_district
    return ranged


def range_of(question: Number, number: float) -> str:
    """The range that a number lies in."""
    least, most = question.minimum, question.maximum
    if least is None or most is None or most <= least:
        return _growing(number)
    if (most - least) / (question.step or math.inf) <= MOST_SINGLE:
        return f"{number:g}:{number:g}"
    width = (most - least) / RANGES
    at = min(int((number - least) / width), RANGES - 1)
    return f"{least + at * width:g}:{least + (at + 1) * width:g}"


def _growing(number: float) -> str:
    if number < 0:
        low, high = _growing(-number).split(":")
        return f"-{high}:-{low}" if low != "0" else f"-{high}:0"
    if number < 1:
        return "0:1"
    ten = 10.0 ** math.floor(math.log10(number) + 1e-9)
    steps = [ten, 2 * ten, 5 * ten, 10 * ten]
    at = max(place for place in range(3) if number >= steps[place])
    return f"{steps[at]:g}:{steps[at + 1]:g}"


def bounds_of(name: str) -> tuple[float, float]:
    """The lowest number of a range, and the first above it."""
    low, high = name.split(":")
    return float(low), float(high)
