"""No figure that may be told, nor any that can be worked out from several, is about fewer than five letterboxes."""

from __future__ import annotations

from collections import Counter
from itertools import combinations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from geoparticipation.mailings.domain.small_groups import (
    Cell,
    groups_to_tell,
    groups_to_tell_so_far,
    segments_to_tell_so_far,
)

LETTERBOXES = st.lists(
    st.tuples(st.sampled_from("AB"), st.integers(1, 2), st.sampled_from(["W", "E", ""]), st.integers(0, 2)),
    min_size=1,
    max_size=13,
)


def told_sets(letterboxes: list[Cell]) -> list[list[int]]:
    """A row of zeros and ones for each published figure: which letterboxes it counts."""
    told = groups_to_tell(Counter(letterboxes))
    rows = [[1] * len(letterboxes)] if told.total else []
    rows += [[int(cell.street == street) for cell in letterboxes] for street in sorted(told.streets)]
    rows += [[int(cell.segment == segment) for cell in letterboxes] for segment in sorted(told.segments)]
    rows += [[int(cell.district == district) for cell in letterboxes] for district in sorted(told.districts)]
    rows += [[int(cell.round == number) for cell in letterboxes] for number in sorted(told.rounds)]
    return rows


def smallest_group_worked_out(rows: list[list[int]], at_most: int) -> int | None:
    """How few letterboxes (up to `at_most`) some combination of the figures, with any factors, is about.

    A combination is about letterboxes among S only when it is zero on all others: there is one (that is not zero
    everywhere) exactly when leaving out the columns of S lowers the rank.
    """
    if not rows:
        return None
    matrix = np.array(rows, dtype=float)
    rank = np.linalg.matrix_rank(matrix)
    columns = range(matrix.shape[1])
    for size in range(1, at_most + 1):
        for few in combinations(columns, size):
            rest = np.delete(matrix, few, axis=1)
            if rest.shape[1] == 0 or np.linalg.matrix_rank(rest) < rank:
                return size
    return None


def cells(*counts: tuple[str, int, str, int]) -> list[Cell]:
    return [Cell(street, segment, district) for street, segment, district, count in counts for _ in range(count)]


@given(LETTERBOXES)
@settings(max_examples=60, deadline=None)
def test_nothing_worked_out_is_about_fewer_than_five(drawn: list[tuple[str, int, str, int]]) -> None:
    letterboxes = [
        Cell(street, segment + 2 * (street == "B"), district, number) for street, segment, district, number in drawn
    ]

    assert smallest_group_worked_out(told_sets(letterboxes), 4) is None


def test_the_audit_finds_a_difference() -> None:
    """Without the complement: a street of 8 with a segment of 5 tells of the other 3."""
    assert smallest_group_worked_out([[1] * 8, [1] * 5 + [0] * 3], 4) == 3
    assert smallest_group_worked_out([[1] * 10, [1] * 5 + [0] * 5], 4) is None


def test_large_groups_are_told() -> None:
    letterboxes = cells(("A", 1, "W", 10), ("A", 2, "W", 10), ("B", 3, "E", 10), ("B", 4, "E", 5))

    told = groups_to_tell(Counter(letterboxes))

    assert (told.total, told.streets, told.segments, told.districts) == (True, {"A", "B"}, {1, 2, 3, 4}, {"W", "E"})


def test_the_smallest_beside_a_small_one_is_hidden_with_it() -> None:
    letterboxes = cells(("A", 1, "W", 8), ("A", 2, "W", 6), ("A", 3, "W", 2))

    told = groups_to_tell(Counter(letterboxes))

    assert told.segments == {1}


def test_districts_give_way_where_they_cut_off_a_few_letterboxes() -> None:
    """The district W without street A, told as well, would be the two of B."""
    letterboxes = cells(("A", 1, "W", 9), ("B", 2, "W", 2), ("B", 2, "E", 9))

    told = groups_to_tell(Counter(letterboxes))

    assert (told.streets, told.districts) == ({"A", "B"}, frozenset())


def test_a_street_across_two_districts_keeps_both_where_enough_lie_on_each_side() -> None:
    letterboxes = cells(("A", 1, "W", 6), ("A", 1, "E", 6), ("B", 2, "W", 6), ("B", 2, "E", 6))

    assert groups_to_tell(Counter(letterboxes)).districts == {"W", "E"}


def test_four_letterboxes_tell_nothing() -> None:
    told = groups_to_tell(Counter(cells(("A", 1, "W", 4))))

    assert (told.total, told.streets, told.segments, told.districts) == (False, set(), set(), set())


@given(
    st.dictionaries(
        st.tuples(st.sampled_from("ABC"), st.sampled_from(["W", "E"]), st.integers(0, 3)),
        st.sampled_from([1, 2, 4, 5, 6, 9]),
        min_size=3,
        max_size=9,
    )
)
@settings(max_examples=50, deadline=None)
def test_rounds_beside_streets_and_districts_tell_of_no_few_either(drawn: dict[tuple[str, str, int], int]) -> None:
    """Groups large enough that rounds are told in most examples; audited by cells, which weigh as many as they have."""
    counted = {
        Cell(street, "ABC".index(street), district, number): n for (street, district, number), n in drawn.items()
    }
    told = groups_to_tell(counted)
    groups = [counted] if told.total else []
    for name, kept in (("street", told.streets), ("segment", told.segments), ("district", told.districts)):
        groups += [[cell for cell in counted if getattr(cell, name) == key] for key in sorted(kept)]  # type: ignore[type-var]
    groups += [[cell for cell in counted if cell.round == number] for number in sorted(told.rounds)]
    matrix = np.array([[int(cell in group) for cell in counted] for group in groups], dtype=float)
    if not groups:
        return
    rank = np.linalg.matrix_rank(matrix)
    weights = list(counted.values())
    for size in range(1, 5):
        for few in combinations(range(len(weights)), size):
            if sum(weights[at] for at in few) < 5:
                rest = np.delete(matrix, few, axis=1)
                assert rest.shape[1] > 0
                assert np.linalg.matrix_rank(rest) == rank


def is_worked_out(counted: dict[Cell, int], groups: list[list[Cell]]) -> bool:
    """Whether some combination of the figures of groups is about cells that count fewer than five together."""
    matrix = np.array([[int(cell in group) for cell in counted] for group in groups], dtype=float)
    rank = np.linalg.matrix_rank(matrix) if groups else 0
    weights = list(counted.values())
    for size in range(1, len(weights) + 1) if groups else ():
        for few in combinations(range(len(weights)), size):
            if sum(weights[at] for at in few) < 5:
                rest = np.delete(matrix, few, axis=1)
                if rest.shape[1] == 0 or np.linalg.matrix_rank(rest) < rank:
                    return True
    return False


@given(
    st.dictionaries(
        st.tuples(st.sampled_from("AB"), st.integers(0, 1), st.sampled_from(["W", "E"]), st.integers(1, 2)),
        st.sampled_from([(9, 0), (9, 9), (6, 6), (6, 3), (7, 5), (3, 3), (1, 0)]),
        min_size=2,
        max_size=7,
    )
)
@settings(max_examples=50, deadline=None)
def test_nothing_is_about_fewer_than_five_that_are_ticked_off(
    drawn: dict[tuple[str, int, str, int], tuple[int, int]],
) -> None:
    letterboxes, delivered = {}, {}
    for (street, part, district, number), (count, ticked) in drawn.items():
        cell = Cell(street, part + 2 * (street == "B"), district, number)
        letterboxes[cell], delivered[cell] = count, ticked

    told = groups_to_tell_so_far(letterboxes, delivered)

    groups = [list(letterboxes)] if told.total else []
    for name, kept in (
        ("street", told.streets), ("segment", told.segments), ("district", told.districts), ("round", told.rounds),
    ):  # fmt: skip
        groups += [[cell for cell in letterboxes if getattr(cell, name) == key] for key in kept]  # type: ignore[attr-defined]
    assert not is_worked_out(delivered, groups)
    assert not is_worked_out(letterboxes, groups)
    assert segments_to_tell_so_far(letterboxes, delivered) == told.segments


def test_the_second_audit_finds_a_difference() -> None:
    """Of two streets of nine, one is ticked off and three of the other: the whole less the first is about these."""
    one, other = Cell("A", 1, "W", 1), Cell("B", 2, "W", 1)

    assert is_worked_out({one: 9, other: 3}, [[one, other], [one]])
    assert not is_worked_out({one: 9, other: 9}, [[one, other], [one]])


def test_a_street_waits_until_five_of_the_others_are_ticked_off() -> None:
    letterboxes = {Cell("A", 1, "W", 1): 9, Cell("B", 2, "W", 2): 9}

    told = [groups_to_tell_so_far(letterboxes, dict(zip(letterboxes, (9, ticked), strict=True))) for ticked in range(6)]

    assert [one.streets for one in told] == [frozenset()] * 5 + [{"A", "B"}]
    assert all(one.total for one in told)


def rounds(*counts: tuple[str, int, str, int, int]) -> dict[Cell, int]:
    return {Cell(street, segment, district, number): count for street, segment, district, number, count in counts}


def test_rounds_along_streets_are_told() -> None:
    counted = rounds(("A", 1, "W", 1, 9), ("B", 2, "W", 1, 6), ("C", 3, "E", 2, 8), ("D", 4, "E", 2, 7))

    assert groups_to_tell(counted).rounds == {1, 2}


def test_a_round_less_a_street_that_leaves_a_few_is_not_told() -> None:
    """Round 1 is street A and four of street B, which is told as well, without its segments."""
    counted = rounds(("A", 1, "W", 1, 9), ("B", 2, "W", 1, 4), ("B", 3, "W", 2, 4), ("C", 4, "W", 2, 9))

    told = groups_to_tell(counted)

    assert told.streets == {"A", "B", "C"}
    assert told.rounds == frozenset()


def test_small_parts_of_many_streets_hide_one_another() -> None:
    """Where hidden streets together have enough on each round, nothing can be taken from a round but all of these."""
    counted = rounds(
        ("A", 1, "W", 1, 9), ("B", 2, "W", 1, 3), ("C", 3, "W", 1, 3), ("D", 4, "W", 2, 3), ("E", 5, "W", 2, 4),
        ("F", 6, "W", 2, 9),
    )  # fmt: skip

    assert groups_to_tell(counted).rounds == {1, 2}
