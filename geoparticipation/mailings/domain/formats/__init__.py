"""What a mailing list can be written as: one table, one module for each format."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any, BinaryIO, Final

from geoparticipation.mailings.domain.listing import ListOrder
from geoparticipation.mailings.enums import FileFormat
from neighbourhoods.domain.targets.list_letterboxes import Selection


@dataclass(frozen=True, kw_only=True)
class Format:
    """An ending of file names, a media type, and the function that writes a list to a file.

    `writer` is "module.function" within this package, imported when it is first used: a process that writes no labels
    does not load what draws them. It takes a file and a Listing or, where it `chooses` the letterboxes itself while it
    writes them, a ListOrder, and then gives their Selection.
    """

    extension: str
    media_type: str
    writer: str
    chooses: bool = False

    def write(self, file: BinaryIO, order: ListOrder) -> Selection:
        """Write the list; give its counts."""
        module, function = self.writer.split(".")
        write: Callable[[BinaryIO, Any], Any] = getattr(import_module(f"{__name__}.{module}"), function)
        if self.chooses:
            selection: Selection = write(file, order)
            return selection
        with order.listing() as listing:
            write(file, listing)
            return listing.selection


FORMATS: Final[dict[FileFormat, Format]] = {
    FileFormat.CSV: Format(extension="csv", media_type="text/csv", writer="csv_file.write_csv", chooses=True),
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
