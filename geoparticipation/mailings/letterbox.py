"""The letterbox that a browser answers from: what `/l/{code}` left in its session, for one consultation each."""

from __future__ import annotations

from typing import Final

from django.http import HttpRequest

from geoparticipation.consultations.models import Consultation
from geoparticipation.mailings.models import LetterboxCode

_SESSION_KEY: Final = "letterbox_codes"


def remember_letterbox(request: HttpRequest, code: LetterboxCode) -> None:
    """Let this browser answer from the code's letterbox in its mailing's consultation, and in no other."""
    kept = request.session.get(_SESSION_KEY, {})
    request.session[_SESSION_KEY] = {**kept, str(code.letterbox.mailing.consultation_id): code.pk}


def letterbox_for(request: HttpRequest, consultation: Consultation) -> LetterboxCode | None:
    """The code with which this browser came to this consultation; one query, none where it came without."""
    key = request.session.get(_SESSION_KEY, {}).get(str(consultation.pk))
    if key is None:
        return None
    found = LetterboxCode.objects.select_related("letterbox__segment", "letterbox__mailing").filter(
        pk=key, letterbox__mailing__consultation=consultation
    )
    return found.first()
