"""What the winners bring to each district, beside how many live there."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from decimal import Decimal
from typing import Any

from django.db.models import Sum

from geoparticipation.budgets.models import Budget
from neighbourhoods.models import Address


def money_by_district(budget: Budget, winners: Collection[str]) -> list[dict[str, Any]]:
    """Each district with a project on the ballot, most money a dwelling first.

    The registers tell dwellings, not inhabitants. A project is its place's smallest district's; one without a
    district is left out. Two queries; run once, when the vote is closed.
    """
    names: dict[int, str] = {}
    costs: defaultdict[int, Decimal] = defaultdict(Decimal)
    on_ballot: defaultdict[int, int] = defaultdict(int)
    won: defaultdict[int, int] = defaultdict(int)
    for project in budget.projects.on_ballot(budget).with_words():
        district = project.contribution.district
        if district is None:
            continue
        names[district.pk] = district.name
        on_ballot[district.pk] += 1
        if project.number in winners:
            won[district.pk] += 1
            costs[district.pk] += project.cost or Decimal(0)
    homes = dict(
        Address.objects.current()
        .filter(district__in=names)
        .values_list("district")
        .annotate(dwellings=Sum("dwellings"))
        .order_by()
    )
    rows = [
        {
            "name": name,
            "projects": on_ballot[pk],
            "won": won[pk],
            "money": str(costs[pk]),
            "dwellings": homes.get(pk) or 0,
            "per_dwelling": str((costs[pk] / homes[pk]).quantize(Decimal("0.01"))) if homes.get(pk) else "",
        }
        for pk, name in names.items()
    ]
    return sorted(rows, key=lambda row: (-Decimal(row["per_dwelling"] or 0), -Decimal(row["money"]), row["name"]))
