"""Plans for everybody: the variants side by side, place by place, what one prefers and what one says there."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from geoparticipation.accounts.enums import IdentityLevel
from geoparticipation.accounts.identity import actor_for
from geoparticipation.body_limits import takes_at_most
from geoparticipation.contributions.domain import submit_contribution
from geoparticipation.contributions.enums import Kind, LocatedBy, Status
from geoparticipation.contributions.errors import PlaceMissing
from geoparticipation.contributions.forms import CommentForm
from geoparticipation.contributions.locating import locate
from geoparticipation.contributions.photo_form import FORM_MAX_BYTES, PhotosOfForm
from geoparticipation.contributions.queries import has_accepted_charter
from geoparticipation.contributions.rules import may_change_status
from geoparticipation.contributions.taking_part import field_of, submit_once, voice_of
from geoparticipation.mailings.letterbox import letterbox_for
from geoparticipation.scenarios.domain.preferences import state_preference, withdraw_preference
from geoparticipation.scenarios.domain.results import release_results
from geoparticipation.scenarios.errors import UnknownVariant
from geoparticipation.scenarios.models import Plan, PlanPlace
from geoparticipation.scenarios.presentation import PlanShown, places_geojson, show_plan
from geoparticipation.scenarios.queries import (
    comments_at,
    elements_at_places,
    own_preferences,
    plan_for,
    plan_of_place,
)
from layers.errors import Refusal
from layers.geometry import buffered, from_shapely, to_shapely


def _shown(request: HttpRequest, found: Plan) -> PlanShown:
    """What this person sees of a plan: two queries, and one more where results become due."""
    release_results(plan=found)
    return show_plan(found, elements=elements_at_places(found), own=own_preferences(actor_for(request), found))


@never_cache
@require_safe
def plan(request: HttpRequest, code: uuid.UUID) -> HttpResponse:
    """A plan with its variants and places. Six queries for a visitor, however many there are of them."""
    found = plan_for(request.user, code)
    shown = shown_plan(request, found)
    return render(request, "scenarios/plan.html", _context(request, shown))


def shown_plan(request: HttpRequest, found: Plan) -> PlanShown:
    """What this person sees of a plan, read again where the results became due just now."""
    before = found.told_on, found.told_at_end
    shown = _shown(request, found)
    if (found.told_on, found.told_at_end) != before:
        shown = _shown(request, plan_for(request.user, found.code))
    return shown


def _context(request: HttpRequest, shown: PlanShown) -> dict[str, Any]:
    consultation = shown.plan.consultation
    actor, voice = actor_for(request), voice_of(request, consultation)
    return {
        "plan": shown.plan,
        "shown": shown,
        "consultation": consultation,
        "places": places_geojson(shown.plan),
        "asks_for_email": actor.level < consultation.identity_level == IdentityLevel.EMAIL,
        "asks_for_code": voice.level < consultation.identity_level == IdentityLevel.HOUSEHOLD,
    }


@never_cache
@takes_at_most(FORM_MAX_BYTES)
@require_http_methods(["GET", "HEAD", "POST"])
def place(request: HttpRequest, code: uuid.UUID) -> HttpResponseBase:
    """One place of a plan, with its comments. A POST says what one prefers (`act` "prefer", "withdraw") or comments."""
    found, at = plan_of_place(request.user, code)
    form, photos = CommentForm(), PhotosOfForm(request, actor_for(request))
    refusal: Refusal | None = None
    act = request.POST.get("act", "") if request.method == "POST" else ""
    if act in {"prefer", "withdraw"}:
        try:
            _prefer(request, found, at, withdraw=act == "withdraw")
        except Refusal as refused:
            messages.error(request, refused.detail)
        return redirect(_back(request, found, at))
    if act == "comment":
        form = CommentForm(request.POST)
        try:
            photos.take()
            if form.is_valid():
                made = _comment(request, at, form, photos)
                told = _("Your comment is online.")
                if made.status != Status.PUBLISHED:
                    told = _("Thank you. A moderator reads your comment before it goes online.")
                messages.success(request, told)
                return redirect(f"{reverse('plan-place', args=[code])}#c-{made.code}")
        except Refusal as refused:
            refusal = refused
    return _place_page(request, found, at, form, photos, refusal=refusal, failed=act == "comment")


def _prefer(request: HttpRequest, found: Plan, at: PlanPlace, *, withdraw: bool) -> None:
    actor = voice_of(request, found.consultation)
    if withdraw:
        withdraw_preference(actor=actor, place=at)
        messages.success(request, _("Your answer is taken back."))
        return
    value = request.POST.get("variant", "")
    variant = next((one for one in found.variants.all() if str(one.code) == value), None)
    if variant is None and value != "none":
        raise UnknownVariant
    state_preference(actor=actor, place=at, variant=variant)
    told = _("Noted: %(name)s. You can change it as long as this lasts.")
    messages.success(request, told % {"name": variant.name if variant else _("none of these")})


def _back(request: HttpRequest, found: Plan, at: PlanPlace) -> str:
    """The page the form was on: the plan's, or the place's."""
    if request.POST.get("on") == "plan":
        return f"{reverse('plan', args=[found.code])}#place-{at.position}"
    return f"{reverse('plan-place', args=[at.code])}#prefer"


def _comment(request: HttpRequest, at: PlanPlace, form: CommentForm, photos: PhotosOfForm) -> Any:
    actor, parent, answers = actor_for(request), at.contribution, form.cleaned_data
    if parent is None:
        raise PlaceMissing

    def put_in() -> Any:
        where = locate(answers, place_of_photo=photos.place)
        return submit_contribution(
            actor=actor,
            consultation=at.plan.consultation,
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
            letterbox=letterbox_for(request, at.plan.consultation),
        )

    return submit_once(form, photos, actor=actor, words=["", answers["body"]], put_in=put_in)


def _place_page(
    request: HttpRequest,
    found: Plan,
    at: PlanPlace,
    form: CommentForm,
    photos: PhotosOfForm,
    *,
    refusal: Refusal | None,
    failed: bool,
) -> HttpResponse:
    shown = shown_plan(request, found)
    actor, comments = actor_for(request), comments_at(request.user, at)
    context = _context(request, shown) | {
        "one": next(one for one in shown.places if one.place.pk == at.pk),
        "bounds": _around(at),
        "comments": comments,
        "own_codes": {str(said.code) for said in comments if may_change_status(actor, said, Status.WITHDRAWN)},
        "form": form,
        "photos": photos,
        "refusal": refusal,
        "refused_field": field_of(refusal),
        "asks_charter": bool(found.consultation.charter) and not has_accepted_charter(actor, found.consultation),
    }
    status = max(refusal.status, 400) if refusal is not None else 422 if failed else 200
    return render(request, "scenarios/place.html", context, status=status)


def _around(at: PlanPlace) -> str:
    """West, south, east and north in degrees of what the map shows first: the place with some 50 m around it."""
    west, south, east, north = buffered(from_shapely(to_shapely(at.geometry).envelope), 50).extent
    return f"{west:.6f},{south:.6f},{east:.6f},{north:.6f}"
