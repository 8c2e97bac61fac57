"""Budgets in the workspace: make one, choose its projects, enter paper ballots, close and count."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
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
from geoparticipation.budgets.domain.projects import decide_project, envelope_of
from geoparticipation.budgets.domain.save_budget import save_budget
from geoparticipation.budgets.enums import Method, ProjectState
from geoparticipation.budgets.forms import choices_of
from geoparticipation.budgets.forms_workspace import (
    BudgetForm,
    PaperBallotForm,
    envelope_forms,
    envelopes_in,
    project_form,
)
from geoparticipation.budgets.models import Budget, Project
from geoparticipation.budgets.queries import get_budget_for
from geoparticipation.consultations.enums import Feature
from geoparticipation.consultations.models import Consultation
from geoparticipation.consultations.phases import open_phase
from geoparticipation.contributions.enums import Kind, Status
from geoparticipation.contributions.models import Contribution
from layers.errors import Refusal


@require_GET
@only_for(AGENTS)
def budget_list(request: HttpRequest) -> HttpResponse:
    """Every consultation that has a budget, and those that may get one. Two queries."""
    shortlisted = Count("projects", Q(projects__state=ProjectState.SHORTLISTED))
    budgets = Budget.objects.select_related("consultation").defer("counted", "source").annotate(on_ballot=shortlisted)
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
            _tell(form, refusal)
        else:
            messages.success(request, _("The budget is saved."))
            return redirect("workspace-budget-projects", slug=slug)
    context = {"form": form, "envelopes": envelopes, "consultation": consultation, "budget": budget}
    return render(request, "budgets/workspace/edit.html", context, status=_status(request))


@require_GET
@only_for(AGENTS)
def project_list(request: HttpRequest, slug: str) -> HttpResponse:
    """The ideas of the consultation that are online, with what was decided of each. Three queries of its own."""
    budget = get_budget_for(request.user, slug)
    ideas = (
        Contribution.objects.filter(consultation=budget.consultation, kind=Kind.PROPOSAL, status=Status.PUBLISHED)
        .select_related("project", "district")
        .defer("geometry", "public_geometry", "district__geometry")
        .order_by("project__position", "submitted_at")
    )
    decided = [(idea, getattr(idea, "project", None)) for idea in ideas]
    counts = {
        state: sum(1 for _idea, project in decided if project is not None and project.state == state)
        for state in ProjectState.values
    }
    context = {"budget": budget, "consultation": budget.consultation, "ideas": decided, "counts": counts}
    return render(request, "budgets/workspace/projects.html", context)


@require_http_methods(["GET", "POST"])
@only_for(AGENTS)
def project_decide(request: HttpRequest, slug: str, code: UUID) -> HttpResponseBase:
    """The decision on one idea: its cost, its upkeep, and why."""
    budget = get_budget_for(request.user, slug)
    idea = get_object_or_404(
        Contribution.objects.select_related("district", "street"), code=code, consultation=budget.consultation
    )
    project = Project.objects.filter(contribution=idea).first()
    form = project_form(request.POST or None, project)
    if request.method == "POST" and form.is_valid():
        try:
            decide_project(user=request.user, budget=budget, contribution=idea, **form.cleaned_data)
        except Refusal as refusal:
            _tell(form, refusal)
        else:
            messages.success(request, _("Your decision on “%(title)s” is saved.") % {"title": idea.title})
            return redirect("workspace-budget-projects", slug=slug)
    context = {
        "form": form,
        "budget": budget,
        "consultation": budget.consultation,
        "idea": idea,
        "envelope": envelope_of(budget, idea),
    }
    return render(request, "budgets/workspace/project.html", context, status=_status(request))


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
        "is_open": open_phase(budget.consultation, Feature.BALLOT) is not None,
        "refusal": refusal,
        "not_sure": request.method == "POST" and refusal is None,
    }
    return render(request, "budgets/workspace/count.html", context, status=_status(request))


def _status(request: HttpRequest) -> int:
    """422 for a form that comes back with errors."""
    return 422 if request.method == "POST" else 200


def _tell(form: forms.BaseForm, refusal: Refusal) -> None:
    """Put a refusal's sentence beside the field it is about, or above the form."""
    form.add_error(refusal.field if refusal.field in form.fields else None, refusal.detail)


def _tell_of_paper(request: HttpRequest, state: PaperState) -> None:
    if state == PaperState.TAKEN:
        messages.success(request, _("Both of you read the same: the ballot is taken."))
    elif state == PaperState.WAITING:
        messages.success(request, _("It is noted. Once a colleague reads the same, the ballot is taken."))
    else:
        messages.warning(request, _("Your colleague read something else. Please look at the paper together."))
