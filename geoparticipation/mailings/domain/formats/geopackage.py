"""A mailing list as a GeoPackage (OGC 12-128), with the target and its parts."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterable
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, Final

import numpy as np
import shapely
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from geoparticipation.mailings.domain.listing import COLUMNS, Listing
from layers.exports.extract import CellType, Column
from layers.exports.ogr import cell_arrays, write_layer
from neighbourhoods.domain.targets import resolve_target
from neighbourhoods.domain.targets.part_geometries import part_geometries

AT_ONCE: Final = 10_000
"""Letterboxes held in memory at a time."""
_TYPES: Final = {
    "address_id": CellType.INTEGER,
    "dwellings": CellType.SMALL_INTEGER,
    "lon": CellType.REAL,
    "lat": CellType.REAL,
}
_COLUMNS: Final = tuple(Column(name, _TYPES.get(name, CellType.TEXT)) for name in COLUMNS)


def write_geopackage(file: BinaryIO, listing: Listing) -> None:
    """Write the layers `addresses` (points), `target` (a multipolygon) and `parts` (any geometry), in EPSG:4326.

    `addresses` has the columns of every list; `target` one row with area, counts and what was left out; `parts` one row
    for each part with its sentence in the language in use. A geometry is null where there is none. Memory holds AT_ONCE
    letterboxes; GDAL writes a temporary file, which is then copied.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "list.gpkg"
        _write_addresses(path, listing)
        _write_target(path, listing)
        _write_parts(path, listing)
        with path.open("rb") as whole:
            shutil.copyfileobj(whole, file, 1 << 20)


def _write_addresses(path: Path, listing: Listing) -> None:
    rows = listing.rows()
    batch = list(islice(rows, AT_ONCE))
    while True:
        columns, masks, _zones = cell_arrays(_COLUMNS, batch)
        write_layer(
            path,
            "addresses",
            geometry=shapely.to_wkb(shapely.points(columns["lon"], columns["lat"])),
            geometry_type="Point",
            columns=columns,
            masks=masks,
            description=_("Letterboxes"),
        )
        batch = list(islice(rows, AT_ONCE))
        if not batch:
            break


def _write_target(path: Path, listing: Listing) -> None:
    resolved, selection = resolve_target(listing.parts), listing.selection
    write_layer(
        path,
        "target",
        geometry=_wkb([resolved.geometry]),
        geometry_type="MultiPolygon",
        columns={
            "name": np.array([listing.name], object),
            "listed_on": np.array([localdate()], "datetime64[D]"),
            "area_m2": np.array([resolved.area_m2], np.float64),
            "letterboxes": np.array([selection.letterboxes], np.int32),
            "duplicates_left_out": np.array([selection.duplicates_left_out], np.int32),
            "no_flyers_left_out": np.array([selection.no_flyers_left_out], np.int32),
        },
        description=_("Target"),
    )


def _write_parts(path: Path, listing: Listing) -> None:
    parts = part_geometries(listing.parts)
    write_layer(
        path,
        "parts",
        geometry=_wkb([part.geometry for part in parts]),
        geometry_type="Unknown",
        columns={
            "position": np.arange(1, len(parts) + 1, dtype=np.int32),
            "sentence": np.array([part.sentence for part in parts], object),
            "locality": np.array([part.locality for part in parts], object),
            "operation": np.array([part.spec.operation.value for part in parts], object),
            "kind": np.array([part.spec.kind.value for part in parts], object),
            "buffer_m": np.array([part.spec.buffer_m for part in parts], np.float64),
            "ring_only": np.array([part.spec.ring_only for part in parts], bool),
        },
        description=_("Parts of the target"),
    )


def _wkb(geometries: Iterable[Any]) -> Any:
    return np.array([None if geometry is None else bytes(geometry.wkb) for geometry in geometries], object)
