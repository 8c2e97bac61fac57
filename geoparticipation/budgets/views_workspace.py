"""Budgets in the workspace: make one, enter paper ballots, close and count."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from geoparticipation.accounts.access import AGENTS, only_for
from geoparticipation.budgets.ballot_paper import ballot_paper
from geoparticipation.budgets.domain.close_vote import close_vote
from geoparticipation.budgets.domain.paper_ballots import PaperState, drop_paper_ballot, enter_paper_ballot
from geoparticipation.budgets.domain.save_budget import save_budget
from geoparticipation.budgets.enums import Method, ProjectState
from geoparticipation.budgets.forms import choices_of
from geoparticipation.budgets.forms_workspace import (
    BudgetForm,
    PaperBallotForm,
    envelope_forms,
    envelopes_in,
    tell,
)
from geoparticipation.budgets.models import Budget
from geoparticipation.budgets.queries import get_budget_for
from geoparticipation.consultations.enums import Feature
from geoparticipation.consultations.models import Consultation
from geoparticipation.consultations.phases import open_phase
from layers.errors import Refusal


@require_GET
@only_for(AGENTS)
def budget_list(request: HttpRequest) -> HttpResponse:
    """Every consultation that has a budget, and those that may get one. Two queries."""
    shortlisted, online = Q(projects__state=ProjectState.SHORTLISTED), Q(projects__contribution__status="published")
    counts = {"on_ballot": Count("projects", shortlisted & online), "missing": Count("projects", shortlisted & ~online)}
    budgets = Budget.objects.select_related("consultation").defer("counted", "source").annotate(**counts)
    without = Consultation.objects.filter(budget__isnull=True).exclude(state="archived").only("slug", "title")
    return render(request, "budgets/workspace/list.html", {"budgets": budgets, "without": without})


@require_http_methods(["GET", "POST"])
@only_for(AGENTS)
def budget_edit(request: HttpRequest, slug: str) -> HttpResponseBase:
    """Make the consultation's budget, or change it while nobody has voted."""
    consultation = get_object_or_404(Consultation, slug=slug)
    budget = Budget.objects.filter(consultation=consultation).first()
    form = BudgetForm(request.POST or None, instance=budget)
    envelopes = envelope_forms(request.POST or None, budget)
    if request.method == "POST" and form.is_valid() & envelopes.is_valid():
        try:
            save_budget(
                user=request.user, consultation=consultation, envelopes=envelopes_in(envelopes), **form.cleaned_data
            )
        except Refusal as refusal:
            tell(form, refusal)
        else:
            messages.success(request, _("The budget is saved."))
            return redirect("workspace-budget-projects", slug=slug)
    context = {"form": form, "envelopes": envelopes, "consultation": consultation, "budget": budget}
    return render(request, "budgets/workspace/edit.html", context, status=_status(request))


@require_http_methods(["GET", "POST"])
@only_for(AGENTS)
def paper_ballots(request: HttpRequest, slug: str) -> HttpResponseBase:
    """Enter what an agent reads on a paper; drop one that is void. Nobody sees what the other agent read."""
    budget = get_budget_for(request.user, slug)
    paper = ballot_paper(budget)
    form = PaperBallotForm(request.POST or None)
    refusal: Refusal | None = None
    try:
        if request.method == "POST" and request.POST.get("act") == "drop":
            drop_paper_ballot(user=request.user, budget=budget, paper_number=request.POST.get("number", ""))
            messages.success(request, _("The paper is dropped: it can be entered anew."))
            return redirect("workspace-budget-paper", slug=slug)
        if request.method == "POST" and form.is_valid():
            state = enter_paper_ballot(
                user=request.user,
                budget=budget,
                choices=choices_of(request.POST, budget, paper.projects),
                **form.cleaned_data,
            )
            _tell_of_paper(request, state)
            return redirect("workspace-budget-paper", slug=slug)
    except Refusal as refused:
        refusal = refused
    entries = budget.paper_entries.select_related("entered_by").defer("choices")
    waiting: dict[str, list[Any]] = {}
    for entry in entries.filter(taken_at__isnull=True):
        waiting.setdefault(entry.paper_number, []).append(entry)
    context = {
        "form": form,
        "budget": budget,
        "consultation": budget.consultation,
        "paper": paper,
        "refusal": refusal,
        "ranks": range(1, (budget.max_projects or len(paper.projects)) + 1),
        "posted": request.POST,
        "chosen": request.POST.getlist("project"),
        "with_points": budget.method == Method.POINTS,
        "with_ranks": budget.method == Method.RANKING,
        "waiting": waiting.items(),
        "taken": budget.ballot_events.filter(origin="paper").count(),
    }
    return render(request, "budgets/workspace/paper.html", context, status=422 if refusal else 200)


@require_http_methods(["GET", "POST"])
@only_for(AGENTS)
def count(request: HttpRequest, slug: str) -> HttpResponseBase:
    """How many voted so far, and never for what; then close for good and publish the result."""
    budget = get_budget_for(request.user, slug)
    refusal: Refusal | None = None
    if request.method == "POST":
        try:
            if request.POST.get("sure"):
                close_vote(user=request.user, budget=budget)
                messages.success(request, _("The vote is closed and counted. Everybody can read the result."))
                return redirect("vote-result", slug=slug)
        except Refusal as refused:
            refusal = refused
    events = budget.ballot_events.values_list("kind", "origin").annotate(Count("pk")).order_by("kind", "origin")
    waiting = budget.paper_entries.filter(taken_at__isnull=True).values("paper_number").distinct().count()
    context = {
        "budget": budget,
        "consultation": budget.consultation,
        "ballots": budget.ballots.count(),
        "on_paper": sum(number for kind, origin, number in events if origin == "paper"),
        "changes": sum(number for kind, origin, number in events if kind == "changed"),
        "waiting": waiting,
        "missing": []
        if budget.closed_at
        else budget.projects.out_of_place(budget).with_words().order_by("position", "pk"),
        "is_open": open_phase(budget.consultation, Feature.BALLOT) is not None,
        "refusal": refusal,
        "not_sure": request.method == "POST" and refusal is None,
    }
    return render(request, "budgets/workspace/count.html", context, status=_status(request))


def _status(request: HttpRequest) -> int:
    """422 for a form that comes back with errors."""
    return 422 if request.method == "POST" else 200


def _tell_of_paper(request: HttpRequest, state: PaperState) -> None:
    if state == PaperState.TAKEN:
        messages.success(request, _("Both of you read the same: the ballot is taken."))
    elif state == PaperState.WAITING:
        messages.success(request, _("It is noted. Once a colleague reads the same, the ballot is taken."))
    else:
        messages.warning(request, _("Your colleague read something else. Please look at the paper together."))
