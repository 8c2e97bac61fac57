"""Zip archives that people send: a Shapefile, or a KMZ.

GDAL never sees an archive. The files of one Shapefile, or one KML document, are taken out by us under names of our
own, so that no member's name is ever a path, and no more comes out than the limits allow, whatever the archive claims.
"""

from __future__ import annotations

import os
import re
import stat
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from django.utils.translation import gettext as _

from layers.readers.formats import KML, SHAPEFILE, Format, format_names
from layers.readers.limits import FileLimits
from layers.readers.refusals import FileArchiveUnsafe, FileFormatUnknown, FileUnreadable, layer_needed, too_large

_PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg")
_ARCHIVES = {".zip", ".kmz", ".7z", ".rar", ".gz", ".tgz", ".tar", ".bz2", ".xz", ".zst"}
_OFFICE_MEMBERS = {"[Content_Types].xml", "mimetype"}
"""What every Office Open XML or OpenDocument file holds."""
_SMALL_ENOUGH = 20_000_000
"""Bytes up to which a member may be compressed as well as it likes: empty columns of a .dbf are."""
_DIRECTORY_BYTES_A_MEMBER = 1000
_END_OF_DIRECTORY = b"PK\x05\x06"
_BLOCK = 1 << 20


@dataclass(frozen=True)
class Unpacked:
    """What was taken out: the file to open, its format, and the layers (names of the Shapefiles) it was among."""

    format: Format
    path: Path
    layer: str = ""
    layers: tuple[str, ...] = ()


def unpack(archive: Path, *, folder: Path, layer: str, limits: FileLimits) -> Unpacked:
    """Take the one Shapefile (`layer` says which, where there are several) or KML document out into the folder.

    Raises FileArchiveUnsafe, FileFormatUnknown, FileLayerNeeded, FileTooLarge and FileUnreadable.
    """
    try:
        _check_directory_size(archive, limits)
        with zipfile.ZipFile(archive) as opened:
            members = _checked_members(opened, limits)
            shapefiles = _shapefiles(members)
            if shapefiles:
                return _take_shapefile(opened, shapefiles, folder, layer, limits)
            documents = [info for info in members if _suffix(info) == ".kml"]
            if documents:
                return _take_kml(opened, documents, folder, limits)
    except (zipfile.BadZipFile, zlib.error, EOFError, UnicodeDecodeError, NotImplementedError) as error:
        raise _broken(str(error)) from None
    if any(info.filename in _OFFICE_MEMBERS for info in members):
        raise FileFormatUnknown(
            _(
                "This is a document of an office program (Excel, LibreOffice, Word), not a map file. A list of "
                "addresses is read when you save it there as CSV. Streets and districts need one of these: %(names)s."
            )
            % {"names": format_names()}
        )
    held = ", ".join(PurePosixPath(info.filename).name for info in members[:10])
    raise FileFormatUnknown(
        _(
            "This zip archive holds no Shapefile and no KML, but %(members)s. Unpack it, and send one of these: "
            "%(names)s."
        )
        % {"members": held or _("nothing"), "names": format_names()}
    )


def check_archive(archive: Path, *, limits: FileLimits) -> list[str]:
    """The names of the members, once none of them could do harm: for archives that another library then opens.

    Unpacked sizes are those that the directory claims; `zipfile` gives out no more of a member than that. Raises
    FileArchiveUnsafe, FileTooLarge and FileUnreadable.
    """
    try:
        _check_directory_size(archive, limits)
        with zipfile.ZipFile(archive) as opened:
            members = _checked_members(opened, limits)
            for info in members:
                if info.file_size > _SMALL_ENOUGH and info.file_size > limits.max_ratio * max(info.compress_size, 1):
                    raise _expands_too_far(limits)
                _require_plain(info)
            # What _checked_members leaves out could still be opened by the other library.
            if sum(info.file_size for info in opened.infolist()) > limits.max_expanded_bytes:
                raise _expands_too_far(limits)
    except (zipfile.BadZipFile, zlib.error, EOFError, UnicodeDecodeError, NotImplementedError) as error:
        raise _broken(str(error)) from None
    return [info.filename for info in members]


def _check_directory_size(archive: Path, limits: FileLimits) -> None:
    """Refuse a directory of members that would fill the memory when it is read."""
    with archive.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - 22 - 65535))
        tail = file.read()
    at = tail.rfind(_END_OF_DIRECTORY)
    if at < 0 or len(tail) < at + 22:
        raise _broken("no end of directory")
    directory_bytes = int.from_bytes(tail[at + 12 : at + 16], "little")
    if directory_bytes > limits.max_members * _DIRECTORY_BYTES_A_MEMBER:
        raise too_large(_("files in an archive"), limits.max_members)


def _checked_members(opened: zipfile.ZipFile, limits: FileLimits) -> list[zipfile.ZipInfo]:
    """All files of the archive, once none of them could do harm; what macOS adds is left out."""
    if len(opened.infolist()) > limits.max_members:
        raise too_large(_("files in an archive"), limits.max_members)
    files = []
    for info in opened.infolist():
        name = info.orig_filename
        path = PurePosixPath(name.replace("\\", "/"))
        if path.is_absolute() or ".." in path.parts or "\0" in name or re.match(r"[A-Za-z]:", name):
            raise FileArchiveUnsafe(
                _("The archive holds “%(name)s”, a path that leads out of it. Make the archive anew.")
                % {"name": name[:100].replace("\0", " ")}
            )
        if stat.S_ISLNK(info.external_attr >> 16):
            raise FileArchiveUnsafe(
                _("The archive holds “%(name)s”, a link to another file. Put the file itself in its place.")
                % {"name": name[:100]}
            )
        if path.suffix.lower() in _ARCHIVES:
            raise FileArchiveUnsafe(
                _("The archive holds another archive, “%(name)s”. Send what is inside that one by itself.")
                % {"name": name[:100]}
            )
        if not (info.is_dir() or path.parts[:1] == ("__MACOSX",) or path.name.startswith(".")):
            files.append(info)
    return files


def _suffix(info: zipfile.ZipInfo) -> str:
    return PurePosixPath(info.filename).suffix.lower()


def _shapefiles(members: list[zipfile.ZipInfo]) -> dict[str, dict[str, zipfile.ZipInfo]]:
    """The parts of each Shapefile by its name: without folder where that is enough to tell them apart."""
    by_stem: dict[str, dict[str, zipfile.ZipInfo]] = {}
    for info in members:
        if _suffix(info) in _PARTS:
            stem = str(PurePosixPath(info.filename).with_suffix(""))
            by_stem.setdefault(stem.casefold(), {})[_suffix(info)] = info
    found = [parts for parts in by_stem.values() if ".shp" in parts]
    paths = [PurePosixPath(parts[".shp"].filename).with_suffix("") for parts in found]
    short = len({path.name for path in paths}) == len(paths)
    return {path.name if short else str(path): parts for path, parts in zip(paths, found, strict=True)}


def _take_shapefile(
    opened: zipfile.ZipFile,
    shapefiles: dict[str, dict[str, zipfile.ZipInfo]],
    folder: Path,
    layer: str,
    limits: FileLimits,
) -> Unpacked:
    if (layer and layer not in shapefiles) or (not layer and len(shapefiles) > 1):
        raise layer_needed(list(shapefiles))
    name = layer or next(iter(shapefiles))
    parts = shapefiles[name]
    for needed in (".shx", ".dbf"):
        if needed not in parts:
            raise FileUnreadable(
                _("The Shapefile “%(name)s” is not whole: the archive lacks its %(suffix)s file.")
                % {"name": name, "suffix": needed}
            )
    left = limits.max_expanded_bytes
    for suffix, info in parts.items():
        left -= _take(opened, info, folder / f"file{suffix}", left, limits)
    _require_whole_table(folder / "file.dbf")
    return Unpacked(SHAPEFILE, folder / "file.shp", name, tuple(shapefiles))


def _require_whole_table(table: Path) -> None:
    """Refuse a .dbf that is none or is cut off: GDAL would leave its attributes away, and say nothing."""
    with table.open("rb") as file:
        start = file.read(32)
        size = file.seek(0, os.SEEK_END)
    rows, header_bytes, row_bytes = (int.from_bytes(start[at:end], "little") for at, end in ((4, 8), (8, 10), (10, 12)))
    if len(start) < 32 or header_bytes < 33 or row_bytes < 1 or header_bytes + rows * row_bytes > size:
        raise FileUnreadable(
            _("The table of this Shapefile (its .dbf file) is broken or cut off, and its attributes cannot be read.")
        )


def _take_kml(opened: zipfile.ZipFile, documents: list[zipfile.ZipInfo], folder: Path, limits: FileLimits) -> Unpacked:
    # The document of a KMZ is the first one in its directory (OGC 12-007r2, annex C); all others are for links.
    main = next((info for info in documents if info.filename.lower() == "doc.kml"), documents[0])
    _take(opened, main, folder / "unpacked.kml", limits.max_expanded_bytes, limits)
    return Unpacked(KML, folder / "unpacked.kml")


def _take(opened: zipfile.ZipFile, info: zipfile.ZipInfo, target: Path, most: int, limits: FileLimits) -> int:
    """Write one member to the target, at most so many bytes; gives how many there were."""
    _require_plain(info)
    if info.file_size > most:
        raise _expands_too_far(limits)
    taken = 0
    with opened.open(info) as member, target.open("wb") as file:
        while block := member.read(_BLOCK):
            taken += len(block)
            swollen = taken > _SMALL_ENOUGH and taken > limits.max_ratio * max(info.compress_size, 1)
            if taken > most or swollen:
                raise _expands_too_far(limits)
            file.write(block)
    return taken


def _require_plain(info: zipfile.ZipInfo) -> None:
    """Refuse a member that is locked, or compressed in an unusual way."""
    if info.flag_bits & 0x1:
        raise FileArchiveUnsafe(_("The archive is locked with a password. Send it without one."))
    if info.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
        raise FileArchiveUnsafe(
            _("The archive is compressed in a way that is not read here. Make it anew as an ordinary zip archive.")
        )


def _expands_too_far(limits: FileLimits) -> Exception:
    return too_large(_("bytes, unpacked,"), limits.max_expanded_bytes)


def _broken(reason: str) -> FileUnreadable:
    return FileUnreadable(_("This zip archive is broken and cannot be read."), reason=reason[:200])
