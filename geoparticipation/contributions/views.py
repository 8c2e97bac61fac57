"""Pages of contributions: the list, one of them, putting one in."""

from __future__ import annotations

import uuid

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from geoparticipation.contributions.models import Contribution


@require_safe
def show_contributions(request: HttpRequest) -> HttpResponse:
    """The list, beside the map."""
    contributions = Contribution.objects.public().select_related("district", "street")[:20]
    return render(request, "contributions/list.html", {"contributions": contributions})


@require_safe
def show_contribution(request: HttpRequest, code: uuid.UUID) -> HttpResponse:
    """One contribution with its place."""
    contribution = get_object_or_404(Contribution.objects.visible_to(request.user), code=code)
    return render(request, "contributions/detail.html", {"contribution": contribution})
