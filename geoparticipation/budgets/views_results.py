"""What came of a vote: winners with reasons, and every ballot."""

from __future__ import annotations

from typing import Any, Final

from django.core.cache import cache
from django.core.paginator import Paginator
from django.db.models import Prefetch
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import condition, require_http_methods, require_safe

from geoparticipation.accounts.domain.rates import count_action
from geoparticipation.accounts.identity import actor_for
from geoparticipation.budgets.counting.election import natural
from geoparticipation.budgets.counting.explaining import explain
from geoparticipation.budgets.counting.few import LEAST_BALLOTS, envelopes_with_few_ballots
from geoparticipation.budgets.enums import Method
from geoparticipation.budgets.models import Ballot, BallotChoice, Budget
from geoparticipation.budgets.on_map import projects_geojson
from geoparticipation.budgets.pabulib.writing import write_pabulib
from geoparticipation.budgets.queries import get_budget_for
from geoparticipation.budgets.receipts import read_receipt
from layers.tags import etag_of
from layers.versions import code_fingerprint

IN_PAGE: Final = 50
KEPT_S: Final = 600
"""How long a written file is kept for others who ask for it."""


@require_safe
def result(request: HttpRequest, slug: str) -> HttpResponse:
    """Winners, the others, why, and what each district gets. Seven queries, however many projects."""
    budget = get_budget_for(request.user, slug)
    if not budget.counted:
        return render(request, "budgets/not_counted.html", {"budget": budget, "consultation": budget.consultation})
    on_ballot = budget.projects.on_ballot(budget).with_words().with_place_on_map()
    projects = {project.number: project for project in on_ballot}
    findings = budget.counted["findings"]
    order = {number: place for place, number in enumerate(budget.counted["winners"])}
    few = envelopes_with_few_ballots(budget)

    def place(number: str) -> tuple[Any, ...]:
        finding = findings[number]
        if finding["envelope"] in few:  # neither votes nor the order that they make
            of_envelope = [place for other, place in order.items() if findings[other]["envelope"] in few]
            return (min(of_envelope) if number in order else 0, 0, natural(number))
        return (order.get(number, 0), -finding["points"], natural(number))

    def rows(*, won: bool) -> list[dict[str, Any]]:
        numbers = [number for number, finding in findings.items() if finding["won"] == won and number in projects]
        return [
            {
                "project": projects[number],
                "finding": findings[number],
                "why": [] if findings[number]["envelope"] in few else explain(findings[number], budget),
            }
            for number in sorted(numbers, key=place)
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
        "few": bool(few),
        "least": LEAST_BALLOTS,
        "found": projects_geojson([row["project"] for row in winners]),
    }
    return render(request, "budgets/result.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def ballots(request: HttpRequest, slug: str) -> HttpResponse:
    """Every ballot in the order of receipts, and the one of a receipt. At most ten queries.

    A receipt is sent by POST: in an address it would stand in logs, beside the connection that it came from.
    """
    budget = _closed_budget(request, slug)
    chosen = BallotChoice.objects.select_related("project__contribution").defer(
        "project__contribution__geometry",
        "project__contribution__public_geometry",
        "project__contribution__search_text",
    )
    every = budget.ballots.order_by("receipt").prefetch_related(Prefetch("choices", chosen))
    total = every.count()
    few = envelopes_with_few_ballots(budget)
    typed = request.POST.get("receipt", "").strip()
    receipt = read_receipt(typed) if typed else ""
    context: dict[str, Any] = {
        "budget": budget,
        "consultation": budget.consultation,
        "total": total,
        "too_few": total < LEAST_BALLOTS,
        "few": few,
        "least": LEAST_BALLOTS,
        "typed": typed,
        "mine": every.filter(receipt=receipt).first() if receipt else None,
        "with_points": budget.method == Method.POINTS,
        "page": Paginator(every if total >= LEAST_BALLOTS else Ballot.objects.none(), IN_PAGE).get_page(
            request.GET.get("page")
        ),
    }
    return render(request, "budgets/ballots.html", context)


@require_safe
def ballots_file(request: HttpRequest, slug: str) -> HttpResponseBase:
    """The whole vote in the Pabulib format, for whoever wants to count again.

    It is known by its tag without being written, and counts as an export where it is.
    """
    budget = _closed_budget(request, slug)
    if budget.ballots.count() < LEAST_BALLOTS:
        raise Http404
    return _file_of(request, budget)


def _tag(_request: HttpRequest, budget: Budget) -> str:
    """Of what may change once the vote is closed: what is online, and the platform itself. One query."""
    projects = budget.projects.order_by("pk").values_list("pk", "contribution__status", "contribution__updated_at")
    return etag_of(code_fingerprint(), str(budget.pk), str(budget.closed_at), str(list(projects)))


@condition(etag_func=_tag)
def _file_of(request: HttpRequest, budget: Budget) -> HttpResponse:
    key = "ballots-" + _tag(request, budget).split('"')[1]
    text = cache.get(key)
    if text is None:
        count_action(actor=actor_for(request), action="export")
        text = write_pabulib(budget, without=envelopes_with_few_ballots(budget))
        cache.set(key, text, KEPT_S)
    response = HttpResponse(text, content_type="text/plain; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{budget.consultation.slug}.pb"'
    response["Cache-Control"] = "no-cache"
    return response


def _closed_budget(request: HttpRequest, slug: str) -> Budget:
    """The budget once its vote is closed; 404 before, when a list would show ballots that may still change."""
    budget = get_budget_for(request.user, slug)
    if budget.closed_at is None:
        raise Http404
    return budget
