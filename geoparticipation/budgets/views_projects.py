"""Projects in the workspace: decide on ideas, enter one of the commune's own, take one off the ballot."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from geoparticipation.accounts.access import AGENTS, only_for
from geoparticipation.budgets.domain.enter_project import enter_project
from geoparticipation.budgets.domain.projects import decide_project, envelope_of, take_off_ballot
from geoparticipation.budgets.domain.save_budget import has_ballots
from geoparticipation.budgets.enums import ProjectState
from geoparticipation.budgets.forms_workspace import NewProjectForm, TakeOffForm, project_form, tell
from geoparticipation.budgets.models import Project
from geoparticipation.budgets.queries import get_budget_for
from geoparticipation.contributions.enums import Kind, Status
from geoparticipation.contributions.locating import locate
from geoparticipation.contributions.models import Contribution
from geoparticipation.contributions.views_contribute import draw_words
from layers.errors import Refusal
from layers.repeating import words_of

DETAILS = ("title", "body", "cost", "upkeep", "category", "number", "reason")


@require_GET
@only_for(AGENTS)
def project_list(request: HttpRequest, slug: str) -> HttpResponse:
    """The ideas of the consultation, with what was decided of each. Three queries of its own.

    Those online, and those put to the vote that no longer are: an agent has to say what becomes of them.
    """
    budget = get_budget_for(request.user, slug)
    shown = Q(status=Status.PUBLISHED) | Q(project__state__in=[ProjectState.SHORTLISTED, ProjectState.TAKEN_OFF])
    ideas = (
        Contribution.objects.filter(shown, consultation=budget.consultation, kind=Kind.PROPOSAL)
        .select_related("project", "district")
        .defer("geometry", "public_geometry", "search_text", "district__geometry")
        .order_by("project__position", "submitted_at")
    )
    decided = [(idea, getattr(idea, "project", None)) for idea in ideas]
    counts = {
        state: sum(1 for _idea, project in decided if project is not None and project.state == state)
        for state in ProjectState.values
    }
    missing = [
        project
        for idea, project in decided
        if project is not None and project.state == ProjectState.SHORTLISTED and idea.status != Status.PUBLISHED
    ]
    context = {
        "budget": budget,
        "consultation": budget.consultation,
        "ideas": decided,
        "counts": counts,
        "missing": [] if budget.closed_at else missing,
        "has_begun": has_ballots(budget),
    }
    return render(request, "budgets/workspace/projects.html", context)


@require_http_methods(["GET", "POST"])
@only_for(AGENTS)
def project_new(request: HttpRequest, slug: str) -> HttpResponseBase:
    """A project of the commune's own, with its place: typed, chosen, pinned or drawn."""
    budget = get_budget_for(request.user, slug)
    form = NewProjectForm(request.POST or None)
    refusal: Refusal | None = None
    if request.method == "POST" and form.is_valid():

        def make() -> str:
            located = locate(form.cleaned_data)
            agent: Any = request.user
            said = {name: form.cleaned_data[name] for name in DETAILS}
            project = enter_project(user=agent, budget=budget, located=located, language=get_language() or "", **said)
            return project.number

        try:
            number = form.carry_out_once(user_id=request.user.pk, words=words_of(request.POST), make=make)
        except Refusal as refused:
            if refused.field in form.fields and refused.field != "place_text":
                tell(form, refused)
            else:
                refusal = refused
        else:
            messages.success(request, _("Project %(number)s is put to the vote.") % {"number": number})
            return redirect("workspace-budget-projects", slug=slug)
    context = {
        "form": form,
        "refusal": refusal,
        "choices": getattr(refusal, "choices", None),
        "draw_words": draw_words(),
        "has_begun": has_ballots(budget),
        "budget": budget,
        "consultation": budget.consultation,
    }
    return render(request, "budgets/workspace/project_new.html", context, status=_status(request))


@require_http_methods(["GET", "POST"])
@only_for(AGENTS)
def project_decide(request: HttpRequest, slug: str, code: UUID) -> HttpResponseBase:
    """The decision on one idea: its cost, its upkeep, and why; while people vote, taking it off the ballot."""
    budget = get_budget_for(request.user, slug)
    idea = get_object_or_404(
        Contribution.objects.select_related("district", "street"), code=code, consultation=budget.consultation
    )
    project = Project.objects.filter(contribution=idea).first()
    takes_off = request.POST.get("act") == "take_off" and project is not None
    form = project_form(None if takes_off else request.POST or None, project)
    take_off = TakeOffForm(request.POST if takes_off else None)
    used = take_off if takes_off else form
    if request.method == "POST" and used.is_valid():
        agent: Any = request.user
        try:
            if takes_off and project is not None:
                take_off_ballot(user=agent, budget=budget, project=project, reason=take_off.cleaned_data["reason"])
            else:
                decide_project(user=agent, budget=budget, contribution=idea, **form.cleaned_data)
        except Refusal as refusal:
            tell(used, refusal)
        else:
            messages.success(request, _("Your decision on “%(title)s” is saved.") % {"title": idea.title})
            return redirect("workspace-budget-projects", slug=slug)
    context = {
        "form": form,
        "take_off": take_off,
        "project": project,
        "has_begun": has_ballots(budget),
        "budget": budget,
        "consultation": budget.consultation,
        "idea": idea,
        "envelope": envelope_of(budget, idea),
    }
    return render(request, "budgets/workspace/project.html", context, status=_status(request))


def _status(request: HttpRequest) -> int:
    """422 for a form that comes back with errors."""
    return 422 if request.method == "POST" else 200
