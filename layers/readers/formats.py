"""The formats that are read, each known by its first bytes."""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from django.utils.translation import gettext as _

from layers.readers.refusals import FileFormatUnknown

_SNIFFED_BYTES = 1 << 16


@dataclass(frozen=True)
class Format:
    """A format that is read: `recognises` looks at the first bytes, `driver` is GDAL's name for it."""

    name: str
    driver: str
    suffix: str
    recognises: Callable[[bytes], bool]
    is_text: bool = False
    """Text, handed to GDAL in UTF-8 whatever it was written in."""


def _is_geojson(start: bytes) -> bool:
    text = start.removeprefix(codecs.BOM_UTF8).lstrip()
    return text.startswith(b"{") and bool(
        re.search(rb'"type"\s*:\s*"(FeatureCollection|Feature)"', text)
        or (re.search(rb'"features"\s*:\s*\[', text) and not re.search(rb'"geometryType"\s*:', text))
    )


def _is_geopackage(start: bytes) -> bool:
    return start.startswith(b"SQLite format 3\x00") and start[68:72] in {b"GPKG", b"GP10", b"GP11"}


def _is_flatgeobuf(start: bytes) -> bool:
    return start[:3] == b"fgb" and start[4:7] == b"fgb"


def _is_kml(start: bytes) -> bool:
    text = start.removeprefix(codecs.BOM_UTF8).lstrip()
    return text.startswith(b"<") and bool(re.search(rb"<(\w+:)?kml[\s>]", text))


def is_archive(start: bytes) -> bool:
    """Whether this is a zip archive; an empty one begins otherwise."""
    return start.startswith((b"PK\x03\x04", b"PK\x05\x06"))


GEOJSON = Format("GeoJSON", "GeoJSON", ".geojson", _is_geojson, is_text=True)
GEOPACKAGE = Format("GeoPackage", "GPKG", ".gpkg", _is_geopackage)
FLATGEOBUF = Format("FlatGeobuf", "FlatGeobuf", ".fgb", _is_flatgeobuf)
KML = Format("KML", "LIBKML", ".kml", _is_kml, is_text=True)
SHAPEFILE = Format("Shapefile", "ESRI Shapefile", ".shp", lambda start: start.startswith(b"\x00\x00\x27\x0a"))
"""Several files, read from a zip archive only: one of them alone is useless."""

# A further format of one file is one more name here: its first bytes, and the one driver that may open it.
FORMATS = (GEOJSON, GEOPACKAGE, FLATGEOBUF, KML)


def format_names() -> str:
    """What people may send, in words."""
    return ", ".join([known.name for known in FORMATS] + [_("zipped Shapefile"), "KMZ"])


def first_bytes(path: Path) -> bytes:
    """The beginning of a file; of UTF-16 text, the same text in UTF-8."""
    with path.open("rb") as file:
        start = file.read(_SNIFFED_BYTES)
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return start.decode("utf-16", errors="ignore").encode(errors="ignore")
    return start


def recognise_format(path: Path) -> Format:
    """The format of a file that is no archive by its first bytes; raises FileFormatUnknown."""
    start = first_bytes(path)
    for known in FORMATS:
        if known.recognises(start):
            return known
    names = format_names()
    if not start:
        raise FileFormatUnknown(_("This file is empty. Send one of these: %(names)s.") % {"names": names})
    if SHAPEFILE.recognises(start):
        raise FileFormatUnknown(
            _(
                "This is one file of a Shapefile, which has several. Put its .shp, .shx, .dbf, .prj and .cpg together "
                "into one zip archive and send that."
            )
        )
    raise FileFormatUnknown(
        _("This file is none of the formats that can be read, whatever its name says. Send one of these: %(names)s.")
        % {"names": names}
    )
