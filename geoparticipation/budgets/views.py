"""The page on which people vote."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from geoparticipation.accounts.enums import IdentityLevel
from geoparticipation.accounts.identity import actor_for
from geoparticipation.budgets.ballot_paper import BallotPaper, Choice, ballot_paper
from geoparticipation.budgets.domain.cast_ballot import asks_charter, cast_ballot
from geoparticipation.budgets.enums import Method
from geoparticipation.budgets.forms import choices_of
from geoparticipation.budgets.models import Ballot, Budget, Project
from geoparticipation.budgets.on_map import projects_geojson
from geoparticipation.budgets.queries import get_budget_for
from geoparticipation.budgets.voters import Voter, voter_of
from geoparticipation.consultations.enums import Feature
from geoparticipation.consultations.presentation import outline
from geoparticipation.contributions.errors import IdentityTooLow
from geoparticipation.mailings.letterbox import letterbox_for
from geoparticipation.mailings.models import LetterboxCode
from layers.errors import Refusal


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def vote(request: HttpRequest, slug: str) -> HttpResponse:
    """List, map, running total and what still fits. A POST works it out (`act=check`) or casts the ballot.

    Who voted before finds the own ballot in the form. Eight queries to read it, however many projects.
    """
    budget = get_budget_for(request.user, slug)
    actor, letterbox = actor_for(request), letterbox_for(request, budget.consultation)
    blank = ballot_paper(budget)
    own = _own_ballot(budget, voter_of(actor, budget, letterbox))
    if request.method != "POST":
        kept, gone = _choices_on(own, blank.projects) if own else ([], [])
        choices = _drafted(request, budget) or kept
        return _page(request, budget, _filled(blank, choices), letterbox, own=own, gone=gone)
    try:
        choices = choices_of(request.POST, budget, blank.projects)
    except Refusal as refusal:
        return _page(request, budget, blank, letterbox, own=own, refusals=[refusal], status=422)
    paper = _filled(blank, choices)
    if request.POST.get("act") != "send":
        return _page(request, budget, paper, letterbox, own=own)
    refusals: list[Refusal] = list(paper.refusals())
    try:
        cast_ballot(
            actor=actor,
            budget=budget,
            choices=choices,
            letterbox=letterbox if budget.consultation.identity_level >= IdentityLevel.HOUSEHOLD else None,
            lives_here="lives_here" in request.POST or letterbox is not None,
            charter_accepted="accept_charter" in request.POST,
        )
    except Refusal as refusal:
        if isinstance(refusal, IdentityTooLow):
            request.session[_draft_key(budget)] = [[choice.number, choice.points] for choice in choices]
        shown = refusals if refusal.code in {found.code for found in refusals} else [refusal]
        status = 422 if shown is refusals else refusal.status
        return _page(request, budget, paper, letterbox, own=own, refusals=shown, status=status)
    request.session.pop(_draft_key(budget), None)
    return redirect(f"{reverse('vote', args=[slug])}?sent=1#receipt")


def _filled(blank: BallotPaper, choices: list[Choice]) -> BallotPaper:
    return BallotPaper(blank.budget, blank.projects, blank.envelopes, choices)


def _own_ballot(budget: Budget, voter: Voter) -> Ballot | None:
    """The voter's ballot, else the one that the same browser gave while nobody was signed in. One query."""
    marks = {voter.mark, voter.browser} - {""}
    if not marks or budget.closed_at is not None:
        return None
    found = {ballot.voter_hash: ballot for ballot in budget.ballots.filter(voter_hash__in=marks)}
    return found.get(voter.mark) or found.get(voter.browser)


def _choices_on(ballot: Ballot, projects: Sequence[Project]) -> tuple[list[Choice], list[str]]:
    """What is on it of these projects, and the numbers of those that were taken off since. One query."""
    on_ballot = {project.number for project in projects}
    rows = list(ballot.choices.order_by("position").values_list("project__number", "points"))
    return (
        [Choice(number, points) for number, points in rows if number in on_ballot],
        [number for number, _points in rows if number not in on_ballot],
    )


def _draft_key(budget: Budget) -> str:
    return f"ballot-{budget.pk}"


def _drafted(request: HttpRequest, budget: Budget) -> list[Choice]:
    return [Choice(number, points) for number, points in request.session.get(_draft_key(budget), [])]


def _rows(paper: BallotPaper) -> list[dict[str, Any]]:
    """One for each project: what is chosen of it, and whether it still fits."""
    place = {choice.number: position for position, choice in enumerate(paper.choices, start=1)}
    points = {choice.number: choice.points for choice in paper.choices}
    return [
        {
            "project": project,
            "chosen": project.number in place,
            "rank": place.get(project.number),
            "points": points.get(project.number, ""),
            "fits": paper.fits(project),
        }
        for project in paper.projects
    ]


def _page(
    request: HttpRequest,
    budget: Budget,
    paper: BallotPaper,
    letterbox: LetterboxCode | None,
    *,
    own: Ballot | None,
    gone: Sequence[str] = (),
    refusals: list[Refusal] | None = None,
    status: int = 200,
) -> HttpResponse:
    consultation, actor = budget.consultation, actor_for(request)
    level = consultation.identity_level
    now = outline(consultation, timezone.now())
    rows = _rows(paper)
    context: dict[str, Any] = {
        "budget": budget,
        "consultation": consultation,
        "outline": now,
        "is_open": Feature.BALLOT in now.features and budget.closed_at is None,
        "paper": paper,
        "rows": rows,
        "full": ",".join(row["project"].number for row in rows if not row["fits"]),
        "own": own,
        "gone": gone,
        "asks_charter": own is None and asks_charter(actor, consultation),
        "accept_charter": "accept_charter" in request.POST,
        "sent": own is not None and "sent" in request.GET,
        "refusals": refusals or [],
        "refused": [number for refusal in refusals or [] for number in refusal.extra.get("projects", [])],
        "with_ranks": budget.method == Method.RANKING,
        "ranks": range(1, (budget.max_projects or len(paper.projects)) + 1),
        "with_points": budget.method == Method.POINTS,
        "with_envelope": budget.method == Method.ENVELOPE,
        "asks_residence": not budget.open_to_outside and letterbox is None,
        "lives_here": "lives_here" in request.POST or own is not None,
        "asks_for_email": level == IdentityLevel.EMAIL and actor.level < level,
        "asks_for_code": level >= IdentityLevel.HOUSEHOLD and letterbox is None,
        "found": projects_geojson(paper.projects),
        "not_kept": budget.projects.not_kept(),
    }
    if request.htmx and request.POST.get("act") == "check":
        return render(request, "budgets/_state.html", context)
    return render(request, "budgets/vote.html", context, status=status)
