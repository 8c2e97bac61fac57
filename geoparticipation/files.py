"""Where the platform keeps files that people send or ask for: under MEDIA_ROOT, at no public address.

A view that checks who may see it serves each file; there is no MEDIA_URL. Folders: `uploads/`, `exports/`, `photos/`,
`flyers/`, `flyer-pictures/`.
"""

from __future__ import annotations

import contextlib
import os
import uuid
from typing import NoReturn

from django.core.files import File
from django.core.files.storage import FileSystemStorage


class PrivateFileStorage(FileSystemStorage):
    """Files for the platform's account alone, each there whole or not at all.

    Written under a passing name, brought to disk, then named: a full disk or a kill leaves no half file under a name
    that a row of the database knows. Never overwrites. What a kill leaves begins with `.partial-`.
    """

    def __init__(self, location: str | None = None) -> None:
        super().__init__(location=location, file_permissions_mode=0o600, directory_permissions_mode=0o700)

    def url(self, name: str | None) -> NoReturn:
        """Refuse: files have no address of their own."""
        raise ValueError("Files have no public address: serve them by a view that checks who may see them.")

    def _save(self, name: str, content: File) -> str:
        folder = os.path.dirname(self.path(name))
        os.makedirs(self.location, mode=0o700, exist_ok=True)
        os.makedirs(folder, mode=0o700, exist_ok=True)
        partial = os.path.join(folder, f".partial-{uuid.uuid4().hex}")
        try:
            with open(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                for chunk in content.chunks():
                    file.write(chunk.encode() if isinstance(chunk, str) else chunk)
                file.flush()
                os.fsync(file.fileno())
            while True:
                try:
                    os.link(partial, self.path(name))
                    break
                except FileExistsError:
                    name = self.get_available_name(name)
        finally:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(partial)
        _bring_to_disk(folder)
        return name.replace("\\", "/")


def _bring_to_disk(folder: str) -> None:
    """Make the names in a folder last through a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
