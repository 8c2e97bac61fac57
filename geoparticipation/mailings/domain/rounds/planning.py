"""Letterboxes on a network turned into rounds: first parts of the town, then a walk through each."""

from __future__ import annotations

import itertools
import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import minimum_spanning_tree

from geoparticipation.mailings.domain.rounds.network import Neighbourhood, Network
from geoparticipation.mailings.domain.rounds.partition import Neighbours, divide
from geoparticipation.mailings.domain.rounds.tour import KICKS, shortest_walk
from geoparticipation.mailings.domain.rounds.walking import Pace

EVEN: Final = 0.06
"""How far from the mean a round's time may be before pieces of streets change hands; shaking adds a little to it."""
EXCHANGES_PER_ROUND: Final = 20
EVEN_ENOUGH: Final = 0.1
ATTEMPTS: Final = 4
"""Divisions that are tried until one is even enough. None is where few doors lie an hour's walk from the others."""
LEARNING: Final = 0.7
"""How much of what an earlier division was off by the weights of its pieces take up; all of it swings to and fro."""

Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Letterboxes:
    """What planning needs to know of each letterbox; arrays of one length, in the order of the register."""

    node: Array
    piece: Array
    """The piece of a street (a segment), from 0 on without gaps."""
    left: Array
    along: Array
    """Where on its piece, in metres; for a piece without course, any number that grows along it."""

    @property
    def pieces(self) -> int:
        """How many pieces of streets have letterboxes."""
        return int(self.piece.max()) + 1


@dataclass(frozen=True)
class Walk:
    """One round: letterboxes in walking order, what is walked between the first and the last, and how long it takes.

    The length has the ways from where the round starts and to where it ends, if these are chosen.
    """

    order: list[int]
    length_m: float
    crossings: int
    seconds: float


@dataclass(frozen=True)
class Plan:
    """Rounds of a mailing, and what no other rounds, of the same number, can be shorter than."""

    walks: list[Walk]
    lower_bound_m: float

    @property
    def length_m(self) -> float:
        """What is walked in all rounds together."""
        return sum(walk.length_m for walk in self.walks)

    @property
    def imbalance(self) -> float:
        """How far the round that is furthest from the mean is from it, as a share of it."""
        seconds = [walk.seconds for walk in self.walks]
        mean = sum(seconds) / len(seconds)
        return max(abs(each - mean) for each in seconds) / mean if mean else 0.0


class Planner:
    """Plans rounds on one network; the same input gives the same rounds."""

    def __init__(
        self,
        network: Network,
        letterboxes: Letterboxes,
        pace: Pace,
        *,
        start: int | None = None,
        end: int | None = None,
        seed: int = 1,
    ) -> None:
        self.network, self.letterboxes, self.pace = network, letterboxes, pace
        self.start, self.end, self.seed = start, end, seed
        self.members = [np.flatnonzero(letterboxes.piece == piece) for piece in range(letterboxes.pieces)]
        self.hanging = _hanging(network)
        stands = np.unique(letterboxes.node)
        first, second, length = network.spans(stands)
        self.tree = _spanning_tree(len(stands), first, second, length)
        self.neighbours, self.weights = self._pieces_as_neighbours(stands, first, second, length)

    def _pieces_as_neighbours(
        self, stands: Array, first: Array, second: Array, length: Array
    ) -> tuple[Neighbours, Array]:
        """Pieces that touch, and about how many seconds each will take."""
        at_stand = np.searchsorted(stands, self.letterboxes.node)
        pairs = np.unique(np.column_stack([at_stand, self.letterboxes.piece]), axis=0)
        head = np.full(len(stands), -1)
        head[pairs[::-1, 0]] = pairs[::-1, 1]
        a, b, far = head[first], head[second], length
        # At a corner, letterboxes of several streets have one place.
        a, b = np.concatenate([a, head[pairs[:, 0]]]), np.concatenate([b, pairs[:, 1]])
        far = np.concatenate([far, np.zeros(len(pairs))])
        apart = a != b
        neighbours = Neighbours(self.letterboxes.pieces, a[apart], b[apart], far[apart])
        walked = np.zeros(len(stands))
        tree = self.tree.tocoo()
        for ends in (tree.row, tree.col):
            np.add.at(walked, ends, tree.data / 2)
        share = np.bincount(at_stand, minlength=len(stands))
        metres = np.bincount(self.letterboxes.piece, weights=walked[at_stand] / share[at_stand]) * 1.25
        count = np.bincount(self.letterboxes.piece)
        seconds = metres / self.pace.metres_per_minute * 60 + count * self.pace.seconds_per_letterbox
        return neighbours, seconds

    def lower_bound_m(self, rounds: int) -> float:
        """What so many rounds walk at the least, wherever they start and end, whoever visits which letterbox.

        Rounds visit all places; going from each to the next, they join these to at most `rounds` groups. So they are
        no shorter than the shortest tree over the places (by shortest ways) less its `rounds - 1` longest edges.
        """
        edges = np.sort(self.tree.data)
        return float(edges[: max(0, len(edges) - rounds + 1)].sum())

    def plan(self, rounds: int) -> Plan:
        """Divide into so many rounds, at most as many as there are pieces; contiguous, and of about the same time."""
        plans = []
        weights = self.weights
        for attempt in range(ATTEMPTS):
            plan, weights = self._planned(rounds, weights, self.seed + attempt)
            plans.append(plan)
            if plan.imbalance <= EVEN_ENOUGH:
                break
        return min(plans, key=lambda plan: plan.imbalance)

    def _planned(self, rounds: int, weights: Array, seed: int) -> tuple[Plan, Array]:
        """A plan, and the weights of pieces by which its division would have been more even.

        What a piece takes depends on what else is on its round: doors far away are cheap beside others out there.
        """
        part_of = divide(self.neighbours, weights, rounds, seed=seed)
        walks = [self._walk(np.flatnonzero(part_of == part), kicks=0) for part in range(rounds)]
        taken = np.array([walk.seconds for walk in walks])
        reckoned = np.bincount(part_of, weights=weights, minlength=rounds)
        learnt = weights * ((taken / np.maximum(reckoned, 1e-6)) ** LEARNING)[part_of]
        self._exchange(part_of, walks)
        shaken = [self._walk(np.flatnonzero(part_of == part), kicks=KICKS) for part in range(rounds)]
        plan = Plan(_from_west_to_east(shaken, self.network, self.letterboxes), self.lower_bound_m(rounds))
        return plan, learnt

    @property
    def longest_way_without_doors_s(self) -> float:
        """The longest way between two neighbouring groups of letterboxes, in seconds: one round has it whole, or none.

        Where it is longer than rounds may differ by, there may be no even rounds: who delivers out there walks it, and
        who does not is done sooner.
        """
        longest = float(self.tree.data.max()) if self.tree.nnz else 0.0
        return self.pace.seconds(length_m=longest, letterboxes=0, crossings=0)

    def plan_within(self, seconds: float) -> Plan | None:
        """As few rounds as are found none of which takes longer; None where one piece alone does."""
        rounds = max(1, min(self.letterboxes.pieces, math.ceil(float(self.weights.sum()) / seconds)))
        while rounds <= self.letterboxes.pieces:
            plan = self.plan(rounds)
            longest = max(walk.seconds for walk in plan.walks)
            if longest <= seconds:
                return plan
            if rounds == self.letterboxes.pieces:
                break
            more = math.ceil(rounds * min(2.0, longest / seconds) * 0.98)
            rounds = min(self.letterboxes.pieces, max(rounds + 1, more))
        return None

    def _exchange(self, part_of: Array, walks: list[Walk]) -> None:
        """Let rounds that take long give pieces at their border to shorter ones beside them."""
        stuck: set[tuple[int, int]] = set()
        refused: set[tuple[int, int]] = set()
        for _ in range(EXCHANGES_PER_ROUND * len(walks)):
            seconds = np.array([walk.seconds for walk in walks])
            mean = seconds.mean()
            if np.abs(seconds - mean).max() <= EVEN * mean:
                return
            pair = self._most_uneven(part_of, seconds, stuck)
            if pair is None:
                return
            giver, taker = pair
            pieces = self._pieces_to_give(part_of, giver, taker, float(seconds[giver] - seconds[taker]), refused)
            if pieces is None:
                stuck.add(pair)
                continue
            part_of[pieces] = taker
            given = [self._walk(np.flatnonzero(part_of == part), kicks=0) for part in pair]
            # Without this the same pieces could go to and fro.
            if max(walk.seconds for walk in given) >= seconds[giver] - 1e-6:
                part_of[pieces] = giver
                refused.add((pieces[0], taker))
                continue
            walks[giver], walks[taker] = given
            stuck = {other for other in stuck if not set(other) & set(pair)}

    def _most_uneven(self, part_of: Array, seconds: Array, stuck: set[tuple[int, int]]) -> tuple[int, int] | None:
        a, b = part_of[self.neighbours.first], part_of[self.neighbours.second]
        pairs = {tuple(pair) for pair in np.column_stack([a, b])[a != b].tolist()}
        either_way = sorted({*pairs, *((second, first) for first, second in pairs)} - stuck)
        uneven = [(float(seconds[giver] - seconds[taker]), giver, taker) for giver, taker in either_way]
        if not uneven:
            return None
        difference, giver, taker = max(uneven)
        return (giver, taker) if difference > 0 else None

    def _pieces_to_give(
        self, part_of: Array, giver: int, taker: int, difference: float, refused: set[tuple[int, int]]
    ) -> list[int] | None:
        """The piece whose going makes two rounds most equal, with what would hang in the air without it."""
        own = np.flatnonzero(part_of == giver).tolist()
        border = [
            piece
            for piece in own
            if (piece, taker) not in refused and any(part_of[other] == taker for other in self.neighbours.of[piece])
        ]
        offers = []
        for piece in border:
            rest = self.neighbours.groups([other for other in own if other != piece])
            if not rest:
                continue
            staying = max(rest, key=lambda group: float(self.weights[group].sum()))
            going = [piece, *(other for group in rest if group is not staying for other in group)]
            weight = float(self.weights[going].sum())
            if weight < difference:
                offers.append((abs(2 * weight - difference), piece, going))
        return min(offers)[2] if offers else None

    # --- One round ----------------------------------------------------------------------------------------------------

    def _walk(self, pieces: Array, *, kicks: int) -> Walk:
        """Order the letterboxes of some pieces: each piece along one side and back, or both sides at once."""
        members = np.concatenate([self.members[piece] for piece in pieces])
        fixed = [node for node in (self.start, self.end) if node is not None]
        stands = np.unique(np.concatenate([self.letterboxes.node[members], np.array(fixed, dtype=int)]))
        ways = self.network.around(stands).distances(stands)
        round_ = _OneRound(self, pieces, members, stands, ways)
        return round_.best(kicks)

    def neighbourhood_of(self, walk: Walk) -> Neighbourhood:
        """The part of the network in which a walk's ways are looked for: the one in which it was planned."""
        return self.network.around(np.array(self.nodes_of(walk)))

    def nodes_of(self, walk: Walk) -> list[int]:
        """The nodes that a walk goes to, from its start to its end."""
        nodes = [int(self.letterboxes.node[letterbox]) for letterbox in walk.order]
        before = [] if self.start is None else [self.start]
        after = [] if self.end is None else [self.end]
        return before + nodes + after

    def measured(self, order: Sequence[int]) -> Walk:
        """A walk over letterboxes in any given order, of any size."""
        nodes = self.letterboxes.node[np.array(order)]
        around = self.network.around(nodes)
        total = 0.0
        for way in around.ways(nodes.tolist()):
            total += sum(
                float(self.network.lengths[self.network.edge_between[min(a, b), max(a, b)]])
                for a, b in itertools.pairwise(way)
            )
        return self._as_walk(list(order), total)

    def _as_walk(self, order: list[int], length: float) -> Walk:
        at = np.array(order)
        piece, left = self.letterboxes.piece[at], self.letterboxes.left[at]
        crossings = int(((piece[1:] == piece[:-1]) & (left[1:] != left[:-1])).sum())
        seconds = self.pace.seconds(length_m=length, letterboxes=len(order), crossings=crossings)
        return Walk(order, length, crossings, seconds)


class _OneRound:
    """The choices within a round."""

    def __init__(self, planner: Planner, pieces: Array, members: Array, stands: Array, ways: Array) -> None:
        self.planner, self.pieces, self.members, self.stands, self.ways = planner, pieces, members, stands, ways
        self.stand_of = dict(
            zip(members.tolist(), np.searchsorted(stands, planner.letterboxes.node[members]).tolist(), strict=True)
        )

    def best(self, kicks: int) -> Walk:
        """The quickest of: each side apart, narrow streets at once, these but for dead ends, and the register's order.

        Where a street leads nowhere else, one comes back on it anyway, on its other side.
        """
        narrow = {int(piece) for piece in self.pieces if self._is_narrow(int(piece))}
        through = {piece for piece in narrow if not self._leads_nowhere(piece)}
        choices: list[set[int]] = [set(), narrow, through]
        tried = [
            (self._walked(together, 0), together) for at, together in enumerate(choices) if together not in choices[:at]
        ]
        quickest, together = min(tried, key=lambda pair: pair[0].seconds)
        shaken = [self._walked(together, kicks)] if kicks else []
        register = self._measured(sorted(self.members.tolist()))
        return min((quickest, *shaken, register), key=lambda walk: walk.seconds)

    def _is_narrow(self, piece: int) -> bool:
        """Whether crossing to and fro takes no longer than walking the shorter side's houses once more."""
        sides = self._sides(piece)
        if len(sides) < 2:
            return False
        along = self.planner.letterboxes.along
        both = self._in_order(np.concatenate(sides))
        left = self.planner.letterboxes.left[both]
        crossings = int((left[1:] != left[:-1]).sum())
        shorter = min(float(np.ptp(along[side])) for side in sides)
        return crossings * self.planner.pace.crossing_m <= shorter

    def _leads_nowhere(self, piece: int) -> bool:
        nodes = self.planner.letterboxes.node[self.planner.members[piece]]
        return bool(self.planner.hanging[nodes].any())

    def _sides(self, piece: int) -> list[Array]:
        members = self.planner.members[piece]
        left = self.planner.letterboxes.left[members]
        return [self._in_order(side) for side in (members[left], members[~left]) if len(side)]

    def _in_order(self, members: Array) -> Array:
        letterboxes = self.planner.letterboxes
        ordered: Array = members[np.lexsort((members, letterboxes.left[members], letterboxes.along[members]))]
        return ordered

    def _walked(self, together: set[int], kicks: int) -> Walk:
        stretches: list[Array] = []
        on_piece: list[int] = []
        for piece in self.pieces.tolist():
            sides = self._sides(piece)
            kept = [self._in_order(np.concatenate(sides))] if piece in together else sides
            stretches += kept
            on_piece += [piece] * len(kept)
        ends = [self.stand_of[int(letterbox)] for stretch in stretches for letterbox in (stretch[0], stretch[-1])]
        cost = self.ways[np.ix_(ends, ends)].copy()
        by_piece: dict[int, list[int]] = defaultdict(list)
        for at, piece in enumerate(on_piece):
            by_piece[piece].append(at)
        for pair in by_piece.values():
            if len(pair) == 2:
                rows, columns = (np.array([2 * at, 2 * at + 1]) for at in pair)
                cost[np.ix_(rows, columns)] += self.planner.pace.crossing_m
                cost[np.ix_(columns, rows)] += self.planner.pace.crossing_m
        begun = shortest_walk(
            cost,
            seed=self.planner.seed,
            start=self._from(self.planner.start, ends),
            end=self._from(self.planner.end, ends),
            kicks=kicks,
        )
        order: list[int] = []
        for end in begun:
            stretch = stretches[end >> 1]
            order += (stretch[::-1] if end & 1 else stretch).tolist()
        return self._measured(order)

    def _from(self, node: int | None, ends: list[int]) -> Array | None:
        if node is None:
            return None
        distances: Array = self.ways[int(np.searchsorted(self.stands, node))][ends]
        return distances

    def _measured(self, order: list[int]) -> Walk:
        at = np.array([self.stand_of[letterbox] for letterbox in order])
        length = float(self.ways[at[:-1], at[1:]].sum())
        for node, stand in ((self.planner.start, at[0]), (self.planner.end, at[-1])):
            if node is not None:
                length += float(self.ways[int(np.searchsorted(self.stands, node)), stand])
        return self.planner._as_walk(order, length)


def _spanning_tree(count: int, first: Array, second: Array, length: Array) -> Any:
    """The shortest tree over all places; of several ways between two of them the shortest counts."""
    order = np.argsort(length, kind="stable")
    keys = np.minimum(first, second).astype(np.int64) * count + np.maximum(first, second)
    once = order[np.unique(keys[order], return_index=True)[1]]
    weights = np.maximum(length[once], 1e-6)
    return minimum_spanning_tree(coo_matrix((weights, (first[once], second[once])), shape=(count, count)).tocsr())


def _hanging(network: Network) -> Array:
    """Which nodes lie on what leads nowhere else: dead ends, and all that is reached by them alone."""
    degree = np.diff(network.matrix.indptr)
    hanging = np.zeros(len(network.nodes), dtype=bool)
    waiting = np.flatnonzero(degree <= 1).tolist()
    while waiting:
        node = waiting.pop()
        if hanging[node]:
            continue
        hanging[node] = True
        for other in network.matrix.indices[network.matrix.indptr[node] : network.matrix.indptr[node + 1]].tolist():
            degree[other] -= 1
            if degree[other] <= 1 and not hanging[other]:
                waiting.append(other)
    return hanging


def _from_west_to_east(walks: list[Walk], network: Network, letterboxes: Letterboxes) -> list[Walk]:
    """Rounds numbered by where they lie, which neither seed nor cutting changes much."""
    return sorted(walks, key=lambda walk: tuple(network.nodes[letterboxes.node[walk.order]].mean(axis=0)))
