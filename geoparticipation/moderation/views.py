"""The queue that moderators read from."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST
from django.views.decorators.vary import vary_on_headers

from geoparticipation.accounts.access import MODERATORS, only_for
from geoparticipation.accounts.identity import actor_for
from geoparticipation.accounts.models import User
from geoparticipation.contributions.domain import remove_photo
from geoparticipation.contributions.enums import Status
from geoparticipation.contributions.models import Attachment, Contribution, StatusChange
from geoparticipation.moderation.domain import decide as decide_on
from geoparticipation.moderation.forms import DecisionForm, QueueFilterForm, Shown
from geoparticipation.moderation.queries import queue_for
from layers.errors import Refusal
from layers.paging import BoundedPaginator

PER_PAGE = 20


@require_GET
@only_for(MODERATORS)
@vary_on_headers("HX-Request")
def queue(request: HttpRequest) -> HttpResponse:
    """What is to be read, oldest first, or what is online or hidden, latest first; six queries at the most.

    htmx gets the list alone.
    """
    filters = QueueFilterForm(request.GET)
    shown, consultation = filters.chosen()
    found = _shown_to(request.user, shown)
    if consultation:
        found = found.filter(consultation=consultation)
    page = BoundedPaginator(found, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "shown": shown,
        "choices": Shown.choices,
        "filters": filters,
        "consultation": consultation,
        "reasons": _usual_reasons(),
    }
    template = "moderation/queue_list.html" if request.htmx else "moderation/queue.html"
    return render(request, template, context)


@require_POST
@only_for(MODERATORS)
def decide(request: HttpRequest, code: Any) -> HttpResponseBase:
    """Publish, hide with a reason, or note as read; htmx gets the card as it is afterwards.

    409 with an explanation, and no change, when somebody else has decided since the card was shown.
    """
    form = DecisionForm(request.POST)
    with transaction.atomic():
        # Locked alone: PostgreSQL cannot lock the outer side of the joins to district, street and author.
        get_object_or_404(
            Contribution.objects.visible_to(request.user).select_for_update(no_key=True, of=("self",)).only("pk"),
            code=code,
        )
        contribution = _with_all(Contribution.objects.all()).get(code=code)
        before = contribution.status
        status, told = _decide(request.user, contribution, form)
    if status == 200:
        told = _done(before, contribution.status)
    if not request.htmx:
        (messages.success if status == 200 else messages.error)(request, told)
        return redirect(request.POST.get("back") if _is_own(request.POST.get("back")) else "workspace-queue")
    context = {
        "contribution": contribution,
        "status_code": status,
        "told": told,
        "form": form,
        "reasons": _usual_reasons(),
        "waiting": BoundedPaginator(queue_for(request.user), PER_PAGE).total,
    }
    return render(request, "moderation/card_answer.html", context, status=status)


@require_POST
@only_for(MODERATORS)
def take_photo_off(request: HttpRequest, code: Any, photo: Any) -> HttpResponseBase:
    """Take one photo off with a reason that the author reads; htmx gets the card as it is afterwards.

    422 where no reason is given; 409 where somebody was quicker.
    """
    contribution = get_object_or_404(_with_all(Contribution.objects.visible_to(request.user)), code=code)
    status, told = 200, _("The photo is taken off. The author is told why.")
    found = Attachment.objects.filter(contribution=contribution, code=photo).first()
    if found is None:
        status, told = 409, _("This photo was taken off in the meantime.")
    else:
        try:
            remove_photo(actor=actor_for(request), photo=found, reason=request.POST.get("reason", ""))
        except Refusal as refusal:
            status, told = 422, refusal.detail
    if not request.htmx:
        (messages.success if status == 200 else messages.error)(request, told)
        return redirect(request.POST.get("back") if _is_own(request.POST.get("back")) else "workspace-queue")
    context = {
        "contribution": _with_all(Contribution.objects.all()).get(pk=contribution.pk),
        "status_code": status,
        "told": told,
        "photo_open": str(photo) if status == 422 else "",
        "reasons": _usual_reasons(),
    }
    return render(request, "moderation/card.html", context, status=status)


def _decide(moderator: User, contribution: Contribution, form: DecisionForm) -> tuple[int, str]:
    if not form.is_valid():
        reason = form.errors.get("reason")
        return 422, str(reason[0]) if reason else _("This decision was not understood. Load the page again.")
    if contribution.status != form.cleaned_data["seen_status"]:
        return 409, _what_happened_since(contribution)
    try:
        decide_on(
            contribution=contribution,
            moderator=moderator,
            to_status=form.cleaned_data["to_status"],
            reason=form.cleaned_data["reason"],
        )
    except Refusal as refusal:
        return refusal.status, refusal.detail
    return 200, ""


def _what_happened_since(contribution: Contribution) -> str:
    """Say who decided what in the meantime; one query."""
    change = StatusChange.objects.filter(contribution=contribution).select_related("changed_by").last()
    who = (change.changed_by.name or change.changed_by.email) if change and change.changed_by else _("Somebody")
    if contribution.status == Status.HIDDEN:
        told = _("%(who)s has hidden this in the meantime. Nothing was changed.")
    elif contribution.status == Status.PUBLISHED:
        told = _("%(who)s has put this online in the meantime. Nothing was changed.")
    else:
        return _("The author has taken this back in the meantime. Nothing was changed.")
    return told % {"who": who}


def _done(before: str, after: str) -> str:
    if after == Status.HIDDEN:
        return _("Hidden. The author is told why.")
    return _("Kept online.") if before == Status.PUBLISHED else _("Online. Everybody can read it now.")


def _with_all(contributions: QuerySet[Contribution]) -> QuerySet[Contribution]:
    return contributions.select_related("consultation", "author", "parent", "district", "street").prefetch_related(
        "photos"
    )


def _shown_to(user: User, shown: str) -> QuerySet[Contribution]:
    if shown == Shown.UNREAD:
        return queue_for(user)
    status = Status.PUBLISHED if shown == Shown.ONLINE else Status.HIDDEN
    return _with_all(Contribution.objects.visible_to(user).filter(status=status)).order_by("-submitted_at", "-pk")


def _is_own(address: str | None) -> bool:
    """Whether it is an address of the queue, and so safe to go back to."""
    return bool(address) and str(address).startswith("/workspace/queue/")


def _usual_reasons() -> list[str]:
    return [
        _("It is not about this consultation."),
        _("It insults or attacks somebody."),
        _("It contains personal data of others."),
        _("It is advertising."),
        _("It says the same as an earlier one of yours."),
    ]
