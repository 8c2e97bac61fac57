"""Opening and using the code of a flyer."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Coalesce
from django.utils import timezone

from geoparticipation.accounts.domain.rates import count_action
from geoparticipation.accounts.identity import Actor
from geoparticipation.consultations.enums import ConsultationState
from geoparticipation.mailings.codes import hash_code, read_code
from geoparticipation.mailings.errors import CodeMistyped, CodeUnknown, CodeUsedUp
from geoparticipation.mailings.models import LetterboxCode


def open_code(*, text: str, actor: Actor, at: datetime | None = None, noted: bool = True) -> LetterboxCode:
    """The code that was typed or scanned, with its letterbox's segment, mailing and consultation; notes when first.

    Only wrong codes are counted against the connection: a household may open its own as often as it likes, and a
    guesser is stopped after RATE_LIMITS["code"] tries an hour, right or wrong. What cannot be a code is not counted,
    as it tells nothing. A code whose answers are all given is opened, too: see `LetterboxCode.is_used_up`. With
    `noted=False` nothing is kept of the opening: it is not the household that looks.

    Raises CodeMistyped, CodeUnknown, TooOften. Three queries.
    """
    code = read_code(text)
    if code is None:
        raise CodeMistyped
    with transaction.atomic():
        count_action(actor=actor, action="code", at=at)
        found = (
            LetterboxCode.objects.select_related("letterbox__segment", "letterbox__mailing__consultation")
            .filter(code_hash=hash_code(code))
            .exclude(letterbox__mailing__consultation__state=ConsultationState.DRAFT)
            .first()
        )
        if found is not None:
            transaction.set_rollback(True)  # a right code does not count
    if found is None:
        raise CodeUnknown
    if noted and found.opened_on is None:
        found.opened_on = timezone.localdate(at)
        LetterboxCode.objects.filter(pk=found.pk, opened_on__isnull=True).update(opened_on=found.opened_on)
    return found


def use_code(*, code: LetterboxCode, at: datetime | None = None) -> None:
    """Count one answer given with the code; call it in the transaction that stores the answer. One statement.

    Of several answers at once as many succeed as the code allows. Raises CodeUsedUp.
    """
    today = timezone.localdate(at)
    used = LetterboxCode.objects.filter(pk=code.pk, uses__lt=F("uses_allowed")).update(
        uses=F("uses") + 1, answered_on=Coalesce("answered_on", today), opened_on=Coalesce("opened_on", today)
    )
    if not used:
        answered_on = LetterboxCode.objects.values_list("answered_on", flat=True).get(pk=code.pk)
        raise CodeUsedUp(answered_on or today)
