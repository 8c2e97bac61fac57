"""A page for what was not done: where a page's view lets a refusal through, the person reads its sentence."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from layers.errors import Refusal


class RefusalPageMiddleware:
    """Answers with the refusal's HTTP status and a page that leads on. The API and the tiles answer for themselves."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass on; refusals come to `process_exception`."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Make a page of a refusal; other exceptions go on to Django."""
        if not isinstance(exception, Refusal):
            return None
        template = "404.html" if exception.status == 404 else "refused.html"
        return render(request, template, {"refusal": exception}, status=exception.status)
