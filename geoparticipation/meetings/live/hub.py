"""One listening connection of a process, and the workshops that somebody of this process watches."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from collections import deque
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any, Final, TypeVar
from uuid import UUID

import psycopg
from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, Error, close_old_connections, connections
from psycopg import sql

from geoparticipation import local_postgres
from geoparticipation.meetings.domain.workshop.log import CHANNEL
from geoparticipation.meetings.queries_workshop import AT_ONCE, changes_after, last_change_of

logger = logging.getLogger(__name__)

KEPT: Final = 1000
"""Changes of one workshop that stay in memory for who is a little behind; others are read from the log."""
AGAIN_S: Final = 1.0
START_S: Final = 10.0
Result = TypeVar("Result")


class Full(Exception):
    """This process holds as many streams for the address, or the workshop, as it may; or has no database now."""


def event_of(change: dict[str, Any]) -> bytes:
    """A change as an event of a stream; its number is the event's id."""
    told = json.dumps(change, ensure_ascii=False, separators=(",", ":"))
    return f"id: {change['seq']}\ndata: {told}\n\n".encode()


async def ask_database(question: Callable[..., Result], *arguments: Any) -> Result:
    """Call what uses Django's connection, in the one thread for that, and give the connection back."""

    def ask() -> Result:
        close_old_connections()
        try:
            return question(*arguments)
        finally:
            close_old_connections()

    return await sync_to_async(ask)()


@dataclass(frozen=True, slots=True)
class _Kept:
    """A change in memory, as it is sent."""

    seq: int
    what: str
    code: str
    event: bytes

    @classmethod
    def of(cls, row: dict[str, Any]) -> _Kept:
        return cls(row["seq"], row["what"], row["code"], event_of(row))

    def emptied(self) -> _Kept:
        return self.of({"seq": self.seq, "what": self.what, "code": self.code, "state": None})


class Room:
    """What this process knows of one workshop: the last changes, and that there are new ones."""

    def __init__(self, workshop_id: int, seq: int) -> None:
        self.workshop_id = workshop_id
        self.seq = seq
        self.watchers = 0
        self._recent: deque[_Kept] = deque(maxlen=KEPT)
        self._news = asyncio.Event()
        self._reading = asyncio.Lock()

    async def refresh(self) -> None:
        """Read what is new in the log and wake who waits for it. Asked for while it reads, it reads once more."""
        async with self._reading:
            while True:
                rows = await ask_database(changes_after, self.workshop_id, self.seq)
                if rows:
                    self._keep(rows)
                    self.seq = rows[-1]["seq"]
                    news, self._news = self._news, asyncio.Event()
                    news.set()
                if len(rows) < AT_ONCE:
                    return

    def _keep(self, rows: list[dict[str, Any]]) -> None:
        """Keep what is new; of the same things, what was kept says nothing any more, as in the log itself."""
        told = {(row["what"], row["code"]) for row in rows}
        before = (kept.emptied() if (kept.what, kept.code) in told else kept for kept in self._recent)
        self._recent = deque((*before, *map(_Kept.of, rows)), maxlen=KEPT)

    async def after(self, seq: int) -> tuple[bytes, int]:
        """The events after a number, and the number of the last of them; from memory where it reaches back so far."""
        if seq >= self.seq:
            return b"", seq
        if self._recent and self._recent[0].seq <= seq + 1:
            return b"".join(kept.event for kept in self._recent if kept.seq > seq), self.seq
        rows = await ask_database(changes_after, self.workshop_id, seq)
        return b"".join(map(event_of, rows)), rows[-1]["seq"] if rows else seq

    async def wait_for_news(self, seq: int, timeout_s: float) -> bool:
        """Wait until there is something after this number; False when there was nothing for so long."""
        news = self._news
        if self.seq > seq:
            return True
        try:
            await asyncio.wait_for(news.wait(), timeout_s)
        except TimeoutError:
            return False
        return True


class Hub:
    """The rooms of a process. Begins to listen when the first stream comes."""

    def __init__(self) -> None:
        self._rooms: dict[int, Room] = {}
        self._addresses: dict[str, int] = {}
        self._listener: asyncio.Task[None] | None = None
        self._listens = asyncio.Event()
        self._refreshes: set[asyncio.Task[None]] = set()

    @contextlib.asynccontextmanager
    async def watch(self, code: UUID, address: str) -> AsyncIterator[Room | None]:
        """The room of a meeting's workshop while one watches it; None where the public sees none. Raises Full."""
        if self._addresses.get(address, 0) >= settings.LIVE_STREAMS_PER_ADDRESS:
            raise Full
        self._addresses[address] = self._addresses.get(address, 0) + 1
        room: Room | None = None
        try:
            room = await self._find(code)
            if room is not None:
                if room.watchers >= settings.LIVE_STREAMS_PER_WORKSHOP:
                    room = None
                    raise Full
                room.watchers += 1
                await self._refresh(room)  # told between reading the number and being in the room
            yield room
        finally:
            self._addresses[address] -= 1
            if not self._addresses[address]:
                del self._addresses[address]
            if room is not None:
                room.watchers -= 1
                if not room.watchers:
                    self._rooms.pop(room.workshop_id, None)

    async def _find(self, code: UUID) -> Room | None:
        if self._listener is None:
            self._listener = asyncio.create_task(self._listen())
        try:  # before the number is read: what comes later is told
            await asyncio.wait_for(self._listens.wait(), START_S)
        except TimeoutError:
            raise Full from None
        try:
            known = await ask_database(last_change_of, code)
        except Error as error:
            logger.warning("The workshop is not read: %s", error)
            raise Full from None
        if known is None:
            return None
        return self._rooms.setdefault(known[0], Room(*known))

    async def _listen(self) -> None:
        """Listen for ever; after a lost connection every room reads what it missed."""
        while True:
            try:
                async with await self._connect() as connection:
                    await connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier(CHANNEL)))
                    self._listens.set()
                    self._wake(*self._rooms)
                    async for told in connection.notifies():
                        if told.payload.isascii() and told.payload.isdecimal():
                            self._wake(int(told.payload))
            except Exception as error:  # whatever it is: without this task nobody is told anything any more
                logger.warning("The listening connection is lost: %s", error)
            self._listens.clear()
            await asyncio.sleep(AGAIN_S)

    async def _connect(self) -> psycopg.AsyncConnection[Any]:
        known = connections.settings[DEFAULT_DB_ALIAS]
        await sync_to_async(local_postgres.ensure_running_for)(known)
        names = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}
        reached = {name: str(known[key]) for name, key in names.items() if known[key]}
        # A peer that is gone without a word is noticed within a minute.
        alive = {"keepalives_idle": 30, "keepalives_interval": 10, "keepalives_count": 3}
        return await psycopg.AsyncConnection.connect(
            **reached, **alive, autocommit=True, application_name="geoparticipation live"
        )

    def _wake(self, *workshops: int) -> None:
        for workshop in workshops:
            room = self._rooms.get(workshop)
            if room is not None:
                task = asyncio.create_task(self._refresh_until_read(room))
                self._refreshes.add(task)
                task.add_done_callback(self._refreshes.discard)

    async def _refresh(self, room: Room) -> bool:
        try:
            await room.refresh()
        except Exception as error:  # the database is away, or gave the query up
            logger.warning("The log is not read: %s", error)
            return False
        return True

    async def _refresh_until_read(self, room: Room) -> None:
        """What was told once is not told again, so it is read however long the database is away; unless all leave."""
        while not await self._refresh(room) and room.watchers:
            await asyncio.sleep(AGAIN_S)
