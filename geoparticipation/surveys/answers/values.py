"""Looking at one value of an answer as JSON has it."""

from __future__ import annotations

import math
import re
from typing import Any, Final

from geoparticipation.surveys.definition.model import OTHER

# The same characters as in survey-rules.js, whatever Python's and the browser's own trimming call white space.
_BLANK: Final = re.compile(r"[ \t\n\r\f\v\u00a0\u2000-\u200b\u2028\u2029\u202f\u205f\u3000\ufeff]*")
STEP_TOLERANCE: Final = 1e-6


def is_blank(text: str) -> bool:
    """Whether nothing can be read in it."""
    return _BLANK.fullmatch(text) is not None


def is_empty(value: Any) -> bool:
    """Whether this is no answer: nothing, false, blank text, an empty list or object, or one of such things only."""
    if value is None or value is False:
        return True
    if isinstance(value, str):
        return is_blank(value)
    if isinstance(value, list):
        return not value
    if isinstance(value, dict):
        return all(is_empty(part) for part in value.values())
    return False


def number_of(value: Any) -> float | None:
    """The number that a JSON number is; None for everything else."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        figure = float(value)
    except OverflowError:
        return None
    return figure if math.isfinite(figure) else None


def key_of(value: Any) -> str | None:
    """The key of a choice: itself, or "other" for one's own words."""
    if isinstance(value, str):
        return value
    return OTHER if is_other(value) else None


def is_other(value: Any) -> bool:
    """Whether these are one's own words: `{"other": "text"}`."""
    return isinstance(value, dict) and set(value) == {OTHER} and isinstance(value[OTHER], str)


def is_on_step(figure: float, start: float, step: float) -> bool:
    """Whether the number is a whole count of steps from the start, as far as floating point can tell."""
    count = (figure - start) / step
    return abs(count - math.floor(count + 0.5)) <= STEP_TOLERANCE
