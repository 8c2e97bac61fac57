"""Measures for everybody: what is made of ideas, where, for what money, and how it looks."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_safe

from geoparticipation.contributions.photos.errors import UnknownPhoto
from geoparticipation.contributions.photos.storage import SIZES
from geoparticipation.contributions.views_photos import PUBLIC_SECONDS, picture
from geoparticipation.followup.enums import Progress
from geoparticipation.followup.forms import MeasureFilterForm
from geoparticipation.followup.models import Measure, MeasurePhoto
from geoparticipation.followup.queries import money_of, tell_where_built, with_story
from geoparticipation.followup.rules import may_follow_up
from layers.paging import BoundedPaginator
from layers.views import refusals_as_problems

PER_PAGE = 20


@require_safe
def measures(request: HttpRequest) -> HttpResponse:
    """What is planned, under way and done, latest first, and the money of all that is listed; six queries at most."""
    form = MeasureFilterForm(request.GET)
    narrowed = form.narrowed(Measure.objects.public())
    ordered = with_story(narrowed).order_by("-done_on", "-changed_at", "pk")
    page = BoundedPaginator(ordered, PER_PAGE).get_page(request.GET.get("page"))
    shown = list(page)
    tell_where_built(shown)
    return render(
        request,
        "followup/measures.html",
        {
            "filters": form,
            "page": page,
            "measures": shown,
            "money": money_of(narrowed),
            "places": measures_geojson(shown),
        },
    )


def measures_geojson(shown: Iterable[Any]) -> dict[str, Any] | None:
    """Those that can be seen in the town, as GeoJSON for the map; None for none. Needs `place`; no query."""
    features = [
        {
            "type": "Feature",
            "properties": {
                "code": str(one.contribution.code),
                "kind": f"measure_{one.progress}",
                "title": one.contribution.title,
                "url": reverse("contribution", args=[one.contribution.code]),
            },
            "geometry": json.loads(one.place.geojson),
        }
        for one in shown
        if one.progress in {Progress.UNDER_WAY, Progress.DONE}
    ]
    return {"type": "FeatureCollection", "features": features} if features else None


@require_safe
@refusals_as_problems
def photo(request: HttpRequest, code: uuid.UUID, size: str) -> HttpResponseBase:
    """One picture of a measure: for everybody while its idea is online, else for agents; 404 for others."""
    found = MeasurePhoto.objects.filter(code=code).first() if size in SIZES else None
    if found is None:
        raise UnknownPhoto
    is_public = Measure.objects.public().filter(pk=found.measure_id).exists()
    if not is_public and not (request.user.is_authenticated and may_follow_up(request.user)):
        raise UnknownPhoto
    etag = f'"{found.sha256[:32]}-{size}"'
    response = get_conditional_response(request, etag=etag) if is_public else None
    if response is None:
        response = picture(found, size)  # type: ignore[arg-type]
    response["ETag"] = etag
    response["Cache-Control"] = f"public, max-age={PUBLIC_SECONDS}" if is_public else "private, no-store"
    return response
