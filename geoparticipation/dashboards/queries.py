"""Figures across contributions."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from django.core.cache import cache
from django.db.models import Count, QuerySet, Sum
from django.http import QueryDict

from geoparticipation.contributions.cells import DENSITY
from geoparticipation.contributions.enums import Kind
from geoparticipation.contributions.models import Contribution

MOST_STREETS = 10
KEPT_FROM = 20_000
KEPT_S = 60


@dataclass(frozen=True)
class Row:
    """One line of a table of counts."""

    name: str
    count: int
    share: float
    """Of the largest row, 0 to 1: for the bar beside the figure."""


@dataclass(frozen=True)
class Figures:
    """Counts of the contributions shown. Three queries; `is_kept`: districts and streets may be a minute old."""

    ideas: int
    comments: int
    supports: int
    districts: tuple[Row, ...]
    streets: tuple[Row, ...]
    is_kept: bool = False


def figures_of(contributions: QuerySet[Contribution], parameters: QueryDict | None = None) -> Figures:
    """Count by kind, by smallest district and by street (the ten with most).

    Where `parameters` are all that narrows what the public sees, the kinds are taken from maintained counts if those
    can tell, and of more than KEPT_FROM contributions districts and streets are counted once a minute.
    """
    contributions = contributions.order_by()
    cells = DENSITY.selected(parameters) if parameters is not None else None
    if cells is not None:
        kinds = cells.totals("kind")
    else:
        counted = contributions.values_list("kind").annotate(n=Count("pk"), support_count=Sum("support_count"))
        kinds = {kind: {"n": n, "support_count": supports} for kind, n, supports in counted}
    places: tuple[tuple[Row, ...], tuple[Row, ...]] | None = None
    is_kept = parameters is not None and sum(kind["n"] for kind in kinds.values()) > KEPT_FROM
    key = f"figures-{sha256(parameters.urlencode().encode()).hexdigest()}" if is_kept and parameters else ""
    if is_kept:
        places = cache.get(key)
    if places is None:
        places = _rows(contributions, "district__name", None), _rows(contributions, "street__name", MOST_STREETS)
        if is_kept:
            cache.set(key, places, KEPT_S)
    return Figures(
        ideas=kinds.get(Kind.PROPOSAL, {}).get("n", 0),
        comments=kinds.get(Kind.COMMENT, {}).get("n", 0),
        supports=sum(kind["support_count"] for kind in kinds.values()),
        districts=places[0],
        streets=places[1],
        is_kept=is_kept,
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
