"""Counting people, once for each month that is over.

Who did what is put together within one query and is gone with it: of each person the month and one district are left,
and of these only how many there are.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Final

from django.db import connection, transaction
from django.db.models import Count, DateField, Min
from django.db.models.functions import TruncMonth
from django.utils import timezone

from geoparticipation.accounts.enums import Role
from geoparticipation.accounts.models import User
from geoparticipation.contributions.enums import Status
from geoparticipation.contributions.models import Contribution
from geoparticipation.dashboards.enums import Figure
from geoparticipation.dashboards.indicators.counting import LOCK
from geoparticipation.dashboards.indicators.districts import parents_of_current
from geoparticipation.dashboards.indicators.periods import month_after, months_between
from geoparticipation.dashboards.indicators.telling import TOWN, growth_to_tell, people_to_tell
from geoparticipation.dashboards.models import MonthPeople
from geoparticipation.meetings.enums import RegistrationState
from geoparticipation.volunteering.enums import Side

RESIDENTS: Final = (Role.CITIZEN, Role.COUNCILLOR)

# Accounts count as themselves and browsers without one as themselves; staff do not count, nor what nobody signed.
_ACTIVE = """
WITH acts (who, at, district_id) AS (
    SELECT coalesce('u' || author_id, 'd' || device_id), submitted_at, district_id
    FROM contributions_contribution
    WHERE submitted_at >= %(first)s AND submitted_at < %(until)s AND status <> ALL (%(not_put_in)s)
    UNION ALL
    SELECT coalesce('u' || s.user_id, 'd' || s.device_id), s.created_at, c.district_id
    FROM contributions_support s JOIN contributions_contribution c ON c.id = s.contribution_id
    WHERE s.created_at >= %(first)s AND s.created_at < %(until)s
    UNION ALL
    SELECT 'u' || user_id, queued_at, NULL
    FROM meetings_registration
    WHERE queued_at >= %(first)s AND queued_at < %(until)s AND state <> %(withdrawn)s
    UNION ALL
    SELECT 'u' || a.volunteer_id, a.created_at, c.district_id
    FROM volunteering_agreement a JOIN contributions_contribution c ON c.id = a.mission_id
    WHERE a.created_at >= %(first)s AND a.created_at < %(until)s AND a.asked_by = %(volunteer)s
), people AS (
    SELECT DISTINCT ON (month, who) month, acts.district_id
    FROM (
        SELECT who, date_trunc('month', at AT TIME ZONE %(zone)s)::date AS month, district_id, count(*) AS n
        FROM acts
        WHERE who IS NOT NULL AND who NOT IN (SELECT 'u' || id FROM accounts_user WHERE role <> ALL (%(residents)s))
        GROUP BY 1, 2, 3
    ) AS acts
    LEFT JOIN neighbourhoods_district d ON d.id = acts.district_id
    ORDER BY month, who, n DESC, d.code COLLATE "C" NULLS LAST
)
SELECT month, district_id, count(*) FROM people GROUP BY month, district_id
"""


@transaction.atomic
def record_people(*, today: date) -> list[date]:
    """Count the people of each month that is over and was not counted; returns these months, the earliest first.

    The first time these are all months since somebody was there.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, 0)", [LOCK])
    months = _months_to_count(today)
    if months:
        MonthPeople.objects.bulk_create([*_registered(months), *_active(months)])
    return months


def _months_to_count(today: date) -> list[date]:
    counted = MonthPeople.objects.order_by("-month").values_list("month", flat=True).first()
    if counted is not None:
        first = month_after(counted)
    else:
        began = [
            User.objects.filter(role__in=RESIDENTS).aggregate(at=Min("date_joined"))["at"],
            Contribution.objects.aggregate(at=Min("submitted_at"))["at"],
        ]
        days = [timezone.localdate(at) for at in began if at is not None]
        if not days:
            return []
        first = min(days).replace(day=1)
    return months_between(first, today.replace(day=1))[:-1]


def _registered(months: Sequence[date]) -> list[MonthPeople]:
    """Counted from what was told last: whoever opened an account since then and still has it."""
    told = MonthPeople.objects.filter(figure=Figure.REGISTERED, value__isnull=False).order_by("-month").first()
    accounts = User.objects.filter(role__in=RESIDENTS, is_active=True, date_joined__lt=_starts(month_after(months[-1])))
    if told is not None:
        accounts = accounts.filter(date_joined__gte=_starts(month_after(told.month)))
    by_month = dict(
        accounts.order_by()
        .annotate(month=TruncMonth("date_joined", output_field=DateField()))
        .values_list("month")
        .annotate(n=Count("pk"))
    )
    counts = [by_month.get(month, 0) for month in months]
    counts[0] += sum(n for month, n in by_month.items() if month < months[0])
    sums = growth_to_tell(counts, start=told.value or 0 if told is not None else 0)
    return [
        MonthPeople(month=month, figure=Figure.REGISTERED, value=value)
        for month, value in zip(months, sums, strict=True)
    ]


def _active(months: Sequence[date]) -> list[MonthPeople]:
    with connection.cursor() as cursor:
        cursor.execute(
            _ACTIVE,
            {
                "first": _starts(months[0]),
                "until": _starts(month_after(months[-1])),
                "zone": timezone.get_default_timezone_name(),
                "not_put_in": [Status.DRAFT.value, Status.WITHDRAWN.value],
                "withdrawn": RegistrationState.WITHDRAWN.value,
                "volunteer": Side.VOLUNTEER.value,
                "residents": [role.value for role in RESIDENTS],
            },
        )
        by_month: dict[date, dict[int, int]] = defaultdict(dict)
        parents = parents_of_current()
        for month, district, n in cursor.fetchall():
            place = district if district in parents else TOWN
            by_month[month][place] = by_month[month].get(place, 0) + n
    rows = []
    for month in months:
        told = people_to_tell(by_month[month], parents)
        rows += [
            MonthPeople(month=month, district_id=node or None, figure=Figure.ACTIVE, value=told.get(node))
            for node in (TOWN, *parents)
        ]
    return rows


def _starts(month: date) -> datetime:
    """The month's first moment in the town."""
    return timezone.make_aware(datetime.combine(month, time()), timezone.get_default_timezone())
