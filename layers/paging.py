"""Pages of very long lists, at a bounded cost."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.core.paginator import Paginator

from layers.layer import Rows

if TYPE_CHECKING:
    _Paginator = Paginator[Any]
else:
    _Paginator = Paginator

MOST_LISTED = 10_000


class BoundedPaginator(_Paginator):
    """Pages of the first MOST_LISTED rows; what lies beyond is found with filters, by the map or in a file.

    Counting stops there, too, unless `known_count` says how many there are. A page far behind costs as much as all
    before it: one of a million rows takes six seconds to reach.
    """

    def __init__(self, rows: Rows, per_page: int, *, known_count: int | None = None) -> None:
        super().__init__(rows, per_page)
        self._rows = rows
        self.known_count = known_count

    @cached_property
    def total(self) -> int:
        """How many there are; where `is_more`, at least so many. One query, none where it is known."""
        return self.known_count if self.known_count is not None else self._counted

    @cached_property
    def is_more(self) -> bool:
        """Whether there are more than were counted."""
        return self.known_count is None and self._counted > MOST_LISTED

    @cached_property
    def is_cut(self) -> bool:
        """Whether there are more than the pages list."""
        return self.total > MOST_LISTED

    @cached_property
    def count(self) -> int:
        """How many the pages list."""
        return min(self.total, MOST_LISTED)

    @cached_property
    def _counted(self) -> int:
        return self._rows.order_by().values("pk")[: MOST_LISTED + 1].count()
