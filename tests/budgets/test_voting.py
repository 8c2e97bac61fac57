"""Who votes and when, and what may be on a ballot."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from geoparticipation.accounts.identity import Actor
from geoparticipation.accounts.models import User
from geoparticipation.budgets.ballot_paper import Choice, ballot_paper
from geoparticipation.budgets.domain.cast_ballot import cast_ballot
from geoparticipation.budgets.domain.save_budget import EnvelopeInput
from geoparticipation.budgets.models import Budget
from geoparticipation.consultations.enums import ConsultationState, PhaseKind
from geoparticipation.consultations.models import Phase
from tests.budgets.conftest import MakeBudget, on_ballots, picked, refusal_code
from tests.fixtures.cast import MakeUser
from tests.fixtures.question import actor_of, device_actor


@pytest.fixture
def actors(cast: dict[str, User], make_user: MakeUser) -> dict[str, Actor]:
    known = {name: actor_of(user) for name, user in cast.items()}
    return {**known, "unconfirmed": actor_of(make_user("unconfirmed", confirmed=False)), "visitor": device_actor()}


@pytest.mark.parametrize("level", [0, 1])
@pytest.mark.parametrize("kind", [None, *PhaseKind])
def test_everybody_votes_in_the_vote_and_in_no_other_phase(
    kind: PhaseKind | None, level: int, actors: dict[str, Actor], make_budget: MakeBudget
) -> None:
    budget = make_budget(identity_level=level)
    budget.consultation.phases.all().delete()
    now = timezone.now()
    if kind is not None:
        Phase.objects.create(consultation=budget.consultation, kind=kind, starts_at=now - timedelta(days=1))

    answers = {
        name: refusal_code(lambda actor=actor: cast_ballot(actor=actor, budget=budget, choices=picked("1")))
        for name, actor in actors.items()
    }

    unknown = "identity_level_too_low" if level else "taken"
    voters = dict.fromkeys(actors, "taken") | {"unconfirmed": unknown, "visitor": unknown}
    assert answers == (voters if kind == PhaseKind.VOTE else dict.fromkeys(actors, "phase_closed"))


@pytest.mark.parametrize(
    ("state", "answer"), [(ConsultationState.DRAFT, "not_found"), (ConsultationState.ARCHIVED, "phase_closed")]
)
def test_a_consultation_that_is_not_online_takes_no_ballot(
    state: ConsultationState, answer: str, budget: Budget, citizen: User
) -> None:
    budget.consultation.state = state
    budget.consultation.save()

    act = lambda: cast_ballot(actor=actor_of(citizen), budget=budget, choices=picked("1"))  # noqa: E731

    assert refusal_code(act) == answer


@pytest.mark.parametrize(
    ("open_to_outside", "lives_here", "answer"),
    [(True, False, "taken"), (True, True, "taken"), (False, True, "taken"), (False, False, "must_live_here")],
)
def test_people_from_outside_are_welcome_or_not(
    open_to_outside: bool, lives_here: bool, answer: str, make_budget: MakeBudget, citizen: User
) -> None:
    budget = make_budget(open_to_outside=open_to_outside)

    act = lambda: cast_ballot(  # noqa: E731
        actor=actor_of(citizen), budget=budget, choices=picked("1"), lives_here=lives_here
    )

    assert refusal_code(act) == answer


WRONG = [
    ({}, [], "too_few_projects"),
    ({}, picked("1", "2", "3"), "too_many_projects"),
    ({}, picked("1", "1"), "project_twice"),
    ({}, picked("7"), "unknown_project"),
    ({"max_projects": 0}, picked("1", "2", "3", "4"), "taken"),
    ({"method": "envelope", "max_projects": 0}, picked("1", "3"), "taken"),  # 10,000 € to the last cent
    ({"method": "envelope", "max_projects": 0}, picked("1", "2", "3"), "over_envelope"),
    ({"method": "points", "max_points": 5, "max_points_each": 3}, [Choice("1", 3), Choice("2", 2)], "taken"),
    ({"method": "points", "max_points": 5, "max_points_each": 3}, [Choice("1", 3), Choice("2", 3)], "too_many_points"),
    ({"method": "points", "max_points": 5, "max_points_each": 3}, [Choice("1", 4)], "points_out_of_range"),
    ({"method": "points", "max_points": 5, "max_points_each": 3}, [Choice("1", 0)], "points_out_of_range"),
    ({"method": "points", "max_points": 5, "max_points_each": 3}, [Choice("1", -2)], "points_out_of_range"),
    ({"one_per": "category"}, picked("1", "2"), "taken"),
    ({"one_per": "category"}, picked("2", "3"), "two_of_one_kind"),
    ({"one_per": "district"}, picked("2", "3"), "taken"),
    ({"one_per": "district"}, picked("1", "2"), "two_of_one_kind"),
]


@pytest.mark.parametrize(("manner", "choices", "answer"), WRONG)
def test_a_ballot_is_taken_or_refused(
    manner: dict[str, object], choices: list[Choice], answer: str, make_budget: MakeBudget, citizen: User
) -> None:
    budget = make_budget(**manner)

    act = lambda: cast_ballot(actor=actor_of(citizen), budget=budget, choices=choices)  # noqa: E731

    assert refusal_code(act) == answer
    assert budget.ballots.count() == (answer == "taken")


def test_each_district_has_its_own_envelope(
    make_budget: MakeBudget, district_envelopes: list[EnvelopeInput], citizen: User
) -> None:
    budget = make_budget(method="envelope", max_projects=0, envelopes=district_envelopes)

    over = refusal_code(lambda: cast_ballot(actor=actor_of(citizen), budget=budget, choices=picked("1", "2")))
    both = refusal_code(lambda: cast_ballot(actor=actor_of(citizen), budget=budget, choices=picked("1", "3")))

    assert (over, both) == ("over_envelope", "taken")


def test_what_still_fits(make_budget: MakeBudget) -> None:
    budget = make_budget(method="envelope", max_projects=0)

    paper = ballot_paper(budget, picked("1"))

    # 4,000 € are left: 2 (1,500), 3 (4,000) and 4 (2,500) fit; with 4 only 2 still does.
    assert [project.number for project in paper.projects if paper.fits(project)] == ["1", "2", "3", "4"]
    fuller = ballot_paper(budget, picked("1", "4"))
    assert [project.number for project in fuller.projects if fuller.fits(project)] == ["1", "2", "4"]


def test_a_ranking_keeps_the_voters_order_and_an_approval_does_not(make_budget: MakeBudget, citizen: User) -> None:
    ranking, approval = make_budget(method="ranking"), make_budget()

    for budget in (ranking, approval):
        cast_ballot(actor=actor_of(citizen), budget=budget, choices=picked("3", "1"))

    assert (on_ballots(ranking), on_ballots(approval)) == ([["3", "1"]], [["1", "3"]])


# The charter -----------------------------------------------------------------------------------------------------


def test_the_charter_is_asked_once(budget: Budget, neighbour: User, citizen: User) -> None:
    budget.consultation.charter = "Be kind."
    budget.consultation.save()

    def vote(user: User, **said: bool) -> str:
        return refusal_code(lambda: cast_ballot(actor=actor_of(user), budget=budget, choices=picked("1"), **said))

    assert vote(neighbour) == "charter_not_accepted"
    assert [vote(neighbour, charter_accepted=True), vote(neighbour)] == ["taken", "taken"]
    assert vote(citizen) == "taken"  # the projects are the citizen's ideas: the charter was accepted with them


def test_the_vote_is_open_from_its_first_moment_to_its_last(budget: Budget, citizen: User) -> None:
    """The start belongs to the vote, its end does not: to the microsecond."""
    phase = budget.consultation.phases.get(kind=PhaseKind.VOTE)
    moment = timedelta(microseconds=1)

    def vote(at: datetime) -> str:
        return refusal_code(lambda: cast_ballot(actor=actor_of(citizen), budget=budget, choices=picked("1"), at=at))

    times = [phase.starts_at - moment, phase.starts_at, phase.ends_at - moment, phase.ends_at]
    assert [vote(at) for at in times] == ["phase_closed", "taken", "taken", "phase_closed"]


@pytest.mark.parametrize("projects", [1, 4])
def test_queries_of_a_ballot(
    projects: int, budget: Budget, citizen: User, django_assert_num_queries: Callable[..., Any]
) -> None:
    """However many projects there are: those that are not chosen are not even read."""
    budget.projects.filter(number__gt=str(projects)).update(state="waiting")
    known = Budget.objects.select_related("consultation").get()
    actor = actor_of(citizen)

    # phases, a transaction, the lock, settings; envelopes, projects; paper; own row made and read, choices, trace
    with django_assert_num_queries(12):
        cast_ballot(actor=actor, budget=known, choices=picked("1"))
    # the same, and the former choices deleted
    with django_assert_num_queries(13):
        cast_ballot(actor=actor, budget=known, choices=picked("1"))
