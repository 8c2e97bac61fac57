"""Photos as telephones, cameras and people with bad intentions make them."""

from __future__ import annotations

import io
import struct
import zlib
from fractions import Fraction
from typing import Any

import pillow_heif
from PIL import Image, ImageDraw, TiffImagePlugin

MARKER = "NOBODY-MAY-READ-THIS"
"""Stands in everything that is not the picture itself; no stored file may have it."""

CORNERS = {
    "left top": (220, 30, 30),
    "right top": (30, 180, 40),
    "left bottom": (30, 50, 210),
    "right bottom": (240, 220, 20),
}
"""Colour of each quarter of the picture that `four_colours` draws."""

pillow_heif.register_heif_opener()


def four_colours(width: int = 800, height: int = 600) -> Image.Image:
    """A picture of which each quarter has its own colour: one sees how it was turned."""
    image = Image.new("RGB", (width, height))
    draw = ImageDraw.Draw(image)
    for name, colour in CORNERS.items():
        x, y = (0 if "left" in name else width // 2), (0 if "top" in name else height // 2)
        draw.rectangle((x, y, x + width // 2, y + height // 2), fill=colour)
    return image


def degrees_minutes_seconds(value: float) -> tuple[Any, Any, Any]:
    """As EXIF writes an angle: three rationals."""
    exact = abs(Fraction(value).limit_denominator(10**7))
    degrees = exact.numerator // exact.denominator
    minutes = int((exact - degrees) * 60)
    seconds = (exact - degrees) * 3600 - minutes * 60
    rational = TiffImagePlugin.IFDRational
    return rational(degrees), rational(minutes), rational(round(seconds * 10_000), 10_000)


def exif(*, lon: float | None = None, lat: float | None = None, orientation: int = 1) -> Image.Exif:
    """EXIF with a camera's name that is MARKER, and where and how it was taken."""
    made = Image.Exif()
    made[0x010F] = MARKER  # maker
    made[0x9C9C] = (MARKER + "\0").encode("utf-16-le")  # a comment, as Windows writes it
    made[0x0112] = orientation
    made.get_ifd(0x8769)[0x9286] = b"ASCII\0\0\0" + MARKER.encode()  # user comment
    if lon is not None and lat is not None:
        gps = made.get_ifd(0x8825)
        gps[1], gps[2] = ("N" if lat >= 0 else "S"), degrees_minutes_seconds(lat)
        gps[3], gps[4] = ("E" if lon >= 0 else "W"), degrees_minutes_seconds(lon)
        gps[29] = "2024:05:06"
    return made


def photo(image: Image.Image | None = None, image_format: str = "JPEG", **options: Any) -> bytes:
    """A file of this format; `lon`, `lat` and `orientation` go into its EXIF."""
    place = {name: options.pop(name) for name in ("lon", "lat", "orientation") if name in options}
    written = io.BytesIO()
    extra: dict[str, Any] = {"exif": exif(**place).tobytes(), **options}
    xmp = f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><d>{MARKER}</d></x:xmpmeta>'.encode()
    if image_format == "JPEG":
        extra |= {"comment": MARKER.encode(), "xmp": xmp, "quality": 90}
    if image_format == "WEBP":
        extra |= {"xmp": xmp}
    if image_format == "PNG":
        from PIL.PngImagePlugin import PngInfo

        words = PngInfo()
        words.add_text("Comment", MARKER)
        words.add_itxt("XML:com.adobe.xmp", xmp.decode())
        extra["pnginfo"] = words
    (image or four_colours()).save(written, image_format, **extra)
    return written.getvalue()


def with_trailer(content: bytes) -> bytes:
    """What telephones append: a film of the moment, other exposures."""
    return content + b"MotionPhoto_Data" + MARKER.encode() * 20


def png_that_claims(width: int, height: int) -> bytes:
    """A PNG of few bytes that says it has this many points."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(b"\0" * 10_000))
        + chunk(b"IEND", b"")
    )
