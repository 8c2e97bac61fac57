"""Money, receipts, and what a consultation's budget offers at the moment."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django import template

from geoparticipation.budgets.models import Budget
from geoparticipation.budgets.money import money as money_in_words
from geoparticipation.budgets.receipts import spaced_receipt
from geoparticipation.consultations.enums import Feature
from geoparticipation.consultations.presentation import Outline

register = template.Library()
register.filter("receipt", spaced_receipt)


@register.filter
def money(amount: object, budget: Budget | None = None) -> str:
    """An amount in the budget's currency."""
    return money_in_words(amount, budget.currency if budget is not None else "EUR")


@register.filter
def last_minute(ends_at: datetime) -> datetime:
    """The minute before the end: a vote that ends at midnight is open until 23:59 of the day before."""
    return ends_at - timedelta(minutes=1)


@register.inclusion_tag("budgets/_links.html")
def budget_links(outline: Outline) -> dict[str, Any]:
    """A link to the vote or to its result, where the consultation has a budget; no query after `with_story`."""
    budget = getattr(outline.consultation, "budget", None)
    return {
        "budget": budget,
        "consultation": outline.consultation,
        "is_open": budget is not None and budget.closed_at is None and Feature.BALLOT in outline.features,
    }
