"""The targeting screen of a councillor: as the agents', without a letterbox, and inside the council's area."""

from __future__ import annotations

import json
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from geoparticipation.accounts.access import COUNCILS, only_for
from geoparticipation.consultations.reading import light_geojson
from geoparticipation.councils.domain.area import save_council_target, shape_within
from geoparticipation.councils.errors import BeyondArea
from geoparticipation.councils.models import Council
from geoparticipation.councils.queries import council_to_work_for
from geoparticipation.councils.rules import require_acts_for
from geoparticipation.mailings.forms import PartFormSet, TargetNameForm, part_initial
from geoparticipation.mailings.views_workspace import targeting_screen
from layers.errors import Refusal
from layers.problems import CONTENT_TYPE, refusal_document
from layers.repeating import OnceForm, words_of
from neighbourhoods.domain.targets import PartSpec, read_parts, resolve_target
from neighbourhoods.domain.targets.resolve_target import ResolvedTarget

_TOTALS = ("addresses", "dwellings", "area_m2")


@require_http_methods(["GET", "POST"])
@only_for(COUNCILS)
def council_target(request: HttpRequest, slug: str) -> HttpResponseBase:
    """Aim inside the area; on a POST keep the target, or (`action=preview`) only work out the totals."""
    council = council_to_work_for(request.user, slug)
    require_acts_for(request.user, council)
    name_form = TargetNameForm(request.POST or None)
    parts = PartFormSet(request.POST or None, prefix="part")
    once = OnceForm(request.POST or None)
    context: dict[str, Any] = {"council": council, "name_form": name_form, "parts": parts, "once": once}
    status = 200
    if request.method == "POST":
        status = 422
        try:
            if request.POST.get("action") == "preview":
                context["name_form"] = TargetNameForm(initial={"name": request.POST.get("name", "")})
                if parts.is_valid():
                    status, context["figures"] = 200, resolve_target(parts.specs)
                    context["parts"] = PartFormSet(initial=[part_initial(row) for row in parts.rows], prefix="part")
                    context["refusal"] = _warning(council, context["figures"])
            elif name_form.is_valid() & parts.is_valid():
                name = name_form.cleaned_data["name"]
                once.carry_out_once(
                    user_id=request.user.pk,
                    words=words_of(request.POST),
                    make=lambda: _save(request, council, name, parts.specs),
                )
                messages.success(request, _("“%(name)s” is saved. Choose it in your consultation.") % {"name": name})
                return redirect("workspace-council", slug=slug)
        except Refusal as refusal:
            context["refusal"] = refusal.detail
    screen = targeting_screen(None)
    context["screen"] = {**screen, "preview": reverse("workspace-council-target-preview", args=[slug])}
    context["limit"] = light_geojson(council.area.geometry) if council.area.geometry else None
    return render(request, "councils/workspace_target.html", context, status=status)


@require_POST
@only_for(COUNCILS)
def council_target_preview(request: HttpRequest, slug: str) -> HttpResponse:
    """What parts resolve to: shape and totals as JSON, with a `warning` where it reaches beyond the council's area.

    Never which letterboxes: those are for agents.
    """
    council = council_to_work_for(request.user, slug)
    require_acts_for(request.user, council)
    try:
        asked = json.loads(request.body)
        written = asked.get("parts") if isinstance(asked, dict) else None
        resolved = resolve_target(read_parts(written))
    except ValueError:
        return HttpResponse(status=400)
    except Refusal as refusal:
        return JsonResponse(refusal_document(refusal), status=refusal.status, content_type=CONTENT_TYPE)
    figures = {name: getattr(resolved, name) for name in _TOTALS}
    shape = light_geojson(resolved.geometry) if resolved.geometry else None
    return JsonResponse({**figures, "geometry": shape, "warning": _warning(council, resolved)})


def _warning(council: Council, resolved: ResolvedTarget) -> str:
    if resolved.geometry is None or shape_within(council, resolved.geometry):
        return ""
    return BeyondArea(council.name).detail


def _save(request: HttpRequest, council: Council, name: str, specs: tuple[PartSpec, ...]) -> str:
    user: Any = request.user
    with transaction.atomic():
        return str(save_council_target(user=user, council=council, name=name, parts=specs).pk)
