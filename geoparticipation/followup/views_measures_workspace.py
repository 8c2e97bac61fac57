"""Measures in the workspace: which are to be noted, and one with its progress, place and pictures."""

from __future__ import annotations

import json
import uuid
from typing import Any

from django.contrib import messages
from django.contrib.gis.geos import GEOSGeometry
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from geoparticipation.accounts.access import AGENTS, only_for
from geoparticipation.accounts.identity import actor_for
from geoparticipation.body_limits import takes_at_most
from geoparticipation.contributions.enums import PhotoMoment
from geoparticipation.contributions.locating import PlaceAmbiguous, locate
from geoparticipation.contributions.models import Contribution
from geoparticipation.contributions.photo_form import FORM_MAX_BYTES, PhotosOfForm
from geoparticipation.contributions.taking_part import field_of
from geoparticipation.contributions.views_contribute import draw_words
from geoparticipation.followup.domain.measure_photos import SaidOfPhoto, keep_photos
from geoparticipation.followup.domain.measures import record_progress
from geoparticipation.followup.errors import PlaceWithoutShape
from geoparticipation.followup.forms import ProgressForm
from geoparticipation.followup.models import Measure, MeasurePhoto
from geoparticipation.followup.queries import followed, has_won, idea_to_follow, is_to_be_realised, to_note
from layers.errors import Refusal

PER_PAGE = 30


@require_GET
@only_for(AGENTS)
def measure_list(request: HttpRequest) -> HttpResponse:
    """Every idea that was accepted or has won, first those of which nothing is noted yet; two queries."""
    page = Paginator(to_note(), PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "followup/workspace_measures.html", {"page": page})


@takes_at_most(FORM_MAX_BYTES)
@require_http_methods(["GET", "HEAD", "POST"])
@only_for(AGENTS)
def measure_edit(request: HttpRequest, code: uuid.UUID) -> HttpResponseBase:
    """How far one idea is, where it is built, and pictures of before and after."""
    idea = followed(idea_to_follow(request.user, code))
    measure: Measure | None = getattr(idea, "measure", None)
    attached = list(measure.photos.all()) if measure else []
    photos = PhotosOfForm(request, actor_for(request))
    for held in photos.held:
        held.moment = _moment_of(request, held.code)  # type: ignore[attr-defined]
    said = {name: getattr(measure, name) for name in ProgressForm.SAID} if measure else {}
    form = ProgressForm(request.POST or None, initial=said)
    refusal: Refusal | None = None
    if request.method == "POST":
        for one in attached:
            one.description = request.POST.get(f"description-{one.code}", one.description)
            one.moment = _moment_of(request, one.code) or one.moment
        try:
            photos.take()
            if form.is_valid():
                _save(request, idea, form, photos, attached)
                messages.success(request, _("Noted. Everybody can read it beside the idea."))
                return redirect("workspace-case", code=code)
        except Refusal as refused:
            refusal = refused
            if refused.field in ProgressForm.SAID:
                form.add_error(refused.field, refused.detail)
    return render(
        request,
        "followup/measure.html",
        {
            "idea": idea,
            "measure": measure,
            "attached": attached,
            "left_out": request.POST.getlist("remove"),
            "form": form,
            "photos": photos,
            "moments": PhotoMoment.choices,
            "refusal": refusal if refusal is None or refusal.field not in ProgressForm.SAID else None,
            "refused_field": field_of(refusal),
            "choices": refusal.choices if isinstance(refusal, PlaceAmbiguous) else (),
            "may_be_noted": is_to_be_realised(idea),
            "has_won": has_won(idea),
            "place": _place_of(idea, measure),
            "draw_words": draw_words(),
        },
        status=200 if request.method != "POST" else refusal.status if refusal and refusal.status > 400 else 422,
    )


def _moment_of(request: HttpRequest, code: uuid.UUID) -> str:
    return request.POST.get(f"moment-{code}", "")


@transaction.atomic
def _save(
    request: HttpRequest, idea: Contribution, form: ProgressForm, photos: PhotosOfForm, attached: list[MeasurePhoto]
) -> None:
    """Store what was said and the pictures, or nothing."""
    agent: Any = request.user
    answers = form.cleaned_data
    measure = record_progress(
        contribution=idea,
        agent=agent,
        geometry=_geometry(answers),
        where_the_idea_is=answers["where_the_idea_is"],
        **{name: answers[name] for name in form.SAID},
    )
    removed = [one.code for one in attached if str(one.code) in request.POST.getlist("remove")]
    kept = [one for one in attached if one.code not in removed]
    keep_photos(
        measure=measure,
        agent=agent,
        photos=[
            *(SaidOfPhoto(one.code, one.moment, one.description) for one in kept),
            *(SaidOfPhoto(code, _moment_of(request, code), text) for code, text in photos.to_attach),
        ],
        removed=removed,
    )


def _geometry(answers: dict[str, Any]) -> GEOSGeometry | None:
    """The shape that was drawn, or of what was named; None where no place was given. Raises PlaceWithoutShape."""
    located = locate(answers)
    if located is None or located.geometry is not None:
        return located.geometry if located else None
    shape = located.street.geometry if located.street else located.district.geometry if located.district else None
    if shape is None:
        raise PlaceWithoutShape
    return shape


def _place_of(idea: Contribution, measure: Measure | None) -> dict[str, Any]:
    """Where everybody sees it now, as GeoJSON. One query."""
    place = measure.geometry if measure and measure.geometry else Contribution.objects.get(pk=idea.pk).public_geometry
    found: dict[str, Any] = json.loads(place.geojson)
    return found
