"""Which groups of letterboxes may be told apart, so that no figure, nor any difference of figures, is about a few.

Figures are published for the whole, for streets and their segments, and for districts. Streets and segments are a
tree: what is left of a told group when its told parts are taken away must be nothing, or enough letterboxes. These
remainders divide the letterboxes into blocks, and so do the districts. Any sum of published figures, with whatever
factors, says something of exactly the letterboxes where a block of the one kind and a block of the other differ in
their factor: of a cut of the graph whose nodes are the blocks and whose edges are the letterboxes that two blocks have
in common. So nothing is told of fewer letterboxes than the smallest cut of a connected part of this graph has.
Rounds are a third division, for which `small_rounds` has the reasoning.

Letterboxes that are not known to have their flyers hide nobody, since hardly any of them answers. So groups are chosen
twice, by letterboxes and by those that are ticked off, and told where both allow it: of a choice that tells nothing of
a few, any part tells nothing of a few either.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple, TypeVar

from geoparticipation.mailings.domain.small_rounds import ELSEWHERE, loose_rounds

_Key = TypeVar("_Key", str, int)

LEAST_TOLD: Final = 5
"""No figure is about fewer letterboxes."""


class Cell(NamedTuple):
    """The finest group: the letterboxes of one segment in one district (empty: in none) on one round (0: on none)."""

    street: str
    segment: int
    district: str
    round: int = 0


@dataclass(frozen=True)
class Told:
    """The groups whose figures may be read."""

    total: bool
    streets: frozenset[str]
    segments: frozenset[int]
    districts: frozenset[str]
    rounds: frozenset[int] = frozenset()

    def __and__(self, other: Told) -> Told:
        """The groups that are in both."""
        return Told(
            self.total and other.total,
            self.streets & other.streets,
            self.segments & other.segments,
            self.districts & other.districts,
            self.rounds & other.rounds,
        )


def groups_to_tell_so_far(letterboxes: Mapping[Cell, int], delivered: Mapping[Cell, int]) -> Told:
    """Choose what may be told of letterboxes of which some are delivered.

    Nothing is about fewer than `LEAST_TOLD` letterboxes, whatever was ticked off or will be, nor about fewer than that
    many which are ticked off now.
    """
    told = groups_to_tell(letterboxes)
    if all(delivered.get(cell) == count for cell, count in letterboxes.items()):
        return told
    return told & groups_to_tell({cell: delivered.get(cell, 0) for cell in letterboxes})


def groups_to_tell(cells: Mapping[Cell, int], *, least: int = LEAST_TOLD) -> Told:
    """Choose what may be told of letterboxes counted by cell: streets first, then segments, districts, and rounds.

    A cell may count 0: then nothing that says anything of it may be about fewer than `least` of the others.

    Where a hidden remainder would be too small, the smallest told group beside it is hidden as well; where districts
    and streets overlap in too few letterboxes, districts give way, the smallest first; so do rounds then. The choice
    depends on nothing but where the letterboxes are, never on who answered.
    """
    if sum(cells.values()) < least:
        return Told(False, frozenset(), frozenset(), frozenset())
    by_district: Counter[str] = Counter()
    for cell, count in cells.items():
        by_district[cell.district] += count
    streets, segments = _streets_and_segments(cells, least)
    districts = {name for name, count in by_district.items() if name and count >= least}
    while districts:
        touching = _loosely_tied(cells, streets, segments, districts, least)
        if touching is None:
            break
        districts.remove(min(touching or districts, key=lambda name: (by_district[name], name)))
    rounds = rounds_to_tell(cells, Told(True, streets, segments, frozenset(districts)), least)
    return Told(True, streets, segments, frozenset(districts), rounds)


def segments_to_tell_so_far(letterboxes: Mapping[Cell, int], delivered: Mapping[Cell, int]) -> frozenset[int]:
    """The segments of `groups_to_tell_so_far`, which do not depend on districts and rounds."""
    return frozenset[int].intersection(
        *(
            _streets_and_segments(counted, LEAST_TOLD)[1]
            for counted in (letterboxes, {cell: delivered.get(cell, 0) for cell in letterboxes})
        )
    )


def _streets_and_segments(cells: Mapping[Cell, int], least: int) -> tuple[frozenset[str], frozenset[int]]:
    by_street: Counter[str] = Counter()
    by_segment: dict[str, Counter[int]] = {}
    for cell, count in cells.items():
        by_street[cell.street] += count
        by_segment.setdefault(cell.street, Counter())[cell.segment] += count
    streets = parts_to_tell(by_street, least)
    return streets, frozenset[int]().union(*(parts_to_tell(by_segment[street], least) for street in streets))


def parts_to_tell(sizes: Mapping[_Key, int], least: int) -> frozenset[_Key]:
    """Those parts of a told group that are large enough, less one where the others together would be too few.

    Parts of size 0 are others of whom too few are counted: leave them out where there is nobody in them to be hidden.
    """
    told = {key for key, size in sizes.items() if size >= least}
    left = sum(size for key, size in sizes.items() if key not in told)
    if told and len(told) < len(sizes) and left < least:
        told.remove(min(told, key=lambda key: (sizes[key], key)))
    return frozenset(told)


def block_of(cell: Cell, streets: frozenset[str], segments: frozenset[int]) -> str:
    """The smallest part of the tree of streets that is known of a cell: a told segment, or what is left of a group."""
    if cell.segment in segments:
        return f"segment {cell.segment}"
    return f"street {cell.street}" if cell.street in streets else "others"


def _loosely_tied(
    cells: Mapping[Cell, int], streets: frozenset[str], segments: frozenset[int], districts: set[str], least: int
) -> set[str] | None:
    """The told districts at a cut that may be too small; None where there is none.

    Blocks that share enough letterboxes are never on two sides of a small cut, and are joined, again and again; where
    each connected part of the graph becomes one, it has no small cut.
    """
    edges: Counter[tuple[str, str]] = Counter()
    for cell, count in cells.items():
        block = block_of(cell, streets, segments)
        edges[block, f"district {cell.district}" if cell.district in districts else "elsewhere"] += count
    leader: dict[str, str] = {}

    def led_by(block: str) -> str:
        while leader.get(block, block) != block:
            leader[block] = leader.get(leader[block], leader[block])
            block = leader[block]
        return block

    while True:
        between: Counter[tuple[str, str]] = Counter()
        for (one, other), count in edges.items():
            ends = sorted((led_by(one), led_by(other)))
            if ends[0] != ends[1]:
                between[ends[0], ends[1]] += count
        strong = [ends for ends, count in between.items() if count >= least]
        if not strong:
            break
        for one, other in strong:
            leader[led_by(one)] = led_by(other)
    if not between:
        return None
    loose = {other for one, other in edges if led_by(one) != led_by(other)}
    return {block.removeprefix("district ") for block in loose if block.startswith("district ")}


def rounds_to_tell(cells: Mapping[Cell, int], told: Told, least: int) -> frozenset[int]:
    """Those rounds that may be told beside what is told of streets and districts; the smallest give way first."""
    by_round: Counter[int] = Counter()
    for cell, count in cells.items():
        by_round[cell.round] += count
    rounds = {number for number, count in by_round.items() if number and count >= least}
    while rounds:
        sizes: Counter[tuple[str, str, int]] = Counter()
        for cell, count in cells.items():
            district = cell.district if cell.district in told.districts else ""
            number = cell.round if cell.round in rounds else ELSEWHERE
            sizes[block_of(cell, told.streets, told.segments), district, number] += count
        loose = loose_rounds(sizes, least)
        if loose is None:
            break
        rounds.remove(min(loose & rounds or rounds, key=lambda number: (by_round[number], number)))
    return frozenset(rounds)
