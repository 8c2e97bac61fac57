"""The list of all consultations; the page of one of them shows contributions and so lives in `dashboards`."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from geoparticipation.consultations.enums import ConsultationState
from geoparticipation.consultations.models import Consultation
from geoparticipation.consultations.presentation import outline, running_first
from geoparticipation.consultations.queries import with_figures
from geoparticipation.consultations.reading import with_story


@require_safe
def show_consultations(request: HttpRequest) -> HttpResponse:
    """Everything that runs, is to come and is over. Three queries, however many there are."""
    published = with_figures(Consultation.objects.exclude(state=ConsultationState.DRAFT))
    outlines = running_first(outline(consultation) for consultation in with_story(published))
    return render(
        request,
        "consultations/list.html",
        {
            "running": [item for item in outlines if not item.is_over],
            "over": [item for item in outlines if item.is_over],
        },
    )
