"""Opening and using the code of a flyer."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.db.models import F, Min
from django.db.models.functions import Coalesce
from django.utils import timezone

from geoparticipation.accounts.domain.rates import count_action
from geoparticipation.accounts.identity import Actor
from geoparticipation.consultations.enums import ConsultationState
from geoparticipation.mailings.codes import hash_code, read_code
from geoparticipation.mailings.errors import CodeMistyped, CodeUnknown, CodeUsedUp
from geoparticipation.mailings.models import LetterboxCode, MailingLetterbox


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
    """Count one answer given with the code; call it in the transaction that stores the answer. Four statements.

    Of several answers at once as many succeed as the code and its letterbox have voices. Raises CodeUsedUp, and then
    nothing is counted.
    """
    today = timezone.localdate(at)
    with transaction.atomic():
        voiced = MailingLetterbox.objects.filter(pk=code.letterbox_id, voices_used__lt=F("voices")).update(
            voices_used=F("voices_used") + 1
        )
        used = voiced and LetterboxCode.objects.filter(pk=code.pk, uses__lt=F("uses_allowed")).update(
            uses=F("uses") + 1, answered_on=Coalesce("answered_on", today), opened_on=Coalesce("opened_on", today)
        )
        if not used:
            raise used_up(code, today=today)


def used_up(code: LetterboxCode, *, today: date | None = None) -> CodeUsedUp:
    """What is said to whoever comes with a code whose answers are all given: what happened, and when. One query."""
    days = LetterboxCode.objects.filter(letterbox=code.letterbox_id).aggregate(first=Min("answered_on"))
    day = code.answered_on if code.letterbox.flyers > 1 and code.answered_on else days["first"]
    return CodeUsedUp(day or today or timezone.localdate(), voices=code.letterbox.voices, of_code=code.uses_allowed)
