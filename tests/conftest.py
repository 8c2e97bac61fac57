"""Settings of the test run, and the fixtures that every test may ask for."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import transaction

pytest_plugins = [
    "tests.fixtures.real_data",
    "tests.fixtures.cast",
    "tests.fixtures.tiny_town",
    "tests.fixtures.question",
    "tests.fixtures.survey",
    "tests.fixtures.odd_places",
    "tests.fixtures.site",
]


SLOW = {"browser", "journeys", "bad_day", "test_serve_demo.py"}


def pytest_configure(config: pytest.Config) -> None:
    """Quick password hashes, static files without a manifest, connections that close with their thread."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    # Pooled connections outlive the live server's threads, and a database with connections cannot be dropped.
    settings.DATABASES["default"]["OPTIONS"].pop("pool", None)


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Two processes a processor, four at the most: tests wait for browsers and servers half of their time."""
    return min(4, 2 * (os.cpu_count() or 1))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest, so that no process is left with it at the end.

    In CI, try what depends on other processes' pace a second time; the summary names what needed it (RERUN).
    """
    items.sort(key=lambda item: not SLOW.intersection({item.path.name, item.path.parent.name}))
    if os.environ.get("CI"):
        for item in items:
            if item.path.parent.name in {"bad_day", "browser", "journeys"}:
                item.add_marker(pytest.mark.flaky(reruns=1))


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """With --reuse-db, empty a database in which a run that was killed left rows."""
    from django.core.management import call_command

    from geoparticipation.accounts.models import User
    from neighbourhoods.models import DistrictLevel

    with django_db_blocker.unblock():
        if User.objects.exists() or DistrictLevel.objects.exists():
            call_command("flush", interactive=False, verbosity=0)


@pytest.fixture(scope="module")
def shared_database(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """A transaction around all tests of a file, rolled back after the last of them."""
    with django_db_blocker.unblock():
        around = transaction.atomic()
        around.__enter__()
        yield
        transaction.set_rollback(True)
        around.__exit__(None, None, None)


@pytest.fixture(autouse=True)
def _own_files(settings: Any, tmp_path: Path) -> None:
    """Each test keeps the files it makes in a folder of its own."""
    settings.MEDIA_ROOT = tmp_path / "media"
