"""The mailings in the workspace: the list, making one, and the page from which its steps are taken."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from geoparticipation.accounts.access import AGENTS, only_for
from geoparticipation.consultations.models import Consultation
from geoparticipation.mailings.domain.order_mailing import order_mailing
from geoparticipation.mailings.enums import OrderState
from geoparticipation.mailings.forms_mailing import MailingForm
from geoparticipation.mailings.models import Mailing, MailingOrder
from geoparticipation.mailings.steps import delivery_in_words, steps_of, with_progress
from layers.errors import Refusal
from layers.repeating import words_of
from neighbourhoods.models import Target

MAILINGS_PER_PAGE = 30
ORDERS_SHOWN = 10


@require_GET
@only_for(AGENTS)
def mailings(request: HttpRequest) -> HttpResponse:
    """Every mailing with its next step, the newest first, after those that are being made; three queries."""
    page = Paginator(_with_names(), MAILINGS_PER_PAGE).get_page(request.GET.get("page"))
    waiting = MailingOrder.objects.exclude(state=OrderState.MADE).select_related("target").defer("target__geometry")
    context = {
        "page": page,
        "rows": [
            (mailing, next(step for step in _steps(mailing) if step.is_next), delivery_in_words(mailing, mailing.noted))
            for mailing in page
        ],
        "orders": waiting[:ORDERS_SHOWN],
    }
    return render(request, "mailings/mailings.html", context)


@require_GET
@only_for(AGENTS)
def mailing(request: HttpRequest, pk: int) -> HttpResponse:
    """One mailing: to whom it goes, and each of its steps; three queries."""
    found = get_object_or_404(_with_names().select_related("only_unanswered_of"), pk=pk)
    others = Mailing.objects.filter(target=found.target_id).exclude(pk=pk).only("name", "created_at", "delivered_on")
    context = {"mailing": found, "steps": _steps(found), "others": list(others)}
    return render(request, "mailings/mailing.html", context)


@require_http_methods(["GET", "POST"])
@only_for(AGENTS)
def mailing_new(request: HttpRequest) -> HttpResponseBase:
    """The form, with the figures of what it says (`act=preview`: only those); then the mailing, made once.

    `target`, `consultation` and `reminder_of` in the address fill it in.
    """
    form = MailingForm(request.POST) if request.method == "POST" else MailingForm(initial=_asked_for(request))
    refusal: Refusal | None = None
    if request.method == "POST" and request.POST.get("act") != "preview" and form.is_valid():
        chosen = {key: value for key, value in form.cleaned_data.items() if key != "token"}

        def make() -> str:
            return str(order_mailing(**chosen, user=request.user).pk)

        try:
            pk = form.carry_out_once(user_id=request.user.pk, words=words_of(request.POST), make=make)
        except Refusal as refused:
            refusal = refused
        else:
            return redirect("workspace-mailing-order", pk=pk)
    is_sent = request.method == "POST" and request.POST.get("act") != "preview"
    context = {"form": form, "figures": form.figures(), "refusal": refusal, "shows_errors": is_sent}
    if request.htmx:
        return render(request, "mailings/_mailing_figures.html", context)
    return render(request, "mailings/mailing_new.html", context, status=422 if is_sent else 200)


@require_GET
@only_for(AGENTS)
def mailing_order(request: HttpRequest, pk: int) -> HttpResponseBase:
    """A mailing that was asked for: leads to it once it is made, and says before then how far it is."""
    order = get_object_or_404(MailingOrder.objects.select_related("target").defer("target__geometry"), pk=pk)
    if order.mailing_id is None:
        template = "mailings/_order_state.html" if request.htmx else "mailings/mailing_order.html"
        return render(request, template, {"order": order})
    messages.success(request, _("“%(name)s” is made: its letterboxes are fixed.") % {"name": order.name})
    if request.htmx:
        there = HttpResponse()
        there["HX-Redirect"] = redirect("workspace-mailing", pk=order.mailing_id).url
        return there
    return redirect("workspace-mailing", pk=order.mailing_id)


def _with_names() -> Any:
    return with_progress(Mailing.objects.select_related("consultation", "target").defer("target__geometry", "salt"))


def _steps(found: Any) -> Any:
    return steps_of(found, has_design=found.has_design, has_rounds=found.has_rounds, noted=found.noted)


def _asked_for(request: HttpRequest) -> dict[str, Any]:
    """What the page that led here was about: a target, a consultation, or a mailing to be reminded of."""
    asked = {key: request.GET.get(key, "")[:80] for key in ("target", "consultation", "reminder_of")}
    earlier = _one(Mailing.objects.select_related("target", "consultation"), asked["reminder_of"])
    if earlier is not None:
        name = _("Reminder: %(name)s") % {"name": earlier.name}
        return {
            "name": name[:200],
            "target": earlier.target_id,
            "consultation": earlier.consultation_id,
            "flyers_per": earlier.flyers_per,
            "only_unanswered_of": earlier.pk,
        }
    target = _one(Target.objects.defer("geometry"), asked["target"])
    if target is not None:
        about = Consultation.objects.filter(target=target).first()
        return {"name": target.name, "target": target.pk, "consultation": about.pk if about else None}
    about = Consultation.objects.filter(slug=asked["consultation"]).first()
    return {"name": about.title, "target": about.target_id, "consultation": about.pk} if about else {}


def _one(rows: Any, key: str) -> Any:
    return rows.filter(pk=int(key)).first() if key.isascii() and key.isdigit() and len(key) <= 15 else None
