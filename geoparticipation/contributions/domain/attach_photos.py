"""Photos become part of a contribution, and cease to be."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from django.db import transaction
from django.utils import timezone

from geoparticipation.accounts.domain.rates import count_action
from geoparticipation.accounts.identity import Actor
from geoparticipation.contributions import rules
from geoparticipation.contributions.domain.hold_photo import columns_of
from geoparticipation.contributions.errors import NotYours, ReasonMissing
from geoparticipation.contributions.models import Attachment, Contribution, HeldPhoto, PhotoRemoval
from geoparticipation.contributions.models.attachment import DESCRIPTION_LENGTH
from geoparticipation.contributions.photos.errors import PhotoGone, TooManyPhotos, UnknownPhoto
from geoparticipation.contributions.photos.storage import delete_files, write_files
from geoparticipation.contributions.queries import voice_of
from geoparticipation.contributions.text import clean_text
from layers.pictures.reading import read_photo

MAX_PHOTOS: Final = 4
REASON_LENGTH: Final = 500


@transaction.atomic
def attach_photos(
    *,
    actor: Actor,
    contribution: Contribution,
    photos: Sequence[tuple[uuid.UUID, str]],
    is_new: bool = False,
    at: datetime | None = None,
) -> list[Attachment]:
    """Attach photos that this actor holds, each with its description, in this order; to be called by its author.

    `is_new`: the actor put it in a moment ago, in this transaction. So its rules are checked already, and an answer
    from a letterbox, which nobody is kept as the author of, takes its photos, too.

    The files stay where they are; where the photo was taken is forgotten. The same picture twice is attached once.
    What was online and read already is to be read again by a moderator. Raises NotYours, PhotosClosed, what
    `rules.require_open` raises, TooManyPhotos, PhotoGone (not held, or not any more, or not by this actor). Six queries
    whatever the number, none without photos.
    """
    if not photos:
        return []
    locked = contribution if is_new else _locked_for_more(actor, contribution, at)
    codes = [code for code, _description in photos]
    held = {
        photo.code: photo
        for photo in HeldPhoto.objects.select_for_update().filter(voice_of(actor, person="user"), code__in=codes)
    }
    if any(code not in held for code in codes):
        raise PhotoGone
    there = list(locked.photos.all())
    known, position = {photo.sha256 for photo in there}, max((photo.position for photo in there), default=0)
    attached, doubled = [], []
    for code, description in photos:
        photo = held.pop(code, None)
        if photo is None:
            continue
        if photo.sha256 in known:
            doubled.append(code)
            continue
        known.add(photo.sha256)
        position += 1
        attached.append(
            Attachment(
                contribution=contribution,
                position=position,
                description=_description_of(description),
                **{name: getattr(photo, name) for name in ("code", "width", "height", "sha256", "created_at")},
            )
        )
    _require_room(len(there) + len(attached))
    Attachment.objects.bulk_create(attached)
    HeldPhoto.objects.filter(code__in=codes).delete()
    for code in doubled:
        transaction.on_commit(lambda code=code: delete_files(code))  # type: ignore[misc]
    return attached


def add_photo(
    *, actor: Actor, contribution: Contribution, content: bytes, description: str = "", at: datetime | None = None
) -> Attachment:
    """Read one photo and attach it at once, as other programs do it; the same picture again gives the one there is.

    Raises what `attach_photos` and `read_photo` raise, TooOften, PhotoNotKept.
    """
    count_action(actor=actor, action="photo", at=at)
    _require_room(contribution.photos.count())
    photo = read_photo(content)
    code = uuid.uuid4()
    write_files(code, photo)
    try:
        with transaction.atomic():
            locked = _locked_for_more(actor, contribution, at)
            columns = columns_of(code, photo)
            there = list(locked.photos.all())
            same = next((other for other in there if other.sha256 == columns["sha256"]), None)
            if same is not None:
                delete_files(code)
                return same
            _require_room(len(there) + 1)
            position = max((other.position for other in there), default=0) + 1
            return Attachment.objects.create(
                contribution=contribution, position=position, description=_description_of(description), **columns
            )
    except BaseException:
        delete_files(code)
        raise


@transaction.atomic
def remove_photo(*, actor: Actor, photo: Attachment, reason: str = "") -> PhotoRemoval:
    """Take one photo off a contribution, and record who did it, when and why; its files go once that is certain.

    Its author may, and a moderator with a reason, which the author is told by mail. Raises NotYours, ReasonMissing,
    UnknownPhoto (somebody was quicker).
    """
    contribution = Contribution.objects.select_for_update(no_key=True).get(pk=photo.contribution_id)
    parties = rules.parties_of(actor, contribution)
    if not parties:
        raise NotYours
    by_author = rules.Party.AUTHOR in parties
    reason = clean_text(reason, lines=False)[:REASON_LENGTH]
    if not by_author and not reason:
        raise ReasonMissing
    if not Attachment.objects.filter(pk=photo.pk).delete()[0]:
        raise UnknownPhoto
    removal = PhotoRemoval.objects.create(
        contribution=contribution, photo_code=photo.code, removed_by=actor.user, by_author=by_author, reason=reason
    )
    transaction.on_commit(lambda: delete_files(photo.code))
    if not by_author and contribution.author_id is not None:
        _queue_word_of_removal(removal)
    return removal


def forget_photos(*, contribution: Contribution) -> None:
    """Delete all photos of a contribution that is taken back, in the transaction one is in; the files after it."""
    codes = list(contribution.photos.values_list("code", flat=True))
    if codes:
        contribution.photos.all().delete()
    for code in codes:
        transaction.on_commit(lambda code=code: delete_files(code))  # type: ignore[misc]


def _locked_for_more(actor: Actor, contribution: Contribution, at: datetime | None) -> Contribution:
    """Lock the contribution, see that it takes photos of this actor, and let it be read again if it was read."""
    locked = (
        Contribution.objects.select_for_update(no_key=True, of=("self",))
        .select_related("consultation")
        .get(pk=contribution.pk)
    )
    rules.require_takes_photos(actor, locked, at or timezone.now())
    if locked.reviewed_at is not None:
        locked.reviewed_at = None
        locked.save(update_fields=["reviewed_at", "updated_at"])
    return locked


def _require_room(photos: int) -> None:
    if photos > MAX_PHOTOS:
        raise TooManyPhotos(MAX_PHOTOS)


def _description_of(text: str) -> str:
    return clean_text(text, lines=False)[:DESCRIPTION_LENGTH]


def _queue_word_of_removal(removal: PhotoRemoval) -> None:
    from geoparticipation.contributions.tasks import send_photo_removed

    send_photo_removed.defer(removal_id=removal.pk)
