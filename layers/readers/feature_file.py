"""One GIS file opened: its features in longitude and latitude, a batch at a time."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import IO, Any

import numpy as np
import shapely
from django.contrib.gis.geos import GEOSGeometry
from django.utils.translation import gettext as _

from layers.geometry import WGS84, CrsUnknown, shapes_in_wgs84, transformer_to_wgs84
from layers.readers import archives
from layers.readers.encodings import said_encoding, shapefile_encoding, text_encoding, write_as_utf8
from layers.readers.formats import SHAPEFILE, first_bytes, is_archive, recognise_format
from layers.readers.limits import FileLimits
from layers.readers.refusals import (
    FileCrsMissing,
    FileCrsUnknown,
    FileEncodingUnknown,
    FileMissing,
    FileRefused,
    FileTooLarge,
    FileUnreadable,
    FileUnsafe,
    FileWithoutGeometry,
    layer_needed,
    too_large,
)

WORKER = Path(__file__).with_name("worker.py")


@dataclass(frozen=True)
class FileFeature:
    """One row: its number from 1 on, its attributes, and its geometry (4326, two dimensions) as WKB, if it has one.

    The geometry is as the file has it and may be invalid: `layers.geometry.check_geometry` says so.
    """

    number: int
    attributes: dict[str, Any]
    wkb: bytes | None

    @cached_property
    def geometry(self) -> GEOSGeometry | None:
        """The geometry as an object, made when asked for: that takes longer than reading it from the file."""
        return None if self.wkb is None else GEOSGeometry(memoryview(self.wkb), srid=WGS84)


class FeatureFile:
    """An open GIS file and its features.

    `format`, `layers` (names of those with geometry), `layer` (the one that is read), `fields` (names of the
    attributes), `crs` (the one said, else the file's own), `encoding` ("" where the format leaves no choice),
    `geometry_type` (GDAL's word for it) and `feature_count` (None where the format does not know).

    A context manager; leaving it ends the reading process. Raises subclasses of FileRefused on entering and while
    its features are read. Dates come as ISO 8601 text, nested values as JSON text, lists as lists, binary values
    not at all.
    """

    def __init__(
        self, path: Path | str, *, layer: str = "", encoding: str = "", crs: str = "", limits: FileLimits | None = None
    ) -> None:
        """`layer` is needed where there are several; `encoding` and `crs` where the file says none or a wrong one."""
        self.path = Path(path)
        self.layer = layer
        self.layers: tuple[str, ...] = ()
        self.limits = limits or FileLimits()
        self.crs: str | None = None
        self.encoding = ""
        self.fields: tuple[str, ...] = ()
        self.geometry_type = ""
        self.feature_count: int | None = None
        self._said_encoding = encoding
        self._said_crs = crs.strip()

    def __enter__(self) -> FeatureFile:
        encoding = said_encoding(self._said_encoding)
        if self._said_crs:
            try:
                transformer_to_wgs84(self._said_crs)
            except CrsUnknown:
                raise FileCrsUnknown(
                    _("“%(crs)s” is no known reference system: write for example EPSG:31370.") % {"crs": self._said_crs}
                ) from None
        if not self.path.is_file():
            raise FileMissing(_("There is no file “%(path)s”.") % {"path": self.path})
        if self.path.stat().st_size > self.limits.max_bytes:
            raise too_large(_("bytes"), self.limits.max_bytes)
        self._folder = tempfile.TemporaryDirectory(prefix="reading-")
        try:
            document = self._brought_in(encoding)
        except BaseException:
            self._folder.cleanup()
            raise
        self._worker = subprocess.Popen(
            [
                *(sys.executable, "-I", str(WORKER), self.format.driver, str(document)),
                *("" if self.format is SHAPEFILE else self.layer, self.encoding if self.format is SHAPEFILE else ""),
                *(str(self.limits.memory_bytes), str(self.limits.cpu_seconds)),
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=self._folder.name,
            env={"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "PYTHONIOENCODING": "utf-8", "LC_ALL": "C.UTF-8"},
        )
        try:
            header = self._line()
        except BaseException:
            self._close()
            raise
        if self.format is not SHAPEFILE:
            self.layer, self.layers = header["layer"], tuple(header["layers"])
        self.crs, self.fields = self._said_crs or header["crs"], tuple(header["fields"])
        self.geometry_type, self.feature_count = header["geometry_type"], header["feature_count"]
        return self

    def _brought_in(self, encoding: str) -> Path:
        """The file as GDAL is to see it, in the folder of this reading; sets `format`, `encoding` and a Shapefile's
        layers.
        """
        folder = Path(self._folder.name)
        source = self.path.resolve()
        if is_archive(first_bytes(source)):
            self.format = SHAPEFILE  # what an archive is that asks for one of its layers
            unpacked = archives.unpack(source, folder=folder, layer=self.layer, limits=self.limits)
            self.format, source = unpacked.format, unpacked.path
            if self.format is SHAPEFILE:
                self.layer, self.layers = unpacked.layer, unpacked.layers
                self.encoding = encoding or shapefile_encoding(source)
                return source
        else:
            self.format = recognise_format(source)
        # Under a name of our own: what people call a file has a meaning to GDAL ("zip:…", "/vsicurl/…").
        document = folder / f"file{self.format.suffix}"
        if self.format.is_text:
            with source.open("rb") as file:
                self.encoding = text_encoding(file.read(4096), said=encoding)
                if self.encoding != "utf-8":
                    file.seek(0)
                    with document.open("wb") as copy:
                        write_as_utf8(file, copy, encoding=self.encoding)
                    return document
        document.symlink_to(source)
        return document

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._close()

    def __iter__(self) -> Iterator[FileFeature]:
        """Every feature, once."""
        for batch in self.batches():
            yield from batch

    def batches(self) -> Iterator[list[FileFeature]]:
        """Every feature, once, some thousands at a time; memory does not grow with the file."""
        number = vertices = 0
        while "end" not in (line := self._line()):
            shapes = shapely.from_wkb(
                np.array([None if text is None else base64.b64decode(text) for text in line["shapes"]], dtype=object),
                on_invalid="ignore",
            )
            vertices += int(shapely.get_num_coordinates(shapes).sum())
            if number + len(shapes) > self.limits.max_features:
                raise too_large(_("features"), self.limits.max_features)
            if vertices > self.limits.max_vertices:
                raise too_large(_("points"), self.limits.max_vertices)
            if number == 0:
                self._require_degrees(shapes)
            try:
                shapes = shapes_in_wgs84(shapes, self.crs)
            except CrsUnknown as unknown:
                raise FileCrsUnknown(unknown.detail) from None
            yield [
                FileFeature(number + position, dict(zip(self.fields, values, strict=True)), wkb)
                for position, (values, wkb) in enumerate(
                    zip(line["rows"], shapely.to_wkb(shapes, output_dimension=2), strict=True), start=1
                )
            ]
            number += len(shapes)

    def _require_degrees(self, shapes: np.ndarray[Any, Any]) -> None:
        """Where no reference system is declared, most coordinates must be longitudes and latitudes.

        GeoJSON's is WGS 84 unless said otherwise (RFC 7946, section 4), and files in metres that do not say so are
        common.
        """
        if self.crs not in {None, "EPSG:4326", "OGC:CRS84"}:
            return
        bounds = np.abs(shapely.bounds(shapes[~(shapely.is_missing(shapes) | shapely.is_empty(shapes))]))
        outside = (bounds[:, 0] > 180) | (bounds[:, 2] > 180) | (bounds[:, 1] > 90) | (bounds[:, 3] > 90)
        if len(bounds) and outside.mean() > 0.5:
            x, y = (float(value) for value in bounds[0, :2])
            raise FileCrsMissing(
                _(
                    "The coordinates in this file (%(x)s, %(y)s) are no longitudes and latitudes, and it does not say "
                    "which reference system they are in. Save it again with its reference system (in a Shapefile, its "
                    ".prj file), or say which one it is, for example EPSG:31370."
                )
                % {"x": x, "y": y},
                x=x,
                y=y,
            )

    def _line(self) -> dict[str, Any]:
        output: IO[bytes] | None = self._worker.stdout
        text = output.readline() if output else b""
        if not text.endswith(b"\n"):
            # The process was ended from outside: by the limit on its time, or by what the file made GDAL do.
            raise FileUnreadable(_("This %(format)s file could not be read to its end.") % {"format": self.format.name})
        line: dict[str, Any] = json.loads(text)
        if "refused" in line:
            raise self._refusal(line)
        return line

    def _refusal(self, line: dict[str, Any]) -> FileRefused:
        match line["refused"]:
            case "file_encoding":
                if line["line"] is None:
                    return FileEncodingUnknown(
                        _("The text in this file is not in %(encoding)s. Say which encoding it is in.")
                        % {"encoding": (self.encoding or "utf-8").upper()}
                    )
                return FileEncodingUnknown(
                    _("Line %(line)s of this file is not in UTF-8. Save it again in UTF-8, or say its encoding.")
                    % {"line": line["line"]},
                    line=line["line"],
                )
            case "file_names_others":
                return FileUnsafe(
                    _(
                        "This KML file has no places of its own here: it fetches them from elsewhere (NetworkLink). "
                        "Open it in its program, save the places themselves, and send that file."
                    )
                )
            case "file_declares_entities":
                return FileUnsafe(
                    _(
                        "This file declares abbreviations of its own (DOCTYPE, ENTITY), which can hide other files or "
                        "fill the memory. Save it again without them."
                    )
                )
            case "file_without_geometry":
                return FileWithoutGeometry(_("Nothing in this file has a place: it has no layer with geometry."))
            case "file_layer_needed" | "file_layer_unknown":
                return layer_needed(line["layers"])
            case "file_too_large":
                return FileTooLarge(_("This file takes too much memory to read. Send it in parts."))
            case _:
                return FileUnreadable(
                    _("This %(format)s file is broken and cannot be read.") % {"format": self.format.name},
                    reason=line.get("reason", "").replace(self._folder.name, ""),
                )

    def _close(self) -> None:
        self._worker.kill()
        if self._worker.stdout:
            self._worker.stdout.close()
        self._worker.wait()
        self._folder.cleanup()
