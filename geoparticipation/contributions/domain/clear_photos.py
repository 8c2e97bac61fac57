"""Deleting files of photos that nothing belongs to: left by a crash, or by a contribution that was deleted."""

from __future__ import annotations

from django.core.files.storage import default_storage
from django.utils import timezone

from geoparticipation.contributions.domain.hold_photo import HELD_FOR
from geoparticipation.contributions.models import Attachment, HeldPhoto
from geoparticipation.contributions.photos.storage import kept_files


def forget_lost_files() -> int:
    """Delete files older than a day of which no row knows; returns how many. Two queries for each of 256 folders.

    Files are written before their rows, and deleted after them: only what is old and unknown is lost.
    """
    deleted = 0
    before = timezone.now() - HELD_FOR
    for folder in kept_files():
        old = [(path, code) for path, code, written_at in folder if written_at < before]
        codes = {code for _path, code in old if code is not None}
        if not old:
            continue
        known = set(Attachment.objects.filter(code__in=codes).values_list("code", flat=True))
        known |= set(HeldPhoto.objects.filter(code__in=codes).values_list("code", flat=True))
        for path, code in old:
            if code not in known:
                default_storage.delete(path)
                deleted += 1
    return deleted
