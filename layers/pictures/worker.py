"""Reads one photo in a process of its own, with hard limits, and draws it anew; started by `reading`.

Whatever a broken file does to the libraries happens to this process alone. The pictures it writes are new ones: of the
file that came, only the colours of its points are in them, so no EXIF, XMP, IPTC, comment, thumbnail, profile or
appended data can be.

Usage: worker.py FORMAT MAX_PIXELS MEMORY_BYTES CPU_SECONDS, the photo on standard input. Writes a line of JSON, and
after it the large and the small JPEG: `{"width", "height", "lon", "lat", "large", "small"}` (the last two in bytes;
`lon` and `lat`, where the photo says it was taken, may be null), or `{"refused": code}`. Imports neither Django nor
this package.
"""

from __future__ import annotations

import contextlib
import io
import json
import math
import resource
import sys
import warnings
from typing import Any

from PIL import Image, ImageCms, ImageFile

LARGE, SMALL = 1600, 480
"""Longest edge of the two pictures, in pixels."""

QUALITY = 82
_GPS_IFD = 0x8825


class Refused(Exception):
    """Why the photo is not read: a code for `reading`."""


def main(arguments: list[str]) -> None:
    """Read the photo from standard input, write the pictures to standard output."""
    image_format, max_pixels, memory_bytes, cpu_seconds = arguments
    output = sys.stdout.buffer
    try:
        _limit(int(memory_bytes), int(cpu_seconds))
        known, pictures = _read(sys.stdin.buffer.read(), image_format, int(max_pixels))
    except Refused as refused:
        known, pictures = {"refused": str(refused)}, []
    except MemoryError:
        known, pictures = {"refused": "photo_too_heavy"}, []
    except Exception:  # whatever the libraries raise, the photo is what cannot be read
        known, pictures = {"refused": "photo_broken"}, []
    output.write(json.dumps(known).encode() + b"\n")
    for picture in pictures:
        output.write(picture)
    output.flush()


def _limit(memory_bytes: int, cpu_seconds: int) -> None:
    limits = {
        resource.RLIMIT_CPU: cpu_seconds,
        resource.RLIMIT_FSIZE: 0,  # writes no file
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_AS: memory_bytes,
    }
    for kind, most in limits.items():
        with contextlib.suppress(ValueError, OSError):  # macOS knows no limit on address space
            resource.setrlimit(kind, (most, most))


def _read(content: bytes, image_format: str, max_pixels: int) -> tuple[dict[str, Any], list[bytes]]:
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    Image.MAX_IMAGE_PIXELS = None  # judged below, before a point is decoded
    with _open(io.BytesIO(content), image_format) as image:
        width, height = image.size
        if width * height > max_pixels:
            raise Refused("photo_too_many_pixels")
        place = _place(image)
        profile = image.info.get("icc_profile")
        scale = min(1.0, LARGE / max(width, height))
        # A JPEG is decoded at a half, a quarter or an eighth where that is enough: less time, and much less memory.
        image.draft(None, (max(1, int(width * scale)), max(1, int(height * scale))))
        large = _drawn_anew(image, profile)
    small = large.copy()
    small.thumbnail((SMALL, SMALL), Image.Resampling.LANCZOS)
    pictures = [_jpeg(large), _jpeg(small)]
    lon, lat = place or (None, None)
    sizes = {"large": len(pictures[0]), "small": len(pictures[1])}
    return {"width": large.width, "height": large.height, "lon": lon, "lat": lat, **sizes}, pictures


def _open(file: io.BytesIO, image_format: str) -> Image.Image:
    """Open as this format and no other."""
    if image_format == "HEIF":
        import pillow_heif

        pillow_heif.options.DECODE_THREADS = 1
        pillow_heif.options.THUMBNAILS = False
        pillow_heif.register_heif_opener()
    elif image_format == "WEBP":
        from PIL import WebPImagePlugin  # noqa: F401  (makes itself known)
    return Image.open(file, formats=[image_format])


def _place(image: Image.Image) -> tuple[float, float] | None:
    """Longitude and latitude (WGS 84) where the EXIF says it was taken; None where it says nothing that makes sense."""
    try:
        gps = image.getexif().get_ifd(_GPS_IFD)
        lat = _degrees(gps[2], gps[1], positive="N", negative="S")
        lon = _degrees(gps[4], gps[3], positive="E", negative="W")
    except Exception:  # EXIF is written by everything, and in every way
        return None
    # Without a fix many cameras write zeros: nobody takes part from the Gulf of Guinea.
    if not (math.isfinite(lon) and math.isfinite(lat)) or abs(lat) > 90 or abs(lon) > 180 or (lon, lat) == (0, 0):
        return None
    return round(lon, 7), round(lat, 7)


def _degrees(parts: Any, reference: Any, *, positive: str, negative: str) -> float:
    degrees, minutes, seconds = (float(part) for part in parts)
    letter = (reference.decode("ascii") if isinstance(reference, bytes) else str(reference)).strip("\0 ").upper()
    sign = {positive: 1, negative: -1}[letter]
    return sign * (degrees + minutes / 60 + seconds / 3600)


def _drawn_anew(image: Image.Image, profile: bytes | None) -> Image.Image:
    """A new RGB picture in sRGB, upright, at most LARGE on its longer edge, with nothing attached to it."""
    image.load()
    orientation = _orientation(image)
    drawn: Image.Image = image
    if drawn.mode.startswith("I;16"):
        drawn = drawn.point(lambda value: value * (1 / 256)).convert("L")
    elif drawn.mode in {"P", "PA"} or "transparency" in drawn.info:
        drawn = drawn.convert("RGBA")
    elif drawn.mode in {"1", "I", "F"}:
        drawn = drawn.convert("L")
    drawn.thumbnail((LARGE, LARGE), Image.Resampling.LANCZOS, reducing_gap=2.0)
    if drawn.mode in {"RGBA", "LA", "RGBa", "La"}:
        drawn = drawn.convert("RGBA")
        paper = Image.new("RGB", drawn.size, "white")
        paper.paste(drawn, mask=drawn.getchannel("A"))
        drawn = paper
    drawn = _in_srgb(drawn, profile)
    if orientation is not None:
        drawn = drawn.transpose(orientation)
    clean = Image.new("RGB", drawn.size)
    clean.paste(drawn)
    return clean


_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def _orientation(image: Image.Image) -> Image.Transpose | None:
    """How the picture must be turned to be upright (EXIF 2.32, tag 0x0112). libheif has turned a HEIC already."""
    try:
        return _TURNS.get(int(image.getexif().get(0x0112, 1)))
    except Exception:  # as above
        return None


def _in_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """The colours as sRGB, which is what a picture without a profile is taken for."""
    if profile:
        with contextlib.suppress(ImageCms.PyCMSError, OSError, ValueError, TypeError):  # a broken profile is left out
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            converted = ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
            if converted is not None:
                return converted
    return image.convert("RGB")


def _jpeg(image: Image.Image) -> bytes:
    written = io.BytesIO()
    image.save(written, "JPEG", quality=QUALITY, optimize=True, progressive=True)
    return written.getvalue()


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    main(sys.argv[1:])
