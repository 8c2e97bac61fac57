"""Picture and logo of a flyer: read as safely as photos are, kept as JPEG in the storage."""

from __future__ import annotations

import uuid
from typing import Any, Final

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from reportlab.lib.utils import ImageReader

from layers.pictures.reading import read_photo

FOLDER: Final = "flyer-pictures"


def keep_picture(content: bytes) -> str:
    """Read what somebody sent, draw it anew and keep it; gives its name in the storage.

    Raises what `layers.pictures.reading.read_photo` raises, OSError.
    """
    name: str = default_storage.save(f"{FOLDER}/{uuid.uuid4()}.jpg", ContentFile(read_photo(content).large))
    return name


def drop_picture(name: str) -> None:
    """Delete a picture that is no longer on a flyer; nothing happens where there is none."""
    if name:
        default_storage.delete(name)


def open_picture(name: str) -> Any | None:
    """A picture for ReportLab to draw; None where there is none, or where it was lost."""
    if not name:
        return None
    try:
        with default_storage.open(name) as file:
            content = file.read()
    except FileNotFoundError:
        return None
    return ImageReader(ContentFile(content))
