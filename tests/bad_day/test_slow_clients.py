"""Clients that send or read as slowly as they can take some threads of a process, never all."""

from __future__ import annotations

import socket
from collections.abc import Iterable
from typing import Any

import pytest
from django.http import HttpResponse, StreamingHttpResponse
from django.test import RequestFactory

from geoparticipation import serving
from geoparticipation.serving import PatientMiddleware, patient_with_bodies
from tests.bad_day.conftest import MakeSite
from tests.bad_day.served import own_settings, url_of

SLOW = 12
HALF_A_HEAD = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: "
HALF_A_BODY = (
    b"POST /api/v1/contributions/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
    b"Content-Length: 1000\r\n\r\n{"
)


@pytest.mark.django_db(transaction=True)  # a site of its own writes there
def test_readers_are_served_while_others_send_slowly(make_site: MakeSite) -> None:
    site = make_site(url_of(**own_settings()), workers=1, threads=4, environment={"WEB_SLOW_CLIENTS": "2"})
    slow = []
    for beginning in [HALF_A_HEAD, HALF_A_BODY] * SLOW:
        slow.append(socket.create_connection(("127.0.0.1", site.port), timeout=60))
        slow[-1].sendall(beginning)

    assert site.status("/healthz") == 200

    # Two threads wait; whoever else sends slowly is told to come back.
    told = [connection for connection in slow[1::2] if _answered(connection)]
    assert len(told) == SLOW - 2
    assert all(connection.recv(12) == b"HTTP/1.1 503" for connection in told)
    for connection in slow:
        connection.close()
    assert site.status("/healthz") == 200


def _answered(connection: socket.socket) -> bool:
    connection.settimeout(2)
    try:
        return bool(connection.recv(1, socket.MSG_PEEK))
    except TimeoutError:
        return False


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    settings.WEB_SLOW_CLIENTS = 1
    monkeypatch.setattr(serving, "WAIT_FOR_ROOM_S", 0.01)


@pytest.mark.django_db(transaction=True)  # a site of its own writes there
def test_downloads_hold_their_place_until_they_end(quick: None) -> None:
    closed = []

    def chunks() -> Iterable[bytes]:
        try:
            yield from (b"a", b"b")
        finally:
            closed.append(True)

    serve = PatientMiddleware(
        lambda request: StreamingHttpResponse(chunks()) if "big" in request.path else HttpResponse()
    )
    request = RequestFactory()
    first = serve(request.get("/big"))
    sent = iter(first)
    next(sent)

    assert serve(request.get("/big")).status_code == 503
    assert serve(request.get("/api/big"))["Content-Type"] == "application/problem+json"
    assert serve(request.get("/small")).status_code == 200
    assert list(sent) == [b"b"]
    second = serve(request.get("/big"))
    assert second.status_code == 200
    second.close()  # the reader went away before the first byte
    assert serve(request.get("/big")).status_code == 200


def test_body_gives_its_place_back_when_it_has_come(quick: None) -> None:
    seen = []

    def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        seen.append(environ["wsgi.input"].read(3) + environ["wsgi.input"].read())
        if environ["PATH_INFO"] == "/first":
            serve(body("/second"), start_response)
        start_response("200 OK", [])
        return []

    def body(path: str) -> dict[str, Any]:
        return RequestFactory().post(path, b"0123456789", "text/plain").environ

    answers: list[str] = []
    serve = patient_with_bodies(application)
    serve(body("/first"), lambda status, _headers: answers.append(status))

    assert seen == [b"0123456789"] * 2
    assert answers == ["200 OK", "200 OK"]
