"""The home page with the town's map, the page of a consultation, and its results."""

from __future__ import annotations

import threading
from typing import Any, Final

from django.contrib.gis.geos import Point
from django.db.models import Q, prefetch_related_objects
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from geoparticipation.accounts.domain.rates import count_action
from geoparticipation.accounts.identity import actor_for
from geoparticipation.consultations.enums import ConsultationState
from geoparticipation.consultations.models import Consultation
from geoparticipation.consultations.presentation import outline, running_first
from geoparticipation.consultations.queries import with_figures
from geoparticipation.consultations.reading import consultation_story_for, light_geojson, target_geojson, with_story
from geoparticipation.contributions.cells import known_count
from geoparticipation.contributions.enums import Kind
from geoparticipation.contributions.list_filters import ContributionFilterForm
from geoparticipation.contributions.models import Contribution
from geoparticipation.contributions.views import filtered_contributions, filtered_or_refused
from geoparticipation.dashboards.errors import ReportsBusy
from geoparticipation.dashboards.queries import editions_of, figures_of
from geoparticipation.dashboards.report import FORMATS, gather_report, report_file
from geoparticipation.dashboards.steps import steps_to_read
from geoparticipation.surveys.queries import open_surveys
from layers.geometry import WGS84, buffered
from layers.paging import BoundedPaginator
from neighbourhoods.domain.search_places import FoundPlace, search_places, the_one_meant
from neighbourhoods.models import District, Street

LATEST = 5
IN_PAGE = 8
TABLE_PAGE = 50
NEARBY_M = 250
# However many requests a process serves at once, so many reports are made: the rest of the site stays answered.
_TURNS: Final = threading.BoundedSemaphore(2)


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What is going on around, and what one can do today. Five queries beside those of the town's name and extent."""
    published = with_figures(Consultation.objects.filter(state=ConsultationState.PUBLISHED))
    outlines = running_first(outline(found) for found in with_story(published).prefetch_related(open_surveys()))
    running = [item for item in outlines if not item.is_over]
    proposals = Contribution.objects.public().filter(kind=Kind.PROPOSAL)
    latest = proposals.select_related("district", "street").with_thumbnail()[:LATEST]
    return render(
        request,
        "dashboards/home.html",
        {
            "running": running,
            "first_open": next((item for item in running if item.takes_ideas), None),
            "latest": latest,
        },
    )


@require_safe
def places(request: HttpRequest) -> HttpResponse:
    """What the search field found: the place on the map with what was said around it, or the likeliest places."""
    query = request.GET.get("q", "").strip()[:120]
    found = search_places(text=query, limit=10) if query else []
    wanted = request.GET.get("place", "")
    chosen = next((place for place in found if f"{place.type}:{place.id}" == wanted), None)
    if chosen is None and not wanted:
        chosen = the_one_meant(query, found)
    context: dict[str, Any] = {"place_query": query, "found": found, "chosen": chosen}
    if chosen is not None:
        context |= _around(chosen)
    return render(request, "dashboards/places.html", context)


def _around(place: FoundPlace) -> dict[str, Any]:
    """The place's shape, the consultations that concern it and what was said there. Five queries."""
    proposals = Contribution.objects.public().filter(kind=Kind.PROPOSAL)
    nearby = proposals.select_related("district", "street").with_thumbnail()
    if place.type == "street":
        shape = Street.objects.values_list("geometry", flat=True).get(pk=place.id)
        nearby = nearby.filter(street=place.id)
    elif place.type == "district":
        shape = District.objects.values_list("geometry", flat=True).get(pk=place.id)
        nearby = nearby.filter(shares__district=place.id)
    else:
        shape = Point(place.lon, place.lat, srid=WGS84)
        nearby = nearby.filter(public_geometry__intersects=buffered(shape, NEARBY_M))
    if shape is None and place.lon is not None and place.lat is not None:
        shape = Point(place.lon, place.lat, srid=WGS84)  # a street known by its letterboxes only
    concerning = with_figures(Consultation.objects.filter(state=ConsultationState.PUBLISHED))
    if shape is not None:
        concerning = concerning.filter(Q(target__isnull=True) | Q(target__geometry__intersects=shape))
    outlines = running_first(outline(consultation) for consultation in with_story(concerning))
    return {
        "concerned": [item for item in outlines if not item.is_over],
        "nearby": nearby[:IN_PAGE],
        "place": light_geojson(shape) if shape is not None else None,
    }


@require_safe
def show_consultation(request: HttpRequest, slug: str) -> HttpResponse:
    """What it is about, for whom, until when, who answers for it, and what was said. Ten queries at most."""
    consultation = consultation_story_for(request.user, slug)
    prefetch_related_objects([consultation], open_surveys())
    online = Contribution.objects.public().filter(consultation=consultation, kind=Kind.PROPOSAL)
    told = outline(consultation)
    return render(
        request,
        "dashboards/consultation.html",
        {
            "consultation": consultation,
            "outline": told,
            "steps": steps_to_read(told),
            "target": target_geojson(consultation),
            "idea_count": known_count(_of(consultation, kind=Kind.PROPOSAL)),
            "latest": online.select_related("district", "street").with_thumbnail()[:IN_PAGE],
        },
    )


def _of(consultation: Consultation, **filters: str) -> QueryDict:
    parameters = QueryDict(mutable=True)
    parameters.update({"consultation": consultation.slug, **filters})
    return parameters


def _narrowed(request: HttpRequest, consultation: Consultation) -> tuple[ContributionFilterForm, Any]:
    filters = ContributionFilterForm(request.GET, hidden=["consultation"])
    parameters = filters.parameters()
    parameters["consultation"] = consultation.slug
    return filters, parameters


@require_safe
@vary_on_headers("HX-Request")
def show_results(request: HttpRequest, slug: str) -> HttpResponse:
    """What was said, where: figures, map and table with the same filters; districts by any edition. Ten queries."""
    consultation = consultation_story_for(request.user, slug)
    filters, parameters = _narrowed(request, consultation)
    contributions, refusal = filtered_or_refused(parameters)
    editions = editions_of(Contribution.objects.filter(consultation=consultation))
    edition = next((edition for edition in editions if str(edition.pk) == request.GET.get("edition")), None)
    figures = figures_of(contributions, None if refusal else parameters, edition=edition)
    known = figures.contributions
    context = {
        "refusal": refusal,
        "consultation": consultation,
        "outline": outline(consultation),
        "target": target_geojson(consultation),
        "filters": filters,
        "on_map": parameters.urlencode(),
        "figures": figures,
        "editions": editions,
        "edition": edition,
        "page": BoundedPaginator(contributions, TABLE_PAGE, known_count=known).get_page(request.GET.get("page")),
        "action": reverse("consultation-results", args=[consultation.slug]),
    }
    partial = request.htmx and not request.htmx.history_restore_request
    return render(request, "dashboards/_results.html" if partial else "dashboards/results.html", context)


@require_safe
def download_report(request: HttpRequest, slug: str, file_format: str) -> HttpResponse:
    """The report of what the page shows, as one file: HTML with its map, or PDF.

    It takes seconds of work: counted by connection, and two at once in a process, whoever asks. Raises ReportsBusy.
    """
    if file_format not in FORMATS:
        raise Http404
    consultation = consultation_story_for(request.user, slug)
    filters, parameters = _narrowed(request, consultation)
    contributions = filtered_contributions(parameters)
    count_action(actor=actor_for(request), action="report")
    if not _TURNS.acquire(timeout=2):
        raise ReportsBusy
    try:
        report = gather_report(
            consultation=consultation,
            contributions=contributions,
            filters=filters.in_use(),
            site=request.build_absolute_uri("/").rstrip("/"),
        )
        content = report_file(report, file_format=file_format)
    finally:
        _TURNS.release()
    response = HttpResponse(content, content_type=FORMATS[file_format][0])
    response["Cache-Control"] = "private, no-store"
    response["Content-Disposition"] = f'attachment; filename="{consultation.slug}.{file_format}"'
    return response
