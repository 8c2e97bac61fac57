"""Figures across contributions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, QuerySet, Sum

from geoparticipation.contributions.enums import Kind
from geoparticipation.contributions.models import Contribution

MOST_STREETS = 10


@dataclass(frozen=True)
class Row:
    """One line of a table of counts."""

    name: str
    count: int
    share: float
    """Of the largest row, 0 to 1: for the bar beside the figure."""


@dataclass(frozen=True)
class Figures:
    """Counts of the contributions shown. Three queries."""

    ideas: int
    comments: int
    supports: int
    districts: tuple[Row, ...]
    streets: tuple[Row, ...]


def figures_of(contributions: QuerySet[Contribution]) -> Figures:
    """Count by kind, by smallest district and by street (the ten with most)."""
    contributions = contributions.order_by()
    kinds = {
        row["kind"]: row
        for row in contributions.values("kind").annotate(count=Count("pk"), supports=Sum("support_count"))
    }
    return Figures(
        ideas=kinds.get(Kind.PROPOSAL, {}).get("count", 0),
        comments=kinds.get(Kind.COMMENT, {}).get("count", 0),
        supports=sum(row["supports"] or 0 for row in kinds.values()),
        districts=_rows(contributions, "district__name", None),
        streets=_rows(contributions, "street__name", MOST_STREETS),
    )


def _rows(contributions: QuerySet[Any], field: str, limit: int | None) -> tuple[Row, ...]:
    counted = (
        contributions.exclude(**{f"{field}__isnull": True})
        .values_list(field)
        .annotate(count=Count("pk"))
        .order_by("-count", field)[:limit]
    )
    rows = list(counted)
    most = max((count for _name, count in rows), default=0)
    return tuple(Row(name, count, count / most) for name, count in rows)
