"""The list of councils, and which one is yours."""

from __future__ import annotations

from django.contrib.gis.geos import GEOSGeometry, Point
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from geoparticipation.consultations.reading import light_geojson
from geoparticipation.councils.models import Council
from geoparticipation.councils.queries import with_figures
from layers.geometry import WGS84
from neighbourhoods.domain.search_places import FoundPlace, search_places, the_one_meant
from neighbourhoods.models import District, Street
from neighbourhoods.target_words import parts_in_words

MOST_FOUND = 10


@require_safe
def show_councils(request: HttpRequest) -> HttpResponse:
    """Every council with its area on the map; with `q` those of an address, a street or a district.

    Three queries, and what `search_places` takes with one more for the place's shape.
    """
    query = request.GET.get("q", "").strip()[:120]
    found = search_places(text=query, limit=MOST_FOUND) if query else []
    wanted = request.GET.get("place", "")
    chosen = next((place for place in found if f"{place.type}:{place.id}" == wanted), None)
    if chosen is None and not wanted:
        chosen = the_one_meant(query, found)
    councils = Council.objects.active().order_by("name", "pk")
    context = {"place_query": query, "found": found, "chosen": chosen}
    if chosen is not None:
        shape = _shape_of(chosen)
        councils = councils.touching(shape) if shape is not None else councils.none()
        if chosen.type == "district" and shape is not None:
            # Neighbours share the border: only whose inside it shares is meant.
            councils = councils.filter(area__geometry__relate=(shape, "T********"))
        context["place"] = light_geojson(shape) if shape is not None else None
    shown = list(with_figures(councils, timezone.localdate()))
    context["rows"] = [(council, parts_in_words(council.area.parts.all())) for council in shown]
    context["areas"] = _areas(shown)
    return render(request, "councils/list.html", context)


def _shape_of(place: FoundPlace) -> GEOSGeometry | None:
    """The course of a street, the area of a district, the point of an address."""
    shape = None
    if place.type == "street":
        shape = Street.objects.values_list("geometry", flat=True).get(pk=place.id)
    elif place.type == "district":
        shape = District.objects.values_list("geometry", flat=True).get(pk=place.id)
    if shape is None and place.lon is not None and place.lat is not None:
        shape = Point(place.lon, place.lat, srid=WGS84)
    return shape


def _areas(councils: list[Council]) -> dict[str, object]:
    shapes = dict(
        Council.objects.filter(pk__in=[council.pk for council in councils]).values_list("pk", "area__geometry")
    )
    features = [
        {
            "type": "Feature",
            "properties": {
                "code": council.slug,
                "kind": "council",
                "title": council.name,
                "url": f"/councils/{council.slug}/",
            },
            "geometry": light_geojson(shapes[council.pk]),
        }
        for council in councils
        if shapes.get(council.pk) is not None
    ]
    return {"type": "FeatureCollection", "features": features}
