"""Which figures about people may be told, so that no sum of them is about a few.

People are counted once each in a tree of districts: the town, its districts, theirs. Take from a told district the
told ones within it: what is left is nobody, or enough people. The figures told are sums of these remainders and the
remainders are differences of the figures, so whatever is worked out, with any factors, is about whole remainders.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Final

from geoparticipation.surveys.results.cells import enough
from geoparticipation.surveys.results.telling import LEAST_TOLD

TOWN: Final = 0
"""Stands for the town in trees of districts, above all of them."""


def totals_within(own: Mapping[int, int], parents: Mapping[int, int]) -> dict[int, int]:
    """The sums of the town and of each district, from what is counted in each apart from those within it."""
    totals: dict[int, int] = defaultdict(int, {TOWN: 0, **dict.fromkeys(parents, 0)})
    for node, count in own.items():
        totals[node] += count
        for above in ancestors(node, parents):
            totals[above] += count
    return dict(totals)


def ancestors(node: int, parents: Mapping[int, int]) -> Iterator[int]:
    """What a district lies in, from the smallest up to the town."""
    while node != TOWN:
        node = parents.get(node, TOWN)
        yield node


def people_to_tell(own: Mapping[int, int], parents: Mapping[int, int], *, least: int = LEAST_TOLD) -> dict[int, int]:
    """The sums that may be told, by district and TOWN.

    Where a remainder would be of a few people, the smallest told district in it is hidden as well.
    """
    totals = totals_within(own, parents)
    told = {node for node, count in totals.items() if enough(count, least)}
    while (small := _small_remainder(totals, told, parents, least)) is not None:
        told.remove(min(small, key=lambda node: (totals[node], node)))
    return {node: totals[node] for node in told}


def _small_remainder(
    totals: Mapping[int, int], told: set[int], parents: Mapping[int, int], least: int
) -> list[int] | None:
    """The told districts that have people, right below a told one with too few left beside them; None without such."""
    rests = {node: totals[node] for node in told}
    below: dict[int, list[int]] = defaultdict(list)
    for node in told:
        above = next((each for each in ancestors(node, parents) if each in told), None)
        if above is not None and totals[node]:
            rests[above] -= totals[node]
            below[above].append(node)
    return next((below[node] for node, rest in rests.items() if not enough(rest, least)), None)


def growth_to_tell(counts: list[int], *, start: int = 0, least: int = LEAST_TOLD) -> list[int | None]:
    """Sums at the end of each month, told where nobody or enough people came since the last told one.

    `start` is the sum told last before them.
    """
    told: list[int | None] = []
    waiting = 0
    for count in counts:
        waiting += count
        if enough(waiting, least):
            start, waiting = start + waiting, 0
            told.append(start)
        else:
            told.append(None)
    return told
