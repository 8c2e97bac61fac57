"""The home page with the town's map, and the results of a consultation."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from geoparticipation.consultations.models import Consultation


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What is going on around, and what one can do today."""
    consultations = Consultation.objects.filter(state="published").prefetch_related("phases")
    return render(request, "dashboards/home.html", {"consultations": consultations})
