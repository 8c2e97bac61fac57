"""Figures across contributions."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from django.core.cache import cache
from django.db.models import Count, Exists, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Collate, Round
from django.http import QueryDict

from geoparticipation.contributions.cells import DENSITY
from geoparticipation.contributions.enums import Kind
from geoparticipation.contributions.models import Contribution, ContributionDistrict
from neighbourhoods.domain.place_geometry import SHARE_DECIMALS
from neighbourhoods.models import BoundaryRelease

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
    offers: int
    missions: int
    plan_places: int
    supports: int
    districts: tuple[Row, ...]
    streets: tuple[Row, ...]
    is_kept: bool = False

    @property
    def contributions(self) -> int:
        """All of them, of whatever kind."""
        return self.ideas + self.comments + self.offers + self.missions + self.plan_places


def figures_of(
    contributions: QuerySet[Contribution],
    parameters: QueryDict | None = None,
    *,
    edition: BoundaryRelease | None = None,
) -> Figures:
    """Count by kind, by smallest district in force (or by the districts of an edition) and by street (ten with most).

    Places of plans, which the town hall put up, count for no district and no street.

    An earlier edition counts by the shares that were kept: what was put in after it counts in none of its districts.

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
    asked = f"{parameters.urlencode() if parameters else ''} {edition.pk if edition else ''}"
    key = f"figures-{sha256(asked.encode()).hexdigest()}"
    if is_kept:
        places = cache.get(key)
    if places is None:
        said = contributions.exclude(kind=Kind.PLAN)
        by_district = _rows(said, "district__name", None) if edition is None else _by_edition(said, edition)
        places = by_district, _rows(said, "street__name", MOST_STREETS)
        if is_kept:
            cache.set(key, places, KEPT_S)
    return Figures(
        ideas=kinds.get(Kind.PROPOSAL, {}).get("n", 0),
        comments=kinds.get(Kind.COMMENT, {}).get("n", 0),
        offers=kinds.get(Kind.OFFER, {}).get("n", 0),
        missions=kinds.get(Kind.MISSION, {}).get("n", 0),
        plan_places=kinds.get(Kind.PLAN, {}).get("n", 0),
        supports=sum(kind["support_count"] for kind in kinds.values()),
        districts=places[0],
        streets=places[1],
        is_kept=is_kept,
    )


def editions_of(contributions: QuerySet[Contribution]) -> list[BoundaryRelease]:
    """Earlier editions of the finest level of districts that some of the contributions were counted by; one query."""
    finest = BoundaryRelease.objects.filter(is_current=True).order_by("-level__rank").values("level")[:1]
    counted = ContributionDistrict.objects.filter(
        district__release=OuterRef("pk"), contribution__in=contributions.order_by().values("pk")
    )
    earlier = BoundaryRelease.objects.filter(Exists(counted), level=Subquery(finest), is_current=False)
    return list(earlier.order_by("-imported_at"))


def _by_edition(contributions: QuerySet[Any], edition: BoundaryRelease) -> tuple[Row, ...]:
    """Counts by the edition's district of the largest share, on a border that of the lowest code."""
    shares = ContributionDistrict.objects.filter(contribution__in=contributions.values("pk"), district__release=edition)
    most = ("contribution_id", Round("share", SHARE_DECIMALS).desc(), Collate("district__code", "C"))
    largest = shares.order_by(*most).distinct("contribution_id")
    return _rows(ContributionDistrict.objects.filter(pk__in=largest.values("pk")), "district__name", None)


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
