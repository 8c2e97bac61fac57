"""A budget of 10,000 € in the tiny town, with four projects on the ballot, and how tests vote in it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.gis.geos import Point
from django.db import connection
from django.utils import timezone

from geoparticipation.accounts.models import User
from geoparticipation.budgets.ballot_paper import Choice
from geoparticipation.budgets.domain.paper_ballots import enter_paper_ballot
from geoparticipation.budgets.domain.projects import decide_project
from geoparticipation.budgets.domain.save_budget import EnvelopeInput, save_budget
from geoparticipation.budgets.models import Budget
from geoparticipation.consultations.enums import PhaseKind
from geoparticipation.consultations.models import Consultation, Phase
from layers.errors import Refusal
from tests.fixtures.cast import MakeUser
from tests.fixtures.question import MakeConsultation, Submit, actor_of
from tests.fixtures.tiny_town import TinyTown

MakeBudget = Callable[..., Budget]

IN_WEST, IN_EAST = (4.405, 50.8451), (4.4151, 50.845)
PROJECTS = (  # number, title, place, cost, category
    ("1", "Trees in Rue Haute", IN_WEST, 6000, "green"),
    ("2", "Benches", IN_WEST, 1500, "street"),
    ("3", "A fountain", IN_EAST, 4000, "street"),
    ("4", "A shelter for bicycles", IN_EAST, 2500, "street"),
)


def picked(*numbers: str) -> list[Choice]:
    """A ballot with these projects."""
    return [Choice(number) for number in numbers]


def end_vote(consultation: Consultation) -> None:
    """Let the phase of the vote be over since an hour ago."""
    consultation.phases.filter(kind=PhaseKind.VOTE).update(ends_at=timezone.now() - timedelta(hours=1))


def on_ballots(budget: Budget) -> list[list[str]]:
    """Numbers of the projects on each ballot."""
    return [list(ballot.choices.values_list("project__number", flat=True)) for ballot in budget.ballots.order_by("pk")]


def refusal_code(act: Callable[[], object]) -> str:
    """ "taken", or the code of the refusal."""
    try:
        act()
    except Refusal as refusal:
        return refusal.code
    return "taken"


def until_somebody_waits_for_a_lock() -> None:
    """Wait until some transaction waits for another one, in the test's database."""
    while True:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT EXISTS (SELECT 1 FROM pg_locks l JOIN pg_stat_activity a USING (pid)"
                " WHERE NOT l.granted AND a.datname = current_database())"
            )
            if cursor.fetchone()[0]:
                return


def enter(user: User, budget: Budget, *numbers: str, paper: str = "17", voter: str = "Anna Peeters, 3.5.1941") -> str:
    return enter_paper_ballot(user=user, budget=budget, paper_number=paper, voter=voter, choices=picked(*numbers)).value


@pytest.fixture
def colleague(make_user: MakeUser) -> User:
    return make_user("colleague", "agent")


@pytest.fixture
def make_budget(make_consultation: MakeConsultation, submit: Submit, agent: User, citizen: User) -> MakeBudget:
    """Make a consultation whose ideas became projects and are voted on since yesterday."""

    def make(*, envelopes: list[EnvelopeInput] | None = None, identity_level: int = 1, **settings: Any) -> Budget:
        consultation = make_consultation(identity_level=identity_level)
        started = timezone.now() - timedelta(days=1)
        Phase.objects.create(
            consultation=consultation, kind=PhaseKind.VOTE, starts_at=started, ends_at=started + timedelta(days=8)
        )
        given = {"open_to_outside": True, "max_projects": 2, **settings}
        budget = save_budget(
            user=agent,
            consultation=consultation,
            envelopes=envelopes or [EnvelopeInput(Decimal(10_000))],
            **given,
        )
        for number, title, place, cost, category in PROJECTS:
            idea = submit(
                actor=actor_of(citizen), into=consultation, title=title, geometry=Point(*place, srid=4326), body=""
            )
            decide_project(
                user=agent,
                budget=budget,
                contribution=idea,
                state="shortlisted",
                number=number,
                cost=Decimal(cost),
                category=category,
            )
        return budget

    return make


@pytest.fixture
def budget(make_budget: MakeBudget) -> Budget:
    """Approval of two projects at the most, by people with a confirmed address."""
    return make_budget()


@pytest.fixture
def district_envelopes(tiny_town: TinyTown) -> list[EnvelopeInput]:
    """6,000 € for West and 4,000 € for East."""
    return [EnvelopeInput(Decimal(6000), tiny_town.west), EnvelopeInput(Decimal(4000), tiny_town.east)]
