"""The column `type` of an XLSForm: which words mean which question, and which mean none that can be asked here."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext_lazy as _

_CHOOSING: Final = re.compile(
    r"""^(?:
      (?P<single>select[ _]one(?:[ _]from)?|select1|select[ ]one[ ]from)
    | (?P<multiple>select[ _]multiple(?:[ _]from)?|select[ ]all[ ]that[ ]apply(?:[ ]from)?)
    | (?P<ranking>rank|odk:rank)
    )\s+(?P<list>\S+)(?:\s+(?P<other>or[ _](?:specify[ _])?other))?$""",
    re.VERBOSE | re.IGNORECASE,
)
_GROUPS: Final = re.compile(r"^(?P<edge>begin|end)[ _:](?:lgroup|(?P<what>group|repeat)|loop.*)$", re.IGNORECASE)

SIMPLE: Final = {
    "text": "text", "string": "text",
    "integer": "integer", "int": "integer",
    "decimal": "decimal",
    "range": "range",
    "date": "date",
    "datetime": "datetime",
    "time": "time",
    "geopoint": "point", "location": "point", "gps": "point",
    "geotrace": "line",
    "geoshape": "area",
    "image": "image", "photo": "image",
    "note": "note",
    "acknowledge": "consent", "trigger": "consent",
}  # fmt: skip
METADATA: Final = frozenset(
    {
        *("start", "end", "today", "start_time", "end_time", "audit", "start-geopoint"),
        *("deviceid", "device_id", "uri:deviceid", "imei", "subscriberid", "simserial", "phonenumber", "phone_number"),
        *("username", "uri:username", "email"),
    }
)
CALCULATED: Final = frozenset({"calculate", "hidden", "xml-external", "csv-external", "background-geopoint"})
MEDIA: Final = {
    "audio": _("Ask for a text instead, or for a photo."),
    "background-audio": _("Ask for a text instead."),
    "video": _("Ask for a photo instead, or for the address of the video as a short text."),
    "file": _("Ask for a photo instead, or for a text."),
    "barcode": _("Ask for what is written below the barcode as a short text."),
    "osm": _("Ask for places on the map instead."),
}


@dataclass(frozen=True)
class Type:
    """`word` is "single", "multiple", "ranking", a value of SIMPLE, "begin", "end", "metadata", "calculated", "media",
    "elsewhere" (choices in another file) or "unknown"; a group's `list_name` is "group" or "repeat"."""

    word: str
    list_name: str = ""
    other: bool = False


def read_type(text: str) -> Type:
    """Read a cell of the column `type`."""
    plain = " ".join(text.split())
    lower = plain.lower()
    if choosing := _CHOOSING.match(plain):
        word = next(word for word in ("single", "multiple", "ranking") if choosing[word])
        return Type(word, choosing["list"], bool(choosing["other"]))
    if group := _GROUPS.match(plain):
        return Type(group["edge"].lower(), (group["what"] or "repeat").lower())
    if lower.startswith(("select_one_from_file", "select_multiple_from_file", "select_one_external")):
        return Type("elsewhere")
    if lower in SIMPLE:
        return Type(SIMPLE[lower])
    if lower in METADATA:
        return Type("metadata")
    if lower in CALCULATED:
        return Type("calculated")
    if lower in MEDIA:
        return Type("media", lower)
    return Type("unknown")
