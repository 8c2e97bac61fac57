"""GIS files that people send, read safely.

A file is taken for what its first bytes say, never for what it is called; it must be one of FORMATS; the GDAL driver
is named and all others are taken away before the file is opened, in a process of its own with limits on memory and
time (`reading_worker`). So a `.geojson` or `.gpkg` that is really a GDAL virtual dataset, and names a file of the
server or an address, is refused and nothing it names is opened.
"""

from __future__ import annotations

import base64
import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import IO, Any

import numpy as np
import shapely
from django.contrib.gis.geos import GEOSGeometry
from django.utils.translation import gettext as _

from layers.errors import Refusal
from layers.geometry import WGS84, CrsUnknown, shapes_in_wgs84

_SNIFFED_BYTES = 1 << 16
_WORKER = Path(__file__).with_name("reading_worker.py")


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


class FileEncodingUnknown(FileRefused):
    """Text that is not UTF-8; `extra["line"]` says where."""

    code = "file_encoding"


class FileWithoutGeometry(FileRefused):
    """Nothing in the file has a place."""

    code = "file_without_geometry"


class FileLayerNeeded(FileRefused):
    """Several layers, or not the one asked for; `extra["layers"]` names them."""

    code = "file_layer_needed"


class FileCrsMissing(FileRefused):
    """Coordinates that are no longitude and latitude, and no reference system to read them by."""

    code = "file_crs_missing"


class FileCrsUnknown(FileRefused):
    """A reference system from which there is no way to longitude and latitude."""

    code = "file_crs_unknown"


@dataclass(frozen=True)
class FileLimits:
    """How much of a file is read: the default is for registers that an agent imports by command."""

    max_bytes: int = 2_000_000_000
    max_features: int = 5_000_000
    max_vertices: int = 100_000_000
    memory_bytes: int = 4_000_000_000
    cpu_seconds: int = 1800


UPLOAD_LIMITS = FileLimits(
    max_bytes=20_000_000, max_features=20_000, max_vertices=500_000, memory_bytes=2_000_000_000, cpu_seconds=30
)


@dataclass(frozen=True)
class Format:
    """A format that is read: `recognises` looks at the first bytes, `driver` is GDAL's name for it."""

    name: str
    driver: str
    suffix: str
    recognises: Callable[[bytes], bool]


def _is_geojson(start: bytes) -> bool:
    text = start.removeprefix(b"\xef\xbb\xbf").lstrip()
    return text.startswith(b"{") and bool(
        re.search(rb'"type"\s*:\s*"(FeatureCollection|Feature)"', text)
        or (re.search(rb'"features"\s*:\s*\[', text) and not re.search(rb'"geometryType"\s*:', text))
    )


def _is_geopackage(start: bytes) -> bool:
    return start.startswith(b"SQLite format 3\x00") and start[68:72] in {b"GPKG", b"GP10", b"GP11"}


# A further format is one more line here: its first bytes, and the one driver that may open it.
FORMATS = (
    Format("GeoJSON", "GeoJSON", ".geojson", _is_geojson),
    Format("GeoPackage", "GPKG", ".gpkg", _is_geopackage),
)


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


def recognise_format(path: Path) -> Format:
    """The format of a file by its first bytes; raises FileFormatUnknown."""
    with path.open("rb") as file:
        start = file.read(_SNIFFED_BYTES)
    for known in FORMATS:
        if known.recognises(start):
            return known
    names = ", ".join(known.name for known in FORMATS)
    if not start:
        raise FileFormatUnknown(_("This file is empty. Send one of these: %(names)s.") % {"names": names})
    raise FileFormatUnknown(
        _("This file is none of the formats that can be read, whatever its name says. Send one of these: %(names)s.")
        % {"names": names}
    )


class FeatureFile:
    """An open GIS file: `format`, `layer`, `fields` (names of the attributes), `crs`, and its features.

    A context manager; leaving it ends the reading process. Raises subclasses of FileRefused on entering and while
    its features are read. Dates come as ISO 8601 text, nested values as JSON text, lists as lists, binary values
    not at all.
    """

    def __init__(
        self, path: Path | str, *, layer: str = "", encoding: str = "", limits: FileLimits | None = None
    ) -> None:
        """`layer` is needed where there are several; `encoding` where the format does not say its own."""
        self.path = Path(path)
        self.layer = layer
        self.limits = limits or FileLimits()
        self.crs: str | None = None
        self.fields: tuple[str, ...] = ()
        self._encoding = encoding

    def __enter__(self) -> FeatureFile:
        if not self.path.is_file():
            raise FileMissing(_("There is no file “%(path)s”.") % {"path": self.path})
        size = self.path.stat().st_size
        if size > self.limits.max_bytes:
            raise _too_large(_("bytes"), self.limits.max_bytes)
        self.format = recognise_format(self.path)
        self._folder = tempfile.TemporaryDirectory(prefix="reading-")
        # Under a name of our own: what people call a file has a meaning to GDAL ("zip:…", "/vsicurl/…").
        alias = Path(self._folder.name) / f"file{self.format.suffix}"
        alias.symlink_to(self.path.resolve())
        self._worker = subprocess.Popen(
            [
                *(sys.executable, "-I", str(_WORKER), self.format.driver, str(alias), self.layer, self._encoding),
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
        self.crs, self.layer, self.fields = header["crs"], header["layer"], tuple(header["fields"])
        return self

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
                raise _too_large(_("features"), self.limits.max_features)
            if vertices > self.limits.max_vertices:
                raise _too_large(_("points"), self.limits.max_vertices)
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
                    "which reference system they are in. Save it again with its reference system, or in WGS 84."
                )
                % {"x": x, "y": y}
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
                    return FileEncodingUnknown(_("The text in this file is not in UTF-8. Save it again in UTF-8."))
                return FileEncodingUnknown(
                    _("Line %(line)s of this file is not in UTF-8. Save it again in UTF-8.") % {"line": line["line"]},
                    line=line["line"],
                )
            case "file_without_geometry":
                return FileWithoutGeometry(_("Nothing in this file has a place: it has no layer with geometry."))
            case "file_layer_needed" | "file_layer_unknown":
                return FileLayerNeeded(
                    _("Say which layer of this file is meant: %(layers)s.") % {"layers": ", ".join(line["layers"])},
                    layers=line["layers"],
                )
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


def _too_large(what: str, limit: int) -> FileTooLarge:
    return FileTooLarge(
        _("This file is too large: at most %(limit)s %(what)s can be read.") % {"limit": limit, "what": what},
        limit=limit,
    )
