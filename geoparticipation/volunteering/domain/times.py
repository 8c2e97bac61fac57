"""Times of the week as bits: seven days of three parts, Monday morning the lowest."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from geoparticipation.volunteering.enums import PartOfDay

PARTS: Final = 3
SLOTS: Final = 7 * PARTS
ALL_TIMES: Final = 2**SLOTS - 1
_DAY: Final = 2**PARTS - 1


def slot(weekday: int, part: int) -> int:
    """The number (0 to 20) of a part of a weekday, Monday being 0."""
    return weekday * PARTS + part


def times_of(slots: Iterable[int]) -> int:
    """The bits of these slots."""
    times: int = 0
    for number in slots:
        times |= 1 << number
    return times


def slots_of(times: int) -> list[int]:
    """The slots that are set, Monday morning first."""
    return [number for number in range(SLOTS) if times >> number & 1]


def times_between(first: date | None, last: date | None) -> int:
    """All times of the weekdays that lie between two dates, both included; None leaves that side open."""
    if first is None or last is None or (last - first).days >= 6:
        return ALL_TIMES
    days = ((first + timedelta(days=number)).weekday() for number in range((last - first).days + 1))
    return times_of(slot(day, part) for day in days for part in range(PARTS))


@dataclass(frozen=True)
class Span:
    """Times of the week between two days, both included; None leaves that side open."""

    times: int
    first: date | None = None
    last: date | None = None


def common_times(one: Span, other: Span) -> int:
    """Times of the week that both have, on a day that lies between the days of both; nothing if there is none."""
    first = max((day for day in (one.first, other.first) if day), default=None)
    last = min((day for day in (one.last, other.last) if day), default=None)
    if first is not None and last is not None and last < first:
        return 0
    return one.times & other.times & times_between(first, last)


def times_in_words(times: int, *, longest: int = 7) -> str:
    """The times as people say them: « lundi, mardi : matin ; samedi, toute la journée ».

    Days with equal parts go together; at most `longest` groups, then an ellipsis.
    """
    groups: dict[int, list[str]] = {}
    for weekday in range(7):
        parts = times >> weekday * PARTS & _DAY
        if parts:
            groups.setdefault(parts, []).append(str(WEEKDAYS[weekday]))
    said = []
    for parts, days in groups.items():
        names = ", ".join(days) if len(days) < 7 else _("every day")
        if parts == _DAY:
            said.append(_("%(days)s, all day") % {"days": names})
        else:
            words = ", ".join(str(PartOfDay(part).label) for part in range(PARTS) if parts >> part & 1)
            said.append(_("%(days)s: %(parts)s") % {"days": names, "parts": words})
    return pgettext("between days", "; ").join(said[:longest]) + ("…" if len(said) > longest else "")


def slot_in_words(number: int) -> str:
    """One part of one day: « samedi matin »."""
    return f"{WEEKDAYS[number // PARTS]} {PartOfDay(number % PARTS).label}"
