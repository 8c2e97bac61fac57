"""Pages of contributions: the list, one of them, putting one in, supporting, commenting, taking back."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe
from django.views.decorators.vary import vary_on_headers

from geoparticipation.accounts.domain.rates import count_action
from geoparticipation.accounts.enums import IdentityLevel
from geoparticipation.accounts.identity import Actor, actor_for
from geoparticipation.body_limits import takes_at_most
from geoparticipation.consultations.enums import ModerationRule
from geoparticipation.consultations.models import Consultation
from geoparticipation.consultations.presentation import outline
from geoparticipation.consultations.reading import consultation_story_for, target_geojson, with_story
from geoparticipation.contributions.cells import known_count
from geoparticipation.contributions.domain import (
    attach_photos,
    give_support,
    submit_contribution,
    withdraw_contribution,
    withdraw_support,
)
from geoparticipation.contributions.domain.placement import place_contribution
from geoparticipation.contributions.enums import Kind, LocatedBy, Status
from geoparticipation.contributions.errors import AlreadySpoken, IdentityTooLow, PlaceMissing
from geoparticipation.contributions.filters import filter_contributions
from geoparticipation.contributions.forms import CommentForm, ContributeForm
from geoparticipation.contributions.list_filters import ContributionFilterForm
from geoparticipation.contributions.locating import Located, PlaceAmbiguous, locate
from geoparticipation.contributions.models import Contribution
from geoparticipation.contributions.photo_form import FORM_MAX_BYTES, PhotosOfForm, places_of
from geoparticipation.contributions.photos.errors import PhotoGone
from geoparticipation.contributions.queries import get_contribution_for, has_accepted_charter, supported_by
from geoparticipation.contributions.rules import may_change_status, speaking_for_household
from geoparticipation.mailings.domain.letterbox_codes import open_code
from geoparticipation.mailings.errors import CodeForAnotherConsultation
from geoparticipation.mailings.letterbox import letterbox_for, remember_letterbox
from geoparticipation.mailings.models import LetterboxCode
from layers.errors import Refusal
from layers.paging import BoundedPaginator
from layers.repeating import OnceForm

PAGE = 20
LONGEST_KEPT = 100_000
"""Characters of one field that are kept while somebody signs in: more than 2,000 vertices take."""


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
    consultation = with_story(Consultation.objects.filter(pk=contribution.consultation_id)).get()
    voice = _voice(request, consultation)
    comments = list(
        Contribution.objects.visible_to(request.user)
        .filter(parent=contribution)
        .exclude(status=Status.WITHDRAWN)
        .select_related("district", "street")
        .prefetch_related("photos")
        .order_by("submitted_at", "pk")
    )
    own_codes = {str(comment.code) for comment in comments if may_change_status(actor, comment, Status.WITHDRAWN)}
    shapes = [_feature(contribution), *(_feature(comment) for comment in comments if _has_own_place(comment))]
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
            "refused_field": _field_of(refusal),
            "refusal": refusal,
            "asks_charter": bool(consultation.charter) and not has_accepted_charter(actor, consultation),
            "place": {"type": "FeatureCollection", "features": shapes},
            "is_new": request.GET.get("sent") == "1",
        },
        status=status,
    )


def _has_own_place(comment: Contribution) -> bool:
    return comment.located_by != LocatedBy.INHERITED


def _feature(contribution: Contribution) -> dict[str, Any]:
    """As GeoJSON for the map: the public place only."""
    return {
        "type": "Feature",
        "properties": {"code": str(contribution.code), "kind": contribution.kind, "title": str(contribution)},
        "geometry": json.loads(contribution.public_geometry.geojson),
    }


# Putting one in -------------------------------------------------------------------------------------------------------


@takes_at_most(FORM_MAX_BYTES)
@require_http_methods(["GET", "HEAD", "POST"])
def contribute(request: HttpRequest, slug: str) -> HttpResponse:
    """Three steps on one page: where, what, who. A POST previews or sends; what was typed comes back with an error."""
    consultation = consultation_story_for(request.user, slug)
    actor, letterbox = actor_for(request), _letterbox(request, consultation)
    kept = request.session.get(_draft_key(consultation))
    if request.method != "POST":
        form = ContributeForm(initial=kept) if kept else ContributeForm()
        photos = PhotosOfForm(request, actor, drafted=(kept or {}).get("photos", ()))
        return _contribute_page(request, consultation, form, photos)
    form, photos = ContributeForm(request.POST), PhotosOfForm(request, actor)
    refusal: Refusal | None = None
    try:
        photos.take()
        if typed_code := request.POST.get("letterbox_code", "").strip():
            letterbox = _letterbox_typed(request, consultation, typed_code)
        if request.POST.get("act") == "sign-in":
            return _sign_in_first(request, consultation, photos)
        if not form.is_valid():
            return _contribute_page(request, consultation, form, photos, status=422)
        answers = form.cleaned_data
        if request.POST.get("act") == "preview":
            where = _place_from(answers, photos, letterbox)
            count_action(actor=actor, action="attempt")
            placement = place_contribution(
                consultation=consultation,
                geometry=where.geometry,
                located_by=where.located_by,
                street=where.street,
                district=where.district,
                letterbox=letterbox,
            )
            preview = _preview(consultation, answers, placement)
            return _contribute_page(request, consultation, form, photos, preview=preview)

        def put_in() -> Contribution:
            where = _place_from(answers, photos, letterbox)
            return submit_contribution(
                actor=actor,
                consultation=consultation,
                kind=Kind.PROPOSAL,
                geometry=where.geometry,
                title=answers["title"],
                body=answers["body"],
                located_by=where.located_by,
                typed_address=where.typed_address,
                street=where.street,
                district=where.district,
                language=get_language() or "",
                charter_accepted=answers["accept_charter"],
                letterbox=letterbox,
            )

        contribution = _submit_once(form, photos, actor=actor, words=[answers["title"], answers["body"]], put_in=put_in)
    except Refusal as refused:
        refusal = refused
    if refusal is not None:
        if isinstance(refusal, IdentityTooLow):
            _keep_draft(request, consultation, photos)
        if refusal.field == "geometry":  # a drawn place wins over a typed one: a refused one must not do so again
            form.data = {**request.POST.dict(), "geometry": ""}
        if isinstance(refusal, PhotoGone):  # its place is gone with it
            form.data = {**request.POST.dict(), "place": ""}
        return _contribute_page(request, consultation, form, photos, refusal=refusal, status=max(refusal.status, 400))
    request.session.pop(_draft_key(consultation), None)
    if letterbox is not None and actor.user is None and contribution.status != Status.PUBLISHED:
        # Who sent it is not kept, so nobody can be shown it before it is online.
        messages.success(request, _("Your idea has arrived. A moderator reads it before it goes online."))
        return redirect("consultation", slug=consultation.slug)
    return redirect(f"{reverse('contribution', args=[contribution.code])}?sent=1")


def _letterbox(request: HttpRequest, consultation: Consultation) -> LetterboxCode | None:
    """The code that the browser came with, while it still counts for anything here."""
    letterbox = letterbox_for(request, consultation)
    if letterbox and letterbox.is_used_up and consultation.identity_level < IdentityLevel.HOUSEHOLD:
        return None  # one may speak here without a code, too
    return letterbox


def _letterbox_typed(request: HttpRequest, consultation: Consultation, text: str) -> LetterboxCode:
    """A code typed into the form is the same as one that was scanned."""
    letterbox = open_code(text=text[:40], actor=actor_for(request))
    if letterbox.letterbox.mailing.consultation_id != consultation.pk:
        raise CodeForAnotherConsultation
    remember_letterbox(request, letterbox)
    return letterbox


def _voice(request: HttpRequest, consultation: Consultation) -> Actor:
    """Who acts in this consultation: with a code, somebody of that household."""
    actor, letterbox = actor_for(request), letterbox_for(request, consultation)
    return speaking_for_household(actor, letterbox, consultation) if letterbox else actor


def _place_from(answers: dict[str, Any], photos: PhotosOfForm, letterbox: LetterboxCode | None) -> Located:
    """What the form says; without that, who came with a code speaks from the segment of their letterbox."""
    where = locate(answers, place_of_photo=photos.place)
    if where is None and letterbox is None:
        raise PlaceMissing
    return where or Located(None, LocatedBy.LETTERBOX)


def _submit_once(
    form: OnceForm, photos: PhotosOfForm, *, actor: Actor, words: list[str], put_in: Callable[[], Contribution]
) -> Contribution:
    """Submit with the photos, or give back what the same form already put in (a double click, a resent page).

    The same form is one with the same words and photos; all that a photo leads to is looked up in here.
    """
    count_action(actor=actor, action="attempt")
    made: list[Contribution] = []

    def make() -> str:
        contribution = put_in()
        attach_photos(actor=actor, contribution=contribution, photos=photos.to_attach, is_new=True)
        made.append(contribution)
        return str(contribution.code)

    code = form.carry_out_once(
        user_id=actor.user.pk if actor.user else None, words=json.dumps([*words, photos.words]), make=make
    )
    if not made:
        photos.drop_new()
    return Contribution.objects.select_related("parent").get(code=code)


def _draft_key(consultation: Consultation) -> str:
    return f"draft-{consultation.pk}"


def _keep_draft(request: HttpRequest, consultation: Consultation, photos: PhotosOfForm) -> None:
    """Keep what was typed, drawn and chosen, right or wrong, in the session while somebody signs in."""
    typed = {name: request.POST.get(name, "") for name in ("place_text", "place", "title", "body", "geometry")}
    request.session[_draft_key(consultation)] = {
        **{name: text for name, text in typed.items() if 0 < len(text) <= LONGEST_KEPT},
        "photos": photos.drafted,
    }


def _sign_in_first(request: HttpRequest, consultation: Consultation, photos: PhotosOfForm) -> HttpResponse:
    """To the page where one signs in, and back to the form as it was."""
    _keep_draft(request, consultation, photos)
    here = urlencode({"next": reverse("contribute", args=[consultation.slug])})
    return redirect(f"{reverse('account_login')}?{here}")


def _preview(consultation: Consultation, answers: dict[str, Any], placement: Any) -> Contribution:
    """The contribution as the public would see it, not stored."""
    return Contribution(
        kind=Kind.PROPOSAL,
        consultation=consultation,
        title=answers["title"],
        body=answers["body"],
        geometry=placement.geometry,
        public_geometry=placement.public_geometry,
        district_id=placement.district_id,
        street_id=placement.street_id,
    )


def _contribute_page(
    request: HttpRequest,
    consultation: Consultation,
    form: ContributeForm,
    photos: PhotosOfForm,
    *,
    refusal: Refusal | None = None,
    preview: Contribution | None = None,
    status: int = 200,
) -> HttpResponse:
    actor, letterbox = _voice(request, consultation), _letterbox(request, consultation)
    photo_places = [] if _has_place(form) else places_of(photos.held, consultation)
    context = {
        "consultation": consultation,
        "outline": outline(consultation),
        "form": form,
        "photos": photos,
        "photo_places": photo_places,
        "photo_choices": [place for place in photo_places if place.words],
        "refusal": refusal,
        "refused_field": _field_of(refusal),
        "choices": refusal.choices if isinstance(refusal, PlaceAmbiguous) else (),
        "earlier": refusal.extra["earlier"] if isinstance(refusal, AlreadySpoken) else "",
        "preview": preview,
        "preview_place": _feature(preview) if preview else None,
        "letterbox": letterbox,
        "letterbox_place": json.loads(letterbox.letterbox.segment.public_geometry.geojson) if letterbox else None,
        "target": target_geojson(consultation),
        "asks_for_email": actor.level < consultation.identity_level == IdentityLevel.EMAIL,
        "asks_for_code": actor.level < consultation.identity_level == IdentityLevel.HOUSEHOLD,
        "needs_email": consultation.identity_level == IdentityLevel.EMAIL,
        "asks_charter": bool(consultation.charter) and not has_accepted_charter(actor, consultation),
        "is_read_first": consultation.moderation == ModerationRule.BEFORE,
        "draw_words": _draw_words(),
    }
    if request.htmx and request.POST.get("act") == "preview":
        return render(request, "contributions/_preview.html", context)
    return render(request, "contributions/contribute.html", context, status=status)


def _has_place(form: ContributeForm) -> bool:
    """Whether it says where: then no photo's place is offered."""
    return any(form[name].value() for name in ("geometry", "place_text"))


def _draw_words() -> dict[str, str]:
    """What the page's script says while one draws."""
    return {
        "point": _("Click on the map. By keyboard: move the map with the arrows, then press Enter."),
        "linestring": _("Click along the line; click the last point again to end it."),
        "polygon": _("Click around the area; click the first point again to close it."),
        "done": _("The place is set. You can change it at any time."),
        "drawn": _("Drawn on the map."),
        "here": _("Here: {place}"),
        "looking": _("Looking up what is here…"),
        "outside": _("This place is outside the town. Please choose another one."),
        "locating": _("Asking your device where you are…"),
        "no_position": _("Your device does not say where you are. Type the address instead."),
    }


def _field_of(refusal: Refusal | None) -> str:
    """The field of the page that a refusal is about; the place's three inputs are one field to a person."""
    if refusal is None:
        return ""
    field = refusal.field or ""
    return "place_text" if field in {"geometry", "place"} else field


# Taking part in one ---------------------------------------------------------------------------------------------------


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
        change(actor=_voice(request, contribution.consultation), contribution=contribution)
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

        made = _submit_once(form, photos, actor=actor, words=["", answers["body"]], put_in=put_in)
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
