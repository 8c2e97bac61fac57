"""Periods of whole months, as addresses write them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from geoparticipation.dashboards.errors import NotAPeriod

MOST_MONTHS: Final = 120
_YEAR = re.compile(r"(\d{4})")
_QUARTER = re.compile(r"(\d{4})-[qQtT]([1-4])")
_MONTH = re.compile(r"(\d{4})-(\d{1,2})(?:-\d{1,2})?")


@dataclass(frozen=True)
class Period:
    """From the first day of `first` to the last day of the month of `last`; both are first days of months."""

    first: date
    last: date

    @property
    def months(self) -> list[date]:
        """Its months."""
        return months_between(self.first, self.last)

    @property
    def previous(self) -> Period:
        """As many months before it."""
        length = len(self.months)
        return Period(month_after(self.first, -length), month_after(self.first, -1))

    def __str__(self) -> str:
        """In words: a month, a quarter, a year, or from one month to another."""
        if self.first == self.last:
            return _in_words(self.first)
        if self.first.year == self.last.year:
            if (self.first.month, self.last.month) == (1, 12):
                return str(self.first.year)
            if self.first.month % 3 == 1 and self.last.month == self.first.month + 2:
                return _("quarter %(number)s of %(year)s") % {
                    "number": (self.first.month + 2) // 3,
                    "year": self.first.year,
                }
        return _("%(first)s to %(last)s") % {"first": _in_words(self.first), "last": _in_words(self.last)}

    @property
    def parameters(self) -> dict[str, str]:
        """What an address says to get it."""
        return {"from": f"{self.first:%Y-%m}", "to": f"{self.last:%Y-%m}"}


def _in_words(month: date) -> str:
    return date_format(month, "F Y")


def month_after(month: date, months: int = 1) -> date:
    """The first day of the month that is so many months later."""
    number = month.year * 12 + month.month - 1 + months
    return date(number // 12, number % 12 + 1, 1)


def months_between(first: date, last: date) -> list[date]:
    """The months from one to the other, both included; none where the last is before the first."""
    count = (last.year - first.year) * 12 + last.month - first.month + 1
    return [month_after(first, at) for at in range(max(count, 0))]


def last_twelve_months(today: date) -> Period:
    """The twelve months before the one that runs."""
    return Period(month_after(today, -12), month_after(today, -1))


def read_period(parameters: Mapping[str, str], today: date) -> Period:
    """What is asked for: `period` (2026, 2026-q1, 2026-03), or `from` and `to` (2026-03; a day stands for its month).

    Without any of them the last twelve months. Raises NotAPeriod.
    """
    whole = parameters.get("period", "").strip()
    start, end = parameters.get("from", "").strip(), parameters.get("to", "").strip()
    if whole:
        found = _whole(whole)
    elif start or end:
        this_month = f"{today:%Y-%m}"
        found = Period(_whole(start or end).first, _whole(end or this_month).last)
    else:
        return last_twelve_months(today)
    if not found.first <= found.last or len(found.months) > MOST_MONTHS:
        raise NotAPeriod
    return found


def _whole(text: str) -> Period:
    try:
        if found := _QUARTER.fullmatch(text):
            first = date(int(found[1]), 3 * int(found[2]) - 2, 1)
            return _within_reason(Period(first, month_after(first, 2)))
        if found := _MONTH.fullmatch(text):
            first = date(int(found[1]), int(found[2]), 1)
            return _within_reason(Period(first, first))
        if found := _YEAR.fullmatch(text):
            return _within_reason(Period(date(int(found[1]), 1, 1), date(int(found[1]), 12, 1)))
    except ValueError:
        pass
    raise NotAPeriod


def _within_reason(period: Period) -> Period:
    """Far enough from the ends of the calendar for the period before it, and the one before that."""
    if not 1900 <= period.first.year <= 2200:
        raise NotAPeriod
    return period
