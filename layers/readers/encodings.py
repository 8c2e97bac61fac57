"""What text in a GIS file is written in, where the file may leave it open."""

from __future__ import annotations

import codecs
import re
from pathlib import Path
from typing import BinaryIO

from django.utils.translation import gettext as _

from layers.readers.refusals import FileEncodingUnknown

_BLOCK = 1 << 20
_LOOKED_AT = 8 << 20
_DECLARATION = re.compile(rb"""^\s*<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9._:-]+)["'][^>]*\?>""")
_DECLARED = re.compile(r"^\s*<\?xml[^>]*\?>")
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Code pages by the byte that dBASE keeps for them (GDAL's ogr/ogrsf_frmts/shape has the same list).
_DBASE_PAGES = {
    0x01: "cp437", 0x02: "cp850", 0x03: "cp1252", 0x08: "cp865", 0x13: "cp932", 0x4D: "cp936", 0x4E: "cp949",
    0x4F: "cp950", 0x57: "cp1252", 0x58: "cp1252", 0x59: "cp1252", 0x64: "cp852", 0x65: "cp866", 0x66: "cp865",
    0x6A: "cp737", 0x6B: "cp857", 0xC8: "cp1250", 0xC9: "cp1251", 0xCA: "cp1254", 0xCB: "cp1253", 0xCC: "cp1257",
}  # fmt: skip
_UTF8_LETTER = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_HIGH_BYTE = re.compile(rb"[\x80-\xff]")


def known_encoding(name: str) -> str:
    """Python's name of an encoding, as people and .cpg files write it ("1252", "ANSI 1252", "UTF-8"); "" of none."""
    text = name.strip().strip("\0").casefold()
    text = re.sub(r"^(ansi|windows|oem|ibm|cp|ms)[\s_-]*(?=\d)", "", text)
    if text in {"65001", "utf-8", "utf8"}:
        return "utf-8"
    if match := re.fullmatch(r"(?:iso[\s_-]*)?8859[\s_-]*(\d{1,2})", text):
        return f"iso8859-{int(match[1])}"
    for candidate in (f"cp{text}", text) if text.isdigit() else (text,):
        try:
            found = codecs.lookup(candidate)
        except (LookupError, ValueError):
            continue
        # Python also calls "hex", "zip" or "idna" codecs: those are no ways to write text.
        if getattr(found, "_is_text_encoding", True) and found.name not in {"idna", "punycode", "unicode_escape"}:
            return found.name
    return ""


def said_encoding(name: str) -> str:
    """The encoding a person named, as Python calls it; raises FileEncodingUnknown."""
    found = known_encoding(name)
    if name and not found:
        raise FileEncodingUnknown(_("There is no encoding named “%(encoding)s”.") % {"encoding": name[:40]})
    return found


def shapefile_encoding(shapefile: Path) -> str:
    """The encoding of a Shapefile's attributes: of its .cpg, else what its .dbf looks like.

    The byte that dBASE has for it is believed only where the text is not UTF-8: many programs write UTF-8 and leave
    the byte as it was.
    """
    declared = shapefile.with_suffix(".cpg")
    if declared.is_file():
        with declared.open("rb") as file:
            found = known_encoding(file.read(40).decode("latin-1"))
        if found:
            return found
    table = shapefile.with_suffix(".dbf")
    if not table.is_file():
        return "utf-8"
    with table.open("rb") as file:
        start = file.read(32)
        header_bytes = int.from_bytes(start[8:10], "little")
        file.seek(header_bytes)
        body = file.read(_LOOKED_AT)
    without_letters, letters = _UTF8_LETTER.subn(b"", body)
    # A letter cut at the end of its column leaves stray bytes.
    strays = len(_HIGH_BYTE.findall(without_letters))
    if strays <= letters // 20:
        return "utf-8"
    return _DBASE_PAGES.get(start[29] if len(start) > 29 else 0, "cp1252")


def text_encoding(start: bytes, *, said: str) -> str:
    """The encoding of a text file by its first bytes: what a person said, its mark, its XML declaration, UTF-8."""
    for mark, encoding in _MARKS:
        if start.startswith(mark):
            return encoding
    if said:
        return said
    declaration = _DECLARATION.match(start)
    return (known_encoding(declaration[1].decode()) if declaration else "") or "utf-8"


def write_as_utf8(source: BinaryIO, target: BinaryIO, *, encoding: str) -> None:
    """Copy text into UTF-8, without the XML declaration that would then be wrong; raises FileEncodingUnknown."""
    decoder = codecs.getincrementaldecoder(encoding)()
    line, first = 1, True
    while True:
        block = source.read(_BLOCK)
        try:
            text = decoder.decode(block, final=not block)
        except UnicodeError:
            raise FileEncodingUnknown(
                _("This file is not written in %(encoding)s (after line %(line)s). Say which encoding it is in.")
                % {"encoding": encoding, "line": line},
                line=line,
            ) from None
        if first:
            text, first = _DECLARED.sub("", text.removeprefix("\ufeff")), False
        target.write(text.encode("utf-8", errors="replace"))
        line += text.count("\n")
        if not block:
            return
