"""A rule of the commune, and ideas with supports on given days."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta

import pytest
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from geoparticipation.accounts.models import User
from geoparticipation.contributions.models import Contribution, Support
from geoparticipation.followup import tasks
from geoparticipation.followup.models import Commitment
from tests.budgets.conftest import MakeBudget, make_budget
from tests.budgets.test_result_pages import BALLOTS, hold
from tests.fixtures.cast import MakeUser
from tests.fixtures.question import Submit

__all__ = ["make_budget"]

FIRST = date(2026, 3, 2)
"""A Monday; the rule holds from here on."""


def noon(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time(12)))


def run_jobs() -> None:
    """Do what is queued of the follow-up, as the worker would."""
    while jobs := list(
        ProcrastinateJob.objects.filter(status="todo", task_name__startswith=tasks.__name__).order_by("pk")
    ):
        for job in jobs:
            ProcrastinateJob.objects.filter(pk=job.pk).delete()
            getattr(tasks, job.task_name.rpartition(".")[2])(**job.args)


@pytest.fixture
def commitment(db: None) -> Commitment:
    """Three supports, thirty days for the study, sixty for the answer, college on the second Tuesday."""
    return Commitment.objects.create(
        in_force_from=FIRST, support_threshold=3, study_days=30, answer_days=60, college_week=2, college_weekday=1
    )


@pytest.fixture
def supporters(make_user: MakeUser) -> list[User]:
    return [make_user(f"supporter{number}") for number in range(1, 5)]


@pytest.fixture
def supported(submit: Submit, supporters: list[User]) -> Callable[..., Contribution]:
    """Make an idea that got one support at noon of each of these days after FIRST."""

    def make(*days: int, **said: object) -> Contribution:
        idea = submit(**said)
        for person, day in zip(supporters, days, strict=False):
            support = Support.objects.create(contribution=idea, user=person)
            Support.objects.filter(pk=support.pk).update(created_at=noon(FIRST + timedelta(days=day)))
        Contribution.objects.filter(pk=idea.pk).update(support_count=len(days))
        idea.refresh_from_db()
        return idea

    return make


@pytest.fixture
def winner_and_loser(make_budget: MakeBudget, agent: User) -> tuple[Contribution, Contribution]:
    """Benches for 1,500 €, which won a counted vote, and the fountain, for which no money was left."""
    budget = make_budget()
    hold(budget, agent, BALLOTS)
    projects = {project.number: project.contribution for project in budget.projects.select_related("contribution")}
    return projects["2"], projects["3"]
