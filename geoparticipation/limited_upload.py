"""Files that people send, written to disk as they come and no further than a limit."""

from __future__ import annotations

from typing import Any

from django.core.files.uploadedfile import TemporaryUploadedFile
from django.core.files.uploadhandler import StopUpload, TemporaryFileUploadHandler


class LimitedUploadHandler(TemporaryFileUploadHandler):
    """Keeps a file in the temporary folder; past `most_bytes`, or without room on the disk, the rest is let go.

    The rest is still taken from the line, so that the page with the sentence arrives instead of a broken connection.
    Then `is_too_large` or `has_no_room` says what happened, and the form has no file.
    """

    def __init__(self, request: Any, *, most_bytes: int) -> None:
        super().__init__(request)
        self.most_bytes = most_bytes
        self.kept_bytes = 0
        self.is_too_large = self.has_no_room = False
        self.file: TemporaryUploadedFile | None = None

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Write a chunk; stop at the limit."""
        self.kept_bytes += len(raw_data)
        if self.kept_bytes > self.most_bytes:
            self.is_too_large = True
            self._let_go()
        try:
            super().receive_data_chunk(raw_data, start)
        except OSError:
            self.has_no_room = True
            self._let_go()

    def _let_go(self) -> None:
        if self.file is not None:
            self.file.close()
        raise StopUpload(connection_reset=False)
