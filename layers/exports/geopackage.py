"""GeoPackage (OGC 12-128)."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import BinaryIO, Final

import numpy as np

from layers.exports.extract import WKB, CellType, Extract
from layers.exports.ogr import cell_arrays, write_layer

AT_ONCE: Final = 10_000


def write_geopackage(file: BinaryIO, extract: Extract) -> None:
    """Write one layer (see `write_geopackage_layers`)."""
    write_geopackage_layers(file, [extract])


def write_geopackage_layers(file: BinaryIO, extracts: Iterable[Extract]) -> None:
    """Write a layer for each, named as the map's, with all geometries as they are stored (EPSG:4326) and an R-tree.

    One layer of any geometry and not one for each type: a count is the count, and a collection stays one row. Moments
    are UTC. GDAL writes a temporary file, which is then copied.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "export.gpkg"
        for extract in extracts:
            _add_layer(path, extract)
        with path.open("rb") as whole:
            shutil.copyfileobj(whole, file, 1 << 20)


def _add_layer(path: Path, extract: Extract) -> None:
    columns = extract.columns()
    batches = extract.batches(WKB, at_once=AT_ONCE)
    batch = next(batches, [])
    while True:
        values, masks, zones = cell_arrays(columns, batch)
        write_layer(
            path,
            extract.layer.name,
            geometry=np.array([row[-1] and bytes(row[-1]) for row in batch], dtype=object),
            geometry_type="Unknown",
            columns=values,
            masks=masks,
            zones=zones,
            title=extract.title,
            description=str(extract.layer.description),
        )
        following = next(batches, None)
        if following is None:
            break
        batch = following
    _fill_up_moments(path, extract.layer.name, [c.name for c in columns if c.type is CellType.MOMENT])


def _fill_up_moments(path: Path, layer: str, names: list[str]) -> None:
    """Write milliseconds that are zero: GeoPackage 1.3 wants them, and GDAL leaves them out of what it adds."""
    with closing(sqlite3.connect(path)) as package:
        # The index's triggers name this function; they are compiled, and not run, since no geometry changes.
        package.create_function("ST_IsEmpty", 1, lambda _geometry: 0)
        for bound in ("ST_MinX", "ST_MaxX", "ST_MinY", "ST_MaxY"):
            package.create_function(bound, 1, lambda _geometry: 0.0)
        for name in names:
            package.execute(
                f"""UPDATE "{layer}" SET "{name}" = substr("{name}", 1, 19) || '.000Z' WHERE length("{name}") = 20"""
            )
        package.commit()
