"""What a mailing list can be written as: one table, one module for each format."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import BinaryIO, Final

from geoparticipation.mailings.domain.listing import Listing
from geoparticipation.mailings.enums import FileFormat


@dataclass(frozen=True, kw_only=True)
class Format:
    """An ending of file names, a media type, and the function that writes a Listing to a file.

    `writer` is "module.function" within this package, imported when it is first used: a process that writes no labels
    does not load what draws them.
    """

    extension: str
    media_type: str
    writer: str

    @property
    def write(self) -> Callable[[BinaryIO, Listing], None]:
        """The writer itself."""
        module, function = self.writer.split(".")
        write: Callable[[BinaryIO, Listing], None] = getattr(import_module(f"{__name__}.{module}"), function)
        return write


FORMATS: Final[dict[FileFormat, Format]] = {
    FileFormat.CSV: Format(extension="csv", media_type="text/csv", writer="csv_file.write_csv"),
    FileFormat.XLSX: Format(
        extension="xlsx",
        media_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        writer="xlsx_file.write_xlsx",
    ),
    FileFormat.GPKG: Format(
        extension="gpkg", media_type="application/geopackage+sqlite3", writer="geopackage.write_geopackage"
    ),
    FileFormat.LABELS_PDF: Format(extension="pdf", media_type="application/pdf", writer="labels_pdf.write_labels"),
}
