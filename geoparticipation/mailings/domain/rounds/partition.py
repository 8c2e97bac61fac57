"""Pieces of streets divided into contiguous parts of equal weight."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import breadth_first_order, connected_components, minimum_spanning_tree

TREES: Final = 40
"""Trees that are tried for each cut; more make no shorter borders worth their time."""

Array = np.ndarray[Any, Any]


class Neighbours:
    """Which pieces touch, and how far it is from one to the other; the whole hangs together."""

    def __init__(self, count: int, first: Array, second: Array, length: Array) -> None:
        low, high = np.minimum(first, second), np.maximum(first, second)
        order = np.lexsort((length, high, low))
        keys = low[order].astype(np.int64) * count + high[order]
        once = np.unique(keys, return_index=True)[1]
        self.count = count
        self.first, self.second = low[order][once], high[order][once]
        self.length = length[order][once]
        self.of: list[list[int]] = [[] for _ in range(count)]
        for a, b in zip(self.first.tolist(), self.second.tolist(), strict=True):
            self.of[a].append(b)
            self.of[b].append(a)

    def groups(self, pieces: Sequence[int]) -> list[list[int]]:
        """Divide these pieces into those that hang together over these alone."""
        left = set(pieces)
        found = []
        for piece in pieces:
            if piece not in left:
                continue
            left.remove(piece)
            group, waiting = [piece], [piece]
            while waiting:
                for other in self.of[waiting.pop()]:
                    if other in left:
                        left.remove(other)
                        group.append(other)
                        waiting.append(other)
            found.append(group)
        return found

    def hang_together(self, pieces: Sequence[int]) -> bool:
        """Whether one can go from each of these pieces to each other one over these alone; nothing does not."""
        return len(self.groups(pieces)) == 1


def divide(neighbours: Neighbours, weights: Array, parts: int, *, seed: int) -> Array:
    """Give each piece its part, 0 to parts - 1: each part hangs together, and weights are as equal as pieces allow.

    Cuts in two again and again, each time at an edge of a spanning tree (as ReCom does, DeFord, Duchin and Solomon
    2021); of the trees tried, the one is taken whose cut is even enough and separates the fewest neighbours. There must
    be at least as many pieces as parts. The same seed gives the same parts.
    """
    part_of = np.zeros(neighbours.count, dtype=int)
    random = np.random.default_rng(seed)
    waiting = [(np.arange(neighbours.count), 0, parts)]
    while waiting:
        pieces, first, count = waiting.pop()
        part_of[pieces] = first
        if count == 1:
            continue
        ahead = count // 2
        inside = _cut(neighbours, weights, pieces, (ahead, count - ahead), random)
        waiting += [(pieces[inside], first, ahead), (pieces[~inside], first + ahead, count - ahead)]
    return part_of


def _cut(neighbours: Neighbours, weights: Array, pieces: Array, parts: tuple[int, int], random: Any) -> Array:
    """Tell which of the pieces go to the first of so many parts; the rest is for the others (their number second)."""
    ahead, count = parts[0], sum(parts)
    size = len(pieces)
    local = np.full(neighbours.count, -1)
    local[pieces] = np.arange(size)
    a, b = local[neighbours.first], local[neighbours.second]
    within = (a >= 0) & (b >= 0)
    a, b, length = a[within], b[within], neighbours.length[within]
    own = weights[pieces]
    goal = own.sum() * ahead / count
    allowed = 0.02 * own.sum() / count
    best: tuple[float, float] | None = None
    chosen = np.zeros(size, dtype=bool)
    for _ in range(TREES):
        wobbling = (length + 1.0) * random.uniform(0.3, 1.0, len(length))
        tree = minimum_spanning_tree(coo_matrix((wobbling, (a, b)), shape=(size, size)).tocsr())
        order, before = breadth_first_order(tree, 0, directed=False)
        below, heads = own.astype(float).copy(), np.ones(size, dtype=int)
        for node in order[:0:-1].tolist():
            below[before[node]] += below[node]
            heads[before[node]] += heads[node]
        below[0], heads[0] = np.inf, 0
        # The branch may be the first side or the other; each side needs a piece for each of its parts.
        off_first = np.where((heads >= ahead) & (size - heads >= count - ahead), np.abs(below - goal), np.inf)
        rest = own.sum() - goal
        off_second = np.where((heads >= count - ahead) & (size - heads >= ahead), np.abs(below - rest), np.inf)
        top = int(np.minimum(off_first, off_second).argmin())
        off = float(min(off_first[top], off_second[top]))
        if not np.isfinite(off):
            continue
        branch = _branch(order, before, top, size)
        inside = branch if off_first[top] <= off_second[top] else ~branch
        severed = float((inside[a] != inside[b]).sum())
        score = (max(off, allowed), severed)
        if best is None or score < best:
            best, chosen = score, inside
    return chosen if best is not None else _peeled(neighbours, pieces, local, ahead)


def _branch(order: Array, before: Array, top: int, size: int) -> Array:
    inside = np.zeros(size, dtype=bool)
    inside[top] = True
    for node in order[1:].tolist():
        if inside[before[node]]:
            inside[node] = True
    return inside


def _peeled(neighbours: Neighbours, pieces: Array, local: Array, ahead: int) -> Array:
    """Cut off `ahead` pieces one by one, leaving what hangs together: when there are hardly more pieces than parts."""
    inside = np.zeros(len(pieces), dtype=bool)
    left = pieces.tolist()
    for _ in range(ahead):
        for piece in left:
            rest = [other for other in left if other != piece]
            if neighbours.hang_together(rest):
                inside[local[piece]] = True
                left = rest
                break
    return inside


def contiguous(neighbours: Neighbours, part_of: Array, parts: int) -> bool:
    """Whether each part has pieces and hangs together."""
    same = part_of[neighbours.first] == part_of[neighbours.second]
    matrix = coo_matrix(
        (np.ones(same.sum()), (neighbours.first[same], neighbours.second[same])), shape=(neighbours.count,) * 2
    )
    count = connected_components(matrix, directed=False)[0]
    return bool(count == parts == len(set(part_of.tolist())))
