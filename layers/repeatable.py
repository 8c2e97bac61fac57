"""`Idempotency-Key` for a view of the API that makes something."""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Callable
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse, QueryDict
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from layers.repeating import Answer, repeat_safely

HEADER = "Idempotency-Key"
Post = Callable[..., HttpResponse]


def repeatable(post: Post) -> Post:
    """Make an APIView's `post` honour `Idempotency-Key`, and say so in the OpenAPI document.

    With a key, `post` runs in one transaction with the record of its answer, and only a success is kept: status, body,
    Content-Type and Location. A request's fingerprint is its path, fields and its files' digests. A repeated answer
    carries `Idempotency-Replayed: true`. Put it below `@extend_schema`.
    """

    @functools.wraps(post)
    def once(view: Any, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        key = request.headers.get(HEADER)
        if key is None:
            return post(view, request, *args, **kwargs)
        answer = repeat_safely(
            user_id=request.user.pk,
            key=key,
            request_text=_fingerprint(request),
            carry_out=lambda: _answer_of(post(view, request, *args, **kwargs)),
        )
        return _response(answer)

    described: Post = extend_schema(
        parameters=[
            OpenApiParameter(
                HEADER,
                str,
                OpenApiParameter.HEADER,
                description="The same key with the same request is carried out once, and answered the same for a day.",
            )
        ]
    )(once)
    return described


def _fingerprint(request: Request) -> str:
    data = request.data
    if not isinstance(data, QueryDict):
        return json.dumps([request.path, data], sort_keys=True)
    fields = [
        (name, [_digest(value) if isinstance(value, UploadedFile) else value for value in values])
        for name, values in sorted(data.lists())
    ]
    return json.dumps([request.path, fields])


def _digest(file: UploadedFile[Any]) -> str:
    digest = hashlib.sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    file.seek(0)
    return digest.hexdigest()


def _answer_of(response: HttpResponse) -> Answer:
    if isinstance(response, Response):
        body, content_type = JSONRenderer().render(response.data), response.content_type or "application/json"
    else:
        body, content_type = response.content, response["Content-Type"]
    return Answer(response.status_code, response.get("Location", ""), body.decode(), content_type)


def _response(answer: Answer) -> HttpResponse:
    response = HttpResponse(answer.body, status=answer.status, content_type=answer.content_type or "application/json")
    if answer.location:
        response["Location"] = answer.location
    if answer.is_repeated:
        response["Idempotency-Replayed"] = "true"
    return response
