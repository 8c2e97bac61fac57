"""What became of an idea, beside the idea."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import template
from django.utils import timezone
from django.utils.formats import number_format

from geoparticipation.contributions.models import Contribution
from geoparticipation.followup.queries import followed, has_won, places_in_words
from geoparticipation.followup.rules import may_follow_up

register = template.Library()


@register.inclusion_tag("followup/_case.html", takes_context=True)
def what_became_of(context: template.Context, contribution: Contribution) -> dict[str, Any]:
    """The days promised, study, answer, progress and pictures of an idea; agents get the way to its case.

    One query, two where something was made of it, three where that has a place of its own.
    """
    user = context.get("user")
    idea = followed(contribution)
    measure = getattr(idea, "measure", None)
    [where] = places_in_words([measure.geometry]) if measure and measure.geometry else [""]
    return {
        "case": getattr(idea, "case", None),
        "idea": contribution,
        "measure": measure,
        "where_built": where,
        "pictures": list(measure.photos.all()) if measure else [],
        "budget": idea.project.budget if has_won(idea) else None,
        "may_follow_up": may_follow_up(user) if getattr(user, "is_authenticated", False) else False,
        "today": timezone.localdate(),
    }


@register.filter
def euros(amount: Decimal) -> str:
    """Write an amount of money as the language does, without cents where there are none."""
    places = 0 if amount == amount.to_integral_value() else 2
    return f"{number_format(amount, places, force_grouping=True)}\u00a0€"


@register.filter
def whole_days(days: float | None) -> str:
    """Write a median of days, which may be a half one; a dash where there is none."""
    return "–" if days is None else number_format(days, 0 if float(days).is_integer() else 1)
