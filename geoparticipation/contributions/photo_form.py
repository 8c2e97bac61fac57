"""The photos of one form: those that came before and are held, and those that come with it."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from django.contrib.gis.geos import Point
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest
from django.utils.translation import gettext as _

from geoparticipation.accounts.identity import Actor
from geoparticipation.consultations.models import Consultation
from geoparticipation.contributions.domain.attach_photos import MAX_PHOTOS
from geoparticipation.contributions.domain.hold_photo import drop_held_photos, hold_photo
from geoparticipation.contributions.domain.placement import place_contribution
from geoparticipation.contributions.enums import LocatedBy
from geoparticipation.contributions.errors import OutsideTerritory
from geoparticipation.contributions.models import HeldPhoto
from geoparticipation.contributions.photos.errors import PhotoGone, TooManyPhotos
from geoparticipation.contributions.queries import held_photos_of
from layers.errors import Refusal
from layers.pictures.errors import PhotoRefused, PhotoTooLarge
from layers.pictures.reading import FORMATS, MAX_BYTES, MEDIA_TYPES
from neighbourhoods.models import District, Street

FORM_MAX_BYTES: Final = (MAX_PHOTOS + 1) * MAX_BYTES
"""What a form with photos takes at once: as many as may be sent, and one more, so that too many is said in words."""

_PLACE_PREFIX: Final = "photo:"
_NAME_LENGTH: Final = 60


@dataclass(frozen=True)
class PhotoPlace:
    """Where a held photo was taken, as it is offered: `words` for it, or `refusal`, why it cannot be the place."""

    code: uuid.UUID
    lon: float
    lat: float
    words: str
    refusal: str


class PhotosOfForm:
    """Reads `held` (codes), `description-CODE`, `leave` (codes) and the files `photos` of a posted form.

    `take` keeps the files that came; afterwards `held` are all the form's photos, each with its `description`.
    """

    limit = MAX_PHOTOS
    formats = ", ".join(FORMATS)
    max_megabytes = MAX_BYTES // 1_000_000
    max_bytes = MAX_BYTES
    accept = ",".join(MEDIA_TYPES)

    def __init__(self, request: HttpRequest, actor: Actor, *, drafted: Iterable[tuple[str, str]] = ()) -> None:
        """`drafted` are codes and descriptions kept while somebody signed in. At most one query."""
        self._actor = actor
        posted = list(drafted)
        if request.method == "POST":
            left_out = request.POST.getlist("leave")
            posted = [
                (code, request.POST.get(f"description-{code}", ""))
                for code in dict.fromkeys(request.POST.getlist("held"))
                if code not in left_out
            ]
        self._files: list[UploadedFile[Any]] = request.FILES.getlist("photos") if request.method == "POST" else []
        self._digests: list[str] = []
        codes = [code for code, _text in posted]
        # A code is read as the text that came: a form sent twice says the same twice, whether still held or not.
        self._said = [[code, text] for code, text in posted]
        self.held: list[HeldPhoto] = self._described(held_photos_of(actor, codes), dict(posted)) if codes else []
        self._missing = [code for code in dict.fromkeys(codes) if code not in {str(held.code) for held in self.held}]
        self._new: list[uuid.UUID] = []

    def take(self) -> None:
        """Keep the files that came with the form. Raises the first refusal, naming its file, when all were tried."""
        first: Refusal | None = None
        files, self._files = self._files, []
        if len(files) + len(self.held) > MAX_PHOTOS:
            first = TooManyPhotos(MAX_PHOTOS)
            files = files[: max(0, MAX_PHOTOS - len(self.held))]
        for file in files:
            try:
                self._hold(file)
            except PhotoRefused as refusal:
                refusal.detail = _("“%(name)s”: %(why)s") % {
                    "name": (file.name or "?")[:_NAME_LENGTH],
                    "why": refusal.detail,
                }
                first = first or refusal
        if first is not None:
            raise first

    def _hold(self, file: UploadedFile[Any]) -> None:
        if (file.size or 0) > MAX_BYTES:
            raise PhotoTooLarge(MAX_BYTES)
        content = file.read()
        digest = hashlib.sha256(content).hexdigest()
        if digest in self._digests:
            return
        self._digests.append(digest)
        photo = hold_photo(actor=self._actor, content=content)
        self._new.append(photo.code)
        if photo.sha256 in {held.sha256 for held in self.held}:
            drop_held_photos(actor=self._actor, codes=[photo.code])
            return
        self.held.extend(self._described([photo], {}))

    @property
    def words(self) -> str:
        """What the form says of its photos, the same each time it is sent: to tell one sending from another."""
        return json.dumps([self._said, self._digests])

    @property
    def to_attach(self) -> list[tuple[uuid.UUID, str]]:
        """Code and description of each, for `attach_photos`; also of those that are no longer held."""
        gone = [(uuid.UUID(code), "") for code in self._missing if _is_uuid(code)]
        return [(photo.code, photo.description) for photo in self.held] + gone  # type: ignore[attr-defined]

    @property
    def drafted(self) -> list[tuple[str, str]]:
        """What is kept in the session while somebody signs in."""
        return [(str(photo.code), photo.description) for photo in self.held]  # type: ignore[attr-defined]

    def drop_new(self) -> None:
        """Forget what came with a form that had been carried out before."""
        drop_held_photos(actor=self._actor, codes=self._new)

    def place(self, chosen: str) -> Point | None:
        """The place that `photo:CODE` means: where that photo of this form was taken; raises PhotoGone without it."""
        if not chosen.startswith(_PLACE_PREFIX):
            return None
        for photo in self.held:
            if chosen == f"{_PLACE_PREFIX}{photo.code}":
                return photo.taken_at
        raise PhotoGone

    @property
    def is_empty(self) -> bool:
        """Whether there is no photo yet."""
        return not self.held

    def _described(self, photos: list[HeldPhoto], texts: dict[str, str]) -> list[HeldPhoto]:
        for photo in photos:
            photo.description = texts.get(str(photo.code), "")  # type: ignore[attr-defined]
        return photos


def _is_uuid(text: str) -> bool:
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return True


def place_of(photo: HeldPhoto, consultation: Consultation) -> PhotoPlace | None:
    """Where a photo was taken, in words, as far as an idea may be put there; None where it does not say.

    Eight queries at the most: what it takes to place an idea there, and two names.
    """
    if photo.taken_at is None:
        return None
    lon, lat = photo.taken_at.coords
    try:
        placement = place_contribution(consultation=consultation, geometry=photo.taken_at, located_by=LocatedBy.PIN)
    except OutsideTerritory:
        return PhotoPlace(photo.code, lon, lat, "", _("This photo was taken outside the town: say where your idea is."))
    except Refusal:
        told = _("This photo was taken outside the area that this consultation is about: say where your idea is.")
        return PhotoPlace(photo.code, lon, lat, "", told)
    street = Street.objects.filter(pk=placement.street_id).values_list("name", flat=True).first()
    district = District.objects.filter(pk=placement.district_id).values_list("name", flat=True).first()
    words = " · ".join(name for name in (street, district) if name) or _("in town")
    return PhotoPlace(photo.code, lon, lat, words, "")


def places_of(photos: Iterable[HeldPhoto], consultation: Consultation) -> list[PhotoPlace]:
    """Where the photos were taken, as far as they say so."""
    return [place for photo in photos if (place := place_of(photo, consultation)) is not None]
