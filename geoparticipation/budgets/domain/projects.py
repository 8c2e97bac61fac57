"""From ideas to projects: price, decision and reason."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from geoparticipation.accounts.models import User
from geoparticipation.budgets import rules
from geoparticipation.budgets.domain.save_budget import require_no_ballots
from geoparticipation.budgets.domain.vote_lock import enter_vote, stop_vote
from geoparticipation.budgets.enums import ProjectState
from geoparticipation.budgets.errors import BudgetIncomplete, CannotBeProject, NotOnBallot, ReasonMissing, TooExpensive
from geoparticipation.budgets.models import Budget, Envelope, Project
from geoparticipation.budgets.money import money
from geoparticipation.contributions.enums import Kind, Status
from geoparticipation.contributions.models import Contribution
from layers.plain_text import clean_text

REASON_LENGTH: Final = 1000
DECISIONS: Final = (ProjectState.SHORTLISTED, ProjectState.REFUSED, ProjectState.WAITING)
"""What an agent decides of an idea before the vote; during it a project is only taken off."""


@transaction.atomic
def decide_project(
    *,
    user: User,
    budget: Budget,
    contribution: Contribution,
    state: str,
    cost: Decimal | None = None,
    upkeep: Decimal | None = None,
    category: str = "",
    reason: str = "",
    envelope: Envelope | None = None,
    number: str = "",
) -> Project:
    """Make an idea a project, or decide anew: put it to the vote, or not, and say why.

    Put to the vote it needs a cost that its envelope can hold; not kept it needs a reason. Without an `envelope` it
    is paid from that of its smallest district that has one, else from the town's. Without a `number` it keeps its own
    or gets the next. Whoever is voting at this moment is waited for. Raises NotAllowed, VoteBegan, VoteClosed,
    CannotBeProject, BudgetIncomplete, TooExpensive.
    """
    rules.require_may_run(user)
    stop_vote(budget)
    require_no_ballots(budget)
    if (
        contribution.consultation_id != budget.consultation_id
        or contribution.kind != Kind.PROPOSAL
        or contribution.status != Status.PUBLISHED
    ):
        raise CannotBeProject
    if state not in DECISIONS:
        raise BudgetIncomplete(_("Please choose one from the list."), field="state")
    reason = clean_text(reason, lines=True)[:REASON_LENGTH]
    if state == ProjectState.REFUSED and not reason:
        raise BudgetIncomplete(_("Say why it is not kept: everybody reads it."), field="reason")
    project = Project.objects.filter(contribution=contribution).first()
    project = project or Project(contribution=contribution, budget=budget)
    if project.budget_id != budget.pk:
        raise CannotBeProject
    project.envelope = envelope or envelope_of(budget, contribution)
    _check_cost(budget, project.envelope, state, cost, upkeep)
    project.number = _number(budget, project, number)
    if not project.position:
        project.position = (budget.projects.aggregate(last=Max("position"))["last"] or 0) + 1
    project.category = clean_text(category, lines=False)[:120]
    project.state, project.reason, project.cost, project.upkeep = state, reason, cost, upkeep
    project.decided_by, project.decided_at = user, timezone.now()
    project.save()
    return project


@transaction.atomic
def take_off_ballot(*, user: User, budget: Budget, project: Project, reason: str) -> Project:
    """Take a project off the ballot, also while people vote, and tell everybody why.

    For what moderation hid, what its author took back, and what turned out not to be possible. Ballots keep their
    choices: it counts for nothing on them, and the others count as before. Raises NotAllowed, VoteClosed,
    NotOnBallot, ReasonMissing.
    """
    rules.require_may_run(user)
    enter_vote(budget)
    project = Project.objects.select_for_update(no_key=True, of=("self",)).get(pk=project.pk)
    if project.budget_id != budget.pk or project.state != ProjectState.SHORTLISTED:
        raise NotOnBallot
    reason = clean_text(reason, lines=True)[:REASON_LENGTH]
    if not reason:
        raise ReasonMissing
    project.state, project.reason = ProjectState.TAKEN_OFF, reason
    project.decided_by, project.decided_at = user, timezone.now()
    project.save(update_fields=["state", "reason", "decided_by", "decided_at"])
    return project


def envelope_of(budget: Budget, contribution: Contribution) -> Envelope | None:
    """The envelope of the smallest district of the idea that has one, else the town's. One query."""
    shares = contribution.districts.order_by("-release__level__rank", "-contribution_shares__share")
    order = {district: place for place, district in enumerate(shares.values_list("pk", flat=True))}
    envelopes = list(budget.envelopes.all())
    of_district = [envelope for envelope in envelopes if envelope.district_id in order]
    if of_district:
        return min(of_district, key=lambda envelope: order[envelope.district_id or 0])
    return next((envelope for envelope in envelopes if envelope.district_id is None), None)


def _check_cost(
    budget: Budget, envelope: Envelope | None, state: str, cost: Decimal | None, upkeep: Decimal | None
) -> None:
    if cost is not None and not 0 < cost < 10**12:
        raise BudgetIncomplete(_("An amount must be more than 0."), field="cost")
    if upkeep is not None and not 0 <= upkeep < 10**12:
        raise BudgetIncomplete(_("Upkeep costs nothing or something, never less."), field="upkeep")
    if state != ProjectState.SHORTLISTED:
        return
    if cost is None:
        raise BudgetIncomplete(_("A project that is put to the vote has a cost."), field="cost")
    if envelope is None:
        raise BudgetIncomplete(_("There is no envelope for the district of this project."), field="envelope")
    if cost > envelope.amount:
        raise TooExpensive(money(envelope.amount, budget.currency))


def _number(budget: Budget, project: Project, number: str) -> str:
    number = clean_text(number, lines=False)[:40] or project.number
    others = set(budget.projects.exclude(pk=project.pk).values_list("number", flat=True))
    if not number:
        number = str(max((int(other) for other in others if other.isdecimal()), default=0) + 1)
    if number in others or any(character in ",;" for character in number):
        raise BudgetIncomplete(_("Another project already has this number."), field="number")
    return number
