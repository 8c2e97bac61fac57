"""The plug is pulled from server and database in the middle of 500 submissions: nothing is lost, nothing is double."""

from __future__ import annotations

import asyncio
import json
import random
from collections import Counter
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from geoparticipation.accounts.domain.tokens import issue_token
from geoparticipation.consultations.models import Consultation
from tests.bad_day.conftest import MakeSite
from tests.bad_day.served import Answered, Cluster, Site, ask
from tests.fixtures.cast import MakeUser
from tests.fixtures.tiny_town import TOWN_BOX

SUBMISSIONS = 500
CITIZENS = 25
SEED = 20_261_122
COME_BACK = {409, 503}
"""What a server says that has too much to do with 500 at once."""
MOST_ATTEMPTS = 20


class Sender:
    """Sends every submission with its own key, all at once; pulls the plug when so many were answered with 201."""

    def __init__(self, consultation: Consultation, tokens: list[str]) -> None:
        chance = random.Random(SEED)
        west, south, east, north = TOWN_BOX
        self.requests = [
            (
                {
                    "Authorization": f"Token {tokens[number % len(tokens)]}",
                    "Content-Type": "application/json",
                    "Idempotency-Key": f"{chance.getrandbits(128):032x}",
                },
                json.dumps(
                    {
                        "type": "Feature",
                        "geometry": {
                            "type": "Point",
                            "coordinates": [chance.uniform(west, east), chance.uniform(south, north)],
                        },
                        "properties": {"consultation": consultation.slug, "title": f"Idea {number}"},
                    }
                ).encode(),
            )
            for number in range(SUBMISSIONS)
        ]
        self.plug_after = chance.randrange(100, 300)
        self.database_first = chance.random() < 0.5

    async def send_all(self, site: Site, cluster: Cluster | None = None) -> list[Answered]:
        """Send; with a cluster, pull the plug; without, come back when told to, as often as a patient client does."""
        arrived = 0

        async def send(headers: dict[str, str], body: bytes) -> Answered:
            nonlocal arrived
            for _attempt in range(MOST_ATTEMPTS if cluster is None else 1):
                answered = await ask(site.port, "POST", "/api/v1/contributions/", headers=headers, body=body)
                if answered.status not in COME_BACK:
                    break
            arrived += answered.status == 201
            if cluster is not None and arrived == self.plug_after and answered.status == 201:
                for pull in (cluster.kill, site.kill) if self.database_first else (site.kill, cluster.kill):
                    pull()
            return answered

        return list(await asyncio.gather(*(send(*request) for request in self.requests)))


def in_a_thread(sending: Coroutine[Any, Any, list[Answered]]) -> list[Answered]:
    """Run it to its end; in this thread the browser's event loop may be running, after a browser test."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, sending).result()


@pytest.mark.django_db(transaction=True)
def test_nothing_answered_is_lost_and_nothing_is_double(
    consultation: Consultation, make_user: MakeUser, cluster: Cluster, make_site: MakeSite
) -> None:
    tokens = [issue_token(email=make_user(f"citizen{number}").email) for number in range(CITIZENS)]
    sender = Sender(consultation, tokens)
    url = cluster.copy_test_database("killed")
    with cluster.connect("killed") as database:
        database.execute("DELETE FROM procrastinate_jobs")  # of tests before
    site = make_site(url)

    before = in_a_thread(sender.send_all(site, cluster))

    counts = Counter(answered.status for answered in before)
    assert sender.plug_after <= counts[201] < SUBMISSIONS - 50, counts
    assert set(counts) <= {0, 201, 503}

    cluster.start()
    with cluster.connect("killed") as database:
        titles = Counter(row[0] for row in database.execute("SELECT title FROM contributions_contribution"))
        codes = {row[0] for row in database.execute("SELECT code::text FROM contributions_contribution")}
        receipts = database.execute("SELECT count(*) FROM procrastinate_jobs").fetchone()
    promised = {f"Idea {number}" for number, answered in enumerate(before) if answered.status == 201}
    assert promised <= set(titles)
    assert max(titles.values()) == 1
    assert {
        json.loads(answered.body)["id"] for answered in before if answered.is_whole and answered.status == 201
    } <= codes
    assert receipts == (len(codes),)

    site.start()
    after = in_a_thread(sender.send_all(site))

    assert Counter(answered.status for answered in after) == {201: SUBMISSIONS}
    for first, second in zip(before, after, strict=True):
        if first.status == 201 and first.is_whole:
            assert second.headers.get("idempotency-replayed") == "true"
            assert (second.body, second.headers["location"]) == (first.body, first.headers["location"])
    with cluster.connect("killed") as database:
        titles = Counter(row[0] for row in database.execute("SELECT title FROM contributions_contribution"))
        receipts = database.execute("SELECT count(*), count(DISTINCT args) FROM procrastinate_jobs").fetchone()
    assert titles == {f"Idea {number}": 1 for number in range(SUBMISSIONS)}
    assert receipts == (SUBMISSIONS, SUBMISSIONS)


def test_an_answer_is_given_only_when_the_disk_has_it(cluster: Cluster) -> None:
    with cluster.connect() as server:
        durable = {
            name: server.execute(f"SHOW {name}").fetchone()
            for name in ("synchronous_commit", "fsync", "full_page_writes")
        }

    assert durable == {"synchronous_commit": ("on",), "fsync": ("on",), "full_page_writes": ("on",)}
