"""Keeping a photo that arrived, until the text it belongs to is taken."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterable
from datetime import timedelta
from typing import Final

from django.contrib.gis.geos import Point
from django.db import transaction
from django.utils import timezone

from geoparticipation.accounts.domain.devices import keep_device
from geoparticipation.accounts.domain.rates import count_action
from geoparticipation.accounts.errors import NotAllowed
from geoparticipation.accounts.identity import Actor
from geoparticipation.contributions.models import HeldPhoto
from geoparticipation.contributions.photos.storage import delete_files, write_files
from geoparticipation.contributions.queries import voice_of
from layers.pictures.reading import ReadPhoto, read_photo

HELD_FOR: Final = timedelta(days=1)


def hold_photo(*, actor: Actor, content: bytes) -> HeldPhoto:
    """Read a photo, draw it anew and keep it for a day for this person, or for this browser where nobody is signed in.

    Counts the attempt first and for good: reading costs time. Stores the visitor's device, so that the photo can be
    found again. The files are written before the row: what a crash leaves is a file that nobody knows, and
    `forget_lost_files` finds it. Three queries. Raises TooOften, what `read_photo` raises, PhotoNotKept, NotAllowed
    (an actor with neither account nor browser).
    """
    count_action(actor=actor, action="photo")
    if actor.user is None and actor.device is None:
        raise NotAllowed
    photo = read_photo(content)
    code = uuid.uuid4()
    write_files(code, photo)
    with transaction.atomic():
        device = keep_device(actor=actor) if actor.user is None else None
        return HeldPhoto.objects.create(
            **columns_of(code, photo),
            user=actor.user,
            device=device,
            taken_at=Point(*photo.taken_at, srid=4326) if photo.taken_at else None,
        )


def columns_of(code: uuid.UUID, photo: ReadPhoto) -> dict[str, object]:
    """What a row says of a photo, held or attached."""
    sha256 = hashlib.sha256(photo.large).hexdigest()
    return {"code": code, "width": photo.width, "height": photo.height, "sha256": sha256}


def drop_held_photos(*, actor: Actor, codes: Iterable[uuid.UUID]) -> None:
    """Forget held photos of this actor, with their files; others are left alone."""
    with transaction.atomic():
        held = HeldPhoto.objects.filter(voice_of(actor, person="user"), code__in=list(codes))
        _forget(list(held.select_for_update().values_list("code", flat=True)))


def forget_held_photos() -> int:
    """Forget what has been held for longer than HELD_FOR, with its files; returns how many."""
    with transaction.atomic():
        old = HeldPhoto.objects.filter(created_at__lt=timezone.now() - HELD_FOR)
        codes = list(old.select_for_update(skip_locked=True).values_list("code", flat=True))
        _forget(codes)
    return len(codes)


def _forget(codes: list[uuid.UUID]) -> None:
    """Delete rows now and files once that is certain."""
    HeldPhoto.objects.filter(code__in=codes).delete()
    for code in codes:
        transaction.on_commit(lambda code=code: delete_files(code))  # type: ignore[misc]
