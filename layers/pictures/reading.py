"""Photos that people send, read safely.

A file is taken for what its first bytes say, never for what it is called, and must be one of FORMATS; it is decoded by
that format's decoder alone, in a process of its own with limits on pixels, memory and time (`worker`), and drawn anew.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from layers.errors import Refusal
from layers.pictures.errors import (
    PhotoBroken,
    PhotoFormatUnknown,
    PhotoIsSomethingElse,
    PhotosBusy,
    PhotoTooHeavy,
    PhotoTooLarge,
    PhotoTooManyPixels,
)

MAX_BYTES: Final = 15_000_000
MAX_PIXELS: Final = 60_000_000
"""A telephone's best camera makes 50 million; whoever has more can save it smaller."""

_MEMORY_BYTES: Final = 1_000_000_000
_CPU_SECONDS: Final = 20
_SECONDS: Final = 40
_WAITING_SECONDS: Final = 10
"""For a turn: whoever waits keeps a thread of the server from others."""
_WORKER: Final = Path(__file__).with_name("worker.py")
# However many requests a process serves at once, this many photos are decoded: what bounds its memory. Others wait.
_TURNS: Final = threading.BoundedSemaphore(2)

FORMATS: Final = ("JPEG", "PNG", "WebP", "HEIC")
MEDIA_TYPES: Final = ("image/jpeg", "image/png", "image/webp", "image/heic", "image/heif")
"""What a file field offers; what is taken is judged by content."""

_HEIF_BRANDS: Final = {b"heic", b"heix", b"heim", b"heis", b"mif1"}
# What other programs look for at the beginning of a file, or near it: PDF readers in its first 1024 bytes, browsers
# that guess and servers that run what they are handed in its text.
_OTHER_BEGINNING: Final = re.compile(rb"%PDF-|<(?:!doctype|html|head|body|script|iframe|svg)\b|<\?php", re.IGNORECASE)
_LOOKED_AT: Final = 4096
_ZIP_END: Final = b"PK\x05\x06"
_ZIP_END_BYTES: Final = 22 + 65_535


@dataclass(frozen=True)
class ReadPhoto:
    """A photo drawn anew: two JPEGs without metadata, and where it says it was taken.

    `large` and `small` are at most 1600 and 480 pixels on their longer edge; `width` and `height` are of the large one,
    upright. `taken_at` is longitude and latitude (WGS 84), None where the photo does not say.
    """

    large: bytes
    small: bytes
    width: int
    height: int
    taken_at: tuple[float, float] | None


def read_photo(content: bytes) -> ReadPhoto:
    """Decode a photo and draw it anew, in a process of its own; no query.

    Raises PhotoTooLarge, PhotoFormatUnknown, PhotoIsSomethingElse (a photo that is also a page, a program, a document
    or an archive), PhotoTooManyPixels, PhotoTooHeavy, PhotoBroken, PhotosBusy.
    """
    if len(content) > MAX_BYTES:
        raise PhotoTooLarge(MAX_BYTES)
    image_format = _recognise(content)
    if not _TURNS.acquire(timeout=_WAITING_SECONDS):
        raise PhotosBusy
    try:
        worked = subprocess.run(
            [
                *(sys.executable, "-I", str(_WORKER), image_format),
                *(str(MAX_PIXELS), str(_MEMORY_BYTES), str(_CPU_SECONDS)),
            ],
            input=content,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=_SECONDS,
            check=False,
            cwd="/",
            env={"LC_ALL": "C.UTF-8", "MALLOC_ARENA_MAX": "2", "OMP_NUM_THREADS": "1"},
        )
    except subprocess.TimeoutExpired:
        raise PhotoTooHeavy from None
    finally:
        _TURNS.release()
    header, found, pictures = worked.stdout.partition(b"\n")
    if not found:
        # The process was ended from outside: by the limit on its time, or by what the file made the libraries do.
        raise PhotoTooHeavy if worked.returncode < 0 else PhotoBroken
    known: dict[str, Any] = json.loads(header)
    if "refused" in known:
        raise _refusal(known["refused"])
    large = pictures[: known["large"]]
    small = pictures[known["large"] :]
    if len(small) != known["small"]:
        raise PhotoTooHeavy
    taken_at = None if known["lon"] is None else (known["lon"], known["lat"])
    return ReadPhoto(large, small, known["width"], known["height"], taken_at)


def _recognise(content: bytes) -> str:
    """The decoder for these first bytes, by the name that Pillow has for it."""
    image_format = _format_of(content[:64])
    if image_format is None:
        raise PhotoFormatUnknown(FORMATS)
    # Nothing of it would be in what is drawn anew, but whoever sends such a thing means harm, or made a mistake.
    if _OTHER_BEGINNING.search(content[:_LOOKED_AT]) or _is_zip(content):
        raise PhotoIsSomethingElse
    return image_format


def _format_of(start: bytes) -> str | None:
    if start.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if start.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if start[:4] == b"RIFF" and start[8:12] == b"WEBP":
        return "WEBP"
    if start[4:8] == b"ftyp":
        box = start[: min(len(start), int.from_bytes(start[:4], "big"))]
        brands = {box[8:12]} | {box[at : at + 4] for at in range(16, len(box) - 3, 4)}
        if brands & _HEIF_BRANDS and not brands & {b"avif", b"avis"}:
            return "HEIF"
    return None


def _is_zip(content: bytes) -> bool:
    """Whether an archive ends where the file ends: that is where programs look for one."""
    tail = content[-_ZIP_END_BYTES:]
    at = tail.rfind(_ZIP_END)
    while at >= 0:
        if len(tail) - at >= 22 and int.from_bytes(tail[at + 20 : at + 22], "little") == len(tail) - at - 22:
            return True
        at = tail.rfind(_ZIP_END, 0, at)
    return False


def _refusal(code: str) -> Refusal:
    if code == PhotoTooManyPixels.code:
        return PhotoTooManyPixels(MAX_PIXELS)
    return PhotoTooHeavy() if code == PhotoTooHeavy.code else PhotoBroken()
