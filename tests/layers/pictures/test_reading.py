"""Photos are read whatever made them, tell nothing but what they show, and harm nobody."""

from __future__ import annotations

import io
import struct
import zipfile

import pytest
from PIL import Image, ImageCms

from layers.pictures import reading
from layers.pictures.errors import (
    PhotoBroken,
    PhotoFormatUnknown,
    PhotoIsSomethingElse,
    PhotoRefused,
    PhotoTooHeavy,
    PhotoTooLarge,
    PhotoTooManyPixels,
)
from layers.pictures.reading import read_photo
from tests.layers.pictures.pictures import CORNERS, MARKER, four_colours, photo, png_that_claims, with_trailer

FORMATS = ["JPEG", "PNG", "WEBP", "HEIF"]


def picture(content: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(content), formats=["JPEG"])
    image.load()
    return image


def corners(image: Image.Image) -> list[str]:
    """Names of the colours at left top, right top, left bottom, right bottom."""

    def nearest(x: float, y: float) -> str:
        seen = image.getpixel((int(image.width * x), int(image.height * y)))
        return min(CORNERS, key=lambda name: sum((a - b) ** 2 for a, b in zip(CORNERS[name], seen, strict=True)))

    return [nearest(x, y) for y in (0.25, 0.75) for x in (0.25, 0.75)]


@pytest.mark.parametrize("image_format", FORMATS)
def test_photo_is_drawn_anew_without_a_word_of_the_old_one(image_format: str) -> None:
    sent = photo(four_colours(1680, 1260), image_format, lon=4.405, lat=50.8451)
    assert MARKER.encode() in sent

    read = read_photo(with_trailer(sent))

    for content, size in ((read.large, (1600, 1200)), (read.small, (480, 360))):
        shown = picture(content)
        assert shown.size == size
        assert corners(shown) == list(CORNERS)
        assert MARKER.encode() not in content
        assert MARKER.encode("utf-16-le") not in content
        for segment in (b"Exif", b"http://ns.adobe.com", b"Photoshop", b"ICC_PROFILE", b"MPF"):
            assert segment not in content
        assert set(shown.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density", "progressive", "progression"}
    assert (read.width, read.height) == (1600, 1200)


# What a camera that is held so writes, and how the quarters lie once it is upright (EXIF 2.32, figure 28).
UPRIGHT = {
    1: ["left top", "right top", "left bottom", "right bottom"],
    2: ["right top", "left top", "right bottom", "left bottom"],
    3: ["right bottom", "left bottom", "right top", "left top"],
    4: ["left bottom", "right bottom", "left top", "right top"],
    5: ["left top", "left bottom", "right top", "right bottom"],
    6: ["left bottom", "left top", "right bottom", "right top"],
    7: ["right bottom", "right top", "left bottom", "left top"],
    8: ["right top", "right bottom", "left top", "left bottom"],
}


@pytest.mark.parametrize("orientation", UPRIGHT)
def test_photo_is_upright(orientation: int) -> None:
    read = read_photo(photo(four_colours(160, 120), orientation=orientation))

    assert corners(picture(read.large)) == UPRIGHT[orientation]
    assert (read.width, read.height) == ((160, 120) if orientation < 5 else (120, 160))


def test_heic_that_was_turned_by_its_own_means_is_not_turned_twice() -> None:
    turned = four_colours(160, 120)
    read = read_photo(photo(turned, "HEIF", orientation=6))

    assert corners(picture(read.large)) == UPRIGHT[6]


PLACES = [(4.40512, 50.84513), (-70.64827, -33.45694), (0.00001, 51.47722), (178.44149, -18.14161)]


@pytest.mark.parametrize(("image_format", "place"), list(zip(FORMATS, PLACES, strict=True)))
def test_place_is_the_one_that_was_written(image_format: str, place: tuple[float, float]) -> None:
    read = read_photo(photo(four_colours(80, 60), image_format, lon=place[0], lat=place[1]))

    assert read.taken_at == pytest.approx(place, abs=1e-7)


@pytest.mark.parametrize(
    "place", [{}, {"lon": 0, "lat": 0}, {"lon": 4.4, "lat": 91.5}], ids=["none", "zeros", "no such"]
)
def test_no_place_is_made_up(place: dict[str, float]) -> None:
    assert read_photo(photo(four_colours(80, 60), **place)).taken_at is None


def test_half_a_place_is_none() -> None:
    with_gps = photo(four_colours(80, 60), lon=4.4, lat=50.8)

    assert read_photo(with_gps.replace(b"N\0\0\0", b"\0\0\0\0")).taken_at is None


def test_colours_of_another_space_are_converted() -> None:
    """A profile in which the first number means green and the second red, as no screen takes them by itself."""
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    swapped = srgb.replace(b"rXYZ", b"....", 1).replace(b"gXYZ", b"rXYZ", 1).replace(b"....", b"gXYZ", 1)
    red, green, blue = four_colours(80, 60).split()
    written = io.BytesIO()
    Image.merge("RGB", (green, red, blue)).save(written, "PNG", icc_profile=swapped)

    assert corners(picture(read_photo(written.getvalue()).large)) == list(CORNERS)


def test_four_inks_and_a_broken_profile_are_no_obstacle() -> None:
    written = io.BytesIO()
    four_colours(80, 60).convert("CMYK").save(written, "JPEG", icc_profile=b"not a profile at all")

    assert corners(picture(read_photo(written.getvalue()).large)) == list(CORNERS)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "I;16"])
def test_every_kind_of_png_is_read(mode: str) -> None:
    image = Image.linear_gradient("L").resize((64, 64))
    shown = image.convert("I;16").point(lambda value: value * 257) if mode == "I;16" else image.convert(mode)
    written = io.BytesIO()
    shown.save(written, "PNG")

    large = picture(read_photo(written.getvalue()).large)

    assert large.mode == "RGB"
    top, bottom = large.getpixel((32, 3)), large.getpixel((32, 60))
    assert max(top) < 60
    assert min(bottom) > 190


def test_what_is_transparent_is_paper() -> None:
    written = io.BytesIO()
    Image.new("RGBA", (40, 40), (255, 0, 0, 0)).save(written, "PNG")

    assert min(picture(read_photo(written.getvalue()).large).getpixel((20, 20))) > 250


def _zip() -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("evil.js", "alert(1)")
    return made.getvalue()


REFUSED = {
    "svg": (b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>', PhotoFormatUnknown),
    "gif": (b"GIF89a" + b"\0" * 100, PhotoFormatUnknown),
    "empty": (b"", PhotoFormatUnknown),
    "text": (b"a photo, honestly", PhotoFormatUnknown),
    "postscript": (b"%!PS-Adobe-3.0 EPSF-3.0\n", PhotoFormatUnknown),
    "avif": (b"\0\0\0\x1cftypavif\0\0\0\0avifmif1miaf" + b"\0" * 100, PhotoFormatUnknown),
    "truncated jpeg": (photo(four_colours())[:-3000], PhotoBroken),
    "truncated png": (photo(four_colours(), "PNG")[:-300], PhotoBroken),
    "truncated heic": (photo(four_colours(), "HEIF")[:-300], PhotoBroken),
    "only a beginning": (b"\xff\xd8\xff\xe0", PhotoBroken),
    "bomb of points": (png_that_claims(60_000, 60_000), PhotoTooManyPixels),
    "just too many points": (png_that_claims(10_000, 6_001), PhotoTooManyPixels),
    "photo and archive": (photo() + _zip(), PhotoIsSomethingElse),
    "photo and document": (photo()[:2] + b"\xff\xfe\x00\x0b%PDF-1.7\n" + photo()[2:], PhotoIsSomethingElse),
    "photo and page": (photo()[:2] + b"\xff\xfe\x00\x16<html><script>x()</s" + photo()[2:], PhotoIsSomethingElse),
    "photo and program": (photo()[:2] + b"\xff\xfe\x00\x0a<?php x()"[:12] + photo()[2:], PhotoIsSomethingElse),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_what_is_no_sound_photo_is_refused_in_words(kind: str) -> None:
    content, refusal = REFUSED[kind]

    with pytest.raises(refusal) as raised:
        read_photo(content)

    assert isinstance(raised.value, PhotoRefused)
    assert len(raised.value.detail) > 20


def test_too_many_bytes_are_not_even_looked_at() -> None:
    with pytest.raises(PhotoTooLarge):
        read_photo(photo()[:100] + b"\0" * reading.MAX_BYTES)


def test_what_takes_more_memory_than_a_photo_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    written = io.BytesIO()
    Image.effect_noise((2000, 2000), 4).convert("RGBA").save(written, "PNG", compress_level=1)
    sent = written.getvalue()
    assert read_photo(sent).width == 1600

    monkeypatch.setattr(reading, "_MEMORY_BYTES", 60_000_000)

    with pytest.raises(PhotoTooHeavy):
        read_photo(sent)


def test_file_of_another_kind_inside_the_frame_of_a_photo_is_decoded_by_no_other_decoder() -> None:
    """A TIFF inside a WebP's frame: only the WebP decoder may look at it."""
    tiff = io.BytesIO()
    four_colours(20, 20).save(tiff, "TIFF")
    framed = b"RIFF" + struct.pack("<I", len(tiff.getvalue()) + 4) + b"WEBP" + tiff.getvalue()

    with pytest.raises(PhotoBroken):
        read_photo(framed)
