"""The figures of a period and the one before it, of the town or some districts, as everybody reads them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from django.db.models import Q, Sum

from geoparticipation.dashboards.enums import Figure
from geoparticipation.dashboards.indicators.definitions import BY_DISTRICT, DEFINITIONS, PEOPLE, TOWN_ONLY
from geoparticipation.dashboards.indicators.districts import Place, Tree, current_tree
from geoparticipation.dashboards.indicators.periods import Period, month_after, months_between
from geoparticipation.dashboards.indicators.telling import TOWN, ancestors
from geoparticipation.dashboards.models import CountRun, MonthCount, MonthPeople

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

SHOWN_MONTHS: Final = 12
"""So many months at least are in the course of a figure."""

Number = Decimal | int | float | None
"""None is what is not told, or not known."""
Values = dict[Figure, Number]


@dataclass(frozen=True)
class Shown:
    """One figure: in the period, and in the one before it."""

    figure: Figure
    now: Number
    before: Number

    @property
    def label(self) -> str:
        """Its name."""
        return str(self.figure.label)

    @property
    def definition(self) -> StrOrPromise:
        """What is counted."""
        return DEFINITIONS[self.figure]

    @property
    def is_about_people(self) -> bool:
        """Whether a few would be given away."""
        return self.figure in PEOPLE


@dataclass(frozen=True)
class Line:
    """A district, or what lies outside of all that are listed (`place` None), with its figures."""

    place: Place | None
    now: Values
    before: Values


@dataclass(frozen=True)
class Indicators:
    """All that a page of figures shows. `counted_at` is None before the first count."""

    period: Period
    counted_at: datetime | None
    figures: list[Shown]
    lines: list[Line]
    course: list[tuple[date, Values]]
    tree: Tree


def read_indicators(
    *, period: Period, within: Collection[int] | None = None, level: str = "", tree: Tree | None = None
) -> Indicators:
    """The figures of the town, or of the districts `within` and all that lies in them, by districts of a level.

    Six queries, and one for the tree where it is not at hand. What is counted without a district is the town's only.
    """
    tree = tree or current_tree()
    roots = [TOWN] if within is None else [pk for pk in within if pk in tree.places]
    inside = set(tree.places) if within is None else tree.within(roots)
    listed = [place for place in tree.levels.get(level, []) if place.pk in inside]
    is_town = within is None
    now, before = _sums(period, tree), _sums(period.previous, tree)
    first = min(period.first, month_after(period.last, 1 - SHOWN_MONTHS))
    people = _People.between(month_after(period.previous.first, -1), period.last, earliest=first)
    figures = [figure for figure in Figure if is_town or figure not in TOWN_ONLY]

    def values(place: Iterable[int], counted: Mapping[int, Mapping[Figure, Number]], months: list[date]) -> Values:
        chosen = list(place)
        found: Values = {}
        for figure in figures:
            if figure in PEOPLE:
                found[figure] = people.of(figure, chosen, months)
            else:
                found[figure] = sum((counted[pk].get(figure) or 0 for pk in chosen), start=Decimal(0))
        return found

    tops = _uppermost(roots, tree)
    total_now, total_before = values(tops, now, period.months), values(tops, before, period.previous.months)
    lines = [
        Line(
            place,
            _local(values([place.pk], now, period.months)),
            _local(values([place.pk], before, period.previous.months)),
        )
        for place in listed
    ]
    if is_town and lines:
        lines.append(
            Line(
                None,
                _rest(total_now, [line.now for line in lines], len(period.months)),
                _rest(total_before, [line.before for line in lines], len(period.months)),
            )
        )
    run = CountRun.objects.first()
    return Indicators(
        period=period,
        counted_at=run.counted_at if run else None,
        figures=[Shown(figure, total_now[figure], total_before[figure]) for figure in figures],
        lines=lines,
        course=_course(months_between(first, period.last), inside if not is_town else None, tops, figures, people),
        tree=tree,
    )


def _uppermost(roots: Sequence[int], tree: Tree) -> list[int]:
    """Those that lie in none of the others, so that nothing counts twice."""
    chosen = set(roots)
    return [root for root in roots if not any(above in chosen for above in ancestors(root, tree.parents))]


def _local(values: Values) -> Values:
    return {figure: values[figure] for figure in BY_DISTRICT}


def _rest(total: Values, parts: Sequence[Values], months: int) -> Values:
    """What the town has beside its districts: of people only in one month, where every part is told.

    Averages of several months may be of different ones.
    """
    rest: Values = {}
    for figure in BY_DISTRICT:
        known = [Decimal(number) for number in (total[figure], *(part[figure] for part in parts)) if number is not None]
        whole = len(known) == len(parts) + 1 and (months == 1 or figure not in PEOPLE)
        rest[figure] = known[0] - sum(known[1:]) if whole else None
    return rest


def _sums(period: Period, tree: Tree) -> dict[int, dict[Figure, Number]]:
    """What is no secret, of the town and of each district with all within it. One query."""
    found: dict[int, dict[Figure, Number]] = {TOWN: {}, **{pk: {} for pk in tree.places}}
    rows = (
        MonthCount.objects.filter(month__gte=period.first, month__lte=period.last)
        .values_list("district_id", "figure")
        .annotate(total=Sum("value"))
    )
    for district, figure, total in rows:
        at = district if district in tree.places else TOWN
        for node in (at, *ancestors(at, tree.parents)):
            found[node][Figure(figure)] = (found[node].get(Figure(figure)) or 0) + total
    return found


def _course(
    months: list[date],
    inside: Collection[int] | None,
    tops: Sequence[int],
    figures: Sequence[Figure],
    people: _People,
) -> list[tuple[date, Values]]:
    """Month by month; one query."""
    place = Q() if inside is None else Q(district__in=list(inside))
    counted: dict[date, Values] = defaultdict(dict)
    rows = MonthCount.objects.filter(place, month__gte=months[0], month__lte=months[-1])
    for month, figure, total in rows.values_list("month", "figure").annotate(total=Sum("value")):
        counted[month][Figure(figure)] = total
    return [
        (
            month,
            {
                figure: people.of(figure, tops, [month]) if figure in PEOPLE else counted[month].get(figure, Decimal(0))
                for figure in figures
            },
        )
        for month in months
    ]


class _People:
    """What may be told of people, by figure, district and month."""

    def __init__(self, told: Mapping[tuple[Figure, int, date], int | None], first: date | None) -> None:
        self._told = told
        self._first = first

    @classmethod
    def between(cls, first: date, last: date, *, earliest: date) -> _People:
        """One query for the figures, one for the first month there is."""
        rows = MonthPeople.objects.filter(month__gte=min(first, earliest), month__lte=last)
        told = {
            (Figure(figure), district or TOWN, month): value
            for figure, district, month, value in rows.values_list("figure", "district_id", "month", "value")
        }
        return cls(told, MonthPeople.objects.order_by("month").values_list("month", flat=True).first())

    def of(self, figure: Figure, places: Sequence[int], months: Sequence[date]) -> Number:
        """People who registered in the months; active people a month, on the average of the months counted.

        Sums of told figures and nothing else, so no more can be worked out from them. Where a month is not told, no
        average is: it would be that of the busier months.
        """
        if figure == Figure.REGISTERED:
            return self._registered(months) if list(places) == [TOWN] else None
        counted = [month for month in months if any((figure, place, month) in self._told for place in places)]
        numbers = [self._told.get((figure, place, month)) for month in counted for place in places]
        known = [number for number in numbers if number is not None]
        if not counted or len(known) < len(numbers):
            return None
        return known[0] if len(numbers) == 1 else sum(known) / len(counted)

    def _registered(self, months: Sequence[date]) -> int | None:
        """Those up to the last of the months that is over, less those before the first."""
        over = [month for month in months if (Figure.REGISTERED, TOWN, month) in self._told]
        if not over or self._first is None:
            return None
        start = month_after(over[0], -1)
        known_before = 0 if start < self._first else self._told.get((Figure.REGISTERED, TOWN, start))
        known_now = self._told[(Figure.REGISTERED, TOWN, over[-1])]
        return None if known_before is None or known_now is None else known_now - known_before
