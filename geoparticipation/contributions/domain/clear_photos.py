"""Deleting files of photos that nothing belongs to: left by a crash, or by a contribution that was deleted."""

from __future__ import annotations

import uuid

from django.apps import apps
from django.core.files.storage import default_storage
from django.utils import timezone

from geoparticipation.contributions.domain.hold_photo import HELD_FOR
from geoparticipation.contributions.models.attachment import HeldPhoto, Photo
from geoparticipation.contributions.photos.storage import kept_files


def forget_lost_files() -> int:
    """Delete files older than a day of which no row knows; returns how many.

    One query for each of 256 folders and each kind of photo, those of other apps too.

    Files are written before their rows, and deleted after them: only what is old and unknown is lost.
    """
    deleted = 0
    # Those that wait first: one that is attached meanwhile is found where it went.
    tables: list[type[Photo]] = [HeldPhoto]
    tables += [model for model in apps.get_models() if issubclass(model, Photo) and model is not HeldPhoto]
    before = timezone.now() - HELD_FOR
    for folder in kept_files():
        old = [(path, code) for path, code, written_at in folder if written_at < before]
        codes = {code for _path, code in old if code is not None}
        if not old:
            continue
        known: set[uuid.UUID] = set()
        for table in tables:
            known.update(table._default_manager.filter(code__in=codes).values_list("code", flat=True))
        for path, code in old:
            if code not in known:
                default_storage.delete(path)
                deleted += 1
    return deleted
