"""No figure about people that is told, nor any that can be worked out from several, is about fewer than five."""

from __future__ import annotations

from itertools import combinations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from geoparticipation.dashboards.indicators.telling import TOWN, growth_to_tell, people_to_tell

PARENTS = {1: TOWN, 2: TOWN, 3: 1, 4: 1, 5: 2, 6: 3}
"""Two districts; the first of two sectors, one of them with a part; the second of one sector that leaves some out."""


def inside(node: int) -> set[int]:
    """A district and all within it, worked out downwards."""
    found = {node}
    for child, parent in PARENTS.items():
        if parent == node:
            found |= inside(child)
    return found


def smallest_group(rows: list[list[int]], weights: list[int], least: int) -> int | None:
    """How few people (below `least`) some sum of figures, with any factors, is about; columns are groups of people.

    There is a sum that is zero outside of some columns, and not everywhere, exactly when leaving these out lowers the
    rank.
    """
    matrix = np.array(rows, dtype=float)
    if not rows or not matrix.size:
        return None
    rank = np.linalg.matrix_rank(matrix)
    for size in range(1, len(weights) + 1):
        for few in combinations(range(len(weights)), size):
            people = sum(weights[at] for at in few)
            rest = np.delete(matrix, few, axis=1)
            if 0 < people < least and (np.linalg.matrix_rank(rest) if rest.shape[1] else 0) < rank:
                return people
    return None


@given(st.dictionaries(st.integers(0, 6), st.sampled_from([0, 1, 2, 3, 4, 5, 6, 9]), min_size=3))
@settings(max_examples=50, deadline=None)
def test_nothing_worked_out_of_a_month_is_about_fewer_than_five(own: dict[int, int]) -> None:
    told = people_to_tell(own, PARENTS)

    groups = [node for node, count in own.items() if count]
    rows = [[int(group in inside(node)) for group in groups] for node in sorted(told)]
    assert smallest_group(rows, [own[group] for group in groups], 5) is None
    assert all(told[node] == sum(own.get(group, 0) for group in inside(node)) for node in told)


@given(st.lists(st.integers(0, 9), min_size=1, max_size=9), st.integers(0, 8))
@settings(max_examples=50, deadline=None)
def test_nothing_worked_out_of_sums_month_by_month_is_about_fewer_than_five(counts: list[int], cut: int) -> None:
    """Also where the months were counted in two goes, the second from what was told last."""
    first = growth_to_tell(counts[:cut])
    known = [(at, value) for at, value in enumerate(first) if value is not None]
    last, start = known[-1] if known else (-1, 0)
    waiting = sum(counts[last + 1 : cut])
    later = counts[cut:]
    again = growth_to_tell([later[0] + waiting, *later[1:]], start=start) if later else []

    told = first + again
    rows = [[int(at <= month) for at in range(len(counts))] for month, value in enumerate(told) if value is not None]
    people = [at for at, count in enumerate(counts) if count]
    assert smallest_group([[row[at] for at in people] for row in rows], [counts[at] for at in people], 5) is None
    assert all(value is None or value == sum(counts[: at + 1]) for at, value in enumerate(told))


def test_the_audit_finds_a_difference() -> None:
    """A town of 8 with a told district of 5 tells of the other 3."""
    assert smallest_group([[1, 1], [1, 0]], [5, 3], 5) == 3
    assert smallest_group([[1, 1], [1, 0]], [5, 5], 5) is None


def test_large_districts_are_told_with_the_town() -> None:
    assert people_to_tell({3: 6, 5: 7}, PARENTS) == {TOWN: 13, 1: 6, 2: 7, 3: 6, 4: 0, 5: 7, 6: 0}


def test_the_smaller_neighbour_of_a_few_is_hidden_with_them() -> None:
    """District 1 has sectors of 9 and 3: the 3 would be the difference, so the 9 are not told either."""
    assert people_to_tell({3: 9, 4: 3, 5: 8}, PARENTS) == {TOWN: 20, 1: 12, 2: 8, 5: 8, 6: 0}


def test_a_few_in_no_district_hide_the_smallest_district() -> None:
    assert people_to_tell({TOWN: 2, 1: 9, 2: 6}, PARENTS) == {TOWN: 17, 1: 9, 3: 0, 4: 0, 5: 0, 6: 0}


def test_of_four_people_nothing_is_told() -> None:
    assert people_to_tell({3: 4}, PARENTS) == {2: 0, 4: 0, 5: 0, 6: 0}


def test_a_month_of_a_few_is_told_with_the_next() -> None:
    assert growth_to_tell([7, 2, 1, 3, 0, 5]) == [7, None, None, 13, 13, 18]
