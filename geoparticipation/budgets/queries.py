"""Reads about budgets that several places need."""

from __future__ import annotations

from geoparticipation.budgets.errors import UnknownBudget
from geoparticipation.budgets.models import Budget
from geoparticipation.consultations.models import Consultation


def get_budget_for(user: object, slug: str) -> Budget:
    """The budget of the consultation at this address, as far as this person may see it; raises UnknownBudget.

    With its consultation and phases: two queries.
    """
    visible = Consultation.objects.visible_to(user)
    budget = (
        Budget.objects.filter(consultation__slug=slug, consultation__in=visible)
        .select_related("consultation")
        .prefetch_related("consultation__phases")
        .first()
    )
    if budget is None:
        raise UnknownBudget
    return budget


def get_budget(slug: str) -> Budget:
    """The budget of the consultation at this address, whoever asks (commands); raises UnknownBudget."""
    budget = Budget.objects.filter(consultation__slug=slug).select_related("consultation").first()
    if budget is None:
        raise UnknownBudget
    return budget
