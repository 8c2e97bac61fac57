"""Putting an idea in: three steps on one page."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from geoparticipation.accounts.domain.rates import count_action
from geoparticipation.accounts.enums import IdentityLevel
from geoparticipation.accounts.identity import actor_for
from geoparticipation.body_limits import takes_at_most
from geoparticipation.consultations.enums import ModerationRule
from geoparticipation.consultations.models import Consultation
from geoparticipation.consultations.presentation import outline
from geoparticipation.consultations.reading import consultation_story_for, target_geojson
from geoparticipation.contributions.domain import submit_contribution
from geoparticipation.contributions.domain.placement import place_contribution
from geoparticipation.contributions.enums import Kind, LocatedBy, Status
from geoparticipation.contributions.errors import AlreadySpoken, IdentityTooLow, PlaceMissing
from geoparticipation.contributions.forms import ContributeForm
from geoparticipation.contributions.locating import Located, PlaceAmbiguous, locate
from geoparticipation.contributions.models import Contribution
from geoparticipation.contributions.photo_form import FORM_MAX_BYTES, PhotosOfForm, places_of
from geoparticipation.contributions.photos.errors import PhotoGone
from geoparticipation.contributions.queries import has_accepted_charter
from geoparticipation.contributions.taking_part import field_of, public_feature, submit_once, voice_of
from geoparticipation.mailings.domain.letterbox_codes import open_code, used_up
from geoparticipation.mailings.errors import CodeForAnotherConsultation
from geoparticipation.mailings.letterbox import letterbox_for, remember_letterbox
from geoparticipation.mailings.models import LetterboxCode
from layers.errors import Refusal

LONGEST_KEPT = 100_000
"""Characters of one field that are kept while somebody signs in: more than 2,000 vertices take."""


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

        contribution = submit_once(form, photos, actor=actor, words=[answers["title"], answers["body"]], put_in=put_in)
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


def _place_from(answers: dict[str, Any], photos: PhotosOfForm, letterbox: LetterboxCode | None) -> Located:
    """What the form says; without that, who came with a code speaks from the segment of their letterbox."""
    where = locate(answers, place_of_photo=photos.place)
    if where is None and letterbox is None:
        raise PlaceMissing
    return where or Located(None, LocatedBy.LETTERBOX)


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
    actor, letterbox = voice_of(request, consultation), _letterbox(request, consultation)
    photo_places = [] if _has_place(form) else places_of(photos.held, consultation)
    context = {
        "consultation": consultation,
        "outline": outline(consultation),
        "form": form,
        "photos": photos,
        "photo_places": photo_places,
        "photo_choices": [place for place in photo_places if place.words],
        "refusal": refusal,
        "refused_field": field_of(refusal),
        "choices": refusal.choices if isinstance(refusal, PlaceAmbiguous) else (),
        "earlier": refusal.extra["earlier"] if isinstance(refusal, AlreadySpoken) else "",
        "preview": preview,
        "preview_place": public_feature(preview) if preview else None,
        "letterbox": letterbox,
        "letterbox_used_up": used_up(letterbox) if letterbox and letterbox.is_used_up else None,
        "letterbox_place": json.loads(letterbox.letterbox.segment.public_geometry.geojson) if letterbox else None,
        "target": target_geojson(consultation),
        "asks_for_email": actor.level < consultation.identity_level == IdentityLevel.EMAIL,
        "asks_for_code": actor.level < consultation.identity_level == IdentityLevel.HOUSEHOLD,
        "needs_email": consultation.identity_level == IdentityLevel.EMAIL,
        "asks_charter": bool(consultation.charter) and not has_accepted_charter(actor, consultation),
        "is_read_first": consultation.moderation == ModerationRule.BEFORE,
        "draw_words": draw_words(),
    }
    if request.htmx and request.POST.get("act") == "preview":
        return render(request, "contributions/_preview.html", context)
    return render(request, "contributions/contribute.html", context, status=status)


def _has_place(form: ContributeForm) -> bool:
    """Whether it says where: then no photo's place is offered."""
    return any(form[name].value() for name in ("geometry", "place_text"))


def draw_words() -> dict[str, str]:
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
