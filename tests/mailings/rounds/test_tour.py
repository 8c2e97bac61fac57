"""The order of stretches, against every order and direction there is."""

from __future__ import annotations

import itertools

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from geoparticipation.mailings.domain.rounds.tour import shortest_walk

points = st.tuples(st.integers(0, 300), st.integers(0, 300))


def between(ends: list[tuple[int, int]]) -> np.ndarray:
    places = np.array(ends, dtype=float)
    return np.hypot(*(places[:, None] - places[None, :]).transpose(2, 0, 1))


def length(walk: list[int], cost: np.ndarray, start: np.ndarray, end: np.ndarray) -> float:
    ways = sum(cost[before ^ 1, after] for before, after in itertools.pairwise(walk))
    return float(start[walk[0]] + ways + end[walk[-1] ^ 1])


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.lists(points, min_size=2, max_size=8).filter(lambda ends: len(ends) % 2 == 0), points, points)
def test_no_order_or_direction_of_few_stretches_is_shorter(ends: list, start: tuple, end: tuple) -> None:
    cost = between(ends)
    from_start, to_end = between([start, *ends])[0, 1:], between([end, *ends])[0, 1:]

    walk = shortest_walk(cost, seed=1, start=from_start, end=to_end)

    count = len(ends) // 2
    shortest = min(
        length([2 * stretch + turned for stretch, turned in zip(order, turns, strict=True)], cost, from_start, to_end)
        for order in itertools.permutations(range(count))
        for turns in itertools.product((0, 1), repeat=count)
    )
    assert sorted(begun >> 1 for begun in walk) == list(range(count))
    assert length(walk, cost, from_start, to_end) <= shortest + 1e-6


def test_houses_along_a_line_are_walked_along_it() -> None:
    ends = between([(x, 0) for at in (5, 1, 4, 0, 3, 2) for x in (at * 20, at * 20 + 10)])

    walk = shortest_walk(ends, seed=1, start=ends[6])

    assert walk == [6, 2, 10, 8, 4, 0]


def test_the_same_seed_gives_the_same_walk() -> None:
    places = np.random.default_rng(3).uniform(0, 1000, (80, 2))
    cost = between([tuple(place) for place in places])

    assert shortest_walk(cost, seed=5) == shortest_walk(cost, seed=5)
