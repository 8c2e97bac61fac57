"""What the rows of a layer can be written as: one table, one module for each format."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module
from typing import Any, BinaryIO, Final

from django.db import models
from django.utils.translation import gettext_lazy as _

from layers.exports.extract import Extract


class FileFormat(models.TextChoices):
    """The formats, by the name that addresses and commands know them by."""

    CSV = "csv", _("CSV")
    XLSX = "xlsx", _("Excel (XLSX)")
    GEOJSON = "geojson", _("GeoJSON")
    GPKG = "gpkg", _("GeoPackage")
    SHP = "shp", _("Shapefile (ZIP)")
    KML = "kml", _("KML")


@dataclass(frozen=True, kw_only=True)
class Format:
    """An ending of file names, a media type, and what writes an Extract.

    `writer` is "module.function" within this package, imported when it is first used. The function of a format that
    `streams` gives pieces of the file as they are made; that of another takes a file and writes the whole into it.
    """

    extension: str
    media_type: str
    writer: str
    streams: bool = False

    def stream(self, extract: Extract) -> Iterator[bytes]:
        """The file in pieces; for formats that stream only."""
        make: Callable[[Extract], Iterator[bytes]] = self._function()
        return make(extract)

    def write(self, file: BinaryIO, extract: Extract) -> None:
        """Write the whole file. Raises ExportTooLarge where the format cannot hold it."""
        if self.streams:
            for piece in self.stream(extract):
                file.write(piece)
        else:
            write: Callable[[BinaryIO, Extract], None] = self._function()
            write(file, extract)

    def _function(self) -> Any:
        module, function = self.writer.split(".")
        return getattr(import_module(f"layers.exports.{module}"), function)


FORMATS: Final[dict[FileFormat, Format]] = {
    FileFormat.CSV: Format(extension="csv", media_type="text/csv", writer="csv_file.stream_csv", streams=True),
    FileFormat.XLSX: Format(
        extension="xlsx",
        media_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        writer="xlsx_file.write_xlsx",
    ),
    FileFormat.GEOJSON: Format(
        extension="geojson", media_type="application/geo+json", writer="geojson_file.stream_geojson", streams=True
    ),
    FileFormat.GPKG: Format(
        extension="gpkg", media_type="application/geopackage+sqlite3", writer="geopackage.write_geopackage"
    ),
    FileFormat.SHP: Format(extension="zip", media_type="application/zip", writer="shapefile.write_shapefile"),
    FileFormat.KML: Format(
        extension="kml", media_type="application/vnd.google-earth.kml+xml", writer="kml_file.stream_kml", streams=True
    ),
}
