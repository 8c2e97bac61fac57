"""Reads one GIS file in a process of its own, with a single GDAL driver left and hard limits; started by `FeatureFile`.

GDAL opens what a file *is*: a document that names another file or address is followed, whatever it is called. Here
every driver but the named one is taken out of GDAL before the file is opened, so there is nothing left that could
follow; and whatever a broken file does to GDAL happens to this process alone.

Usage: worker.py DRIVER PATH LAYER ENCODING MEMORY_BYTES CPU_SECONDS (LAYER and ENCODING may be empty). Writes
lines of JSON: a header, then batches of rows with their geometry as base64 WKB, then `{"end": true}`, or
`{"refused": code, …}`. Imports neither Django nor this package.
"""

from __future__ import annotations

import base64
import codecs
import contextlib
import ctypes
import json
import resource
import sqlite3
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

BATCH_ROWS = 2000
DEEPEST = 100
"""How far elements of a KML document may lie inside one another: GDAL follows them by recursion."""
DRAWING_FIELDS = {
    *("timestamp", "begin", "end", "altitudeMode", "tessellate", "extrude", "visibility", "drawOrder", "icon"),
    "snippet",
}
"""What GDAL gives every feature of a KML document, about drawing it."""


class Refused(Exception):
    """Why the file is not read: a code for `FeatureFile`, and what belongs to it."""

    def __init__(self, code: str, **members: Any) -> None:
        super().__init__(code)
        self.answer = {"refused": code, **members}


def main(arguments: list[str]) -> None:
    """Read the file to standard output."""
    driver, path, layer, encoding, memory_bytes, cpu_seconds = arguments
    try:
        _limit(int(memory_bytes), int(cpu_seconds))
        if driver == "GeoJSON":
            _require_utf8(Path(path))
        if driver == "GPKG":
            _require_plain_tables(path)
        if driver == "LIBKML":
            _require_plain_document(Path(path))
        for line in _read(driver, path, layer or None, encoding or None):
            _write(line)
        _write({"end": True})
    except Refused as refused:
        _write(refused.answer)
    except UnicodeDecodeError:
        _write({"refused": "file_encoding", "line": None})
    except MemoryError:
        _write({"refused": "file_too_large"})
    except Exception as error:  # whatever the libraries raise, the file is what cannot be read
        _write({"refused": "file_unreadable", "reason": str(error)[:300]})


def _write(line: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(line, default=str, ensure_ascii=False) + "\n")


def _limit(memory_bytes: int, cpu_seconds: int) -> None:
    limits = {
        resource.RLIMIT_CPU: cpu_seconds,
        resource.RLIMIT_FSIZE: 0,  # writes no file
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_AS: memory_bytes,
    }
    for kind, most in limits.items():
        with contextlib.suppress(ValueError, OSError):  # macOS knows no limit on address space
            resource.setrlimit(kind, (most, most))


def _leave_one_driver(driver: str) -> None:
    """Take every other driver out of the GDAL that pyogrio has loaded."""
    import pyogrio

    home = Path(pyogrio.__file__).parent
    folders = (home.parent / "pyogrio.libs", home / ".dylibs")
    (library, *_more) = [found for folder in folders for found in sorted(folder.glob("libgdal*"))]
    gdal = ctypes.CDLL(str(library))
    gdal.GDALGetDriver.restype = ctypes.c_void_p
    gdal.GDALGetDriver.argtypes = [ctypes.c_int]
    gdal.GDALGetDriverShortName.restype = ctypes.c_char_p
    gdal.GDALGetDriverShortName.argtypes = [ctypes.c_void_p]
    gdal.GDALDeregisterDriver.argtypes = [ctypes.c_void_p]
    for known in [gdal.GDALGetDriver(number) for number in range(gdal.GDALGetDriverCount())]:
        if gdal.GDALGetDriverShortName(known) != driver.encode():
            gdal.GDALDeregisterDriver(known)
    if list(pyogrio.list_drivers()) != [driver]:
        raise RuntimeError(f"GDAL should have {driver} alone, but has {pyogrio.list_drivers()}")


def _require_utf8(path: Path) -> None:
    decoder = codecs.getincrementaldecoder("utf-8")()
    line = 1
    with path.open("rb") as file:
        while True:
            block = file.read(1 << 20)
            try:
                decoder.decode(block, final=not block)
            except UnicodeDecodeError as error:
                line += error.object[: error.start].count(b"\n")
                raise Refused("file_encoding", line=line) from None
            if b"\0" in block:
                raise Refused("file_unreadable", reason="NUL bytes")
            line += block.count(b"\n")
            if not block:
                return


def _require_plain_tables(path: str) -> None:
    """Views and virtual tables run what the file's author wrote; a GeoPackage from a GIS has neither."""
    with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True)) as database:
        database.execute("PRAGMA trusted_schema = OFF")
        found = database.execute(
            """SELECT contents.table_name FROM gpkg_contents AS contents
            LEFT JOIN sqlite_master AS master ON lower(master.name) = lower(contents.table_name)
            WHERE contents.data_type IN ('features', 'attributes')
            AND (master.type IS NOT 'table' OR master.sql LIKE 'CREATE VIRTUAL%')"""
        ).fetchone()
    if found:
        raise Refused("file_unreadable", reason=f"{found[0]} is no table")


def _require_plain_document(path: Path) -> None:
    """Let no KML document reach GDAL that declares entities or has others fetched.

    GDAL follows neither today; this does not rely on it.
    """
    from xml.sax import SAXException
    from xml.sax.handler import ContentHandler

    import defusedxml.sax
    from defusedxml.common import DefusedXmlException

    class Elements(ContentHandler):
        depth = 0

        def startElement(self, name: str, attrs: Any) -> None:
            self.depth += 1
            if self.depth > DEEPEST:
                raise Refused("file_unreadable", reason=f"more than {DEEPEST} elements inside one another")
            if name.rpartition(":")[2] in {"NetworkLink", "NetworkLinkControl"}:
                raise Refused("file_names_others")

        def endElement(self, name: str) -> None:
            self.depth -= 1

    try:
        with path.open("rb") as file:
            defusedxml.sax.parse(file, Elements(), forbid_dtd=True)
    except DefusedXmlException:
        raise Refused("file_declares_entities") from None
    except SAXException as error:
        raise Refused("file_unreadable", reason=str(error)[:300]) from None


def _read(driver: str, path: str, layer: str | None, encoding: str | None) -> Iterator[dict[str, Any]]:
    _leave_one_driver(driver)
    import nanoarrow
    import pyogrio
    import pyogrio.raw

    # The parts of a Shapefile are found beside it; there is nothing else in its folder. All others stand alone.
    alone = "FALSE" if driver == "ESRI Shapefile" else "EMPTY_DIR"
    pyogrio.set_gdal_config_options(
        {"GDAL_DISABLE_READDIR_ON_OPEN": alone, "GDAL_PAM_ENABLED": "NO", "GDAL_NUM_THREADS": "1"}
    )
    with_geometry = [str(name) for name, kind in pyogrio.list_layers(path) if kind is not None]
    if layer is None and len(with_geometry) > 1:
        raise Refused("file_layer_needed", layers=with_geometry)
    if layer is not None and layer not in with_geometry:
        raise Refused("file_layer_unknown", layers=with_geometry)
    if not with_geometry:
        if driver == "FlatGeobuf":  # a broken header is opened all the same, with no layer in it
            raise Refused("file_unreadable", reason="no layer")
        raise Refused("file_without_geometry")
    layer = layer or with_geometry[0]
    known = pyogrio.read_info(path, layer=layer, encoding=encoding)
    columns = [str(name) for name, kind in zip(known["fields"], known["ogr_types"], strict=True) if kind != "OFTBinary"]
    if driver == "LIBKML":
        columns = [name for name in columns if name not in DRAWING_FIELDS]
    with pyogrio.raw.open_arrow(
        path, layer=layer, encoding=encoding, columns=columns, batch_size=BATCH_ROWS, datetime_as_string=True
    ) as (meta, stream):
        shape = meta["geometry_name"] or "wkb_geometry"
        yield {
            "crs": meta["crs"],
            "layer": layer,
            "layers": with_geometry,
            "fields": columns,
            "geometry_type": str(known["geometry_type"] or ""),
            "feature_count": int(known["features"]) if known["features"] >= 0 else None,
        }
        for batch in nanoarrow.ArrayStream(stream):
            rows = list(batch.iter_py())
            yield {
                "rows": [[row[name] for name in columns] for row in rows],
                "shapes": [None if row[shape] is None else base64.b64encode(row[shape]).decode() for row in rows],
            }


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    # pyogrio imports these when they are there; reading needs none, and without them it starts in a third of the time.
    sys.modules |= dict.fromkeys(("geopandas", "pandas", "pyarrow", "pyproj", "shapely"))  # type: ignore[arg-type]
    main(sys.argv[1:])
