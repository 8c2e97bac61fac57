"""Times of the week against a calendar that is walked through day by day."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st

from geoparticipation.volunteering.domain.times import ALL_TIMES, Span, common_times, slots_of, times_in_words, times_of

TODAY = date(2026, 11, 23)  # a Monday
DAYS = st.none() | st.integers(0, 25).map(lambda number: TODAY + timedelta(days=number))
SPANS = st.builds(Span, st.integers(1, ALL_TIMES), DAYS, DAYS)


@given(SPANS, SPANS)
@settings(max_examples=50, deadline=None)
def test_common_times_are_those_of_days_that_both_have(one: Span, other: Span) -> None:
    expected = set()
    for number in range(-10, 60):
        day = TODAY + timedelta(days=number)
        if all((span.first is None or span.first <= day) and (span.last is None or day <= span.last)
               for span in (one, other)):  # fmt: skip
            for part in range(3):
                bit = 1 << (day.weekday() * 3 + part)
                if one.times & bit and other.times & bit:
                    expected.add(day.weekday() * 3 + part)

    assert set(slots_of(common_times(one, other))) == expected


@pytest.mark.parametrize(
    ("slots", "french", "english"),
    [
        ([15], "samedi : matin", "Saturday: morning"),
        ([0, 3, 15, 16, 17], "lundi, mardi : matin ; samedi, toute la journée",
         "Monday, Tuesday: morning; Saturday, all day"),
        (list(range(21)), "tous les jours, toute la journée", "every day, all day"),
    ],
)  # fmt: skip
def test_times_in_words(slots: list[int], french: str, english: str) -> None:
    with translation.override("fr"):
        assert times_in_words(times_of(slots)).replace("\u00a0", " ").lower() == french
    with translation.override("en"):
        assert times_in_words(times_of(slots)) == english
