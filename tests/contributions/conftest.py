"""Fixtures of the tests of contributions."""

from __future__ import annotations

import pytest
from django.db import connection


@pytest.fixture
def empty_queue(db: None) -> None:
    """Nothing in the task queue: its tables are not emptied between tests that commit."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs")
