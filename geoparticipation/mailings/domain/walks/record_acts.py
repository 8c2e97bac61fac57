"""Taking in what was noted on a round, and working out what is delivered."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid4

from django.db import connection, transaction
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from geoparticipation.accounts.models import User
from geoparticipation.mailings.domain.record_delivery import mark_told_segments
from geoparticipation.mailings.domain.walks.merge import Act, Subject, fold, notes, stops_done
from geoparticipation.mailings.enums import RoundAct
from geoparticipation.mailings.errors import TooManyActs
from geoparticipation.mailings.models import Mailing, Round, RoundEvent, RoundLetterbox, RoundPlan
from geoparticipation.mailings.models.walk import NOTE_LENGTH, OF_STOPS

MOST_AT_ONCE: Final = 500
MOST_OF_A_ROUND: Final = 20_000
"""Nobody does so much on a walk; a link in wrong hands cannot fill the disk."""
MOST_REPLACED: Final = 50
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]+")
"""Control characters, and halves of characters, which no database keeps."""


@dataclass
class Taken:
    """What became of a delivery of acts: identifiers that are kept now, and of those refused the reason (a code)."""

    kept: list[str] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)


@transaction.atomic
def record_acts(*, round_: Round, sent: Sequence[Mapping[str, Any]], user: User | None = None) -> Taken:
    """Keep what a phone sends: `id`, `act`, `stop` or `letterbox`, `replaces`, `made_at` (ISO 8601), `text`.

    Each is kept once, however often it comes. One that cannot be understood is refused by itself and the others are
    kept. Works out anew what of the round is delivered. Raises TooManyActs.
    """
    mailing = Mailing.objects.select_for_update(no_key=True).get(pk=round_.mailing_id)
    Round.objects.select_for_update().get(pk=round_.pk)
    if len(sent) > MOST_AT_ONCE or round_.events.count() + len(sent) > MOST_OF_A_ROUND:
        raise TooManyActs
    taken = Taken()
    stops = set(round_.stops.values_list("pk", flat=True))
    letterboxes = set(RoundLetterbox.objects.filter(stop__round=round_).values_list("letterbox_id", flat=True))
    now = timezone.now()
    events: dict[UUID, RoundEvent] = {}
    for one in sent:
        event = _event_of(one, round_, stops, letterboxes, now)
        if event is None:
            taken.refused[str(one.get("id", ""))[:36]] = "round_act_malformed"
        else:
            event.made_by = user
            events.setdefault(event.pk, event)
    elsewhere = set(RoundEvent.objects.filter(pk__in=events).exclude(round=round_).values_list("pk", flat=True))
    for key in elsewhere:
        taken.refused[str(key)] = "round_act_taken"
        del events[key]
    RoundEvent.objects.bulk_create(events.values(), ignore_conflicts=True)
    taken.kept = [str(key) for key in events]
    if events:
        RoundPlan.objects.filter(mailing=mailing, begun_at__isnull=True).update(begun_at=now)
        work_out_delivery(round_)
        mark_told_segments(mailing)
    return taken


def record_act(
    *, round_: Round, act: str, stop: int | None = None, letterbox: int | None = None, text: str = ""
) -> Taken:
    """Keep one act that replaces all that holds of its subject now: for a page without a script."""
    subject: Subject = ("stop", stop) if stop is not None else ("letterbox", letterbox or 0)
    standing = fold(acts_of(round_)).get(subject, ())
    return record_acts(
        round_=round_,
        sent=[
            {
                "id": str(uuid4()),
                "act": act,
                subject[0]: subject[1],
                "replaces": [str(one.id) for one in standing],
                "made_at": timezone.now().isoformat(),
                "text": text,
            }
        ],
    )


def deliver_all(*, round_: Round, user: User) -> Taken:
    """Tick off every stop of a round that is not done: it came back on paper."""
    done = stops_done(fold(acts_of(round_)))
    missing = [pk for pk in round_.stops.values_list("pk", flat=True) if pk not in done]
    now = timezone.now().isoformat()
    taken = Taken()
    for first in range(0, len(missing), MOST_AT_ONCE):
        some = missing[first : first + MOST_AT_ONCE]
        acts = [{"id": str(uuid4()), "act": RoundAct.DONE, "stop": pk, "replaces": [], "made_at": now} for pk in some]
        taken.kept += record_acts(round_=round_, sent=acts, user=user).kept
    return taken


def acts_of(round_: Round) -> list[Act]:
    """All acts on a round: one query."""
    return [
        Act(
            id=event.pk,
            act=event.act,
            subject=("stop", event.stop_id) if event.stop_id is not None else ("letterbox", event.letterbox_id or 0),
            replaces=frozenset(event.replaces),
            made_at=event.made_at,
            text=event.text,
        )
        for event in round_.events.all()
    ]


def _event_of(
    sent: Mapping[str, Any], round_: Round, stops: set[int], letterboxes: set[int], now: datetime
) -> RoundEvent | None:
    """The row of what was sent; None for what is no act on this round."""
    try:
        key = UUID(str(sent["id"]))
        replaces = [UUID(str(one)) for one in sent.get("replaces") or []]
        made_at = parse_datetime(str(sent["made_at"]))
    except (KeyError, ValueError, TypeError, AttributeError):
        return None
    act, stop, letterbox = sent.get("act"), sent.get("stop"), sent.get("letterbox")
    text = " ".join(_CONTROL.sub(" ", str(sent.get("text") or "")).split())
    if act not in RoundAct.values or made_at is None or made_at.tzinfo is None or len(replaces) > MOST_REPLACED:
        return None
    is_of_stop = act in OF_STOPS
    known = stops if is_of_stop else letterboxes
    subject = stop if is_of_stop else letterbox
    if not isinstance(subject, int) or subject not in known:
        return None
    return RoundEvent(
        id=key,
        round=round_,
        act=act,
        stop_id=stop if is_of_stop else None,
        letterbox_id=None if is_of_stop else letterbox,
        replaces=replaces,
        text=text[:NOTE_LENGTH],
        made_at=max(min(made_at, now), _no_earlier_than(round_)),
    )


def _no_earlier_than(round_: Round) -> datetime:
    """When there was something to deliver: a phone's clock may have begun anew in 1970."""
    return round_.mailing.created_at


_DELIVERED: Final = """
    UPDATE mailings_mailingletterbox letterbox SET delivered_on = found.day
    FROM (
        SELECT on_round.letterbox_id,
               CASE WHEN on_round.letterbox_id = ANY(%(noted)s) THEN NULL ELSE done.day END AS day
        FROM mailings_roundletterbox on_round
        JOIN mailings_roundstop stop ON stop.id = on_round.stop_id
        LEFT JOIN unnest(%(stops)s::bigint[], %(days)s::date[]) AS done (stop_id, day) ON done.stop_id = stop.id
        WHERE stop.round_id = %(round)s
    ) found
    WHERE letterbox.id = found.letterbox_id AND letterbox.delivered_on IS DISTINCT FROM found.day
"""


def work_out_delivery(round_: Round) -> None:
    """Write down which letterboxes got their flyers on which day: those of stops that are done, less those noted.

    Worked out of all acts on the round, whatever was written before; two statements.
    """
    standing = fold(acts_of(round_))
    done = stops_done(standing)
    with connection.cursor() as cursor:
        cursor.execute(
            _DELIVERED,
            {
                "round": round_.pk,
                "stops": list(done),
                "days": [timezone.localdate(moment) for moment in done.values()],
                "noted": list(notes(standing)),
            },
        )
