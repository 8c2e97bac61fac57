"""How much a page takes in one request: more is answered with a sentence, before any of it is kept.

Django limits the fields of a form, not its files, and reads them all (to look for the token against forgery) before
the view is asked.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeVar

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import formats
from django.utils.translation import gettext as _

from geoparticipation.problems import API_PREFIX, refusal_problem
from layers.errors import Refusal

View = TypeVar("View", bound=Callable[..., Any])

# Who is answered while still sending sees a broken connection and no sentence; so what is somewhat too large is read
# to its end and thrown away.
_READ_TO_ITS_END: Final = 4
_BLOCK: Final = 1 << 16


class TooMuchAtOnce(Refusal):
    """The request is longer than `extra["max_bytes"]`."""

    code = "too_large"
    status = 413

    def __init__(self, max_bytes: int) -> None:
        super().__init__(
            _("That is more than the %(limit)s MB that are taken at once. Send fewer files, or smaller ones.")
            % {"limit": formats.number_format(max_bytes // 1_000_000)},
            max_bytes=max_bytes,
        )


def takes_at_most(max_bytes: int) -> Callable[[View], View]:
    """Let a view take requests of at most this many bytes, files and all."""

    def declare(view: View) -> View:
        view.max_body_bytes = max_bytes  # type: ignore[attr-defined]
        return view

    return declare


class BodyLimitMiddleware:
    """Refuses what is longer than its view takes. Stands before whatever reads the body."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass on; `process_view` knows the view."""
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], arguments: Any, named: Any
    ) -> HttpResponse | None:
        """Answer 413 instead of the view: a page, or a problem document for programs and the page's script."""
        max_bytes: int | None = getattr(view, "max_body_bytes", None)
        try:
            length = int(request.META.get("CONTENT_LENGTH") or 0)
        except ValueError:
            length = 0
        if max_bytes is None or length <= max_bytes:
            return None
        if length <= _READ_TO_ITS_END * max_bytes:
            while request.read(_BLOCK):
                pass
        refusal = TooMuchAtOnce(max_bytes)
        if request.path.startswith(API_PREFIX) or not request.accepts("text/html"):
            return refusal_problem(refusal, request)
        return render(request, "refused.html", {"refusal": refusal}, status=refusal.status)
