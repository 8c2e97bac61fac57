"""Photos over HTTP: one that is chosen in a form, and each as a picture for those who may see it."""

from __future__ import annotations

import uuid

from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.template.loader import render_to_string
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_POST, require_safe

from geoparticipation.accounts.domain.rates import count_action
from geoparticipation.accounts.identity import actor_for
from geoparticipation.body_limits import takes_at_most
from geoparticipation.consultations.models import Consultation
from geoparticipation.contributions.domain.hold_photo import drop_held_photos, hold_photo
from geoparticipation.contributions.enums import PhotoMoment
from geoparticipation.contributions.errors import UnknownContribution
from geoparticipation.contributions.models import Attachment, Contribution, HeldPhoto
from geoparticipation.contributions.models.attachment import Photo
from geoparticipation.contributions.photo_form import place_of
from geoparticipation.contributions.photos.errors import PhotoMissing, UnknownPhoto
from geoparticipation.contributions.photos.storage import SIZES, Size, open_file
from geoparticipation.contributions.queries import get_contribution_for, held_photos_of
from layers.pictures.errors import PhotoTooLarge
from layers.pictures.reading import MAX_BYTES
from layers.views import refusals_as_problems

PUBLIC_SECONDS = 300
"""How long a public picture may be shown without asking again: so long at the most it outlives its hiding."""


@takes_at_most(2 * MAX_BYTES)
@require_POST
@refusals_as_problems
def hold(request: HttpRequest) -> HttpResponse:
    """Keep one photo for a form that is being filled in; answers `{"html"}`, what the form shows of it.

    With `consultation`, a slug, it says where the photo was taken, to be offered as the place; with `moments` it asks
    whether it shows before or after.
    """
    actor = actor_for(request)
    count_action(actor=actor, action="attempt")
    file = request.FILES.get("photo")
    if file is None:
        raise PhotoMissing
    if file.size > MAX_BYTES:
        raise PhotoTooLarge(MAX_BYTES)
    photo = hold_photo(actor=actor, content=file.read())
    photo.description = ""  # type: ignore[attr-defined]
    slug = request.POST.get("consultation")
    consultation = Consultation.objects.visible_to(actor.user).filter(slug=slug).first() if slug else None
    place = place_of(photo, consultation) if consultation else None
    moments = PhotoMoment.choices if request.POST.get("moments") else []
    shown = render_to_string(
        "contributions/_held_photo.html",
        {"photo": photo, "places": [place] if place else [], "moments": moments},
        request,
    )
    return JsonResponse({"html": shown}, status=201)


@require_POST
@refusals_as_problems
def drop(request: HttpRequest, code: uuid.UUID) -> HttpResponse:
    """Forget a photo that was chosen and not sent."""
    drop_held_photos(actor=actor_for(request), codes=[code])
    return HttpResponse(status=204)


@require_safe
@refusals_as_problems
def show(request: HttpRequest, code: uuid.UUID, size: str) -> HttpResponseBase:
    """One picture: of a contribution for who may see that, of a form for who sent it; 404 for others.

    Public ones may be kept by caches for PUBLIC_SECONDS, and are then confirmed by their ETag; the others by nobody.
    One query for a public one.
    """
    if size not in SIZES:
        raise UnknownPhoto
    photo = Attachment.objects.filter(code=code).first()
    is_public = photo is not None and Contribution.objects.public().filter(pk=photo.contribution_id).exists()
    known: Attachment | HeldPhoto = photo if photo and is_public else _for_some(request, code, photo)
    etag = f'"{known.sha256[:32]}-{size}"'
    response = get_conditional_response(request, etag=etag) if is_public else None
    if response is None:
        response = picture(known, size)  # type: ignore[arg-type]
    response["ETag"] = etag
    response["Cache-Control"] = f"public, max-age={PUBLIC_SECONDS}" if is_public else "private, no-store"
    return response


def _for_some(request: HttpRequest, code: uuid.UUID, photo: Attachment | None) -> Attachment | HeldPhoto:
    actor = actor_for(request)
    if photo is None:
        held = held_photos_of(actor, [str(code)])
        if not held:
            raise UnknownPhoto
        return held[0]
    try:
        get_contribution_for(actor, photo.contribution.code)
    except UnknownContribution:
        raise UnknownPhoto from None
    return photo


def picture(photo: Photo, size: Size) -> HttpResponseBase:
    """The file of a photo that this person may see, told to browsers as a picture and nothing else."""
    try:
        file = open_file(photo.code, size)
    except FileNotFoundError:
        raise UnknownPhoto from None
    response = FileResponse(file, content_type="image/jpeg", filename=f"photo-{photo.code.hex[:8]}-{size}.jpg")
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
