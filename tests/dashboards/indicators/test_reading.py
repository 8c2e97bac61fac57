"""Every figure is what a recount with pandas, or the fingers, gives."""

from __future__ import annotations

from collections import Counter
from datetime import date
from decimal import Decimal

import pandas as pd
import pytest

from geoparticipation.contributions.models import Contribution, Support
from geoparticipation.dashboards.enums import Figure
from geoparticipation.dashboards.indicators.counting import count_indicators
from geoparticipation.dashboards.indicators.people import record_people
from geoparticipation.dashboards.indicators.periods import Period
from geoparticipation.dashboards.indicators.reading import Indicators, read_indicators
from geoparticipation.dashboards.models import MonthCount, MonthPeople
from geoparticipation.followup.queries import word_kept
from tests.dashboards.indicators.conftest import TODAY, Planted, day_of

pytestmark = pytest.mark.django_db

JANUARY, FEBRUARY, MARCH, APRIL = (date(2026, month, 1) for month in (1, 2, 3, 4))
QUARTER = Period(JANUARY, MARCH)


@pytest.fixture
def counted(planted: Planted) -> Planted:
    count_indicators()
    record_people(today=TODAY)
    return planted


def read(period: Period, **more: object) -> Indicators:
    return read_indicators(period=period, level="district", **more)  # type: ignore[arg-type]


def numbers(found: Indicators, figure: Figure) -> dict[str, object]:
    """The period's number of the town ("town"), of each district by its code, and of what lies outside ("")."""
    town = next(shown.now for shown in found.figures if shown.figure == figure)
    return {"town": town} | {line.place.code if line.place else "": line.now.get(figure) for line in found.lines}


def table(planted: Planted) -> pd.DataFrame:
    """What was planted and is online, with the town's month."""
    rows = [
        {
            "pk": row.pk,
            "kind": row.kind,
            "district": row.district.code if row.district else "",
            "month": day_of(row.submitted_at).replace(day=1),
        }
        for row in planted.contributions
        if row.status == "published" and row.consultation == planted.consultation
    ]
    return pd.DataFrame(rows)


@pytest.mark.parametrize("months", [(JANUARY, JANUARY), (JANUARY, MARCH), (FEBRUARY, APRIL), (APRIL, APRIL)])
def test_ideas_by_district_and_period(counted: Planted, months: tuple[date, date]) -> None:
    online = table(counted)
    ideas = online[(online.kind == "proposal") & online.month.between(*months)]
    expected = ideas.groupby("district").size()

    found = numbers(read(Period(*months)), Figure.IDEAS)

    assert found == {"town": len(ideas)} | {code: int(expected.get(code, 0)) for code in ("E", "W", "")}
    assert len(ideas) > 10


def test_supports_by_month(counted: Planted) -> None:
    online = table(counted).set_index("pk")
    given = [
        (online.district[support.contribution_id], day_of(support.created_at).replace(day=1))
        for support in Support.objects.all()
        if support.contribution_id in online.index
    ]

    for month in (JANUARY, FEBRUARY, MARCH, APRIL):
        expected = Counter(district for district, of in given if of == month)
        found = numbers(read(Period(month, month)), Figure.SUPPORTS)
        assert found == {"town": expected.total()} | {code: expected[code] for code in ("E", "W", "")}


def test_the_moments_around_midnight_are_in_the_months_of_the_town(counted: Planted) -> None:
    Contribution.objects.exclude(pk__in=[made.pk for made in counted.contributions[:4]]).delete()
    Contribution.objects.update(kind="proposal", status="published", consultation=counted.consultation)
    count_indicators()

    course = {month: values[Figure.IDEAS] for month, values in read(QUARTER).course}
    april = numbers(read(Period(APRIL, APRIL)), Figure.IDEAS)["town"]

    assert [course[JANUARY], course[FEBRUARY], course[MARCH], april] == [1, 1, 1, 1]


def test_what_became_of_ideas(counted: Planted) -> None:
    """As planted: three taken up in January, one in March; answers on 1 February and 31 March; one done in April."""
    january, quarter, april = read(Period(JANUARY, JANUARY)), read(QUARTER), read(Period(APRIL, APRIL))

    assert [numbers(found, Figure.TAKEN_UP)["town"] for found in (january, quarter, april)] == [3, 4, 0]
    assert [numbers(found, Figure.ANSWERED)["town"] for found in (january, quarter, april)] == [0, 2, 0]
    assert [numbers(found, Figure.REALISED)["town"] for found in (january, quarter, april)] == [0, 0, 1]
    assert numbers(april, Figure.SPENT)["town"] == Decimal("1200.50")
    assert next(shown.before for shown in april.figures if shown.figure == Figure.TAKEN_UP) == 1


def test_all_months_together_are_the_figures_of_the_commitments_page(counted: Planted) -> None:
    town, districts = word_kept(TODAY)
    found = read(Period(JANUARY, date(2026, 5, 1)))

    for figure in (Figure.TAKEN_UP, Figure.ANSWERED, Figure.REALISED):
        assert numbers(found, figure)["town"] == getattr(town, figure.value)
    by_name = {row.name: row.taken_up for row in districts}
    assert {line.place.name: line.now[Figure.TAKEN_UP] for line in found.lines if line.place} == {
        "East": by_name.get("East", 0),
        "West": by_name.get("West", 0),
    }


def test_meetings_that_were_held_count_where_they_were(counted: Planted) -> None:
    assert numbers(read(Period(FEBRUARY, FEBRUARY)), Figure.MEETINGS) == {"town": 1, "E": 1, "W": 0, "": 0}
    assert MonthCount.objects.filter(figure=Figure.MEETINGS).count() == 1


def test_people_who_registered(counted: Planted) -> None:
    joined = Counter(day_of(person.date_joined).replace(day=1) for person in counted.people if person.role == "citizen")
    assert min(joined.values()) >= 5  # so that each month is told

    for month in (JANUARY, FEBRUARY, MARCH, APRIL):
        assert numbers(read(Period(month, month)), Figure.REGISTERED)["town"] == joined[month]
    assert numbers(read(QUARTER), Figure.REGISTERED)["town"] == joined[JANUARY] + joined[FEBRUARY] + joined[MARCH]


def active_by_hand(planted: Planted, month: date) -> Counter[str]:
    """One district for each person of the month: where they did most, "" only when nowhere else as much."""
    acts: dict[str, Counter[str]] = {}
    for act in planted.acts:
        if act["month"] == month:
            acts.setdefault(act["who"], Counter())[act["district"]] += 1
    chosen: Counter[str] = Counter()
    for counts in acts.values():
        most = max(counts.values())
        chosen[min((code for code, n in counts.items() if n == most), key=lambda code: (code == "", code))] += 1
    return chosen


@pytest.mark.parametrize("month", [JANUARY, FEBRUARY, MARCH, APRIL])
def test_active_people_are_counted_once_and_told_where_there_are_enough(counted: Planted, month: date) -> None:
    by_hand = active_by_hand(counted, month)

    found = numbers(read(Period(month, month)), Figure.ACTIVE)

    assert found["town"] == by_hand.total() >= 15
    rest = by_hand[""]
    told = {code for code in ("E", "W") if found[code] is not None}
    assert all(found[code] == by_hand[code] >= 5 for code in told)
    left = by_hand.total() - sum(by_hand[code] for code in told)
    assert left == 0 or left >= 5
    assert found[""] == (rest if told == {"E", "W"} else None)


def test_active_people_of_a_quarter_are_the_average_month(counted: Planted) -> None:
    months = [active_by_hand(counted, month).total() for month in (JANUARY, FEBRUARY, MARCH)]

    assert numbers(read(QUARTER), Figure.ACTIVE)["town"] == pytest.approx(sum(months) / 3)


def test_people_of_a_month_are_counted_once_and_never_again(counted: Planted) -> None:
    before = list(MonthPeople.objects.order_by("pk").values())
    Contribution.objects.all().delete()
    counted.people[0].delete()

    assert record_people(today=TODAY) == []
    assert list(MonthPeople.objects.order_by("pk").values()) == before


def test_the_month_that_runs_has_no_people(counted: Planted) -> None:
    assert MonthPeople.objects.order_by("-month").first().month == APRIL  # type: ignore[union-attr]
    running = numbers(read(Period(date(2026, 5, 1), date(2026, 5, 1))), Figure.ACTIVE)
    assert running == {"town": None, "E": None, "W": None, "": None}


def test_months_counted_one_by_one_are_those_counted_at_once(planted: Planted) -> None:
    for month in (2, 3, 4, 5):
        assert record_people(today=date(2026, month, 1)) == [date(2026, month - 1, 1)]
    one_by_one = list(
        MonthPeople.objects.order_by("month", "figure", "district").values_list("month", "figure", "value")
    )
    MonthPeople.objects.all().delete()
    record_people(today=TODAY)

    assert one_by_one == list(
        MonthPeople.objects.order_by("month", "figure", "district").values_list("month", "figure", "value")
    )


def test_a_district_has_the_figures_of_its_line_and_the_town_those_of_all(counted: Planted) -> None:
    town = read(QUARTER)
    west = read_indicators(period=QUARTER, within=[counted.town.west.pk], level="district")
    commune = read_indicators(period=QUARTER, within=[counted.town.commune.pk, counted.town.west.pk], level="district")

    for shown in west.figures:
        assert shown.now == numbers(town, shown.figure)["W"]
    assert [line.place.code for line in commune.lines if line.place] == ["E", "W"]
    for figure in (Figure.IDEAS, Figure.SUPPORTS):  # of the commune and of West in it, once
        whole = numbers(town, figure)
        assert numbers(commune, figure)["town"] == whole["E"] + whole["W"]  # type: ignore[operator]
