"""What the commune promises, and the days on which its college meets."""

from __future__ import annotations

import calendar
from collections.abc import Iterator
from datetime import date

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from geoparticipation.accounts.models import User
from geoparticipation.followup.errors import CommitmentInPast, CommitmentInUse, CommitmentMalformed
from geoparticipation.followup.models import CollegeMeeting, Commitment
from geoparticipation.followup.rules import require_may_follow_up

MONTHS_AHEAD = 3


def commitment_on(day: date, *, lock: bool = False) -> Commitment | None:
    """The rule in force on a day; None before the first. `lock`: until the transaction ends. One query."""
    rules = Commitment.objects.select_for_update(no_key=True) if lock else Commitment.objects.all()
    return rules.filter(in_force_from__lte=day).order_by("-in_force_from").first()


@transaction.atomic
def set_commitment(
    *,
    agent: User,
    in_force_from: date,
    support_threshold: int,
    study_days: int,
    answer_days: int,
    college_week: int = 2,
    college_weekday: int = 1,
    today: date | None = None,
) -> Commitment:
    """Set the rule from a day on; one that begins on that very day is replaced, unless a case cites it already.

    Cases opened before keep theirs. Makes the meetings of the months ahead. Raises NotAllowed, CommitmentInPast,
    CommitmentMalformed, CommitmentInUse.
    """
    require_may_follow_up(agent)
    today = today or timezone.localdate()
    if in_force_from < today:
        raise CommitmentInPast
    if not (1 <= support_threshold <= 1_000_000):
        raise CommitmentMalformed(_("Ask for one support or more, a million at the most."), field="support_threshold")
    if not (1 <= study_days <= answer_days <= 365):
        raise CommitmentMalformed(
            _("The answer comes on the last day of the study or later, within a year."), field="answer_days"
        )
    if not (1 <= college_week <= 4 and 0 <= college_weekday <= 6):
        raise CommitmentMalformed(_("Choose the week and the day on which the college meets."), field="college_week")
    promised = {"support_threshold": support_threshold, "study_days": study_days, "answer_days": answer_days}
    # Locked, so that no case is opened under it meanwhile.
    replaced = Commitment.objects.select_for_update().filter(in_force_from=in_force_from).first()
    differs = replaced is not None and any(getattr(replaced, name) != value for name, value in promised.items())
    if replaced is not None and differs and replaced.cases.exists():
        raise CommitmentInUse
    commitment, _made = Commitment.objects.update_or_create(
        in_force_from=in_force_from,
        defaults={**promised, "college_week": college_week, "college_weekday": college_weekday, "set_by": agent},
    )
    plan_meetings(today=today)
    return commitment


@transaction.atomic
def drop_commitment(*, agent: User, commitment: Commitment, today: date | None = None) -> None:
    """Take back a rule that has not begun. Raises NotAllowed, CommitmentInPast."""
    require_may_follow_up(agent)
    today = today or timezone.localdate()
    if not Commitment.objects.filter(pk=commitment.pk, in_force_from__gt=today).delete()[0]:
        raise CommitmentInPast
    plan_meetings(today=today)


def plan_meetings(*, today: date) -> int:
    """Make the meetings of this month and the three after it that the rules ask for; returns how many are new.

    Meetings ahead of which the rule no longer says anything are removed; what has decided something stays.
    """
    rules = list(Commitment.objects.order_by("in_force_from"))
    wanted = {day for day in _days_ahead(today, rules) if day >= today}
    ahead = CollegeMeeting.objects.filter(held_on__gte=today)
    ahead.exclude(held_on__in=wanted).filter(answers__isnull=True).delete()
    there = set(ahead.values_list("held_on", flat=True))
    CollegeMeeting.objects.bulk_create(
        [CollegeMeeting(held_on=day) for day in sorted(wanted - there)], ignore_conflicts=True
    )
    return len(wanted - there)


def _days_ahead(today: date, rules: list[Commitment]) -> Iterator[date]:
    """One day a month: by the rule of the month's first day, or in the month of the very first rule by that one.

    So a rule that begins within a month moves the meetings from the next month on, and no month has none or two.
    """
    for ahead in range(MONTHS_AHEAD + 1):
        years, month = divmod(today.month - 1 + ahead, 12)
        first = date(today.year + years, month + 1, 1)
        known = [rule for rule in rules if rule.in_force_from <= first] or rules[:1]
        for rule in known[-1:]:
            day = nth_weekday(first, rule.college_week, rule.college_weekday)
            if day >= rule.in_force_from:
                yield day


def nth_weekday(month: date, week: int, weekday: int) -> date:
    """The day of the month on which a weekday (0 is Monday) comes for the n-th time, 1 to 4."""
    first = calendar.weekday(month.year, month.month, 1)
    return date(month.year, month.month, 1 + (weekday - first) % 7 + 7 * (week - 1))
