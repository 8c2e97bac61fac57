"""Counting everything but people, by month and smallest district, with the querysets that the pages read."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final

from django.contrib.gis.db.models.functions import PointOnSurface
from django.db import connection, transaction
from django.db.models import Count, DateField, F, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Collate, TruncMonth
from django.utils import timezone

from geoparticipation.budgets.models import Budget
from geoparticipation.consultations.enums import ConsultationState
from geoparticipation.contributions.enums import Kind
from geoparticipation.contributions.models import Contribution
from geoparticipation.dashboards.enums import Figure
from geoparticipation.dashboards.models import CountRun, MonthCount
from geoparticipation.followup.enums import Progress
from geoparticipation.followup.models import Case, Measure
from geoparticipation.meetings.enums import MeetingState
from geoparticipation.meetings.models import Meeting
from geoparticipation.surveys.domain.release_results import told_figures
from geoparticipation.surveys.models import ResultRelease
from neighbourhoods.models import District

Row = tuple[date, int | None, Figure, Decimal | int]
LOCK: Final = 0x0DA5
"""Class of our advisory locks: one count at a time."""
_KINDS: Final = {Kind.PROPOSAL: Figure.IDEAS, Kind.COMMENT: Figure.COMMENTS}


def count_indicators() -> CountRun:
    """Count all months anew. One count at a time; readers see the old one meanwhile."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s, 0)", [LOCK])
        now = timezone.now()
        MonthCount.objects.all().delete()
        MonthCount.objects.bulk_create(
            [
                MonthCount(month=month, district_id=district, figure=figure, value=value)
                # In the order of months, so that a period's rows lie on a few pages of the table.
                for month, district, figure, value in sorted(_rows(), key=lambda row: row[0])
            ],
            batch_size=2000,
        )
        CountRun.objects.all().delete()
        return CountRun.objects.create(counted_at=now)


def _rows() -> Iterator[Row]:
    yield from _contributions()
    # From the contributions on: by a subquery, a table without statistics yet took minutes for some hundred rows.
    supports = Contribution.objects.public().filter(supports__isnull=False)
    yield from _counted(supports, Figure.SUPPORTS, "supports__created_at", "district_id", Count("supports"))
    cases = Case.objects.public()
    place = "contribution__district_id"
    yield from _counted(cases, Figure.TAKEN_UP, "opened_on", place)
    yield from _counted(cases.filter(answer__isnull=False), Figure.ANSWERED, "answer__answered_on", place)
    done = Measure.objects.public().filter(progress=Progress.DONE)
    yield from _counted(done, Figure.REALISED, "done_on", place)
    yield from _counted(done.filter(spent__isnull=False), Figure.SPENT, "done_on", place, Sum("spent"))
    held = Meeting.objects.public().filter(state=MeetingState.ANNOUNCED).over(timezone.now())
    placed = held.annotate(spot=PointOnSurface("geometry")).annotate(place=Subquery(_district_of("spot")))
    yield from _counted(placed, Figure.MEETINGS, "starts_at", "place")
    yield from _once(Figure.BALLOTS, _ballots())
    yield from _once(Figure.RESPONSES, _responses())


def _contributions() -> Iterator[Row]:
    rows = (
        Contribution.objects.public()
        .filter(kind__in=_KINDS)
        .order_by()
        .annotate(month=TruncMonth("submitted_at", output_field=DateField()))
        .values_list("month", "district_id", "kind")
        .annotate(n=Count("pk"))
    )
    yield from ((month, district, _KINDS[Kind(kind)], n) for month, district, kind, n in rows)


def _counted(
    rows: QuerySet[Any], figure: Figure, moment: str, district: str, total: Any = None
) -> Iterator[tuple[date, int | None, Figure, Decimal | int]]:
    """By month of the town's time and by district."""
    found = (
        rows.order_by()
        .annotate(month=TruncMonth(moment, output_field=DateField()))
        .values_list("month", district)
        .annotate(total=total or Count("pk"))
    )
    yield from ((month, place, figure, value) for month, place, value in found)


def _district_of(point: str) -> QuerySet[Any]:
    """The smallest current district of a point, on a border that of the lowest code."""
    return (
        District.objects.current()
        .filter(geometry__covers=OuterRef(point))
        .order_by(F("release__level__rank").desc(), Collate("code", "C"))
        .values("pk")[:1]
    )


def _ballots() -> Iterator[tuple[date, int]]:
    counted = Budget.objects.filter(counted__isnull=False).exclude(consultation__state=ConsultationState.DRAFT)
    for closed_at, result in counted.values_list("closed_at", "counted"):
        yield timezone.localdate(closed_at), int(result["ballots"])


def _responses() -> Iterator[tuple[date, int]]:
    for release in ResultRelease.objects.public().filter(is_final=True).select_related("survey"):
        yield release.up_to - timedelta(days=1), told_figures(release).responses.n


def _once(figure: Figure, dated: Iterator[tuple[date, int]]) -> Iterator[Row]:
    """Of the town alone: one row a month."""
    months: dict[date, int] = {}
    for day, n in dated:
        month = day.replace(day=1)
        months[month] = months.get(month, 0) + n
    yield from ((month, None, figure, n) for month, n in months.items() if n)
