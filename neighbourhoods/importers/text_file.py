"""What a text file is written in, found from its bytes before anything is parsed."""

from __future__ import annotations

import codecs
from pathlib import Path

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from neighbourhoods.importers.errors import EncodingUnknown, FileBinary, FileEmpty

SIGNATURES = {
    b"PK\x03\x04": gettext_lazy("a zip archive or a workbook (.xlsx, .ods): save it as CSV"),
    b"\x1f\x8b": gettext_lazy("compressed (.gz): decompress it"),
    b"%PDF": gettext_lazy("a PDF document"),
    b"\x89PNG": gettext_lazy("a picture"),
    b"\xff\xd8\xff": gettext_lazy("a picture"),
    b"SQLite format 3": gettext_lazy("a database or GeoPackage"),
    b"\xd0\xcf\x11\xe0": gettext_lazy("an old workbook (.xls): save it as CSV"),
    b"BZh": gettext_lazy("compressed (.bz2): decompress it"),
    b"\xfd7zXZ": gettext_lazy("compressed (.xz): decompress it"),
}
BLOCK = 1 << 20


def find_encoding(path: Path, *, given: str = "") -> str:
    """The encoding of a text file: `given` if it fits, else by its mark, else UTF-8, else Windows-1252.

    Reads the whole file once, a block at a time. Raises FileEmpty, FileBinary (also for NUL bytes in the midst of
    text) and EncodingUnknown.
    """
    with path.open("rb") as file:
        head = file.read(4096)
    if not head.strip():
        raise FileEmpty(_("%(file)s is empty.") % {"file": path.name})
    for signature, meaning in SIGNATURES.items():
        if head.startswith(signature):
            raise FileBinary(_("%(file)s is no text file but %(what)s.") % {"file": path.name, "what": meaning})
    if given:
        return _checked(path, given)
    if head.startswith(codecs.BOM_UTF8):
        return _checked(path, "utf-8-sig")
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _checked(path, "utf-16")
    if b"\0" in head:
        for offset, encoding in ((1, "utf-16-le"), (0, "utf-16-be")):
            if head[offset::2].count(0) > len(head) * 0.4:
                return _checked(path, encoding)
    for encoding in ("utf-8", "cp1252"):
        try:
            return _checked(path, encoding)
        except EncodingUnknown:
            continue
    raise EncodingUnknown(
        _("%(file)s is neither UTF-8 nor Windows-1252: name its encoding with --encoding.") % {"file": path.name}
    )


def _checked(path: Path, encoding: str) -> str:
    try:
        decoder = codecs.getincrementaldecoder(encoding)()
    except LookupError as error:
        raise EncodingUnknown(_("There is no encoding named “%(encoding)s”.") % {"encoding": encoding}) from error
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            try:
                text = decoder.decode(block, final=len(block) < BLOCK)
            except UnicodeError as error:
                raise EncodingUnknown(
                    _("%(file)s is not written in %(encoding)s: %(error)s.")
                    % {"file": path.name, "encoding": encoding, "error": error}
                ) from error
            if "\0" in text:
                raise FileBinary(_("%(file)s holds NUL bytes: it is damaged or no text file.") % {"file": path.name})
    return encoding
