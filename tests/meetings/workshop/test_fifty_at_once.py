"""Fifty people on one map, with real servers and real connections; nobody misses anything, whatever breaks."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import psycopg
import pytest

from geoparticipation.accounts.models import User
from geoparticipation.consultations.models import Consultation
from geoparticipation.contributions.models import Contribution
from geoparticipation.meetings.domain.workshop.facilitating import group_notes, save_group
from geoparticipation.meetings.domain.workshop.keeping import keep_notes
from geoparticipation.meetings.models import Change, Note, Workshop
from tests.bad_day.served import ask, own_settings
from tests.meetings.workshop.conftest import MOST_OF_ADDRESS, Fold, MakeWorkshop, state_of
from tests.meetings.workshop.served import Follower, LiveSite, act, run

PEOPLE = 50


def at(number: int, latitude: float = 50.8451) -> str:
    """A place of one's own in Rue Haute."""
    return json.dumps({"type": "Point", "coordinates": [round(4.403 + number * 5e-5, 7), latitude]})


def end_the_listening_connection() -> None:
    """As a database that restarts does."""
    with psycopg.connect(**own_settings(), autocommit=True) as server:
        ended = server.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE application_name = 'geoparticipation live' AND datname = current_database()"
        ).fetchall()
    assert ended == [(True,)]


async def take_part(site: LiveSite, path: str, code: str, state: dict[str, Any]) -> list[Follower]:
    """Everybody follows and puts a note; one drops; then everybody moves theirs.

    Meanwhile the database ends the listening connection, and then the streams' program is killed.
    """
    stream = f"/live/workshops/{code}/"
    followers = [Follower(site.live.port, stream, state["seq"]) for _ in range(PEOPLE)]
    following = [asyncio.create_task(follower.follow()) for follower in followers]
    try:
        await asyncio.gather(*(one.until(lambda one: one.connections == 1) for one in followers))
        codes = [f"00000000-0000-4000-8000-{number:012}" for number in range(PEOPLE)]

        async def put(number: int) -> str:
            told, cookie = await act(
                site.web.port, path, act="place", code=codes[number], text=f"Note {number}", geometry=at(number)
            )
            assert told.status == 200, told.body
            if number == PEOPLE // 2:
                followers[7].drop()
            return cookie

        cookies = await asyncio.gather(*map(put, range(PEOPLE)))
        first = state["seq"] + PEOPLE
        await asyncio.gather(*(one.until(lambda one: one.last == first) for one in followers))

        async def move(number: int) -> None:
            told, _cookie = await act(
                site.web.port,
                path,
                cookies[number],
                act="change",
                code=codes[number],
                geometry=at(number, 50.8452),
            )
            assert told.status == 200, told.body

        await asyncio.to_thread(end_the_listening_connection)
        await asyncio.gather(*map(move, range(PEOPLE // 2)))
        half = first + PEOPLE // 2
        await asyncio.gather(*(one.until(lambda one: one.last == half) for one in followers))
        site.live.kill()
        site.live.start()
        await asyncio.gather(*map(move, range(PEOPLE // 2, PEOPLE)))
        await asyncio.gather(*(one.until(lambda one: one.last == first + PEOPLE) for one in followers))
    finally:
        for task in following:
            task.cancel()
        await asyncio.gather(*following, return_exceptions=True)
    return followers


@pytest.mark.django_db(transaction=True)
def test_fifty_people_see_the_same_and_miss_nothing(
    live_site: LiveSite,
    make_workshop: MakeWorkshop,
    fold_in_page: Fold,
    consultation: Consultation,
    agent: User,
) -> None:
    workshop: Workshop = make_workshop(meeting={"consultation": consultation})
    code, before = str(workshop.meeting.code), state_of(workshop)

    followers = run(take_part(live_site, f"/meetings/{code}/workshop/", code, before))

    after = state_of(workshop)
    assert len(after["notes"]) == PEOPLE
    assert {one["geometry"]["coordinates"][1] for one in after["notes"].values()} == {50.8452}
    numbers = list(range(before["seq"] + 1, before["seq"] + 2 * PEOPLE + 1))
    assert list(Change.objects.order_by("seq").values_list("seq", flat=True)) == list(range(1, numbers[-1] + 1))
    for follower in followers:
        assert [change["seq"] for change in follower.came] == numbers
        told = fold_in_page(json.loads(json.dumps(before)), [follower.came])
        assert (told["state"], told["whole"]) == (after, [True])
    assert followers[7].connections >= 3, "dropped once, and once with everybody"
    assert min(follower.connections for follower in followers) >= 2

    wanted = list(Note.objects.order_by("pk")[:5])
    group = save_group(agent=agent, workshop=workshop, name="Kept", colour="green")
    group_notes(agent=agent, workshop=workshop, codes=[note.code for note in wanted], group=group.code)
    for _twice in range(2):
        keep_notes(agent=agent, workshop=workshop, group=group.code)
    kept = Contribution.objects.order_by("pk")
    assert [idea.geometry.coords for idea in kept] == [note.geometry.coords for note in wanted]
    assert [idea.workshop_note for idea in kept] == wanted


@pytest.mark.django_db(transaction=True)
def test_streams_are_for_the_sites_own_pages_and_public_workshops(
    live_site: LiveSite, make_workshop: MakeWorkshop
) -> None:
    public, draft = make_workshop(), make_workshop(opened=False, meeting={"announced": False})
    live_site.live.wait()

    def status(path: str, method: str = "GET", **headers: str) -> int:
        return run(ask(live_site.live.port, method, path, headers=headers)).status

    path = f"/live/workshops/{public.meeting.code}/"
    assert status(path, Origin="https://elsewhere.example") == 403
    assert status(path, method="POST") == 405
    assert status(f"/live/workshops/{draft.meeting.code}/") == 404
    assert status("/live/") == 404


@pytest.mark.django_db(transaction=True)
def test_one_connection_address_has_so_many_streams_and_gets_the_place_of_who_left(
    live_site: LiveSite, make_workshop: MakeWorkshop
) -> None:
    code = make_workshop().meeting.code
    live_site.live.wait()

    async def come_and_go() -> None:
        followers = [Follower(live_site.live.port, f"/live/workshops/{code}/", 0) for _ in range(MOST_OF_ADDRESS)]
        following = [asyncio.create_task(follower.follow()) for follower in followers]
        await asyncio.gather(*(one.until(lambda one: one.last == 2) for one in followers))
        path = f"/live/workshops/{code}/"
        refused = await ask(live_site.live.port, "GET", path)
        assert (refused.status, refused.headers["retry-after"]) == (503, "60")
        following[0].cancel()
        followers[0].drop()
        late = Follower(live_site.live.port, path, 0)
        following.append(asyncio.create_task(late.follow()))
        while not late.came:  # as soon as the server knows that the other one has left
            if following[-1].done():
                following[-1] = asyncio.create_task(late.follow())
            await asyncio.sleep(0.05)
        for task in following:
            task.cancel()
        await asyncio.gather(*following, return_exceptions=True)

    run(come_and_go())
