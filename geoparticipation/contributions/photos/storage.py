"""Where the files of photos are: two for each, named by the photo's code, in Django's default storage."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import datetime
from typing import Final, Literal

from django.core.files.base import ContentFile, File
from django.core.files.storage import default_storage

from geoparticipation.contributions.photos.errors import PhotoNotKept
from layers.pictures.reading import ReadPhoto

Size = Literal["large", "small"]
SIZES: Final[tuple[Size, ...]] = ("large", "small")
FOLDER: Final = "photos"


def file_name(code: uuid.UUID, size: Size) -> str:
    """Name in the storage; in 256 folders, so that none grows too large to be listed."""
    return f"{FOLDER}/{code.hex[:2]}/{code}-{size}.jpg"


def write_files(code: uuid.UUID, photo: ReadPhoto) -> None:
    """Keep both pictures; raises PhotoNotKept where that fails, and then leaves neither."""
    try:
        for size, content in (("large", photo.large), ("small", photo.small)):
            default_storage.save(file_name(code, size), ContentFile(content))
    except OSError:
        delete_files(code)
        raise PhotoNotKept from None


def open_file(code: uuid.UUID, size: Size) -> File:
    """Open a picture for reading; raises FileNotFoundError."""
    return default_storage.open(file_name(code, size))


def delete_files(code: uuid.UUID) -> None:
    """Delete both pictures, as far as they are there. What cannot be deleted now, `forget_lost_files` will find."""
    for size in SIZES:
        try:
            default_storage.delete(file_name(code, size))
        except OSError:
            continue


def kept_files() -> Iterator[list[tuple[str, uuid.UUID | None, datetime]]]:
    """Name, code and time of every file, a folder at a time; a code of None is no file of a photo."""
    try:
        folders, _files = default_storage.listdir(FOLDER)
    except FileNotFoundError:
        return
    for folder in folders:
        _folders, names = default_storage.listdir(f"{FOLDER}/{folder}")
        found = []
        for name in names:
            path = f"{FOLDER}/{folder}/{name}"
            try:
                found.append((path, _code_in(name), default_storage.get_modified_time(path)))
            except FileNotFoundError:  # deleted since it was listed
                continue
        yield found


def _code_in(name: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(name[:36])
    except ValueError:
        return None
