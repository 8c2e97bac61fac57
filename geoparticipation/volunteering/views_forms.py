"""Offering help, and asking for it: three steps on one page, as for an idea."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from geoparticipation.accounts.domain.rates import count_action
from geoparticipation.accounts.enums import IdentityLevel
from geoparticipation.accounts.identity import actor_for
from geoparticipation.consultations.enums import ModerationRule
from geoparticipation.consultations.models import Consultation
from geoparticipation.consultations.presentation import outline
from geoparticipation.consultations.reading import consultation_story_for, target_geojson
from geoparticipation.contributions.domain.placement import place_contribution
from geoparticipation.contributions.enums import Kind, PublicPlace
from geoparticipation.contributions.errors import NotYours, PlaceMissing
from geoparticipation.contributions.locating import Located, PlaceAmbiguous, locate
from geoparticipation.contributions.models import Contribution
from geoparticipation.contributions.queries import has_accepted_charter
from geoparticipation.contributions.rules import is_author
from geoparticipation.contributions.taking_part import field_of, public_feature
from geoparticipation.contributions.views_contribute import draw_words
from geoparticipation.volunteering.domain.missions import submit_mission
from geoparticipation.volunteering.domain.offers import change_offer, submit_offer
from geoparticipation.volunteering.forms import MissionForm, OfferDetailsForm, OfferForm
from geoparticipation.volunteering.models import Association
from geoparticipation.volunteering.presentation import week
from geoparticipation.volunteering.queries import get_offer_for
from layers.errors import Refusal
from layers.repeating import words_of


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def offer_help(request: HttpRequest, slug: str) -> HttpResponse:
    """What, when, how far, from where. A POST shows the area that everybody will see, or sends."""
    consultation = consultation_story_for(request.user, slug)
    actor = actor_for(request)
    form = OfferForm(request.POST) if request.method == "POST" else OfferForm()
    if request.method != "POST":
        return _form_page(request, consultation, form, Kind.OFFER)
    if not form.is_valid():
        return _form_page(request, consultation, form, Kind.OFFER, status=422)
    answers = form.cleaned_data

    def make() -> str:
        where = _place_from(answers)
        offer = submit_offer(
            actor=actor,
            consultation=consultation,
            title=answers["title"],
            body=answers["body"],
            skills=answers["skills"],
            when=form.when,
            reach_m=answers["reach_m"],
            on_foot=answers["on_foot"],
            level=answers["level"],
            geometry=where.geometry,
            located_by=where.located_by,
            street=where.street,
            district=where.district,
            language=get_language() or "",
            charter_accepted=answers["accept_charter"],
        )
        return str(offer.contribution.code)

    sending = _Sending(Kind.OFFER, PublicPlace.AREA, "volunteer-offer", make)
    return _send(request, consultation, form, sending)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def ask_for_help(request: HttpRequest, slug: str) -> HttpResponse:
    """An association says what it needs, where and when. Whoever acts for none is led to register one."""
    consultation = consultation_story_for(request.user, slug)
    actor = actor_for(request)
    own = Association.objects.public().of(request.user)
    if request.method != "POST":
        return _form_page(request, consultation, MissionForm(associations=own), Kind.MISSION)
    form = MissionForm(request.POST, associations=own)
    if not form.is_valid():
        return _form_page(request, consultation, form, Kind.MISSION, status=422)
    answers = form.cleaned_data

    def make() -> str:
        where = _place_from(answers)
        mission = submit_mission(
            actor=actor,
            association=answers["association"],
            consultation=consultation,
            title=answers["title"],
            body=answers["body"],
            skills=answers["skills"],
            when=form.when,
            people_wanted=answers["people_wanted"],
            level=answers["level"],
            geometry=where.geometry,
            located_by=where.located_by,
            street=where.street,
            district=where.district,
            typed_address=where.typed_address,
            public_place=answers["public_place"],
            language=get_language() or "",
            charter_accepted=answers["accept_charter"],
        )
        return str(mission.contribution.code)

    sending = _Sending(Kind.MISSION, answers["public_place"], "mission", make)
    return _send(request, consultation, form, sending)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def edit_offer(request: HttpRequest, code: uuid.UUID) -> HttpResponse:
    """Change when, what and how far."""
    actor = actor_for(request)
    offer = get_offer_for(actor, code)
    if not is_author(actor, offer.contribution):
        raise NotYours
    refusal: Refusal | None = None
    form = OfferDetailsForm(request.POST) if request.method == "POST" else OfferDetailsForm.of(offer)
    if request.method == "POST" and form.is_valid():
        chosen = form.cleaned_data
        try:
            change_offer(
                actor=actor,
                offer=offer,
                skills=chosen["skills"],
                when=form.when,
                reach_m=chosen["reach_m"],
                on_foot=chosen["on_foot"],
                level=chosen["level"],
            )
        except Refusal as refused:
            refusal = refused
        else:
            messages.success(request, _("Your offer is changed."))
            return redirect("volunteer-offer", code=code)
    context = {
        "form": form,
        "offer": offer,
        "contribution": offer.contribution,
        "week": week(form["times"].value() or ()),
        "refusal": refusal,
        "refused_field": field_of(refusal),
    }
    failed = refusal is not None or bool(form.errors)
    return render(request, "volunteering/edit_offer.html", context, status=422 if failed else 200)


def _place_from(answers: dict[str, Any]) -> Located:
    where = locate(answers)
    if where is None:
        raise PlaceMissing
    return where


@dataclass(frozen=True)
class _Sending:
    """What is sent: its kind, how its place is shown, the address that shows it, and how it is put in."""

    kind: str
    public_place: str
    page: str
    make: Callable[[], str]


def _send(
    request: HttpRequest, consultation: Consultation, form: OfferForm | MissionForm, sending: _Sending
) -> HttpResponse:
    """Show how the place will look, or put it in once, however often the form is sent."""
    actor = actor_for(request)
    try:
        count_action(actor=actor, action="attempt")
        if request.POST.get("act") == "preview":
            where = _place_from(form.cleaned_data)
            placement = place_contribution(
                consultation=consultation,
                geometry=where.geometry,
                located_by=where.located_by,
                street=where.street,
                district=where.district,
                public_place=sending.public_place,
            )
            preview = Contribution(kind=sending.kind, public_geometry=placement.public_geometry)
            return _form_page(request, consultation, form, sending.kind, preview=preview)
        words = words_of(request.POST)
        code = form.carry_out_once(user_id=actor.user.pk if actor.user else None, words=words, make=sending.make)
    except Refusal as refusal:
        if refusal.field == "geometry":  # a drawn place wins over a typed one: a refused one must not do so again
            form.data = request.POST.copy()
            form.data["geometry"] = ""
        return _form_page(request, consultation, form, sending.kind, refusal=refusal, status=max(refusal.status, 400))
    return redirect(f"{reverse(sending.page, args=[code])}?sent=1")


def _form_page(
    request: HttpRequest,
    consultation: Consultation,
    form: OfferForm | MissionForm,
    kind: str,
    *,
    refusal: Refusal | None = None,
    preview: Contribution | None = None,
    status: int = 200,
) -> HttpResponse:
    actor = actor_for(request)
    context = {
        "consultation": consultation,
        "outline": outline(consultation),
        "form": form,
        "week": week(form["times"].value() or ()),
        "refusal": refusal,
        "refused_field": field_of(refusal),
        "choices": refusal.choices if isinstance(refusal, PlaceAmbiguous) else (),
        "target": target_geojson(consultation),
        "asks_for_email": actor.level < IdentityLevel.EMAIL,
        "asks_charter": bool(consultation.charter) and not has_accepted_charter(actor, consultation),
        "is_read_first": consultation.moderation == ModerationRule.BEFORE,
        "has_preview": preview is not None,
        "preview_place": public_feature(preview) if preview else None,
        "draw_words": draw_words(),
    }
    if kind == Kind.MISSION:
        context["associations"] = form.fields["association"].queryset
    template = "volunteering/offer_form.html" if kind == Kind.OFFER else "volunteering/mission_form.html"
    return render(request, template, context, status=status)
