"""The table that the measures fill, and how durations are taken."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Row:
    """One line of the table: ours, what it is compared with, and by how many times ours takes longer (or more).

    With a `goal`, the ratio is to be at most `at_most`. `limit` says what keeps a ratio above its goal; it is shown
    only where the goal is missed.
    """

    what: str
    ours: str
    other: str = ""
    ratio: float | None = None
    goal: str = ""
    at_most: float | None = None
    limit: str = ""

    @property
    def is_missed(self) -> bool:
        """Whether the goal was not reached."""
        return self.ratio is not None and self.at_most is not None and self.ratio > self.at_most

    @property
    def in_words(self) -> str:
        """The ratio, from the side on which it is a number above one."""
        if not self.ratio:
            return ""
        return f"{self.ratio:.2f} ×" if self.ratio > 0.1 else f"1 / {1 / self.ratio:,.0f}"


def median_ms(action: Callable[[], object], repeats: int) -> float:
    """Median duration of an action in milliseconds, after one run that is not counted."""
    action()
    return statistics.median(duration_ms(action) for _ in range(repeats))


def duration_ms(action: Callable[[], object]) -> float:
    """Duration of one run in milliseconds."""
    start = time.perf_counter()
    action()
    return (time.perf_counter() - start) * 1000


def written_ms(ms: float) -> str:
    """A duration with as many digits as it is worth."""
    return f"{ms:,.0f} ms" if ms >= 100 else f"{ms:.1f} ms" if ms >= 1 else f"{ms:.2f} ms"


def written_bytes(size: float) -> str:
    """A size in kB or MB."""
    return f"{size / 1e6:,.1f} MB" if size >= 1e6 else f"{size / 1e3:,.1f} kB"
