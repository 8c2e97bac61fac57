"""Refusals as RFC 9457 problem documents: the one mapping from an error a person is told about to HTTP."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.http import JsonResponse

from layers.errors import Refusal

CONTENT_TYPE = "application/problem+json"


def problem_document(*, code: str, status: int, detail: str, **members: Any) -> dict[str, Any]:
    """The document: `code` is for programs and stable, `detail` is for people and translated.

    The type is always `about:blank`, for which RFC 9457 wants the HTTP status's own phrase as the title.
    """
    return {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": code,
        "detail": detail,
        **members,
    }


def refusal_document(refusal: Refusal) -> dict[str, Any]:
    """The document of a refusal: its `field`, when it has one, and its `extra` are further members."""
    members = dict(refusal.extra)
    if refusal.field is not None:
        members["field"] = refusal.field
    return problem_document(code=refusal.code, status=refusal.status, detail=str(refusal.detail), **members)


def refusal_response(refusal: Refusal) -> JsonResponse:
    """The refusal as an HTTP response, which no cache keeps."""
    response = JsonResponse(refusal_document(refusal), status=refusal.status, content_type=CONTENT_TYPE)
    response["Cache-Control"] = "no-store"
    return response
