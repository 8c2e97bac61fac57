"""Which cells of a table may be told, so that no group of a few people can be worked out from it.

A table crosses answers (columns) with districts (rows); the sums of its rows and columns are told. What can be worked
out is any sum of told figures, with whatever factors, that comes to 1 for some of the hidden cells and to 0 for the
others: one factor for each row and each column, since a told cell can be taken away as one likes. Where the factors
make a row or column "high" and another "low", such a sum counts the hidden cells where a high row meets a low column,
and is no count at all if a low row meets a high column in a hidden cell. So every group there is belongs to a set of
high columns, all rows that have a hidden cell in them, and any rows more. For each set of columns this is counted, also
where a hidden cell is empty: nobody outside knows that it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set

import numpy as np

Cell = tuple[str, int]
"""A column and a row."""
MOST_COLUMNS = 13
"""A table of more is not told by district: its sets of columns would be too many to count."""


def enough(people: int, least: int) -> bool:
    """Whether a group may be known: nobody, or not just a few."""
    return people == 0 or people >= least


def cells_to_tell(
    counts: Mapping[Cell, int], columns: Sequence[str], rows: Sequence[int], tellable: Set[Cell], *, least: int
) -> frozenset[Cell]:
    """Those of the tellable cells that can be told beside all sums of rows and columns.

    Every sum is nothing or at least `least`. Hides the smallest cells that complete a group that would be too small.
    """
    if len(columns) > MOST_COLUMNS or not tellable:
        return frozenset()
    people = np.array([[counts.get((column, row), 0) for column in columns] for row in rows])
    hidden = np.array([[(column, row) not in tellable for column in columns] for row in rows])
    high = (np.arange(2 ** len(columns))[:, None] >> np.arange(len(columns)) & 1).astype(bool)
    while not hidden.all():
        small = _small_group(people, hidden, high, least)
        if small is None:
            break
        # A told cell of at least `least` people in a row of the group makes the group large enough when it is hidden.
        told = np.argwhere(~hidden & small) if (~hidden & small).any() else np.argwhere(~hidden)
        row, column = min(told.tolist(), key=lambda at: (people[at[0], at[1]], at))
        hidden[row, column] = True
    return frozenset((columns[column], rows[row]) for row, column in np.argwhere(~hidden).tolist())


def _small_group(people: np.ndarray, hidden: np.ndarray, high: np.ndarray, least: int) -> np.ndarray | None:
    """Where cells would have to be hidden, for one group that is too small; None where there is none."""
    unknown = people * hidden
    by_row = unknown.sum(axis=1)
    few = np.flatnonzero((by_row > 0) & (by_row < least))
    if few.size:
        return _mask(hidden.shape, few[:1], np.ones(hidden.shape[1], dtype=bool))
    touched = (high.astype(int) @ hidden.T.astype(int)) > 0
    groups = ((by_row - high.astype(int) @ unknown.T) * touched).sum(axis=1)
    few = np.flatnonzero((groups > 0) & (groups < least))
    if not few.size:
        return None
    return _mask(hidden.shape, np.flatnonzero(touched[few[0]]), ~high[few[0]])


def _mask(shape: tuple[int, ...], rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    mask = np.zeros(shape, dtype=bool)
    mask[rows] = columns
    return mask
