"""GIS files that people send, read safely.

A file is taken for what its first bytes say, never for what it is called; it must be one of `formats.FORMATS`; an
archive is unpacked by ourselves (`archives`); the GDAL driver is named and all others are taken away before the file is
opened, in a process of its own with limits on memory and time (`worker`). So a `.geojson` or `.gpkg` that is really a
GDAL virtual dataset, and names a file of the server or an address, is refused and nothing it names is opened.
"""

from __future__ import annotations

from layers.readers.description import FieldDescription, FileDescription, describe_file
from layers.readers.feature_file import FeatureFile, FileFeature
from layers.readers.formats import FORMATS, Format, recognise_format
from layers.readers.limits import UPLOAD_LIMITS, FileLimits
from layers.readers.refusals import (
    FileArchiveUnsafe,
    FileCrsMissing,
    FileCrsUnknown,
    FileEncodingUnknown,
    FileFormatUnknown,
    FileLayerNeeded,
    FileMissing,
    FileRefused,
    FileTooLarge,
    FileUnreadable,
    FileUnsafe,
    FileWithoutGeometry,
)

__all__ = [
    "FORMATS",
    "UPLOAD_LIMITS",
    "FeatureFile",
    "FieldDescription",
    "FileArchiveUnsafe",
    "FileCrsMissing",
    "FileCrsUnknown",
    "FileDescription",
    "FileEncodingUnknown",
    "FileFeature",
    "FileFormatUnknown",
    "FileLayerNeeded",
    "FileLimits",
    "FileMissing",
    "FileRefused",
    "FileTooLarge",
    "FileUnreadable",
    "FileUnsafe",
    "FileWithoutGeometry",
    "Format",
    "describe_file",
    "recognise_format",
]
