"""Pages of contributions: the list, one of them, supporting, commenting, taking back."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe
from django.views.decorators.vary import vary_on_headers

from geoparticipation.accounts.enums import IdentityLevel
from geoparticipation.accounts.identity import actor_for
from geoparticipation.body_limits import takes_at_most
from geoparticipation.consultations.models import Consultation
from geoparticipation.consultations.presentation import outline
from geoparticipation.consultations.reading import with_story
from geoparticipation.contributions.cells import known_count
from geoparticipation.contributions.domain import (
    give_support,
    submit_contribution,
    withdraw_contribution,
    withdraw_support,
)
from geoparticipation.contributions.enums import Kind, LocatedBy, Status
from geoparticipation.contributions.filters import filter_contributions
from geoparticipation.contributions.forms import CommentForm
from geoparticipation.contributions.kinds import page_of
from geoparticipation.contributions.list_filters import ContributionFilterForm
from geoparticipation.contributions.locating import locate
from geoparticipation.contributions.models import Contribution
from geoparticipation.contributions.photo_form import FORM_MAX_BYTES, PhotosOfForm
from geoparticipation.contributions.queries import get_contribution_for, has_accepted_charter, supported_by
from geoparticipation.contributions.rules import may_change_status
from geoparticipation.contributions.taking_part import field_of, public_feature, submit_once, voice_of
from geoparticipation.mailings.letterbox import letterbox_for
from layers.errors import Refusal
from layers.paging import BoundedPaginator

PAGE = 20


def filtered_contributions(parameters: QueryDict) -> Any:
    """Public contributions narrowed as the layer's own filters do it, newest first, with their place in words."""
    rows = filter_contributions(Contribution.objects.public(), parameters)
    return rows.select_related("district", "street").order_by("-submitted_at", "-pk")


def filtered_or_refused(parameters: QueryDict) -> tuple[Any, Refusal | None]:
    """The same, or nothing with the reason where a filter means nothing (a street that does not exist)."""
    try:
        return filtered_contributions(parameters), None
    except Refusal as refusal:
        return Contribution.objects.none(), refusal


@require_safe
@vary_on_headers("HX-Request")
def show_contributions(request: HttpRequest) -> HttpResponse:
    """The list, beside the map; the same address gives the list alone to the page's script. Seven queries at most."""
    filters = ContributionFilterForm(request.GET)
    on_map = filters.parameters()
    narrowed = on_map.copy()
    in_bbox = request.GET.get("in_bbox", "")
    if in_bbox:
        narrowed["in_bbox"] = in_bbox
    rows, refusal = filtered_or_refused(narrowed)
    known = None if refusal else known_count(narrowed)
    page = BoundedPaginator(rows.with_thumbnail(), PAGE, known_count=known).get_page(request.GET.get("page"))
    context = {
        "refusal": refusal,
        "filters": filters,
        "page": page,
        "in_bbox": in_bbox,
        "on_map": on_map.urlencode(),
        "narrowed": narrowed.urlencode(),
        "action": reverse("contributions"),
    }
    partial = request.htmx and not request.htmx.history_restore_request
    return render(request, "contributions/_list.html" if partial else "contributions/list.html", context)


@require_safe
def show_contribution(request: HttpRequest, code: uuid.UUID) -> HttpResponse:
    """One contribution with its place, its comments and what became of it; a comment leads to what it answers."""
    return _contribution_page(request, code, CommentForm(), PhotosOfForm(request, actor_for(request)))


def _contribution_page(
    request: HttpRequest,
    code: uuid.UUID,
    form: CommentForm,
    photos: PhotosOfForm,
    *,
    refusal: Refusal | None = None,
    status: int = 200,
) -> HttpResponse:
    actor = actor_for(request)
    contribution = get_contribution_for(actor, code)
    if contribution.parent is not None:
        return redirect(f"{reverse('contribution', args=[contribution.parent.code])}#c-{contribution.code}")
    if (page := page_of(contribution.kind)) is not None:
        return redirect(page, code=contribution.code)
    consultation = with_story(Consultation.objects.filter(pk=contribution.consultation_id)).get()
    voice = voice_of(request, consultation)
    comments = list(
        Contribution.objects.visible_to(request.user)
        .filter(parent=contribution)
        .exclude(status=Status.WITHDRAWN)
        .select_related("district", "street")
        .prefetch_related("photos")
        .order_by("submitted_at", "pk")
    )
    own_codes = {str(comment.code) for comment in comments if may_change_status(actor, comment, Status.WITHDRAWN)}
    shown = [contribution, *(comment for comment in comments if _has_own_place(comment))]
    return render(
        request,
        "contributions/detail.html",
        {
            "contribution": contribution,
            "outline": outline(consultation),
            "consultation": consultation,
            "comments": comments,
            "own_codes": own_codes,
            "pictures": contribution.photos.all(),
            "history": contribution.status_changes.all(),
            "photo_removals": contribution.photo_removals.all(),
            "is_supported": contribution.pk in supported_by(actor, [contribution]),
            "may_withdraw": may_change_status(actor, contribution, Status.WITHDRAWN),
            "asks_for_email": actor.level < consultation.identity_level == IdentityLevel.EMAIL,
            "asks_for_code": voice.level < consultation.identity_level == IdentityLevel.HOUSEHOLD,
            "form": form,
            "photos": photos,
            "refused_field": field_of(refusal),
            "refusal": refusal,
            "asks_charter": bool(consultation.charter) and not has_accepted_charter(actor, consultation),
            "place": {"type": "FeatureCollection", "features": [public_feature(one) for one in shown]},
            "is_new": request.GET.get("sent") == "1",
        },
        status=status,
    )


def _has_own_place(comment: Contribution) -> bool:
    return comment.located_by != LocatedBy.INHERITED


@require_http_methods(["GET", "HEAD", "POST"])
def support(request: HttpRequest, code: uuid.UUID) -> HttpResponse:
    """Give one's support, or take it back with `withdraw`; answers with the button for the page's script."""
    if request.method != "POST":
        return redirect("contribution", code=code)
    actor = actor_for(request)
    contribution = get_contribution_for(actor, code)
    refusal: Refusal | None = None
    change = withdraw_support if request.POST.get("withdraw") else give_support
    try:
        change(actor=voice_of(request, contribution.consultation), contribution=contribution)
    except Refusal as refused:
        refusal = refused
    if request.htmx:
        return render(
            request,
            "contributions/_support.html",
            {
                "contribution": contribution,
                "is_supported": contribution.pk in supported_by(actor, [contribution]),
                "takes_support": True,
                "refusal": refusal,
            },
        )
    if refusal is not None:
        messages.error(request, refusal.detail)
    elif request.POST.get("withdraw"):
        messages.success(request, _("You no longer support this idea."))
    else:
        messages.success(request, _("You support this idea."))
    return redirect("contribution", code=contribution.code)


@takes_at_most(FORM_MAX_BYTES)
@require_http_methods(["GET", "HEAD", "POST"])
def comment(request: HttpRequest, code: uuid.UUID) -> HttpResponse:
    """Comment on an idea, with a place of one's own or at the idea's; reading this address leads to the idea."""
    if request.method != "POST":
        return redirect("contribution", code=code)
    actor = actor_for(request)
    parent = get_contribution_for(actor, code)
    form, photos = CommentForm(request.POST), PhotosOfForm(request, actor)
    try:
        photos.take()
        if not form.is_valid():
            return _contribution_page(request, code, form, photos, status=422)
        answers = form.cleaned_data

        def put_in() -> Contribution:
            where = locate(answers, place_of_photo=photos.place)
            return submit_contribution(
                actor=actor,
                consultation=parent.consultation,
                kind=Kind.COMMENT,
                parent=parent,
                body=answers["body"],
                geometry=where.geometry if where else None,
                located_by=where.located_by if where else LocatedBy.INHERITED,
                street=where.street if where else None,
                district=where.district if where else None,
                typed_address=where.typed_address if where else "",
                language=get_language() or "",
                charter_accepted=answers["accept_charter"],
                letterbox=letterbox_for(request, parent.consultation),
            )

        made = submit_once(form, photos, actor=actor, words=["", answers["body"]], put_in=put_in)
    except Refusal as refused:
        return _contribution_page(request, code, form, photos, refusal=refused, status=max(refused.status, 400))
    if made.status == Status.PUBLISHED:
        messages.success(request, _("Your comment is online."))
    else:
        messages.success(request, _("Thank you. A moderator reads your comment before it goes online."))
    return redirect(f"{reverse('contribution', args=[code])}#c-{made.code}")


@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request: HttpRequest, code: uuid.UUID) -> HttpResponse:
    """Ask once whether it is meant, then take back what one wrote."""
    actor = actor_for(request)
    contribution = get_contribution_for(actor, code)
    if request.method != "POST":
        return render(request, "contributions/withdraw.html", {"contribution": contribution})
    withdraw_contribution(actor=actor, contribution=contribution)
    messages.success(request, _("It is taken back and no longer online."))
    if contribution.parent is not None:
        return redirect("contribution", code=contribution.parent.code)
    return redirect("consultation", slug=contribution.consultation.slug)
