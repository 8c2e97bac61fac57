"""Pages of long lists end after so many rows, and say so."""

from __future__ import annotations

from typing import Any

import pytest

from layers.paging import BoundedPaginator
from neighbourhoods.models import Address, Street
from tests.layers.conftest import scatter_addresses

pytestmark = pytest.mark.django_db


@pytest.fixture
def five(street: Street, monkeypatch: pytest.MonkeyPatch) -> None:
    """Five letterboxes where a list has room for four."""
    scatter_addresses(street, 5)
    monkeypatch.setattr("layers.paging.MOST_LISTED", 4)


def test_list_ends_where_it_is_full(five: None, django_assert_num_queries: Any) -> None:
    pages = BoundedPaginator(Address.objects.order_by("pk"), 3)

    with django_assert_num_queries(2):
        last = pages.get_page(99)
        assert (last.number, pages.num_pages, len(last.object_list)) == (2, 2, 1)
    assert (pages.count, pages.is_more, pages.is_cut) == (4, True, True)


def test_known_count_is_told_and_not_counted(five: None, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        pages = BoundedPaginator(Address.objects.order_by("pk"), 3, known_count=5)
        assert (pages.total, pages.count, pages.is_more, pages.is_cut) == (5, 4, False, True)


def test_short_list_is_complete(street: Street) -> None:
    scatter_addresses(street, 3)

    pages = BoundedPaginator(Address.objects.order_by("pk"), 3)

    assert (pages.total, pages.count, pages.is_more, pages.is_cut) == (3, 3, False, False)
