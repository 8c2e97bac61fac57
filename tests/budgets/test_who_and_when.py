"""Every act of a budget as a table: who may do it, and at which moment of the vote."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Final

import pytest
from django.contrib.gis.geos import Point
from django.utils import timezone

from geoparticipation.accounts.errors import NotAllowed
from geoparticipation.accounts.models import User
from geoparticipation.budgets.domain.cast_ballot import cast_ballot
from geoparticipation.budgets.domain.close_vote import close_vote
from geoparticipation.budgets.domain.enter_project import enter_project
from geoparticipation.budgets.domain.paper_ballots import drop_paper_ballot, enter_paper_ballot
from geoparticipation.budgets.domain.projects import decide_project, take_off_ballot
from geoparticipation.budgets.domain.save_budget import EnvelopeInput, save_budget
from geoparticipation.budgets.models import Budget
from geoparticipation.consultations.enums import PhaseKind
from geoparticipation.contributions.locating import Located
from layers.errors import Refusal
from tests.budgets.conftest import IN_WEST, end_vote, picked
from tests.fixtures.question import actor_of

CAST: Final = ("agent", "moderator", "planner", "councillor", "citizen", "neighbour", "outsider")
MOMENTS: Final = ("before", "begun", "voted", "over", "closed")
"""Before the phase of the vote; in it without and with a ballot; after it; once the vote is closed."""


def vote(user: User, budget: Budget) -> object:
    return cast_ballot(actor=actor_of(user), budget=budget, choices=picked("2"))


def paper(user: User, budget: Budget) -> object:
    return enter_paper_ballot(user=user, budget=budget, paper_number="9", voter="Anna", choices=picked("1"))


def drop(user: User, budget: Budget) -> object:
    return drop_paper_ballot(user=user, budget=budget, paper_number="9")


def close(user: User, budget: Budget) -> object:
    return close_vote(user=user, budget=budget)


def decide(user: User, budget: Budget) -> object:
    idea = budget.projects.get(number="1").contribution
    return decide_project(user=user, budget=budget, contribution=idea, state="refused", reason="A pipe lies there.")


def take_off(user: User, budget: Budget) -> object:
    project = budget.projects.get(number="1")
    return take_off_ballot(user=user, budget=budget, project=project, reason="A pipe lies there.")


def own_project(user: User, budget: Budget) -> object:
    located = Located(Point(*IN_WEST, srid=4326), "pin")
    return enter_project(user=user, budget=budget, located=located, title="A ramp", cost=Decimal(5))


def settings(user: User, budget: Budget) -> object:
    return save_budget(user=user, consultation=budget.consultation, envelopes=[EnvelopeInput(Decimal(9000))])


EVERYBODY: Final = frozenset(CAST)
AGENTS: Final = frozenset({"agent"})
TABLE: Final[dict[Callable[[User, Budget], object], tuple[frozenset[str], tuple[str, ...]]]] = {
    # who                 before              begun               voted               over           closed
    vote: (EVERYBODY, ("phase_closed", "taken", "taken", "phase_closed", "vote_closed")),
    paper: (AGENTS, ("vote_not_started", "taken", "taken", "taken", "vote_closed")),
    drop: (AGENTS, ("taken", "taken", "taken", "taken", "vote_closed")),
    close: (AGENTS, ("vote_not_started", "vote_still_open", "vote_still_open", "taken", "vote_closed")),
    decide: (AGENTS, ("taken", "taken", "vote_began", "vote_began", "vote_closed")),
    take_off: (AGENTS, ("taken", "taken", "taken", "taken", "vote_closed")),
    own_project: (AGENTS, ("taken", "taken", "vote_began", "vote_began", "vote_closed")),
    settings: (AGENTS, ("taken", "taken", "vote_began", "vote_began", "vote_closed")),
}


def bring_to(moment: str, budget: Budget, cast: dict[str, User]) -> None:
    """Let the vote be at this moment, with a ballot of the neighbour from "voted" on."""
    votes = budget.consultation.phases.filter(kind=PhaseKind.VOTE)
    if moment == "before":
        votes.update(starts_at=timezone.now() + timedelta(hours=1))
    if moment in {"voted", "over", "closed"}:
        vote(cast["neighbour"], budget)
    if moment in {"over", "closed"}:
        end_vote(budget.consultation)
    if moment == "closed":
        close_vote(user=cast["agent"], budget=budget)


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("act", TABLE, ids=lambda act: act.__name__)
def test_who_may_do_what_and_when(
    act: Callable[[User, Budget], object], moment: str, budget: Budget, cast: dict[str, User]
) -> None:
    bring_to(moment, budget, cast)
    allowed, answers = TABLE[act]
    found = {}

    for who in sorted(CAST, key=lambda who: who == "agent"):  # the agent last: what agents do changes things
        fresh = Budget.objects.select_related("consultation").get(pk=budget.pk)
        try:
            act(cast[who], fresh)
        except NotAllowed:
            found[who] = "not allowed"
        except Refusal as refusal:
            found[who] = refusal.code
        else:
            found[who] = "taken"

    expected = answers[MOMENTS.index(moment)]
    assert found == {who: expected if who in allowed else "not allowed" for who in CAST}
