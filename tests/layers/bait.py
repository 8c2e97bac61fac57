"""A file that nobody may open, and that tells when somebody has."""

from __future__ import annotations

import ctypes
import os
from pathlib import Path

_IN_OPEN = 0x20
_LIBC = ctypes.CDLL(None, use_errno=True)


class Bait:
    """A table of passwords, watched by the kernel (inotify)."""

    def __init__(self, path: Path) -> None:
        path.write_text("id,password,x,y\n1,hunter2,9.5,47.1\n")
        self.path = path
        self._watch = _LIBC.inotify_init1(os.O_NONBLOCK)
        assert self._watch >= 0
        assert _LIBC.inotify_add_watch(self._watch, os.fsencode(path), _IN_OPEN) >= 0

    def was_opened(self) -> bool:
        """Whether anybody opened it since this was last asked."""
        try:
            return bool(os.read(self._watch, 4096))
        except BlockingIOError:
            return False

    def close(self) -> None:
        """End the watch."""
        os.close(self._watch)

    @property
    def vrt(self) -> str:
        """A GDAL virtual dataset whose only layer is this table."""
        return (
            f'<OGRVRTDataSource><OGRVRTLayer name="{self.path.stem}"><SrcDataSource>{self.path}</SrcDataSource>'
            '<GeometryType>wkbPoint</GeometryType><GeometryField encoding="PointFromColumns" x="x" y="y"/>'
            "</OGRVRTLayer></OGRVRTDataSource>"
        )
