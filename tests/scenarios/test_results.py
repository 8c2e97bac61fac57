"""What is counted, and what of it everybody reads."""

from __future__ import annotations

import csv
import io
from collections import Counter
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from geoparticipation.accounts.models import Device, User
from geoparticipation.consultations.enums import PhaseKind
from geoparticipation.consultations.models import Phase
from geoparticipation.scenarios.domain.plans import save_plan
from geoparticipation.scenarios.domain.results import count_preferences, release_results
from geoparticipation.scenarios.domain.variants import save_variant
from geoparticipation.scenarios.enums import ResultsShown
from geoparticipation.scenarios.models import Plan, PlanPlace, Preference, Variant
from geoparticipation.scenarios.tasks import release_plan_results
from geoparticipation.scenarios.telling import Told, sums, tell
from tests.scenarios.conftest import MakePlan, ParkPlan

COUNTS = st.lists(st.integers(0, 14), min_size=3, max_size=7)


def answer(park: ParkPlan, place: PlanPlace, *people: int) -> None:
    """Let so many devices prefer each of the variants, and none of them."""
    for variant, count in zip([*park.variants, None], people, strict=True):
        for _number in range(count):
            device = Device.objects.create(key_hash=f"{Device.objects.count():064d}")
            Preference.objects.create(plan=park.plan, place=place, variant=variant, device=device)


def told(plan: Plan) -> list[list[int | None] | None]:
    """The told figures by place, in order."""
    return [
        [one["people"] for one in place.told["answers"]] if place.told else None
        for place in PlanPlace.objects.filter(plan=plan)
    ]


def end_phases(plan: Plan) -> None:
    Phase.objects.filter(consultation=plan.consultation).update(ends_at=timezone.now() - timedelta(minutes=1))


def fresh(plan: Plan) -> Plan:
    return Plan.objects.select_related("consultation").get(pk=plan.pk)


@given(COUNTS)
@settings(max_examples=50, deadline=None)
def test_exact_figures_tell_of_nobody_or_of_five(counts: list[int]) -> None:
    """Every sum that can be worked out: told cells by themselves, and what is hidden as the rest of the total."""
    shown = tell(counts, exactly=True)

    for count, one in zip(counts, shown.answers, strict=True):
        assert one is None or (one == count and (one == 0 or one >= 5))
    if shown.total is None:
        assert 0 < sum(counts) < 5
    else:
        assert shown.total == sum(counts)
        hidden = [count for count, one in zip(counts, shown.answers, strict=True) if one is None]
        assert not hidden or (sum(hidden) >= 5 and len(hidden) > 1)


@given(COUNTS, st.data())
@settings(max_examples=50, deadline=None)
def test_two_days_differ_by_five_or_not_at_all(counts: list[int], data: st.DataObject) -> None:
    later = [count + data.draw(st.integers(-min(count, 3), 3)) for count in counts]

    shown, again = tell(counts, exactly=False), tell(later, exactly=False)
    assert (shown.total, again.total) == (None, None)
    for before, after in zip(shown.answers, again.answers, strict=True):
        assert (after - before) % 5 == 0
    assert sums([shown, again]) == tuple(a + b for a, b in zip(shown.answers, again.answers, strict=True))


def test_answers_of_few_are_hidden_with_the_next_and_with_those_of_nobody() -> None:
    assert tell((3, 9, 20), exactly=True).answers == (None, None, 20)
    assert tell((0, 2, 20), exactly=True).answers == (None, None, None)
    assert tell((7, 9, 20), exactly=True).answers == (7, 9, 20)
    assert tell((0, 0, 0), exactly=True) == Told((0, 0, 0), 0)


@pytest.mark.django_db
@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 3)), max_size=30))
@settings(max_examples=15, deadline=None, suppress_health_check=["function_scoped_fixture"])
def test_counts_equal_a_recount_by_hand(park: ParkPlan, said: list[tuple[int, int]]) -> None:
    Preference.objects.all().delete()
    places, choices = [park.corner, park.middle, park.street], [*park.variants, None]
    for place, choice in said:
        answer(park, places[place], *(int(choice == number) for number in range(4)))

    by_hand = Counter((places[place].pk, choices[choice].pk if choices[choice] else None) for place, choice in said)
    counted = count_preferences(park.plan)
    assert {(place, one): n for place, row in counted.items() for one, n in row.items()} == dict(by_hand)


@pytest.mark.django_db
def test_results_afterwards_are_told_once_and_stay(park: ParkPlan) -> None:
    answer(park, park.corner, 5, 12, 6, 0)
    answer(park, park.middle, 2, 9, 11, 0)
    answer(park, park.street, 1, 1, 1, 0)
    assert release_results(plan=fresh(park.plan)).told_on is None
    end_phases(park.plan)

    release_results(plan=fresh(park.plan))
    figures = [[5, 12, 6, 0], [None, None, 11, None], [None, None, None, None]]
    assert told(park.plan) == figures
    assert [place.told["total"] for place in PlanPlace.objects.filter(plan=park.plan)] == [23, 22, None]
    Preference.objects.filter(place=park.corner).first().delete()
    release_results(plan=fresh(park.plan))
    assert told(park.plan) == figures


@pytest.mark.django_db
def test_live_results_are_in_fives_and_of_one_moment_a_day(make_plan: MakePlan) -> None:
    park = make_plan(results_shown=ResultsShown.ALWAYS)
    answer(park, park.corner, 4, 12, 6, 0)
    release_plan_results(0)
    assert told(park.plan)[0] == [0, 10, 5, 0]
    answer(park, park.corner, 1, 3, 0, 0)
    release_plan_results(0)
    assert told(park.plan)[0] == [0, 10, 5, 0]

    release_results(plan=fresh(park.plan), at=timezone.now() + timedelta(days=1))
    assert told(park.plan)[0] == [5, 15, 5, 0]
    end_phases(park.plan)
    release_results(plan=fresh(park.plan))
    assert told(park.plan)[0] == [5, 15, 6, 0]


@pytest.mark.django_db
def test_plan_that_opens_again_never_has_exact_figures_again(park: ParkPlan) -> None:
    answer(park, park.corner, 5, 12, 6, 0)
    end_phases(park.plan)
    release_results(plan=fresh(park.plan))
    Phase.objects.create(
        consultation=park.plan.consultation,
        kind=PhaseKind.VOTE,
        starts_at=timezone.now() - timedelta(minutes=1),
        ends_at=timezone.now() + timedelta(days=1),
    )
    release_results(plan=fresh(park.plan))
    assert told(park.plan) == [None, None, None]

    answer(park, park.corner, 1, 0, 0, 0)
    end_phases(park.plan)
    release_results(plan=fresh(park.plan))
    assert told(park.plan)[0] == [5, 10, 5, 0]


@pytest.mark.django_db
def test_results_are_hidden_again_and_follow_a_new_name(make_plan: MakePlan, agent: User) -> None:
    park = make_plan(results_shown=ResultsShown.ALWAYS)
    answer(park, park.corner, 5, 5, 5, 0)
    release_results(plan=fresh(park.plan))
    save_variant(agent=agent, plan=park.plan, variant=Variant.objects.get(pk=park.tram.pk), name="Tram 7")
    assert [one["name"] for one in PlanPlace.objects.get(pk=park.corner.pk).told["answers"]] == [
        "As it is",
        "Many trees",
        "Tram 7",
        "",
    ]
    save_plan(agent=agent, plan=park.plan, consultation=park.plan.consultation, title="The park")
    assert told(park.plan) == [None, None, None]


@pytest.mark.django_db
def test_csv_for_everybody_and_for_the_town_hall(
    park: ParkPlan, client: Client, planner: User, citizen: User, agent: User
) -> None:
    save_variant(agent=agent, plan=park.plan, variant=park.tram, name="=1+1")
    answer(park, park.corner, 5, 12, 2, 0)
    end_phases(park.plan)

    def people(path: str) -> list[str]:
        text = client.get(path).content.decode("utf-8-sig")
        rows = list(csv.DictReader(io.StringIO(text)))
        assert rows[2]["name"] == "'=1+1"
        assert {row["rounded_down_to"] for row in rows} == {"1"}
        return [row["people"] for row in rows if row["place"] == "Corner"]

    assert people(f"/plans/{park.plan.code}/results.csv") == ["", "12", "", ""]
    client.force_login(citizen)
    assert client.get(f"/workspace/plans/{park.plan.code}/results.csv").status_code == 403
    client.force_login(planner)
    assert people(f"/workspace/plans/{park.plan.code}/results.csv") == ["5", "12", "2", "0"]
