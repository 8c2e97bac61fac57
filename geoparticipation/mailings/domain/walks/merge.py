"""What holds of a round when several phones noted things, offline and in any order.

Each act names the acts on the same stop or letterbox that its person saw when doing it: these it replaces. What holds
of a subject are the acts that none replaces: usually one; two where two people did something without knowing of one
another, and then both are kept. This is the multi-value register of Shapiro, Preguiça, Baquero and Zawirski (2011): it
depends on the set of acts alone, so that neither the order in which they arrive, nor that one arrives twice, nor a
phone's wrong clock changes anything.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from geoparticipation.mailings.enums import RoundAct

Subject = tuple[str, int]
"""("stop" or "letterbox", its key)."""


@dataclass(frozen=True)
class Act:
    """One act; `replaces` are identifiers of acts on the same subject."""

    id: UUID
    act: str
    subject: Subject
    replaces: frozenset[UUID]
    made_at: datetime
    text: str = ""


def fold(acts: Iterable[Act]) -> dict[Subject, tuple[Act, ...]]:
    """The acts that hold, by subject, each subject's in the order of their identifiers."""
    known: dict[Subject, dict[UUID, Act]] = defaultdict(dict)
    replaced: dict[Subject, set[UUID]] = defaultdict(set)
    for act in acts:
        known[act.subject][act.id] = act
        replaced[act.subject] |= act.replaces - {act.id}
    return {
        subject: tuple(those[key] for key in sorted(those) if key not in replaced[subject])
        for subject, those in known.items()
    }


def stops_done(standing: Mapping[Subject, tuple[Act, ...]]) -> dict[int, datetime]:
    """Stops that are done, with when: who ticked a stop off prevails over who, unknowing, took an earlier tick back."""
    found = {}
    for (kind, key), acts in standing.items():
        done = [act.made_at for act in acts if act.act == RoundAct.DONE]
        if kind == "stop" and done:
            found[key] = min(done)
    return found


def notes(standing: Mapping[Subject, tuple[Act, ...]]) -> dict[int, tuple[Act, ...]]:
    """What is to be noted of letterboxes: none of these got a flyer."""
    found = {}
    for (kind, key), acts in standing.items():
        kept = tuple(act for act in acts if act.act != RoundAct.CLEARED)
        if kind == "letterbox" and kept:
            found[key] = kept
    return found
