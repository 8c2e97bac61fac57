"""Carrying out once what a program sends twice (`Idempotency-Key`).

Follows draft-ietf-httpapi-idempotency-key-header: the same key with the same request gives the kept answer, with
another request it is refused. Only successes are kept: what was refused left nothing behind and may be tried again.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from geoparticipation.accounts.domain.rates import count_action
from geoparticipation.accounts.identity import Actor, keyed_hash
from geoparticipation.contributions.models import KeptAnswer
from layers.errors import Refusal

KEPT_FOR: Final = timedelta(hours=24)
_KEY: Final = re.compile(r"[\x21-\x7e]{1,255}")


class KeyMalformed(Refusal):
    """The key is no text of 1 to 255 visible ASCII characters."""

    code = "idempotency_key_malformed"

    def __init__(self) -> None:
        super().__init__(_("An Idempotency-Key has 1 to 255 visible ASCII characters."))


class KeyUsedForAnother(Refusal):
    """The key came before with another request."""

    code = "idempotency_key_reused"
    status = 422

    def __init__(self) -> None:
        super().__init__(_("This Idempotency-Key was used for another request. Take a new one for each."))


@dataclass(frozen=True)
class Answer:
    """What a request was answered; `is_repeated` when it was carried out before."""

    status: int
    location: str
    body: str
    is_repeated: bool = False


def repeat_safely(*, actor: Actor, key: str | None, request_text: str, carry_out: Callable[[], Answer]) -> Answer:
    """Carry a request out, or give the answer it got when it came with this key within the last day.

    Without a key it is always carried out. The attempt is counted first and for good, so that who is refused again and
    again is stopped as well. One transaction with what is carried out. A second request with the key that comes
    meanwhile waits for the first. A signed-in person's keys are their own; those of visitors share one room, since a
    visitor whose first answer was lost has no cookie to be known by. Raises TooOften, KeyMalformed, KeyUsedForAnother,
    and what `carry_out` raises.
    """
    count_action(actor=actor, action="attempt")
    if key is None:
        return carry_out()
    if not _KEY.fullmatch(key):
        raise KeyMalformed
    return _once(actor, key, request_text, carry_out)


@transaction.atomic
def _once(actor: Actor, key: str, request_text: str, carry_out: Callable[[], Answer]) -> Answer:
    whose = "visitor" if actor.user is None else str(actor.user.pk)
    key_hash, request_hash = keyed_hash("idempotency", whose, key), keyed_hash("request", request_text)
    now = timezone.now()
    KeptAnswer.objects.filter(key_hash=key_hash, expires_at__lt=now).delete()
    KeptAnswer.objects.bulk_create(
        [KeptAnswer(key_hash=key_hash, request_hash=request_hash, expires_at=now + KEPT_FOR)], ignore_conflicts=True
    )
    # The row is ours, or it is one that another transaction committed: bulk_create waited for it.
    kept = KeptAnswer.objects.select_for_update().get(key_hash=key_hash)
    if kept.status:
        if kept.request_hash != request_hash:
            raise KeyUsedForAnother
        return Answer(kept.status, kept.location, kept.body, is_repeated=True)
    answer = carry_out()
    kept.status, kept.location, kept.body = answer.status, answer.location, answer.body
    kept.save(update_fields=["status", "location", "body"])
    return answer
