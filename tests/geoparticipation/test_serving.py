"""What a web process does to its connections."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from django.db import OperationalError, connections
from django.test import Client
from django.test.utils import override_settings

from geoparticipation.serving import limit_queries
from tests.fixtures.tiny_town import TinyTown


@pytest.fixture
def web_process(transactional_db: None) -> Iterator[object]:
    """Connections as a web process opens them, with a limit of one second; undone afterwards."""
    kept = connections.settings["default"]["OPTIONS"].copy()
    connection = connections["default"]
    connection.close()
    connection.close_pool()
    with override_settings(WEB_STATEMENT_TIMEOUT_S=1):
        limit_queries()
    yield connection
    connection.close()
    connection.close_pool()
    connections.settings["default"]["OPTIONS"].clear()
    connections.settings["default"]["OPTIONS"].update(kept)


def test_web_process_gives_up_a_query_that_takes_too_long(web_process: object) -> None:
    with connections["default"].cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        assert cursor.fetchone() == ("1s",)
        cursor.execute("SELECT source FROM pg_settings WHERE name = 'jit' AND setting = 'off'")
        assert cursor.fetchone() == ("client",)  # what the settings ask for is still asked for
        with pytest.raises(OperationalError, match="statement timeout"):
            cursor.execute("SELECT pg_sleep(30)")


def test_query_given_up_in_the_api_is_a_problem_that_says_to_come_back(
    web_process: object, tiny_town: TinyTown
) -> None:
    with connections["default"].cursor() as cursor:
        cursor.execute("SET lock_timeout = '1ms'")
        other = psycopg.connect(**connections["default"].get_connection_params() | {"cursor_factory": psycopg.Cursor})
        with other:
            other.execute("LOCK TABLE neighbourhoods_street IN ACCESS EXCLUSIVE MODE")
            response = Client().get("/api/v1/places/search", {"q": "haute"})

    assert response.status_code == 503
    assert response["Content-Type"] == "application/problem+json"
    assert response.json()["code"] == "not_available"
    assert response["Retry-After"] == "30"
