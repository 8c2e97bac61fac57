"""The same narrowing for rows as for tallies: contributions of responses, and rows below them."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Q
from django.utils.timezone import make_aware

from geoparticipation.surveys.results.tallies import Narrowing


def condition(narrowing: Narrowing, contribution: str) -> Q:
    """What the narrowing asks of a row; `contribution` is the path to its contribution, with "__" at its end."""
    conditions: dict[str, Any] = {
        "district_id": narrowing.district,
        "street_id": narrowing.street,
        "submitted_at__gte": _begin(narrowing.first_day) if narrowing.first_day else None,
        "submitted_at__lt": _begin(narrowing.last_day + timedelta(days=1)) if narrowing.last_day else None,
        "origin": narrowing.origin or None,
    }
    return Q(**{f"{contribution}{name}": value for name, value in conditions.items() if value is not None})


def _begin(day: date) -> datetime:
    return make_aware(datetime.combine(day, time.min))
