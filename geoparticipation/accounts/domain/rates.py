"""How often one source may do a thing: counted in the database, so that every process sees the same count."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final, Literal

from django.conf import settings
from django.db import connection
from django.utils import timezone

from geoparticipation.accounts.enums import IdentityLevel
from geoparticipation.accounts.errors import TooOften
from geoparticipation.accounts.identity import Actor
from geoparticipation.accounts.models import RateCount
from layers.keyed_hash import keyed_hash

Action = Literal[
    "attempt",
    "submit",
    "comment",
    "support",
    "report",
    "photo",
    "export",
    "large_export",
    "code",
    "response",
    "message",
    "register",
    "workshop",
    "prefer",
]

WINDOW: Final = timedelta(hours=1)

_UPSERT: Final = f"""
INSERT INTO {RateCount._meta.db_table} AS counted (key_hash, window_starts_at, count) VALUES (%s, %s, 1)
ON CONFLICT (key_hash, window_starts_at) DO UPDATE SET count = counted.count + 1
RETURNING count
"""


def _limit(actor: Actor, action: Action) -> int:
    limit: int = settings.RATE_LIMITS[action]
    return limit * settings.RATE_FACTOR_CONFIRMED if actor.level >= IdentityLevel.EMAIL else limit


def count_action(*, actor: Actor, action: Action, at: datetime | None = None) -> None:
    """Count one act and raise TooOften (429) when there were too many in this hour. One atomic statement.

    Visitors and unconfirmed accounts are counted by the hash of their connection address, people with a confirmed
    address by account (with a wider limit), municipal staff not at all: they enter what came in on paper. Within a
    transaction the count is undone with it, so that refused attempts do not use up what may be submitted.
    """
    if not actor.source or (actor.user is not None and actor.user.has_workspace):
        return
    now = (at or timezone.now()).astimezone(UTC)
    starts_at = now.replace(minute=0, second=0, microsecond=0)
    known = actor.user is not None and actor.level >= IdentityLevel.EMAIL
    who = f"account {actor.user.pk}" if known and actor.user is not None else actor.source
    key_hash = keyed_hash("rate", action, now.date().isoformat(), who)
    with connection.cursor() as cursor:
        cursor.execute(_UPSERT, [key_hash, starts_at])
        count: int = cursor.fetchone()[0]
    if count > _limit(actor, action):
        raise TooOften(retry_after=max(1, int((starts_at + WINDOW - now).total_seconds())))


def prune_rates(*, older_than: timedelta = 2 * WINDOW) -> int:
    """Delete the counts of windows long over; returns how many."""
    return RateCount.objects.filter(window_starts_at__lt=timezone.now() - older_than).delete()[0]
