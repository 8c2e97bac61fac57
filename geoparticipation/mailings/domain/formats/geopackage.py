"""A mailing list as a GeoPackage (OGC 12-128), with the target and its parts."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterable, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, Final

import numpy as np
import pyogrio
import shapely
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from geoparticipation.mailings.domain.listing import COLUMNS, Listing
from neighbourhoods.domain.targets import resolve_target
from neighbourhoods.domain.targets.part_geometries import part_geometries

AT_ONCE: Final = 10_000
"""Letterboxes held in memory at a time."""
_NUMBERS: Final = {"address_id": np.int64, "dwellings": np.int32, "lon": np.float64, "lat": np.float64}


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
        columns = _arrays(COLUMNS, batch)
        _write_layer(
            path,
            "addresses",
            geometry=shapely.to_wkb(shapely.points(columns["lon"], columns["lat"])),
            geometry_type="Point",
            columns=columns,
            description=_("Letterboxes"),
        )
        batch = list(islice(rows, AT_ONCE))
        if not batch:
            break


def _arrays(columns: Sequence[str], rows: list[tuple[Any, ...]]) -> dict[str, Any]:
    cells = list(zip(*rows, strict=True)) or [()] * len(columns)
    return {
        column: np.array(values, dtype=_NUMBERS.get(column, object))
        for column, values in zip(columns, cells, strict=True)
    }


def _write_target(path: Path, listing: Listing) -> None:
    resolved, selection = resolve_target(listing.parts), listing.selection
    _write_layer(
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
    _write_layer(
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


def _write_layer(
    path: Path, layer: str, *, geometry: Any, geometry_type: str, columns: dict[str, Any], description: str
) -> None:
    """Write a layer, or add to it when it is there."""
    exists = path.exists() and layer in pyogrio.list_layers(path)[:, 0]
    pyogrio.raw.write(
        path,
        geometry,
        list(columns.values()),
        list(columns),
        layer=layer,
        driver="GPKG",
        geometry_type=geometry_type,
        crs="EPSG:4326",
        append=exists,
        **({} if exists else {"layer_options": {"GEOMETRY_NAME": "geometry", "DESCRIPTION": description}}),
    )
