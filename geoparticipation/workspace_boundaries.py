"""Releases of the district boundaries in the workspace: which are in force, what another changes, and the switch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from django.contrib import messages
from django.db import connection, transaction
from django.db.models import Count
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from geoparticipation.accounts.access import AGENTS, only_for
from geoparticipation.contributions.models import Contribution
from layers.errors import Refusal
from neighbourhoods.domain.boundaries import compare_releases, replace_boundaries
from neighbourhoods.domain.boundaries.replace import check_replaceable
from neighbourhoods.models import BoundaryRelease

MOST_COUNTED: Final = 200_000
"""With more contributions, counting those that change district takes longer than a page may: the command does it."""
MOVES_SHOWN: Final = 20


@dataclass(frozen=True)
class Outlines:
    """Both releases as SVG paths in one drawing, north up, and the drawing's view box."""

    old: str
    new: str
    view_box: str


@require_GET
@only_for(AGENTS)
def release_list(request: HttpRequest) -> HttpResponse:
    """Every level with its releases, the one in force first; one query."""
    releases = (
        BoundaryRelease.objects.select_related("level")
        .annotate(district_count=Count("districts"))
        .order_by("level__rank", "level__name", "-is_current", "-imported_at")
    )
    return render(request, "workspace/boundaries.html", {"releases": releases})


@require_http_methods(["GET", "POST"])
@only_for(AGENTS)
def release(request: HttpRequest, pk: int) -> HttpResponseBase:
    """What a release changes against the one in force; a POST with `confirmed` puts it in force."""
    chosen = get_object_or_404(BoundaryRelease.objects.select_related("level"), pk=pk)
    context: dict[str, Any] = {"release": chosen}
    status = 200
    if request.method == "POST":
        try:
            if "confirmed" in request.POST:
                replace_boundaries(release=chosen, wait=False)
                messages.success(
                    request,
                    _("“%(release)s” is in force. Everything has been placed again.") % {"release": chosen.name},
                )
                return redirect("workspace-boundaries")
            context["unconfirmed"], status = True, 422
        except Refusal as refusal:
            context["refusal"], status = refusal.detail, 422
    old = BoundaryRelease.objects.filter(level=chosen.level_id, is_current=True).select_related("level").first()
    if old is not None and old != chosen:
        context |= _difference(old, chosen)
    return render(request, "workspace/boundary_release.html", context, status=status)


def _difference(old: BoundaryRelease, new: BoundaryRelease) -> dict[str, Any]:
    """What the page shows of the difference; counts only where they take no longer than a page may."""
    countable = Contribution.objects.order_by()[: MOST_COUNTED + 1].count() <= MOST_COUNTED
    try:
        check_replaceable(new)
    except Refusal as refusal:
        return {"refusal": refusal.detail, "old": old}
    with transaction.atomic():
        difference = compare_releases(old=old, new=new, with_contents=countable)
    return {
        "old": old,
        "difference": difference,
        "countable": countable,
        "outlines": _outlines(old, new),
        "moves_shown": MOVES_SHOWN,
    }


def _outlines(old: BoundaryRelease, new: BoundaryRelease) -> Outlines:
    """Draw both releases, a degree of longitude as long as it is there; one query."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH middle AS (
                SELECT cos(radians(ST_Y(ST_Centroid(ST_Extent(geometry)::geometry)))) AS narrow
                FROM neighbourhoods_district WHERE release_id IN (%(old)s, %(new)s)
            ), flat AS (
                SELECT release_id, ST_Scale(geometry, 1000 * narrow, 1000) AS geometry
                FROM neighbourhoods_district, middle WHERE release_id IN (%(old)s, %(new)s)
            ), box AS (
                SELECT ST_XMin(e) AS x, -ST_YMax(e) AS y, ST_XMax(e) - ST_XMin(e) AS w, ST_YMax(e) - ST_YMin(e) AS h
                FROM (SELECT ST_Extent(geometry) AS e FROM flat) AS extent
            )
            SELECT string_agg(path, ' ') FILTER (WHERE release_id = %(old)s),
                string_agg(path, ' ') FILTER (WHERE release_id = %(new)s), min(x), min(y), min(w), min(h)
            FROM (
                SELECT release_id, x, y, w, h,
                    ST_AsSVG(ST_SnapToGrid(ST_SimplifyPreserveTopology(geometry, w / 800), w / 4000), 0, 3) AS path
                FROM flat, box
            ) AS drawn
            """,
            {"old": old.pk, "new": new.pk},
        )
        before, after, x, y, width, height = cursor.fetchone()
    margin = max(width, height) / 50
    box = (x - margin, y - margin, width + 2 * margin, height + 2 * margin)
    return Outlines(before or "", after or "", " ".join(f"{side:.3f}" for side in box))
