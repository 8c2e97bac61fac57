"""What came of a vote: winners with reasons, and every ballot."""

from __future__ import annotations

from typing import Any, Final

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from geoparticipation.budgets.counting.election import natural
from geoparticipation.budgets.counting.explaining import explain
from geoparticipation.budgets.enums import Method
from geoparticipation.budgets.models import Ballot, Budget
from geoparticipation.budgets.on_map import projects_geojson
from geoparticipation.budgets.pabulib.writing import write_pabulib
from geoparticipation.budgets.queries import get_budget_for
from geoparticipation.budgets.receipts import read_receipt

IN_PAGE: Final = 50
LEAST_IN_LIST: Final = 5
"""With fewer ballots than this, a list would tell what somebody chose who is known to have voted."""


@require_safe
def result(request: HttpRequest, slug: str) -> HttpResponse:
    """Winners, the others, why, and what each district gets. Five queries, however many projects."""
    budget = get_budget_for(request.user, slug)
    if not budget.counted:
        return render(request, "budgets/not_counted.html", {"budget": budget, "consultation": budget.consultation})
    projects = {project.number: project for project in budget.projects.on_ballot()}
    findings = budget.counted["findings"]
    order = {number: place for place, number in enumerate(budget.counted["winners"])}

    def rows(*, won: bool) -> list[dict[str, Any]]:
        numbers = [number for number, finding in findings.items() if finding["won"] == won and number in projects]
        numbers.sort(key=lambda number: (order.get(number, 0), -findings[number]["points"], natural(number)))
        return [
            {"project": projects[number], "finding": findings[number], "why": explain(findings[number], budget)}
            for number in numbers
        ]

    winners = rows(won=True)
    envelopes = list(budget.envelopes.all())
    context = {
        "budget": budget,
        "consultation": budget.consultation,
        "winners": winners,
        "others": rows(won=False),
        "with_points": budget.method in {Method.POINTS, Method.RANKING},
        "amount": sum(envelope.amount for envelope in envelopes),
        "envelopes": envelopes,
        "districts": budget.counted.get("districts", []),
        "not_kept": budget.projects.not_kept(),
        "found": projects_geojson([row["project"] for row in winners]),
    }
    return render(request, "budgets/result.html", context)


@require_safe
def ballots(request: HttpRequest, slug: str) -> HttpResponse:
    """Every ballot in the order of receipts, and the one of a receipt. At most seven queries."""
    budget = _closed_budget(request, slug)
    every = budget.ballots.order_by("receipt").prefetch_related("choices__project__contribution")
    total = every.count()
    typed = request.GET.get("receipt", "").strip()
    receipt = read_receipt(typed) if typed else ""
    context: dict[str, Any] = {
        "budget": budget,
        "consultation": budget.consultation,
        "total": total,
        "too_few": total < LEAST_IN_LIST,
        "least": LEAST_IN_LIST,
        "typed": typed,
        "mine": every.filter(receipt=receipt).first() if receipt else None,
        "with_points": budget.method == Method.POINTS,
        "page": Paginator(every if total >= LEAST_IN_LIST else Ballot.objects.none(), IN_PAGE).get_page(
            request.GET.get("page")
        ),
    }
    return render(request, "budgets/ballots.html", context)


@require_safe
def ballots_file(request: HttpRequest, slug: str) -> HttpResponse:
    """The whole vote in the Pabulib format, for whoever wants to count again."""
    budget = _closed_budget(request, slug)
    if budget.ballots.count() < LEAST_IN_LIST:
        raise Http404
    response = HttpResponse(write_pabulib(budget), content_type="text/plain; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{slug}.pb"'
    return response


def _closed_budget(request: HttpRequest, slug: str) -> Budget:
    """The budget once its vote is closed; 404 before, when a list would show ballots that may still change."""
    budget = get_budget_for(request.user, slug)
    if budget.closed_at is None:
        raise Http404
    return budget
