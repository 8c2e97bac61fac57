"""What only processes that serve the web do, and commands and workers do not."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connections
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from geoparticipation.problems import unavailable

WAIT_FOR_ROOM_S = 0.5

WSGI = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def limit_queries() -> None:
    """Let PostgreSQL end a request's query after WEB_STATEMENT_TIMEOUT_S; for connections opened from now on."""
    milliseconds = settings.WEB_STATEMENT_TIMEOUT_S * 1000
    options = connections.settings[DEFAULT_DB_ALIAS]["OPTIONS"]
    options["options"] = f"{options.get('options', '')} -c statement_timeout={milliseconds}".strip()


class Room:
    """Threads of this process that may wait for slow clients at the same time; the others stay free for the rest."""

    def __init__(self) -> None:
        self._places = threading.BoundedSemaphore(settings.WEB_SLOW_CLIENTS)

    def enter(self) -> Place | None:
        """Take a place, or None when there is none for half a second."""
        return Place(self._places) if self._places.acquire(timeout=WAIT_FOR_ROOM_S) else None


class Place:
    """One place, given back once."""

    def __init__(self, places: threading.BoundedSemaphore) -> None:
        self._places: threading.BoundedSemaphore | None = places

    def leave(self) -> None:
        """Give it back; again does nothing."""
        places, self._places = self._places, None
        if places is not None:
            places.release()


class _Body:
    """A request's body that gives the place back as soon as all of it has come."""

    def __init__(self, body: Any, length: int, place: Place) -> None:
        self._body, self._left, self._place = body, length, place

    def read(self, size: int = -1) -> bytes:
        return self._came(self._body.read(self._left if size is None or size < 0 else min(size, self._left)))

    def readline(self, size: int = -1) -> bytes:
        return self._came(self._body.readline(self._left if size is None or size < 0 else min(size, self._left)))

    def __iter__(self) -> Iterator[bytes]:
        return iter(self.readline, b"")

    def _came(self, chunk: bytes) -> bytes:
        self._left -= len(chunk)
        if not chunk or self._left <= 0:
            self._place.leave()
        return chunk


def patient_with_bodies(application: WSGI, room: Room | None = None) -> WSGI:
    """Let no more than WEB_SLOW_CLIENTS threads wait for bodies that come slowly; 503 for who finds no place.

    A body that came together with its head holds its place for some microseconds.
    """
    room = room or Room()

    def serve(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        length = int(environ.get("CONTENT_LENGTH") or 0)
        if length <= 0:
            return application(environ, start_response)
        place = room.enter()
        if place is None:
            response = unavailable(environ.get("PATH_INFO", ""))
            start_response(f"{response.status_code} {response.reason_phrase}", list(response.items()))
            return [response.content]
        environ["wsgi.input"] = _Body(environ["wsgi.input"], length, place)
        try:
            return application(environ, start_response)
        finally:
            place.leave()

    return serve


class PatientMiddleware:
    """Lets no more than WEB_SLOW_CLIENTS threads send streamed downloads; 503 for who finds no place."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        self.room = Room()

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer; hold a place while a streamed answer is being sent."""
        response = self.get_response(request)
        if not response.streaming:
            return response
        place = self.room.enter()
        if place is None:
            for close in response._resource_closers:  # not `close()`, which says that the request is over
                close()
            return unavailable(request.path)
        response._resource_closers.append(place.leave)
        response.streaming_content = _held(response.streaming_content, place)
        return response


def _held(chunks: Iterable[bytes], place: Place) -> Iterator[bytes]:
    try:
        yield from chunks
    finally:
        place.leave()
