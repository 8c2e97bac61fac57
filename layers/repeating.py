"""Carrying out once what is sent twice: by a program (`Idempotency-Key`), or by a form (a token in it).

Follows draft-ietf-httpapi-idempotency-key-header: the same key with the same request gives the kept answer, with
another request it is refused. Only successes are kept: what was refused left nothing behind and may be tried again.
"""

from __future__ import annotations

import hashlib
import json
import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from django import forms
from django.db import OperationalError, connection, transaction
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _
from psycopg.errors import LockNotAvailable

from layers.errors import Refusal
from layers.keyed_hash import keyed_hash
from layers.models import KeptAnswer

KEPT_FOR: Final = timedelta(hours=24)
LONGEST_WAIT_S: Final = 5
"""How long a request waits for another one with its key that is being carried out."""
VISITOR: Final = "visitor"
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


class KeyBeingUsed(Refusal):
    """A request with the key has been going on for longer than this one waited."""

    code = "idempotency_key_in_use"
    status = 409

    def __init__(self) -> None:
        super().__init__(
            _("The same request is being carried out. Send it again in a moment to get its answer."),
            retry_after=LONGEST_WAIT_S,
        )


@dataclass(frozen=True)
class Answer:
    """What a request was answered; `is_repeated` when it was carried out before."""

    status: int
    location: str
    body: str
    content_type: str = ""
    is_repeated: bool = False


def repeat_safely(
    *, user_id: int | None, key: str | None, request_text: str, carry_out: Callable[[], Answer]
) -> Answer:
    """Carry a request out, or give the answer it got when it came with this key within the last day.

    Without a key it is always carried out. One transaction with what is carried out. A second request with the key that
    comes meanwhile waits for the first. A signed-in person's keys are their own; those of visitors (`user_id` null)
    share one room, since a visitor whose first answer was lost has no cookie to be known by. Raises KeyMalformed,
    KeyUsedForAnother, KeyBeingUsed, and what `carry_out` raises.
    """
    if key is None:
        return carry_out()
    if not _KEY.fullmatch(key):
        raise KeyMalformed
    return _once(VISITOR if user_id is None else str(user_id), key, request_text, carry_out)


@transaction.atomic
def _once(whose: str, key: str, request_text: str, carry_out: Callable[[], Answer]) -> Answer:
    kept = _own_row(keyed_hash("idempotency", whose, key), keyed_hash("request", request_text))
    if kept.status:
        if kept.request_hash != keyed_hash("request", request_text):
            raise KeyUsedForAnother
        return Answer(kept.status, kept.location, kept.body, kept.content_type, is_repeated=True)
    answer = carry_out()
    kept.status, kept.location, kept.body = answer.status, answer.location, answer.body
    kept.content_type = answer.content_type
    kept.save(update_fields=["status", "location", "body", "content_type"])
    return answer


def _own_row(key_hash: str, request_hash: str) -> KeptAnswer:
    """The row of this key, locked: with a status when its answer is kept, else it is ours to fill."""
    now = timezone.now()
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('lock_timeout', %s, true)", [f"{LONGEST_WAIT_S}s"])
        KeptAnswer.objects.filter(key_hash=key_hash, expires_at__lt=now).delete()
        KeptAnswer.objects.bulk_create(
            [KeptAnswer(key_hash=key_hash, request_hash=request_hash, expires_at=now + KEPT_FOR)], ignore_conflicts=True
        )
        # The row is ours, or it is one that another transaction committed: bulk_create waited for it.
        kept = KeptAnswer.objects.select_for_update().get(key_hash=key_hash)
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout TO DEFAULT")
    except OperationalError as error:
        if isinstance(error.__cause__, LockNotAvailable):
            raise KeyBeingUsed from None
        raise
    return kept


def words_of(posted: QueryDict) -> str:
    """All that a form sent, but for what changes by itself."""
    return json.dumps(sorted(item for item in posted.lists() if item[0] not in {"csrfmiddlewaretoken", "token"}))


class OnceForm(forms.Form):
    """A hidden token, new with each page: sending its form twice is the same as sending it once.

    To stand in a form that makes something, by inheritance or beside it. With other words the same token makes another
    thing: who goes back and writes more means it. Without the token nothing protects, and nothing is refused.
    """

    token = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4, required=False)

    def carry_out_once(self, *, user_id: int | None, words: str, make: Callable[[], str]) -> str:
        """What `make` returns (at most 500 characters that lead to the thing made), or returned the first time.

        `words` are all that was typed. Raises KeyBeingUsed, and what `make` raises.
        """
        token = (self.cleaned_data.get("token") if self.is_valid() else None) or uuid.uuid4()
        key = f"{token}-{hashlib.sha256(words.encode('utf-8', 'surrogatepass')).hexdigest()[:16]}"
        answer = repeat_safely(user_id=user_id, key=key, request_text=words, carry_out=lambda: Answer(201, make(), ""))
        return answer.location
