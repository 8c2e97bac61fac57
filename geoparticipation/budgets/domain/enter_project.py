"""A project of the commune's own, which no idea came before."""

from __future__ import annotations

from decimal import Decimal

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from geoparticipation.accounts.identity import Actor, identity_level
from geoparticipation.accounts.models import User
from geoparticipation.budgets import rules
from geoparticipation.budgets.domain.projects import decide_project
from geoparticipation.budgets.enums import ProjectState
from geoparticipation.budgets.errors import BudgetIncomplete
from geoparticipation.budgets.models import Budget, Project
from geoparticipation.contributions.domain.placement import place_contribution
from geoparticipation.contributions.domain.store_contribution import store_contribution
from geoparticipation.contributions.domain.submit_contribution import BODY_LENGTH, TITLE_LENGTH
from geoparticipation.contributions.enums import Kind, Origin, Status
from geoparticipation.contributions.errors import PlaceMissing
from geoparticipation.contributions.locating import Located
from geoparticipation.contributions.models import Contribution
from layers.plain_text import clean_text


@transaction.atomic
def enter_project(
    *,
    user: User,
    budget: Budget,
    located: Located | None,
    title: str,
    body: str = "",
    cost: Decimal | None = None,
    upkeep: Decimal | None = None,
    category: str = "",
    number: str = "",
    reason: str = "",
    language: str = "",
) -> Project:
    """Put a project on the ballot that an agent describes: it becomes an idea of the consultation, with its place.

    It is online at once and read already, whatever phase runs; its author is the agent. Its public place follows the
    consultation's rule, as an idea's does. Raises NotAllowed, PlaceMissing, what `place_contribution` raises, and what
    `decide_project` raises; then nothing is stored.
    """
    rules.require_may_run(user)
    title, body = clean_text(title, lines=False)[:TITLE_LENGTH], clean_text(body, lines=True)[:BODY_LENGTH]
    if not title:
        raise BudgetIncomplete(_("Say what the project is called."), field="title")
    if located is None:
        raise PlaceMissing
    placement = place_contribution(
        consultation=budget.consultation,
        geometry=located.geometry,
        located_by=located.located_by,
        street=located.street,
        district=located.district,
    )
    now = timezone.now()
    idea = store_contribution(
        actor=Actor(user=user, level=identity_level(user)),
        consultation=budget.consultation,
        phase=None,
        kind=Kind.PROPOSAL,
        status=Status.PUBLISHED,
        origin=Origin.WEB,
        placement=placement,
        at=now,
        typed_address=located.typed_address,
        author_name="",
        title=title,
        body=body,
        language=language,
    )
    Contribution.objects.filter(pk=idea.pk).update(reviewed_at=now)
    return decide_project(
        user=user,
        budget=budget,
        contribution=idea,
        state=ProjectState.SHORTLISTED,
        cost=cost,
        upkeep=upkeep,
        category=category,
        reason=reason,
        number=number,
    )
