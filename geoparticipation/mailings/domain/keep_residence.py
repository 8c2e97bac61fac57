"""Keeping the code of a flyer as proof of residence on an account, and taking the proof away."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Q, Subquery
from django.utils import timezone

from geoparticipation.accounts.errors import NotAllowed
from geoparticipation.accounts.identity import Actor
from geoparticipation.accounts.models import User
from geoparticipation.consultations.models import Consultation
from geoparticipation.mailings.domain.letterbox_codes import open_code
from geoparticipation.mailings.errors import CodeProvedAlready
from geoparticipation.mailings.models import LetterboxCode, Residence
from neighbourhoods.models import Target


def keep_typed_code(*, actor: Actor, text: str, at: datetime | None = None) -> Residence:
    """`keep_residence` with a code as it was typed. Raises CodeMistyped, CodeUnknown, TooOften, too."""
    if actor.user is None:
        raise NotAllowed
    return keep_residence(actor=actor, code=open_code(text=text[:40], actor=actor, at=at, noted=False), at=at)


def keep_residence(*, actor: Actor, code: LetterboxCode, at: datetime | None = None) -> Residence:
    """Note on the actor's account that a flyer of a mailing's target reached them; the same target again is no error.

    A code proves one residence, whether or not it answered: else one flyer would do for a whole town. It still answers
    afterwards, with that account (`rules.require_own_code`): a home that keeps its code has no second voice. What is
    kept of the code has no account, and what is kept on the account no code. Raises NotAllowed (nobody is signed in),
    CodeProvedAlready.
    """
    if actor.user is None:
        raise NotAllowed
    target = code.letterbox.mailing.target_id
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=actor.user.pk)
        kept = Residence.objects.filter(user=actor.user, target_id=target).first()
        if kept is not None:
            return kept
        if not LetterboxCode.objects.filter(pk=code.pk, has_proved=False).update(has_proved=True):
            raise CodeProvedAlready
        return Residence.objects.create(user=actor.user, target_id=target, verified_on=timezone.localdate(at))


def remove_residence(*, user: User, residence_id: int) -> None:
    """Take a proof away from an account; nothing happens where it is not theirs. The code proves nothing again."""
    Residence.objects.filter(user=user, pk=residence_id).delete()


def lives_inside(user: User | None, consultation: Consultation) -> bool:
    """Whether a proof on the account says that this person lives where the consultation is for.

    That is in its target, in one that lies within it, or, where it is for the whole town, anywhere. One query, none for
    a visitor.
    """
    if user is None:
        return False
    kept = Residence.objects.filter(user=user)
    if consultation.target_id is not None:
        area = Target.objects.filter(pk=consultation.target_id).values("geometry")
        kept = kept.filter(Q(target=consultation.target_id) | Q(target__geometry__coveredby=Subquery(area)))
    return kept.exists()
