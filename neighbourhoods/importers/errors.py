"""Why an import as a whole is refused. Single rows are refused in the report (`report.py`), with codes of their own."""

from __future__ import annotations

from typing import ClassVar

from layers.errors import Refusal


class ImportRefused(Refusal):
    """The file cannot be imported; the database stays as it was."""

    code: ClassVar[str] = "import_refused"


class FileEmpty(ImportRefused):
    """The file holds nothing, or nothing but a header."""

    code: ClassVar[str] = "file_empty"


class FileBinary(ImportRefused):
    """A text file was expected; this one holds NUL bytes or is an archive, a picture, a workbook …"""

    code: ClassVar[str] = "file_binary"


class EncodingUnknown(ImportRefused):
    """The text cannot be read in the encoding named or found."""

    code: ClassVar[str] = "encoding_unknown"


class HeaderMissing(ImportRefused):
    """The first line does not name the columns."""

    code: ClassVar[str] = "header_missing"


class DelimiterWrong(ImportRefused):
    """The columns are separated by another character than the one said or found."""

    code: ClassVar[str] = "delimiter_wrong"


class ColumnMissing(ImportRefused):
    """A column that the format needs is not in the file."""

    code: ClassVar[str] = "column_missing"


class ColumnOptionWrong(ImportRefused):
    """A `--column` option is not of the form `meaning=column`, or names a meaning that does not exist."""

    code: ClassVar[str] = "column_option_wrong"


class CoordinatesSwapped(ImportRefused):
    """Longitudes and latitudes are in each other's column."""

    code: ClassVar[str] = "coordinates_swapped"


class ReferenceSystemUnknown(ImportRefused):
    """`--crs` names no known reference system."""

    code: ClassVar[str] = "reference_system_unknown"


class FormatUnknown(ImportRefused):
    """No reader is registered for this format."""

    code: ClassVar[str] = "format_unknown"


class LevelWrong(ImportRefused):
    """A `--level` option that says no level."""

    code: ClassVar[str] = "level_wrong"


class FieldMissing(ImportRefused):
    """A field named by an option is not in the file."""

    code: ClassVar[str] = "field_missing"


class OsmFileUnreadable(ImportRefused):
    """Not an OpenStreetMap file, or a broken one."""

    code: ClassVar[str] = "osm_file_unreadable"


class ClosesTooMuch(ImportRefused):
    """The file lacks most of what its register has in force."""

    code: ClassVar[str] = "closes_too_much"


class NothingToImport(ImportRefused):
    """The file was read, and every row of it was refused."""

    code: ClassVar[str] = "nothing_to_import"
