"""The order and the direction in which the sides of streets are walked: short, the same each time, and soon found."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

KICKS: Final = 100
"""How often a good walk is shaken and improved again."""
MOST_SHAKEN: Final = 400
"""Longer walks are improved once and not shaken."""

Array = np.ndarray[Any, Any]


def shortest_walk(
    ends: Array, *, seed: int, start: Array | None = None, end: Array | None = None, kicks: int = KICKS
) -> list[int]:
    """Order stretches, each walked once from one end to the other, so that the ways between them are short.

    Stretch i has the ends 2 i and 2 i + 1; `ends` has the ways between each two ends, in metres. Gives for each stretch
    in walking order the end at which it is begun. `start` and `end` are the ways from where the walk begins, and to
    where it stops, for each end; without them it may begin and stop anywhere. Two-opt and or-opt moves (which here also
    turn stretches round) down to where none helps, then double-bridge kicks with a seed: iterated local search.
    """
    count = len(ends) // 2
    # One more stretch, of no length and nowhere, closes the walk: it is the way from stop to begin.
    size = 2 * count
    cost = np.zeros((size + 2, size + 2))
    cost[:size, :size] = ends
    if start is not None:
        cost[size + 1, :size] = cost[:size, size + 1] = start
    if end is not None:
        cost[size, :size] = cost[:size, size] = end
    # The nowhere is left by its second end and entered by its first, so its direction matters: see _from_nowhere.
    fixed = start is not None or end is not None
    best = _improved(_nearest_first(cost, size), cost)
    shortest = _length(best, cost)
    if 3 < count <= MOST_SHAKEN:
        random = np.random.default_rng(seed)
        for _ in range(kicks):
            tried = _improved(_kicked(best, random), cost)
            length = _length(tried, cost)
            if length < shortest - 1e-6:
                best, shortest = tried, length
    walk = _from_nowhere(best, size)
    return walk if not fixed or _goes_right(best, size) else [begun ^ 1 for begun in reversed(walk)]


def _length(walk: Array, cost: Array) -> float:
    return float(cost[walk ^ 1, np.roll(walk, -1)].sum())


def _from_nowhere(walk: Array, nowhere: int) -> list[int]:
    at = int(np.flatnonzero(walk >> 1 == nowhere >> 1)[0])
    return np.concatenate([walk[at + 1 :], walk[:at]]).tolist()  # type: ignore[no-any-return]


def _goes_right(walk: Array, nowhere: int) -> bool:
    """Nowhere is entered at its first end, and left at its second, where the walk begins."""
    return bool((walk == nowhere).any())


def _nearest_first(cost: Array, nowhere: int) -> Array:
    """A first walk: always on to the nearest end of a stretch that was not walked."""
    left = np.ones(len(cost), dtype=bool)
    left[nowhere] = left[nowhere + 1] = False
    walk = [nowhere]
    while left.any():
        onward = int(np.where(left, cost[walk[-1] ^ 1], np.inf).argmin())
        left[onward] = left[onward ^ 1] = False
        walk.append(onward)
    return np.array(walk)


def _improved(walk: Array, cost: Array) -> Array:
    """Better the walk as long as a move does."""
    while True:
        better = _two_opt(walk, cost)
        if better is None:
            better = _or_opt(walk, cost)
        if better is None:
            return walk
        walk = better


def _two_opt(walk: Array, cost: Array) -> Array | None:
    """The best reversal of a part of the walk, by which its stretches are walked the other way; None if none helps."""
    leave, enter = walk ^ 1, np.roll(walk, -1)
    link = cost[leave, enter]
    # Links i < j are replaced: leave[i] to leave[j], and enter[i] to enter[j].
    gain = link[:, None] + link[None, :] - cost[np.ix_(leave, leave)] - cost[np.ix_(enter, enter)]
    gain[np.tril_indices(len(walk))] = 0.0
    i, j = divmod(int(gain.argmax()), len(walk))
    if gain[i, j] <= 1e-6:
        return None
    better = walk.copy()
    better[i + 1 : j + 1] = walk[i + 1 : j + 1][::-1] ^ 1
    return better


def _or_opt(walk: Array, cost: Array) -> Array | None:
    """The best move of one, two or three stretches to elsewhere, either way round; None if none helps."""
    count = len(walk)
    best: tuple[float, int, int, int, bool] = (1e-6, 0, 0, 0, False)
    leave, enter = walk ^ 1, np.roll(walk, -1)
    link = cost[leave, enter]
    for many in (1, 2, 3):
        if count < many + 2:
            break
        at = np.arange(count)
        first, last = walk, walk[(at + many - 1) % count] ^ 1
        before, after = walk[at - 1] ^ 1, walk[(at + many) % count]
        saved = cost[before, first] + cost[last, after] - cost[before, after]
        straight = cost[np.ix_(leave, first)].T + cost[np.ix_(enter, last)].T - link[None, :]
        turned = cost[np.ix_(leave, last)].T + cost[np.ix_(enter, first)].T - link[None, :]
        gain = saved[:, None] - np.minimum(straight, turned)
        for shift in range(-1, many):
            gain[at, (at + shift) % count] = 0.0
        i, j = divmod(int(gain.argmax()), count)
        if gain[i, j] > best[0]:
            best = (float(gain[i, j]), i, j, many, bool(turned[i, j] < straight[i, j]))
    if best[3] == 0:
        return None
    _gain, i, j, many, turn = best
    moved = [int(walk[(i + step) % count]) for step in range(many)]
    rest = [int(walk[(i + many + step) % count]) for step in range(count - many)]
    if turn:
        moved = [begun ^ 1 for begun in reversed(moved)]
    behind = rest.index(int(walk[j]))
    return np.array(rest[: behind + 1] + moved + rest[behind + 1 :])


def _kicked(walk: Array, random: Any) -> Array:
    """Change two short neighbouring parts of the walk for one another, which no single move undoes."""
    turned = np.roll(walk, int(random.integers(len(walk))))
    longest = max(1, min(30, (len(walk) - 1) // 2))
    first, second = (int(random.integers(1, longest + 1)) for _ in range(2))
    return np.concatenate([turned[first : first + second], turned[:first], turned[first + second :]])
