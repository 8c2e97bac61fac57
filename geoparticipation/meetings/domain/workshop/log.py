"""The log of a workshop: numbers without gaps, in the order in which they are committed, told to who listens."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import connection
from django.db.models import Q
from django.utils import timezone

from geoparticipation.meetings.domain.workshop.payloads import Payload
from geoparticipation.meetings.errors import NoWorkshop
from geoparticipation.meetings.models import Change, Meeting, Workshop

CHANNEL: Final = "workshop_changes"
"""PostgreSQL's channel (NOTIFY); what is said on it is the workshop's primary key and nothing else."""

Entry = tuple[str, UUID, Payload]
"""What it is (note, group, workshop), its code, and what it is like from now on."""


def lock_workshop(workshop: Workshop) -> Workshop:
    """The workshop as it is now, locked until the end of the transaction, with its meeting. One query.

    The lock is what gives numbers in the order of commits: the next writer gets a number when this one is done. A
    person's device is locked before it, never after. Raises NoWorkshop where the meeting is not public.
    """
    locked = (
        Workshop.objects.select_for_update(of=("self",), no_key=True)
        .select_related("meeting__consultation")
        .filter(pk=workshop.pk, meeting__in=Meeting.objects.public())
        .first()
    )
    if locked is None:
        raise NoWorkshop
    return locked


def write_changes(workshop: Workshop, entries: Sequence[Entry], *, at: datetime | None = None) -> None:
    """Add a row for each entry and tell who listens, once this is committed; `workshop` is locked. Four queries.

    Earlier rows of the same things lose their payload.
    """
    if not entries:
        return
    at = at or timezone.now()
    first = workshop.seq + 1
    workshop.seq += len(entries)
    Workshop.objects.filter(pk=workshop.pk).update(seq=workshop.seq)
    earlier = Q()
    for what in {what for what, _code, _payload in entries}:  # people choose the codes of notes: not that of a group
        earlier |= Q(what=what, code__in={code for this, code, _payload in entries if this == what})
    Change.objects.filter(earlier, workshop=workshop, payload__isnull=False).update(payload=None)
    Change.objects.bulk_create(
        Change(workshop=workshop, seq=seq, what=what, code=code, payload=payload, made_at=at)
        for seq, (what, code, payload) in enumerate(entries, start=first)
    )
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, %s)", [CHANNEL, str(workshop.pk)])
