"""The first page of the workspace."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from geoparticipation.accounts.access import AGENTS, MODERATORS, READERS, STAFF, only_for
from geoparticipation.accounts.enums import Role
from geoparticipation.consultations.enums import ConsultationState
from geoparticipation.consultations.models import Consultation
from geoparticipation.contributions.enums import Status
from geoparticipation.councils.rules import councils_of
from geoparticipation.dashboards.this_week import accounts_now, tasks_of_week
from geoparticipation.moderation.queries import queue_for
from neighbourhoods.models import Target
from neighbourhoods.target_words import PARTS_TO_READ, parts_in_words

SHOWN = 5


@require_GET
@only_for(STAFF)
def home(request: HttpRequest) -> HttpResponse:
    """What waits, what runs, what was aimed at last, and for agents what is due this week.

    At most twelve queries beside the session's and the user's. A councillor's council, with what they can do for it,
    comes first.
    """
    role = getattr(request.user, "role", None)
    context: dict[str, Any] = {"moderates": role in MODERATORS, "reads": role in READERS}
    if role == Role.COUNCILLOR:
        context["councils"] = councils_of(request.user).order_by("name", "pk")
    if context["moderates"]:
        context["waiting"] = queue_for(request.user).defer("geometry", "public_geometry")[:SHOWN]
    if context["reads"]:
        counts = Count("contributions", Q(contributions__status=Status.PUBLISHED))
        context["consultations"] = (
            Consultation.objects.visible_to(request.user)
            .exclude(state=ConsultationState.ARCHIVED)
            .prefetch_related("phases")
            .annotate(contribution_count=counts)[:SHOWN]
        )
        targets = Target.objects.prefetch_related(PARTS_TO_READ).defer("geometry")[:SHOWN]
        context["targets"] = [(target, parts_in_words(target.parts.all())) for target in targets]
    if role in AGENTS:
        now = timezone.now()
        context |= {"tasks": tasks_of_week(now), "accounts": accounts_now(now), "has_week": True}
    return render(request, "workspace/home.html", context)
