"""The rounds of a mailing in the workspace: asked for, waited for, looked at and fetched."""

from __future__ import annotations

from typing import Any

import segno
from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from geoparticipation.accounts.access import AGENTS, only_for
from geoparticipation.mailings.domain.rounds import ask_for_rounds, write_round
from geoparticipation.mailings.domain.walks.decide_correction import open_corrections
from geoparticipation.mailings.domain.walks.links import make_link, withdraw_link
from geoparticipation.mailings.domain.walks.record_acts import deliver_all
from geoparticipation.mailings.forms_rounds import RoundsForm
from geoparticipation.mailings.models import Mailing, Round, RoundPlan
from geoparticipation.mailings.queries_rounds import RoundRow, paths_of_rounds, round_rows
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
        "way_minutes": _way_that_counts(plan, rows),
        "has_begun": bool(plan and plan.begun_at),
        "has_links": any(row.has_link for row in rows),
        "corrections": open_corrections(mailing).count() if plan and plan.begun_at else 0,
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


def _way_that_counts(plan: RoundPlan | None, rows: list[RoundRow]) -> int | None:
    """Minutes of the longest way without doors, where these are so many that rounds may differ because of them."""
    if plan is None or not plan.indivisible_seconds or not rows:
        return None
    mean = sum(row.round.seconds for row in rows) / len(rows)
    seconds: float = plan.indivisible_seconds
    return round(seconds / 60) if seconds > 2 * mean * EVEN_WITHIN_PERCENT / 100 else None


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
        end_links=said["end_links"],
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


def _round_of(pk: int, number: int) -> Round:
    """A round of a mailing. Raises Http404."""
    rounds = Round.objects.select_related("mailing__consultation").defer("geometry")
    return get_object_or_404(rounds, mailing=pk, number=number)


@never_cache
@require_POST
@only_for(AGENTS)
def round_link(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """Make the link of a round and show it, this once; or (`act=withdraw`) end it."""
    round_ = _round_of(pk, number)
    if request.POST.get("act") == "withdraw":
        if withdraw_link(round_=round_):
            messages.success(request, _("The link to round %(number)d opens nothing any more.") % {"number": number})
        return redirect("workspace-mailing-rounds", pk=pk)
    link, token = make_link(round_=round_, user=request.user)  # type: ignore[arg-type]
    address = settings.SITE_URL + reverse("round-walk", args=[token])
    context = {
        "round": round_,
        "mailing": round_.mailing,
        "link": link,
        "address": address,
        "picture": segno.make_qr(address, error="m").svg_inline(scale=6, border=4, omitsize=True),
    }
    response = render(request, "mailings/round_link.html", context)
    response["Referrer-Policy"] = "no-referrer"
    return response


@require_POST
@only_for(AGENTS)
def round_delivered(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """Tick off what is left of a round: it came back on paper."""
    round_ = _round_of(pk, number)
    deliver_all(round_=round_, user=request.user)  # type: ignore[arg-type]
    messages.success(request, _("Round %(number)d counts as delivered.") % {"number": number})
    return redirect("workspace-mailing-rounds", pk=pk)
