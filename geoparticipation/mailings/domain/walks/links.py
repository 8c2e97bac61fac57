"""The secret address of a round."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Final

from django.db import transaction
from django.utils import timezone

from geoparticipation.accounts.models import User
from geoparticipation.mailings.errors import RoundLinkOver, RoundLinkUnknown
from geoparticipation.mailings.models import Round, RoundLink
from layers.keyed_hash import keyed_hash

VALID_FOR: Final = timedelta(days=30)
ACCEPTED_LATER: Final = timedelta(days=60)
"""What was noted while a link was valid may come in as much later: the phone was out of reach."""
_TOKEN_BYTES: Final = 24


def _hash(token: str) -> str:
    return keyed_hash("round link", token)


@transaction.atomic
def make_link(*, round_: Round, user: User | None) -> tuple[RoundLink, str]:
    """Make the link of a round and give its token, which nothing but the answer holds; the link of before ends."""
    Round.objects.select_for_update().get(pk=round_.pk)
    withdraw_link(round_=round_)
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    link = RoundLink.objects.create(
        round=round_, token_hash=_hash(token), made_by=user, expires_at=timezone.now() + VALID_FOR
    )
    return link, token


def withdraw_link(*, round_: Round) -> bool:
    """End the link of a round; False where there is none."""
    return bool(round_.links.filter(withdrawn_at__isnull=True).update(withdrawn_at=timezone.now()))


def get_round_by_token(token: str, *, to_send: bool = False) -> RoundLink:
    """The link of a token, with round and mailing: one query. Raises RoundLinkUnknown, RoundLinkOver.

    `to_send` is for what a phone has kept: it is taken for some weeks after the link has expired, not once it was
    withdrawn.
    """
    links = RoundLink.objects.select_related("round__mailing__consultation").defer("round__mailing__target__geometry")
    link = links.filter(token_hash=_hash(token)).first()
    if link is None:
        raise RoundLinkUnknown
    until = link.expires_at + (ACCEPTED_LATER if to_send else timedelta())
    if link.withdrawn_at is not None or until <= timezone.now():
        raise RoundLinkOver
    return link
