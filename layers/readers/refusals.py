"""Why a GIS file is not read: one class a reason, each with its stable code."""

from __future__ import annotations

from django.utils.translation import gettext as _

from layers.errors import Refusal


class FileRefused(Refusal):
    """A file that is not read."""

    code = "file_refused"


class FileMissing(FileRefused):
    """There is no file of this name."""

    code = "file_missing"


class FileTooLarge(FileRefused):
    """More bytes, features or vertices than `extra["limit"]`, or more memory than it may take."""

    code = "file_too_large"


class FileFormatUnknown(FileRefused):
    """Not one of the formats that are read, whatever its name says."""

    code = "file_format_unknown"


class FileUnreadable(FileRefused):
    """Begins like a format that is read, and then is broken."""

    code = "file_unreadable"


class FileArchiveUnsafe(FileRefused):
    """An archive with a member that could do harm or cannot be judged: outside paths, links, archives, passwords."""

    code = "file_archive_unsafe"


class FileUnsafe(FileRefused):
    """A document that would have other documents opened, or its reader overwhelmed."""

    code = "file_unsafe"


class FileEncodingUnknown(FileRefused):
    """Text that is not in the encoding it should be in; `extra["line"]` says where, if it has lines."""

    code = "file_encoding"


class FileWithoutGeometry(FileRefused):
    """Nothing in the file has a place."""

    code = "file_without_geometry"


class FileLayerNeeded(FileRefused):
    """Several layers, or not the one asked for; `extra["layers"]` names them."""

    code = "file_layer_needed"


class FileCrsMissing(FileRefused):
    """Coordinates that are no longitude and latitude, and no system to read them by; `extra` has an x and a y."""

    code = "file_crs_missing"


class FileCrsUnknown(FileRefused):
    """A reference system from which there is no way to longitude and latitude."""

    code = "file_crs_unknown"


def too_large(what: str, limit: int) -> FileTooLarge:
    """The refusal of a file with more bytes, features or points than may be."""
    return FileTooLarge(
        _("This file is too large: at most %(limit)s %(what)s can be read.") % {"limit": limit, "what": what},
        limit=limit,
    )


def layer_needed(layers: list[str]) -> FileLayerNeeded:
    """The refusal of a file whose layers are these, when none of them or another was asked for."""
    return FileLayerNeeded(
        _("Say which layer of this file is meant: %(layers)s.") % {"layers": ", ".join(layers)}, layers=layers
    )
