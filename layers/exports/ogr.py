"""Layers written by the one GDAL of the process, batch by batch."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyogrio

from layers.exports.extract import CellType, Column

_DTYPES: Final[dict[CellType, str]] = {
    CellType.INTEGER: "int64",
    CellType.SMALL_INTEGER: "int32",
    CellType.REAL: "float64",
    CellType.BOOLEAN: "bool",
    CellType.DATE: "datetime64[D]",
    CellType.MOMENT: "datetime64[ms]",
}
_UTC: Final = 100
"""OGR's number for it."""


def cell_arrays(
    columns: Sequence[Column], rows: Sequence[Sequence[Any]]
) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """The cells of a batch by column: values, masks of what is null, and time zones of the moments (always UTC)."""
    cells = list(zip(*rows, strict=True)) or [()] * len(columns)
    values, masks, zones = {}, {}, {}
    for column, of_column in zip(columns, cells, strict=False):
        null = [value is None for value in of_column]
        of_type = _DTYPES.get(column.type)
        if of_type is None:
            values[column.name] = np.array(of_column, dtype=object)
        else:
            values[column.name] = np.array([_plain(value, column.type) for value in of_column], dtype=of_type)
        masks[column.name] = np.array(null, dtype=bool) if of_type and any(null) else None
        if column.type is CellType.MOMENT:
            zones[column.name] = np.full(len(of_column), _UTC)
    return values, masks, zones


def _plain(value: Any, of: CellType) -> Any:
    if value is None:
        return {CellType.INTEGER: 0, CellType.SMALL_INTEGER: 0, CellType.BOOLEAN: False, CellType.REAL: np.nan}.get(
            of, "NaT"
        )
    if of is CellType.MOMENT:
        return np.datetime64(round(value.timestamp() * 1000), "ms")
    return value


def write_layer(
    path: Path,
    layer: str,
    *,
    geometry: Any,
    geometry_type: str,
    columns: dict[str, Any],
    title: str = "",
    description: str = "",
    masks: dict[str, Any] | None = None,
    zones: dict[str, Any] | None = None,
    driver: str = "GPKG",
) -> None:
    """Write a layer in EPSG:4326, or add to it when it is there.

    `geometry` are WKB or None, `columns` NumPy arrays by name. `title` and `description` are for a GeoPackage's table
    of contents.
    """
    exists = path.exists() and layer in pyogrio.list_layers(path)[:, 0]
    options = {} if exists or driver != "GPKG" else {"GEOMETRY_NAME": "geometry", "DESCRIPTION": description}
    if options and title:
        options["IDENTIFIER"] = title
    # GDAL's own choice, 1.4, makes the GDAL of a Debian of 2023 warn that it may not be able to read it.
    version = {"VERSION": "1.3"} if driver == "GPKG" and not path.exists() else {}
    pyogrio.raw.write(
        path,
        geometry,
        list(columns.values()),
        list(columns),
        field_mask=[(masks or {}).get(name) for name in columns] if masks else None,
        layer=layer,
        driver=driver,
        geometry_type=geometry_type,
        crs="EPSG:4326",
        encoding="UTF-8",
        append=exists,
        gdal_tz_offsets=zones or None,
        **({"layer_options": options} if options else {}),
        **({"dataset_options": version} if version else {}),
    )
