"""The letterbox that a browser answers from: what `/l/{code}` left in its session, for one consultation each."""

from __future__ import annotations

from typing import Final

from django.http import HttpRequest

from geoparticipation.consultations.models import Consultation
from geoparticipation.mailings.models import LetterboxCode, Residence

_SESSION_KEY: Final = "letterbox_codes"
_OFFER_KEY: Final = "residence_offer"


def remember_letterbox(request: HttpRequest, code: LetterboxCode) -> None:
    """Let this browser answer from the code's letterbox in its mailing's consultation, and in no other.

    Whoever is signed in, or signs in after this, is asked once whether to keep the code as proof of residence.
    """
    kept = request.session.get(_SESSION_KEY, {})
    known = code.pk in kept.values()
    request.session[_SESSION_KEY] = {**kept, str(code.letterbox.mailing.consultation_id): code.pk}
    if not known:
        request.session[_OFFER_KEY] = code.pk


def letterbox_for(request: HttpRequest, consultation: Consultation) -> LetterboxCode | None:
    """The code with which this browser came to this consultation; one query, none where it came without."""
    key = request.session.get(_SESSION_KEY, {}).get(str(consultation.pk))
    if key is None:
        return None
    found = LetterboxCode.objects.select_related("letterbox__segment", "letterbox__mailing").filter(
        pk=key, letterbox__mailing__consultation=consultation
    )
    return found.first()


def offered_code(request: HttpRequest) -> LetterboxCode | None:
    """The code that a signed-in person may keep and was not asked about yet; None where nothing would be new.

    Two queries for somebody who came with a code, else none.
    """
    if not request.user.is_authenticated or (key := request.session.get(_OFFER_KEY)) is None:
        return None
    code = LetterboxCode.objects.select_related("letterbox__mailing").filter(pk=key, has_proved=False).first()
    if code is None or Residence.objects.filter(user=request.user, target=code.letterbox.mailing.target_id).exists():
        return None
    return code


def forget_offer(request: HttpRequest) -> None:
    """Ask no more about the code that this browser came with."""
    request.session.pop(_OFFER_KEY, None)
