"""A workshop in the tiny town, and the page's own fold of its log."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib.gis.geos import Point

from geoparticipation.accounts.models import User
from geoparticipation.meetings.domain.workshop.facilitating import open_workshop, set_up_workshop
from geoparticipation.meetings.domain.workshop.notes import place_note
from geoparticipation.meetings.models import Note, Workshop
from geoparticipation.meetings.queries_workshop import read_state, shown_notes
from tests.bad_day.served import Site, own_settings, url_of
from tests.fixtures.question import IN_RUE_HAUTE, actor_of
from tests.meetings.conftest import MakeMeeting
from tests.meetings.workshop.served import LiveProgram, LiveSite, free_port

CHECKOUT = Path(__file__).resolve().parents[3]
MOST_OF_ADDRESS = 60
DRIVER = """
import { fold, momentOf } from "gp/workshop-fold";
import { createInterface } from "node:readline";
for await (const line of createInterface({ input: process.stdin })) {
  const { state, batches } = JSON.parse(line);
  const whole = batches.map((changes) => fold(state, changes));
  console.log(JSON.stringify({ state, whole, moment: momentOf(state.workshop) }));
}
"""
MakeWorkshop = Callable[..., Workshop]
PutNote = Callable[..., Note]
Fold = Callable[[dict[str, Any], list[list[dict[str, Any]]]], dict[str, Any]]


@pytest.fixture
def make_workshop(make_meeting: MakeMeeting, agent: User) -> MakeWorkshop:
    """Make a workshop of a meeting of its own, open unless told otherwise."""

    def make(*, opened: bool = True, meeting: dict[str, Any] | None = None, **said: Any) -> Workshop:
        workshop = set_up_workshop(agent=agent, meeting=make_meeting(**(meeting or {})), **said)
        return open_workshop(agent=agent, workshop=workshop) if opened else workshop

    return make


@pytest.fixture
def put_note(citizen: User) -> PutNote:
    """Put a note of the citizen in Rue Haute, unless told otherwise."""

    def put(workshop: Workshop, text: str = "A bench", **said: Any) -> Note:
        return place_note(
            **{
                "actor": actor_of(citizen),
                "workshop": workshop,
                "text": text,
                "geometry": Point(*IN_RUE_HAUTE, srid=4326),
                **said,
            }
        )

    return put


def state_of(workshop: Workshop) -> dict[str, Any]:
    """All that the database says of it."""
    workshop.refresh_from_db()
    state: dict[str, Any] = read_state(workshop, shown_notes(workshop), list(workshop.groups.all()))
    return state


@pytest.fixture(scope="module")
def fold_in_page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fold]:
    """Fold batches of changes into a state with the page's own module, in node."""
    node = shutil.which("node") or str(CHECKOUT / ".local" / "node" / "bin" / "node")
    folder = tmp_path_factory.mktemp("page")
    package = folder / "node_modules" / "gp"
    package.mkdir(parents=True)
    (package / "package.json").write_text('{"type": "module", "exports": {"./*": "./*.js"}}')
    shutil.copy(CHECKOUT / "static" / "js" / "workshop-fold.js", package)
    (folder / "driver.mjs").write_text(DRIVER)
    with subprocess.Popen(
        [node, folder / "driver.mjs"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8"
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None

        def fold(state: dict[str, Any], batches: list[list[dict[str, Any]]]) -> dict[str, Any]:
            process.stdin.write(json.dumps({"state": state, "batches": batches}) + "\n")
            process.stdin.flush()
            folded: dict[str, Any] = json.loads(process.stdout.readline())
            return folded

        yield fold
        process.stdin.close()


@pytest.fixture(scope="session")
def live_site(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveSite]:
    """A web server and a server of streams on the test's database, which sees what is committed only."""
    live, web_port = LiveProgram({}), free_port()
    environment = {
        "DATABASE_URL": url_of(**own_settings()),
        "SITE_URL": f"http://127.0.0.1:{web_port}",
        "LIVE_URL": f"http://127.0.0.1:{live.port}",
        "MEDIA_ROOT": str(tmp_path_factory.mktemp("media")),
        "LIVE_STREAMS_PER_ADDRESS": str(MOST_OF_ADDRESS),
        "DEBUG": "1",  # static files as they are in the checkout
    }
    web = Site(environment, workers=1, port=web_port)
    live.environment = web.full_environment()
    live.start()
    try:
        web.start()
        live.wait()
        yield LiveSite(web, live)
    finally:
        web.kill()
        live.kill()
