"""Pictures and tables of a plan."""

from __future__ import annotations

import csv
import io
import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _
from django.views.decorators.http import condition, require_safe

from geoparticipation.accounts.domain.rates import count_action
from geoparticipation.accounts.identity import actor_for
from geoparticipation.contributions.errors import PlaceMissing
from geoparticipation.scenarios.drawing import draw_variant
from geoparticipation.scenarios.errors import UnknownVariant
from geoparticipation.scenarios.gis_file import write_plan
from geoparticipation.scenarios.models import Plan, PlanPlace, Variant, VariantFeature
from geoparticipation.scenarios.presentation import PlanShown
from geoparticipation.scenarios.queries import plan_for, plan_of_place, variant_for
from geoparticipation.scenarios.views import shown_plan
from layers.geometry import WGS84
from layers.spreadsheets import harmless_cell


def _picture_tag(request: HttpRequest, variant: uuid.UUID, place: uuid.UUID | None = None) -> str | None:
    """Changes with the plan. One query."""
    drawn = variant_for(request.user, variant)
    return f'"{drawn.plan.updated_at.timestamp()}"'


@require_safe
@condition(etag_func=_picture_tag)
def picture(request: HttpRequest, variant: uuid.UUID, place: uuid.UUID | None = None) -> HttpResponse:
    """A variant as a small SVG picture: the whole plan, or one of its places. Six queries at most."""
    drawn = variant_for(request.user, variant)
    at: PlanPlace | None = None
    if place is None:
        around = [*_all_geometries(drawn.plan)]
    else:
        _plan, at = plan_of_place(request.user, place)
        if at.plan_id != drawn.plan_id:
            raise UnknownVariant
        around = [at.geometry]
    svg = draw_variant(drawn, around=around, place=at)
    response = HttpResponse(svg, content_type="image/svg+xml; charset=utf-8")
    patch_cache_control(response, max_age=60, private=True)
    return response


def _all_geometries(of: Plan) -> list[Any]:
    """What the picture of the whole plan shows: everything that would be built, and the places."""
    features = VariantFeature.objects.filter(variant__plan=of).values_list("geometry", flat=True)
    found = [*features, *of.places.values_list("geometry", flat=True)]
    for geometry in found:
        geometry.srid = WGS84
    if not found:
        raise PlaceMissing
    return found


@require_safe
def results(request: HttpRequest, code: uuid.UUID) -> HttpResponse:
    """The results that everybody reads, as a CSV: a line for each place and variant; empty where too few to tell."""
    found = plan_for(request.user, code)
    return results_csv(found, shown_plan(request, found))


@require_safe
def gis_file(request: HttpRequest, code: uuid.UUID) -> HttpResponse:
    """The plan as a GeoPackage, with the results that everybody reads."""
    count_action(actor=actor_for(request), action="export")
    found = plan_for(request.user, code)
    shown_plan(request, found)
    content = io.BytesIO()
    write_plan(content, found)
    response = HttpResponse(content.getvalue(), content_type="application/geopackage+sqlite3")
    response["Content-Disposition"] = f'attachment; filename="plan-{found.code}.gpkg"'
    return response


def results_csv(found: Plan, shown: PlanShown) -> HttpResponse:
    """A line for each place and answer, with the figures that `shown` has. No query."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["position", "place", "variant", "name", "people", "rounded_down_to", "lon", "lat", "geometry"])
    for one in shown.places:
        middle = one.place.geometry.point_on_surface
        for choice in one.choices:
            variant: Variant | None = choice.variant
            writer.writerow(
                [
                    one.place.position,
                    harmless_cell(one.place.name),
                    variant.letter if variant else "",
                    harmless_cell(variant.name if variant else _("none of these")),
                    "" if choice.people is None else choice.people,
                    5 if one.in_fives else 1,
                    round(middle.x, 7),
                    round(middle.y, 7),
                    one.place.geometry.wkt,
                ]
            )
    response = HttpResponse("\ufeff" + text.getvalue(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="plan-{found.code}.csv"'
    return response
