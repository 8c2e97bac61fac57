"""Which rounds may be told beside streets and districts: a third division of the same letterboxes.

Whatever is worked out from figures of three divisions gives each letterbox the number f = b + d + r: one for its block
of the street, one for its district, one for its round (what is not told of a division is one more block of it). It is
about the letterboxes whose f is not zero. Were these fewer than five, then any set of five or more letterboxes whose f
is the same, or a multiple of the same, has f = 0, which is an equation between blocks; with more equations, more
letterboxes are seen to have the same f. Once f = 0 for all of them follows, nothing but zero can be worked out of
fewer than five. Where it does not follow, a round gives way.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from fractions import Fraction
from typing import Final

Block = tuple[int, str | int]
"""(0 for streets, 1 for districts, 2 for rounds; its name)."""
Row = dict[Block, Fraction]

_STREETS, _DISTRICTS, _ROUNDS = range(3)
ELSEWHERE: Final = 0
"""The name of all rounds that are not told."""


class Equations:
    """Linear equations (a sum of blocks is zero) in echelon form."""

    def __init__(self) -> None:
        self._by_first: dict[Block, Row] = {}

    def rest(self, row: Row) -> Row:
        """What is left of a row by these equations: nothing when it follows from them. The first factor is 1."""
        left = dict(row)
        for _round in range(len(self._by_first) + 1):
            known = next((block for block in sorted(left) if block in self._by_first), None)
            if known is None:
                break
            factor = left[known]
            for block, value in self._by_first[known].items():
                changed = left.get(block, Fraction(0)) - factor * value
                if changed:
                    left[block] = changed
                else:
                    left.pop(block, None)
        if left:
            first = left[min(left)]
            left = {block: value / first for block, value in left.items()}
        return left

    def add(self, row: Row) -> None:
        """One more equation."""
        left = self.rest(row)
        if left:
            self._by_first[min(left)] = left


def loose_rounds(sizes: Mapping[tuple[str, str, int], int], least: int) -> set[int] | None:
    """The rounds of letterboxes that could be told apart, of letterboxes counted by (block, district, round).

    None when nothing can be worked out that is about fewer than `least` of them.
    """
    waiting = {_row(*key): (key, count) for key, count in _worth_a_look(sizes, least).items()}
    equations = Equations()
    while waiting:
        alike: Counter[tuple[tuple[Block, Fraction], ...]] = Counter()
        left = {}
        for row, (key, count) in waiting.items():
            rest = tuple(sorted(equations.rest(dict(row)).items()))
            if rest:
                alike[rest] += count
                left[row] = (key, count)
        if not left:
            break
        found = [rest for rest, count in alike.items() if count >= least]
        if not found:
            return {key[2] for key, _count in left.values()}
        for rest in found:
            equations.add(dict(rest))
        waiting = left
    return None


def _row(block: str, district: str, round_: int) -> tuple[tuple[Block, Fraction], ...]:
    one = Fraction(1)
    return (((_STREETS, block), one), ((_DISTRICTS, district), one), ((_ROUNDS, round_), one))


def _worth_a_look(sizes: Mapping[tuple[str, str, int], int], least: int) -> dict[tuple[str, str, int], int]:
    """Without large blocks that are wholly in one district and on one round: their own number makes f = 0 there."""
    parts = Counter(block for block, _district, _round in sizes)
    return {key: count for key, count in sizes.items() if parts[key[0]] > 1 or count < least}
