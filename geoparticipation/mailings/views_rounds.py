"""The rounds of a mailing in the workspace: asked for, waited for, looked at and fetched."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from geoparticipation.accounts.access import AGENTS, only_for
from geoparticipation.mailings.domain.rounds import ask_for_rounds, write_round
from geoparticipation.mailings.forms_rounds import RoundsForm
from geoparticipation.mailings.models import Mailing, RoundPlan
from geoparticipation.mailings.queries_rounds import paths_of_rounds, round_rows
from geoparticipation.mailings.tasks import plan_mailing_rounds
from layers.errors import Refusal

EVEN_WITHIN_PERCENT = 10
MEDIA_TYPES = {"pdf": "application/pdf", "gpx": "application/gpx+xml", "geojson": "application/geo+json"}


def mailing_of(pk: int) -> Mailing:
    """A mailing with what its pages say of it; one query. Raises Http404."""
    return get_object_or_404(Mailing.objects.select_related("consultation", "target").defer("target__geometry"), pk=pk)


@never_cache
@require_http_methods(["GET", "POST"])
@only_for(AGENTS)
def rounds(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Ask for rounds, see how far they are, and the rounds; while they are planned, htmx asks for that part."""
    mailing = mailing_of(pk)
    plan = RoundPlan.objects.filter(mailing=mailing).first()
    form = RoundsForm(request.POST or None, initial=RoundsForm.initial_of(plan))
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                asked = _ask(request, mailing, form)
            except Refusal as refusal:
                form.add_error(refusal.field if refusal.field in form.fields else None, refusal.detail)
            else:
                transaction.on_commit(
                    lambda: plan_mailing_rounds.configure(lock=f"rounds-{pk}").defer(plan_id=asked.pk)
                )
                return redirect("workspace-mailing-rounds", pk=pk)
    rows = round_rows(mailing)
    context: dict[str, Any] = {
        "mailing": mailing,
        "plan": plan,
        "form": form,
        "rows": rows,
        "uneven": [row for row in rows if abs(row.percent_off) > EVEN_WITHIN_PERCENT],
        "even_within": EVEN_WITHIN_PERCENT,
    }
    partial = request.htmx and not request.htmx.history_restore_request
    if not partial:
        context["paths"] = paths_of_rounds(mailing)
        context["map_words"] = {
            "round": _("Round {number}"),
            "start": _("Click the map where all rounds start."),
            "end": _("Click the map where all rounds end."),
            "point": _("a point on the map"),
        }
    template = "mailings/_rounds_state.html" if partial else "mailings/rounds.html"
    return render(request, template, context, status=status)


def _ask(request: HttpRequest, mailing: Mailing, form: RoundsForm) -> RoundPlan:
    said = form.cleaned_data
    return ask_for_rounds(
        mailing=mailing,
        user=request.user,  # type: ignore[arg-type]
        rounds=said["rounds"] if said["by"] == "rounds" else None,
        minutes=said["minutes"] if said["by"] == "minutes" else None,
        start=form.start,
        start_words=said["start_words"],
        end=form.end,
        end_words=said["end_words"],
    )


@never_cache
@require_GET
@only_for(AGENTS)
def round_file(request: HttpRequest, pk: int, number: int, ending: str) -> HttpResponse:
    """One round: the sheet to print (pdf), or for a phone or a map (gpx, geojson)."""
    if ending not in MEDIA_TYPES:
        raise Http404
    mailing = mailing_of(pk)
    content = write_round(mailing=mailing, number=number, ending=ending)
    name = f"{slugify(mailing.name)[:60] or mailing.pk}-{slugify(_('round'))}-{number}.{ending}"
    return HttpResponse(
        content,
        content_type=MEDIA_TYPES[ending],
        headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-store"},
    )
