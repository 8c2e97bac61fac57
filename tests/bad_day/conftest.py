"""A cluster and a site that may be killed."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from geoparticipation import local_postgres
from tests.bad_day.served import Cluster, Site

MakeSite = Callable[..., Site]


@pytest.fixture(scope="session")
def own_cluster() -> Iterator[Cluster]:
    """A running cluster that no other test uses."""
    folder = Path(tempfile.mkdtemp(prefix="gp-bad-day-", dir="/tmp"))
    folder.chmod(0o755)
    local_postgres.ensure_running(folder)
    yield Cluster(folder)
    sockets = local_postgres.socket_folder(folder)
    local_postgres.stop(folder)
    shutil.rmtree(folder)
    shutil.rmtree(sockets, ignore_errors=True)


@pytest.fixture
def cluster(own_cluster: Cluster) -> Cluster:
    """The same, running, whatever the test before did to it."""
    own_cluster.start()
    return own_cluster


@pytest.fixture
def make_site(tmp_path: Path) -> Iterator[MakeSite]:
    """Start sites on a DATABASE_URL; all are killed at the end."""
    made: list[Site] = []

    def make(url: str, *, environment: dict[str, str] | None = None, **options: Any) -> Site:
        variables = {"DATABASE_URL": url, "MEDIA_ROOT": str(tmp_path / "media"), **(environment or {})}
        made.append(Site(variables, **options))
        return made[-1].start()

    yield make
    for site in made:
        site.kill()
