"""Every error of the API as an RFC 9457 problem document.

Two ways lead here: `problem_response` is what the REST framework asks for each exception, `ProblemMiddleware` turns
whatever else comes out of an address under /api/ (no such address, a forgotten token against forgery, a crash).
`code` is stable and for programs; `detail` is for people, in their language; `errors` lists faults by field.
"""

from __future__ import annotations

import errno
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.template.loader import get_template
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from rest_framework import exceptions
from rest_framework.views import set_rollback

from geoparticipation.json_bodies import BodyTooLarge
from layers.errors import Refusal
from layers.problems import CONTENT_TYPE, problem_document, refusal_document

API_PREFIX: Final = "/api/"

logger = logging.getLogger(__name__)

_CODES: Final[dict[int, str]] = {
    400: "bad_request",
    401: "not_authenticated",
    403: "permission_denied",
    404: "not_found",
    405: "method_not_allowed",
    406: "not_acceptable",
    409: "conflict",
    413: "too_large",
    415: "unsupported_media_type",
    429: "too_often",
    500: "internal_error",
    503: "not_available",
}


_NO_ROOM: Final = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
RETRY_AFTER_S: Final = 30


def is_passing(error: BaseException | None) -> bool:
    """Whether it is the machine's trouble and not the program's: no database, no answer in time, no room on the disk.

    The same request may be sent again later: nothing of it was stored.
    """
    if isinstance(error, OSError):
        return error.errno in _NO_ROOM
    return isinstance(error, OperationalError | InterfaceError)


class DatabaseUnavailable(exceptions.APIException):
    """The database ended a query that took too long, or is not there; or a disk is full."""

    status_code = 503
    default_code = "not_available"
    wait = RETRY_AFTER_S


def _sentence(status: int) -> str:
    sentences = {
        400: _("The request cannot be read."),
        403: _("You are not allowed to do this."),
        404: _("There is nothing at this address, or it is not public."),
        405: _("This address does not do that."),
        413: _("That is more than what is taken at once."),
        503: _("The service is not available at the moment. Please try again soon."),
    }
    return sentences.get(status, _("Something went wrong on our side. Please try again later."))


def _field_errors(detail: Any, path: str = "") -> Iterator[dict[str, str]]:
    """Flatten what the REST framework found wrong: one entry per fault, with a dotted path to its field."""
    if isinstance(detail, Mapping):
        for name, inner in detail.items():
            at = path if name == "non_field_errors" else f"{path}.{name}" if path else str(name)
            yield from _field_errors(inner, at)
    elif isinstance(detail, Sequence) and not isinstance(detail, str):
        for position, inner in enumerate(detail):
            plain = isinstance(inner, str)
            yield from _field_errors(inner, path if plain else f"{path}.{position}")
    else:
        yield {"field": path, "code": str(getattr(detail, "code", "invalid")), "detail": str(detail)}


def _respond(
    document: dict[str, Any], request: HttpRequest | None, headers: Mapping[str, str] | None = None
) -> HttpResponse:
    if request is not None:
        document["instance"] = request.path
    response = JsonResponse(document, status=document["status"], content_type=CONTENT_TYPE)
    response["Cache-Control"] = "no-store"
    for name, value in (headers or {}).items():
        response[name] = value
    return response


def refusal_problem(refusal: Refusal, request: HttpRequest | None = None) -> HttpResponse:
    """The problem of a refusal; its field is listed in `errors`, and a limit of rate says when to come back."""
    document = refusal_document(refusal)
    if refusal.field is not None:
        document["errors"] = [{"field": refusal.field, "code": refusal.code, "detail": document["detail"]}]
    headers = {"Retry-After": str(refusal.extra["retry_after"])} if "retry_after" in refusal.extra else {}
    return _respond(document, request, headers)


def problem_response(exc: Exception, context: Mapping[str, Any]) -> HttpResponse | None:
    """The REST framework's exception handler. None for what is nobody's fault but ours: that becomes a 500."""
    request = getattr(context.get("request"), "_request", None)
    if isinstance(exc, Refusal):
        set_rollback()
        return refusal_problem(exc, request)
    if isinstance(exc, Http404):
        exc = exceptions.NotFound(_sentence(404))
    elif isinstance(exc, PermissionDenied):
        exc = exceptions.PermissionDenied()
    elif isinstance(exc, RequestDataTooBig):
        exc = BodyTooLarge(_sentence(413))
    elif is_passing(exc):
        logger.error("The database or the disk does not take it", exc_info=exc)
        exc = DatabaseUnavailable(_sentence(503))
    if not isinstance(exc, exceptions.APIException):
        return None
    set_rollback()
    headers: dict[str, str] = {}
    if getattr(exc, "auth_header", None):
        headers["WWW-Authenticate"] = exc.auth_header  # type: ignore[attr-defined]
    wait_s = getattr(exc, "wait", None)  # of Throttled and DatabaseUnavailable
    if wait_s:
        headers["Retry-After"] = str(int(wait_s))
    members: dict[str, Any] = {}
    if isinstance(exc, exceptions.ValidationError):
        code, detail = "invalid", _("Some fields are not right: see “errors”.")
        members["errors"] = list(_field_errors(exc.detail))
    else:
        code, detail = str(exc.get_codes()), str(exc.detail)
        if detail.startswith("CSRF Failed"):
            code = "csrf_failed"
    document = problem_document(code=code, status=exc.status_code, detail=detail, **members)
    return _respond(document, request, headers)


def unavailable(path: str) -> HttpResponse:
    """503 with a time to come back: a problem under /api/, elsewhere a page that needs nothing that may be missing."""
    if path.startswith(API_PREFIX):
        document = problem_document(code="not_available", status=503, detail=_sentence(503), instance=path)
        response = _respond(document, None)
    else:
        response = HttpResponse(get_template("503.html").render(), status=503)
        response["Cache-Control"] = "no-store"
    response["Retry-After"] = str(RETRY_AFTER_S)
    return response


@csrf_exempt
def show_nothing(request: HttpRequest, rest: str = "") -> HttpResponse:
    """Answer for every address under /api/ that leads nowhere; without the page of errors and its templates."""
    return _respond(problem_document(code="not_found", status=404, detail=_sentence(404)), request)


class ProblemMiddleware:
    """Gives an error under /api/ the form of a problem where the views did not, and keeps the headers.

    Text with a NUL character, which no database text holds, is answered with 400 at any address.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer, and translate errors."""
        if "%00" in request.META.get("QUERY_STRING", "") or "\x00" in request.path:
            broken = problem_document(code="nul_character", status=400, detail=_("There is a NUL character in this."))
            return _respond(broken, request)
        response = self.get_response(request)
        if (
            response.status_code < 400
            or not request.path.startswith(API_PREFIX)
            or response.get("Content-Type", "").startswith(CONTENT_TYPE)
        ):
            return response
        status = response.status_code
        code = _CODES.get(status, "bad_request" if status < 500 else "internal_error")
        if status == 403 and b"csrf" in getattr(response, "content", b"").lower():
            code = "csrf_failed"
        kept = {name: value for name, value in response.items() if name in {"Allow", "Retry-After", "WWW-Authenticate"}}
        return _respond(problem_document(code=code, status=status, detail=_sentence(status)), request, kept)
