"""The base of every error that a person is told about."""

from __future__ import annotations

from typing import Any, ClassVar


class Refusal(Exception):
    """Something a person asked for that is not done, with the reason and what to do instead.

    `code` is stable (other programs rely on it), `status` is the HTTP status that the one mapping in
    `geoparticipation.problems` uses, `detail` is a translated sentence, `extra` are further members of the
    RFC 9457 problem (the place of a geometry's fault, say).
    """

    code: ClassVar[str] = "refused"
    status: ClassVar[int] = 400

    def __init__(self, detail: str, *, field: str | None = None, **extra: Any) -> None:
        """`field` names the form field the sentence belongs to."""
        super().__init__(detail)
        self.detail = detail
        self.field = field
        self.extra = extra
