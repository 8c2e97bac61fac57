"""Photos of answers become part of the response."""

from __future__ import annotations

import uuid
from collections.abc import Mapping

from geoparticipation.accounts.identity import Actor
from geoparticipation.contributions.domain.attach_photos import attach_photos
from geoparticipation.contributions.models import Contribution
from geoparticipation.contributions.photos.errors import PhotoGone
from geoparticipation.contributions.queries import held_photos_of


def attach_photos_of_answers(
    *, actor: Actor, contribution: Contribution, photos: Mapping[str, tuple[str, str]]
) -> dict[str, str]:
    """Attach the photos that this actor holds; returns the attached photo's code by question.

    Two questions with the same picture have the same code: it is kept once. Raises PhotoGone. No query without photos,
    else eight.
    """
    if not photos:
        return {}
    held = {str(photo.code): photo for photo in held_photos_of(actor, [code for code, _text in photos.values()])}
    if any(code not in held for code, _text in photos.values()):
        raise PhotoGone
    attached = attach_photos(
        actor=actor,
        contribution=contribution,
        photos=[(uuid.UUID(code), text) for code, text in photos.values()],
        is_new=True,
    )
    codes = {photo.sha256: str(photo.code) for photo in attached}
    return {question: codes[held[code].sha256] for question, (code, _text) in photos.items()}
