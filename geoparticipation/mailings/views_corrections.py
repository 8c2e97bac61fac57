"""Corrections of addresses that came from rounds, in the workspace."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.contrib.gis.geos import Point
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from geoparticipation.accounts.access import AGENTS, only_for
from geoparticipation.mailings.domain.walks.decide_correction import decide_correction, open_corrections
from geoparticipation.mailings.enums import Decision
from geoparticipation.mailings.models import AddressCorrection, RoundEvent
from geoparticipation.mailings.views_rounds import mailing_of
from layers.errors import Refusal
from neighbourhoods.domain.search_places import search_places, the_one_meant

PER_PAGE = 30
DECIDED_SHOWN = 20


@never_cache
@require_http_methods(["GET", "POST"])
@only_for(AGENTS)
def corrections(request: HttpRequest, pk: int) -> HttpResponseBase:
    """What people noted of addresses, to be accepted or refused one by one; below, what was decided. Four queries."""
    mailing = mailing_of(pk)
    refusal, refused, status = "", None, 200
    if request.method == "POST":
        try:
            _decide(request, pk)
        except Refusal as refused_by:
            refusal, refused, status = refused_by.detail, request.POST.get("event"), 422
        else:
            messages.success(request, _("Decided."))
            return redirect("workspace-mailing-corrections", pk=pk)
    decided = (
        AddressCorrection.objects.filter(event__round__mailing=mailing)
        .select_related("event__letterbox__segment", "decided_by")
        .order_by("-decided_at", "-pk")[:DECIDED_SHOWN]
    )
    context = {
        "mailing": mailing,
        "page": Paginator(open_corrections(mailing), PER_PAGE).get_page(request.GET.get("page")),
        "decided": decided,
        "refusal": refusal,
        "refused": refused,
        "typed": request.POST.get("place", ""),
    }
    return render(request, "mailings/corrections.html", context, status=status)


def _decide(request: HttpRequest, pk: int) -> None:
    try:
        key = uuid.UUID(request.POST.get("event", ""))
    except ValueError:
        key = uuid.UUID(int=0)
    event = get_object_or_404(RoundEvent, pk=key, round__mailing=pk)
    said = request.POST.get("decision", "")
    decision = Decision(said) if said in Decision.values else Decision.REFUSED
    place = _place(request.POST.get("place", "")) if decision == Decision.MOVED else None
    decide_correction(event=event, decision=decision, user=request.user, place=place)  # type: ignore[arg-type]


def _place(words: str) -> Point | None:
    """The place that is called so; None where none is or several are."""
    words = " ".join(words.split())[:200]
    found = [place for place in search_places(text=words) if place.lon is not None] if words else []
    meant = the_one_meant(words, found)
    return None if meant is None or meant.lon is None or meant.lat is None else Point(meant.lon, meant.lat, srid=4326)
