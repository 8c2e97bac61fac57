"""Making and changing a budget and its envelopes."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext as _

from geoparticipation.accounts.models import User
from geoparticipation.budgets import rules
from geoparticipation.budgets.domain.vote_lock import stop_vote
from geoparticipation.budgets.enums import Method, OnePer, Rule, TieRule
from geoparticipation.budgets.errors import BudgetIncomplete, EnvelopeInUse, VoteBegan
from geoparticipation.budgets.models import Budget, Envelope
from geoparticipation.consultations.models import Consultation
from layers.plain_text import clean_text
from neighbourhoods.models import District

_CHOICES: Final[dict[str, list[Any]]] = {
    "method": Method.values,
    "rule": Rule.values,
    "tie_rule": TieRule.values,
    "one_per": OnePer.values,
}


@dataclass(frozen=True)
class EnvelopeInput:
    """An envelope as an agent enters it: for a district, or without one for the whole town."""

    amount: Decimal
    district: District | None = None


@transaction.atomic
def save_budget(
    *,
    user: User,
    consultation: Consultation,
    envelopes: Sequence[EnvelopeInput],
    method: str = Method.APPROVAL,
    min_projects: int = 1,
    max_projects: int = 3,
    max_points: int = 10,
    max_points_each: int = 10,
    one_per: str = OnePer.NOTHING,
    rule: str = Rule.GREEDY_VOTES,
    tie_rule: str = TieRule.CHEAPER,
    tie_word: str = "",
    open_to_outside: bool = False,
) -> Budget:
    """Make the consultation's budget, or set all of it to what is passed; envelopes are known by their district.

    Lots need a word; one is drawn where none is given. Once there are ballots nothing can be changed; whoever is voting
    at this moment is waited for. Raises NotAllowed, VoteBegan, VoteClosed, BudgetIncomplete (with `field`),
    EnvelopeInUse.
    """
    rules.require_may_run(user)
    given = {"method": method, "rule": rule, "tie_rule": tie_rule, "one_per": one_per}
    for field, value in given.items():
        if value not in _CHOICES[field]:
            raise BudgetIncomplete(_("Please choose one from the list."), field=field)
    _check_envelopes(envelopes)
    if max_projects and min_projects > max_projects:
        raise BudgetIncomplete(_("The least is more than the most."), field="min_projects")
    if method == Method.POINTS and not max_points:
        raise BudgetIncomplete(_("Say how many points there are to share out."), field="max_points")
    word = clean_text(tie_word, lines=False)[:80]
    Consultation.objects.select_for_update(no_key=True).get(pk=consultation.pk)
    budget = Budget.objects.filter(consultation=consultation).first() or Budget(consultation=consultation)
    if budget.pk:
        stop_vote(budget)
    require_no_ballots(budget)
    for field, value in given.items():
        setattr(budget, field, value)
    budget.min_projects, budget.max_projects = min_projects, max_projects
    budget.max_points, budget.max_points_each = max_points, max_points_each
    budget.tie_word = word or (secrets.token_hex(8) if tie_rule == TieRule.LOT else "")
    budget.open_to_outside = open_to_outside
    budget.save()
    _save_envelopes(budget, envelopes)
    return budget


def require_no_ballots(budget: Budget) -> None:
    """Raise VoteBegan once anybody voted, on the site or on paper."""
    if budget.pk and has_ballots(budget):
        raise VoteBegan


def has_ballots(budget: Budget) -> bool:
    """Whether what people vote on, and how, has to stay as it is. At most two queries."""
    return budget.closed_at is not None or budget.ballots.exists() or budget.paper_entries.exists()


def _check_envelopes(envelopes: Sequence[EnvelopeInput]) -> None:
    if not envelopes:
        raise BudgetIncomplete(_("Say how much money there is."), field="amount")
    if any(envelope.amount <= 0 or envelope.amount >= 10**12 for envelope in envelopes):
        raise BudgetIncomplete(_("An amount must be more than 0."), field="amount")
    districts = [envelope.district.pk if envelope.district else None for envelope in envelopes]
    if len(set(districts)) < len(districts):
        raise BudgetIncomplete(_("A district has one envelope: put its amounts together."), field="amount")


def _save_envelopes(budget: Budget, envelopes: Sequence[EnvelopeInput]) -> None:
    known = {envelope.district_id: envelope for envelope in budget.envelopes.all()}
    for given in envelopes:
        envelope = known.pop(given.district.pk if given.district else None, None) or Envelope(budget=budget)
        envelope.district, envelope.amount = given.district, given.amount
        envelope.name = given.district.name if given.district else ""
        envelope.save()
    for gone in known.values():
        if gone.projects.exists():
            raise EnvelopeInUse(str(gone))
        gone.delete()
