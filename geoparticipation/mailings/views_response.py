"""What came back of a mailing, and the day on which it was delivered."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.gis.db.models import Extent
from django.core.paginator import Paginator
from django.db.models import Exists, OuterRef, Q
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from geoparticipation.accounts.access import AGENTS, only_for
from geoparticipation.mailings.domain.record_delivery import record_delivery
from geoparticipation.mailings.domain.small_groups import LEAST_TOLD
from geoparticipation.mailings.models import Mailing, RoundEvent
from geoparticipation.mailings.queries import Response, StreetRow, response_of
from layers.errors import Refusal

STREETS_PER_PAGE = 40
SUGGESTED = 8


class DeliveryForm(forms.Form):
    """The day on which the flyers were in the letterboxes."""

    day = forms.DateField(
        label=gettext_lazy("Delivered on"),
        required=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )


@require_http_methods(["GET", "POST"])
@only_for(AGENTS)
def response(request: HttpRequest, pk: int) -> HttpResponseBase:
    """What came back of a mailing, beside another of its target (`with`); a POST notes the day of delivery."""
    mailing = get_object_or_404(
        Mailing.objects.select_related("consultation", "target").defer("target__geometry"), pk=pk
    )
    form = DeliveryForm(request.POST or None, initial={"day": mailing.delivered_on})
    refusal, status = "", 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                record_delivery(mailing=mailing, delivered_on=form.cleaned_data["day"])
            except Refusal as refused:
                refusal = refused.detail
            else:
                _say_delivered(request, mailing)
                return redirect("workspace-mailing-response", pk=pk)
        mailing.refresh_from_db(fields=["delivered_on"])
    is_noted = Exists(RoundEvent.objects.filter(round__mailing=OuterRef("pk")))
    others = list(
        Mailing.objects.filter(Q(delivered_on__isnull=False) | Q(is_noted), target=mailing.target_id)
        .exclude(pk=pk)
        .only("name", "delivered_on")
    )
    other = next((one for one in others if str(one.pk) == request.GET.get("with")), None)
    came_back = response_of(mailing)
    compared = response_of(other) if other else None
    order = "rate" if request.GET.get("order") == "rate" else "name"
    page = Paginator(_in_order(came_back, order), STREETS_PER_PAGE).get_page(request.GET.get("page"))
    extent = (
        mailing.segments.filter(is_told=True).aggregate(extent=Extent("geometry"))["extent"]
        if came_back.total
        else None
    )
    context: dict[str, Any] = {
        "mailing": mailing,
        "form": form,
        "refusal": refusal,
        "response": came_back,
        "page": page,
        "rows": [(street, compared.by_street.get(street.key) if compared else None) for street in page],
        "order": order,
        "others": others,
        "other": other,
        "compared": compared,
        "district_rows": _beside(came_back, compared),
        "least": LEAST_TOLD,
        "streets_below": came_back.streets_below[:SUGGESTED],
        "more_below": max(0, len(came_back.streets_below) - SUGGESTED),
        "streets_missing": came_back.streets_not_delivered[:SUGGESTED],
        "more_missing": max(0, len(came_back.streets_not_delivered) - SUGGESTED),
        "silent_streets": came_back.silent_streets[:SUGGESTED],
        "more_silent": max(0, len(came_back.silent_streets) - SUGGESTED),
        "bounds": ",".join(f"{number:.5f}" for number in extent) if extent else "",
        "map_words": {
            "mailing": mailing.pk,
            "of": _("{answered} of {letterboxes} letterboxes answered"),
        },
    }
    return render(request, "mailings/response.html", context, status=status)


def _say_delivered(request: HttpRequest, mailing: Mailing) -> None:
    if mailing.delivered_on is None:
        messages.success(request, _("The mailing counts as not delivered."))
    else:
        day = date_format(mailing.delivered_on, "DATE_FORMAT")
        messages.success(request, _("The flyers count as delivered on %(day)s.") % {"day": day})


def _in_order(came_back: Response, order: str) -> list[StreetRow]:
    """By name, or those that answered least first and those without figures last."""
    if order == "name":
        return list(came_back.streets)
    return sorted(
        came_back.streets, key=lambda street: (street.figures is None, street.figures.rate if street.figures else 0)
    )


def _beside(came_back: Response, compared: Response | None) -> list[tuple[Any, Any]]:
    others = {row.name: row.figures for row in compared.districts} if compared else {}
    return [(row, others.get(row.name)) for row in came_back.districts]
