"""The order in which the greedy rules look at projects, and what a project that is out would have needed."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from geoparticipation.budgets.counting.election import Candidate, Election


@dataclass(frozen=True)
class Turn:
    """When a project was looked at (from 1), the money left then, and how many more points would have brought it in.

    `more_points` is None for a project that is in, and for one that costs more than all there was.
    """

    position: int
    left: Decimal
    more_points: int | None


def turns_of(
    part: Election,
    won: Collection[str],
    *,
    per_euro: bool = False,
    without: frozenset[str] = frozenset(),
    spent: Decimal = Decimal(0),
) -> dict[str, Turn]:
    """The turn of each project but those in `without`, which were chosen before and cost `spent`."""
    [amount] = part.envelopes.values()
    order = sorted(
        (candidate for candidate in part.candidates if candidate.number not in without),
        key=lambda candidate: _key(part, candidate, part.points[candidate.number], per_euro),
    )
    lefts: list[Decimal] = []
    left = amount - spent
    for candidate in order:
        lefts.append(left)
        if candidate.number in won:
            left -= candidate.cost
    return {
        candidate.number: Turn(
            place + 1,
            lefts[place],
            None if candidate.number in won else _more_points(part, order, lefts, place, per_euro),
        )
        for place, candidate in enumerate(order)
    }


def _key(part: Election, candidate: Candidate, points: int, per_euro: bool) -> tuple[object, ...]:
    score = Fraction(points) / Fraction(candidate.cost) if per_euro else Fraction(points)
    return (-score, part.tie_key(candidate.number, candidate.cost))


def _more_points(
    part: Election, order: list[Candidate], lefts: list[Decimal], place: int, per_euro: bool
) -> int | None:
    """How many more points put the project before the last turn at which its cost was still there.

    Others' points stay as they are. The money that is left only falls, so the last such turn is found from the back.
    """
    candidate = order[place]
    ahead = next((turn for turn in range(place - 1, -1, -1) if lefts[turn] >= candidate.cost), None)
    if ahead is None:
        return None
    rival = order[ahead]
    rival_key = _key(part, rival, part.points[rival.number], per_euro)
    points = part.points[candidate.number]
    level = Fraction(part.points[rival.number])
    if per_euro:
        level = level / Fraction(rival.cost) * Fraction(candidate.cost)
    needed = max(points + 1, -(-level.numerator // level.denominator))
    while _key(part, candidate, needed, per_euro) > rival_key:  # level, and the tie goes to the rival
        needed += 1
    return needed - points
