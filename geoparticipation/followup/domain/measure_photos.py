"""Pictures of before and after become part of a measure, and cease to be."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _

from geoparticipation.accounts.models import User
from geoparticipation.contributions.enums import PhotoMoment
from geoparticipation.contributions.models import HeldPhoto
from geoparticipation.contributions.models.attachment import DESCRIPTION_LENGTH
from geoparticipation.contributions.photos.errors import PhotoGone, TooManyPhotos
from geoparticipation.contributions.photos.storage import delete_files
from geoparticipation.contributions.text import clean_text
from geoparticipation.followup.errors import DescriptionMissing, SayMore
from geoparticipation.followup.models import Measure, MeasurePhoto
from geoparticipation.followup.rules import require_may_follow_up

MAX_PHOTOS: Final = 8


@dataclass(frozen=True)
class SaidOfPhoto:
    """What an agent says of one photo: its code, whether it shows before or after, and what is to be seen."""

    code: uuid.UUID
    moment: str
    description: str


@transaction.atomic
def keep_photos(
    *, measure: Measure, agent: User, photos: Sequence[SaidOfPhoto], removed: Collection[uuid.UUID] = ()
) -> list[MeasurePhoto]:
    """Let a measure have these photos, too, in this order: some it has already, the rest this agent holds.

    What it has and is neither named here nor `removed` stays as it is, before them: somebody else has just added it.
    Held photos were cleaned when they came (ADR 11) and keep their files; files of removed ones are deleted after the
    commit. The same picture twice is kept once. Eight queries at the most, whatever the number. Raises
    NotAllowed, DescriptionMissing, SayMore, TooManyPhotos, PhotoGone.
    """
    require_may_follow_up(agent)
    measure = Measure.objects.select_for_update(no_key=True).get(pk=measure.pk)
    there = {photo.code: photo for photo in measure.photos.all()}
    codes = [photo.code for photo in photos]
    # A form sent twice names what came with the first sending twice, and describes it once: first.
    photos = [photo for at, photo in enumerate(photos) if photo.code not in codes[:at]]
    others = [one for one in there.values() if one.code not in codes and one.code not in removed]
    photos = [*(SaidOfPhoto(one.code, one.moment, one.description) for one in others), *photos]
    if len(photos) > MAX_PHOTOS:
        raise TooManyPhotos(MAX_PHOTOS)
    held = {
        photo.code: photo
        for photo in HeldPhoto.objects.select_for_update().filter(user=agent, code__in=codes).order_by("pk")
    }
    kept: list[MeasurePhoto] = []
    known: set[str] = set()
    for said in photos:
        source = there.get(said.code) or held.get(said.code)
        if source is None:
            raise PhotoGone
        if source.sha256 in known:
            continue
        known.add(source.sha256)
        description = clean_text(said.description, lines=False)[:DESCRIPTION_LENGTH]
        if not description:
            raise DescriptionMissing
        if said.moment not in PhotoMoment.values:
            raise SayMore(_("Say of each photo whether it shows before or after."), field="photos")
        columns = {name: getattr(source, name) for name in ("code", "width", "height", "sha256", "created_at")}
        kept.append(
            MeasurePhoto(
                measure=measure, position=len(kept) + 1, moment=said.moment, description=description, **columns
            )
        )
    gone = {*there, *held} - {photo.code for photo in kept}
    measure.photos.all().delete()
    MeasurePhoto.objects.bulk_create(kept)
    HeldPhoto.objects.filter(pk__in=[photo.pk for photo in held.values()]).delete()
    for code in gone:
        transaction.on_commit(lambda code=code: delete_files(code))  # type: ignore[misc]
    return kept
