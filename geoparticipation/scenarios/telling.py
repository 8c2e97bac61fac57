"""Which figures of a plan everybody reads, so that they tell nobody's preference (docs/adr, results of plans).

The people who answered at a place are divided by their answers: the variants, and none. Whatever can be worked out as a
sum of told figures must be about nobody or about `least` people and more. Nothing told at one place is a part of what
is told at another, so each is looked at by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

LEAST: Final = 5
"""People, as everywhere in public figures."""


@dataclass(frozen=True)
class Told:
    """What is told of a place: people by answer (None where too few to tell) and in all (None where not told)."""

    answers: tuple[int | None, ...]
    total: int | None

    @property
    def hidden(self) -> int:
        """How many answers are not told."""
        return sum(one is None for one in self.answers)


def tell(counts: Sequence[int], *, exactly: bool, least: int = LEAST) -> Told:
    """The figures to tell of these counts, in the same order.

    `exactly`: those of too few people are hidden, and where they would still be too few together, the smallest others,
    too; the total is told. Otherwise each is rounded down to a multiple of `least` and no total is told, so that two
    days differ by that at least.
    """
    if not exactly:
        return Told(tuple(count - count % least for count in counts), None)
    total = sum(counts)
    if 0 < total < least:
        return Told(tuple(None for _count in counts), None)
    hidden = {index for index, count in enumerate(counts) if 0 < count < least}
    while hidden and sum(counts[index] for index in hidden) < least:
        told = [index for index, count in enumerate(counts) if index not in hidden and count]
        if not told:
            break
        hidden.add(min(told, key=lambda index: (counts[index], index)))
    if hidden:
        # That nobody chose something would tell that who chose among few others did not.
        hidden |= {index for index, count in enumerate(counts) if count == 0}
    return Told(tuple(None if index in hidden else count for index, count in enumerate(counts)), total)


def sums(places: Sequence[Told]) -> tuple[int, ...]:
    """For the whole plan: the told answers of all places added up, for each answer; hidden ones add nothing."""
    return tuple(sum(one or 0 for one in column) for column in zip(*(place.answers for place in places), strict=True))
