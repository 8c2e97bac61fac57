"""The ASGI application of the streams: `/live/workshops/{meeting}/`, and nothing else.

Events are those of https://html.spec.whatwg.org/multipage/server-sent-events.html. It takes no cookies and tells
nothing that the page does not tell everybody.
"""

from __future__ import annotations

import asyncio
import random
import re
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Final
from urllib.parse import parse_qs
from uuid import UUID

from django.conf import settings

from geoparticipation.accounts.identity import address_behind_proxies
from geoparticipation.meetings.live.hub import Full, Hub, Room

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

PREFIX: Final = "/live/"
HEARTBEAT_S: Final = 15.0
"""How often something is said when there is nothing new. The page takes a stream silent for 40 s for lost."""
SLOW_S: Final = 10.0
"""A client that does not take a piece within this time is cut, and comes back with the last number it has."""
_PATH: Final = re.compile(r"/live/workshops/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})/")

_hub = Hub()


async def serve_stream(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer one request under PREFIX."""
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
    found = _PATH.fullmatch(scope["path"])
    if found is None:
        await _refuse(send, 404)
    elif scope["method"] != "GET":
        await _refuse(send, 405)
    elif headers.get("origin", settings.SITE_URL) != settings.SITE_URL:
        await _refuse(send, 403)
    else:
        remote = (scope.get("client") or ("",))[0]
        address = address_behind_proxies(remote, headers.get("x-forwarded-for", ""))
        try:
            async with _hub.watch(UUID(found.group(1)), address) as room:
                if room is None:
                    await _refuse(send, 404)
                else:
                    await _stream(room, _last_known(scope, headers), receive, send)
        except Full:
            await _refuse(send, 503, (b"retry-after", b"60"))


def _last_known(scope: Scope, headers: dict[str, str]) -> int | None:
    """The number that the client has: of `Last-Event-ID` when it comes back, else of the query; None: from now on."""
    asked = parse_qs(scope.get("query_string", b"").decode("latin-1")).get("after", [""])[0]
    for said in (headers.get("last-event-id", ""), asked):
        if said.isascii() and said.isdecimal() and len(said) < 18:
            return int(said)
    return None


def _cross_origin() -> list[tuple[bytes, bytes]]:
    return [(b"access-control-allow-origin", settings.SITE_URL.encode()), (b"vary", b"Origin")]


async def _refuse(send: Send, status: int, *more: tuple[bytes, bytes]) -> None:
    headers = [(b"content-length", b"0"), (b"cache-control", b"no-store"), *_cross_origin(), *more]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b""})


async def _stream(room: Room, last_known: int | None, receive: Receive, send: Send) -> None:
    headers = [
        (b"content-type", b"text/event-stream; charset=utf-8"),
        (b"cache-control", b"no-store, no-transform"),
        (b"x-accel-buffering", b"no"),
        *_cross_origin(),
    ]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    writing = asyncio.create_task(_write(room, room.seq if last_known is None else last_known, send))
    gone = asyncio.create_task(_until_gone(receive))
    try:
        await asyncio.wait({writing, gone}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in (writing, gone):
            task.cancel()
        await asyncio.gather(writing, gone, return_exceptions=True)


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _write(room: Room, seq: int, send: Send) -> None:
    """Write for as long as the client reads. Who is ahead of the log (it was restored) is told to begin anew."""

    async def say(piece: bytes) -> None:
        await asyncio.wait_for(send({"type": "http.response.body", "body": piece, "more_body": True}), SLOW_S)

    # A second or two, so that not all come back in the same moment when this program was started again.
    await say(f"retry: {1000 + random.randrange(1000)}\n\n".encode())  # noqa: S311
    if seq > room.seq:
        await room.refresh()
    await say(b"event: reload\ndata: \n\n" if seq > room.seq else b"event: hello\ndata: \n\n")
    while True:
        piece, seq = await room.after(seq)
        if piece:
            await say(piece)
        elif not await room.wait_for_news(seq, HEARTBEAT_S):
            await say(b"event: beat\ndata: \n\n")
