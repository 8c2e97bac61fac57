"""Zipped Shapefiles (ESRI, 1998), for programs that read nothing newer, with a note of what the format cut."""

from __future__ import annotations

import tempfile
import zipfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO, Final

import numpy as np
import shapely
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from layers.exports.errors import ExportTooLarge
from layers.exports.extract import WKB, CellType, Column, Extract
from layers.exports.ogr import cell_arrays, write_layer

AT_ONCE: Final = 10_000
LONGEST_NAME: Final = 10
LONGEST_TEXT: Final = 254
"""Bytes of UTF-8 in a field of a dBASE table."""
MOST_BYTES: Final = 2**31 - 2**26
"""Of one file, in a format that counts its bytes with 31 bits; the room left is for one more batch."""
_KINDS: Final = {
    "points": ("Point", {"Point"}),
    "multipoints": ("MultiPoint", {"MultiPoint"}),
    "lines": ("MultiLineString", {"LineString", "LinearRing", "MultiLineString"}),
    "areas": ("MultiPolygon", {"Polygon", "MultiPolygon"}),
}
"""A Shapefile holds one of these. Lines and areas may have several parts in it, points are two kinds."""
_KIND_OF: Final = {name: kind for kind, (_type, names) in _KINDS.items() for name in names}


@dataclass
class _Report:
    """What the format could not keep."""

    names: dict[str, str]
    cut: Counter[str] = field(default_factory=Counter)
    split: int = 0
    rows: Counter[str] = field(default_factory=Counter)


def write_shapefile(file: BinaryIO, extract: Extract) -> None:
    """Write a ZIP with a Shapefile (.shp, .shx, .dbf, .prj, .cpg) for each kind of geometry there is, and a note.

    Names of fields are cut to 10 characters, texts to 254 bytes, moments are text in the town's time. A collection is
    split: its points, lines and areas are rows of their files, with the same cells. The note, in the language in use,
    names each field that was renamed and counts what was cut. Raises ExportTooLarge beyond 2 GB.
    """
    columns = [_as_dbase(column) for column in extract.columns()]
    report = _Report(names=short_names([column.name for column in columns]))
    short = [replace(column, name=report.names[column.name]) for column in columns]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for batch in extract.batches(WKB, at_once=AT_ONCE):
            _write_batch(folder, extract.layer.name, short, batch, report)
        if not report.rows:
            _write_kind(folder / f"{extract.layer.name}_points.shp", "points", short, [], [])
            report.rows["points"] = 0
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, allowZip64=True) as archive:
            archive.writestr(_("README.txt"), _note(extract, report))
            for path in sorted(folder.iterdir()):
                archive.write(path, path.name)


def short_names(names: Sequence[str]) -> dict[str, str]:
    """Each name cut to 10 characters; what would be there twice, whatever its case, ends in a number."""
    short: dict[str, str] = {}
    taken: set[str] = set()
    for name in names:
        candidate, number = name[:LONGEST_NAME], 1
        while candidate.lower() in taken:
            number += 1
            candidate = f"{name[: LONGEST_NAME - len(str(number))]}{number}"
        taken.add(candidate.lower())
        short[name] = candidate
    return short


def cut_text(text: str) -> str:
    """The text as far as 254 bytes of UTF-8 hold whole characters of it."""
    encoded = text.encode()
    return text if len(encoded) <= LONGEST_TEXT else encoded[:LONGEST_TEXT].decode("utf-8", "ignore")


def _as_dbase(column: Column) -> Column:
    return replace(column, type=CellType.TEXT) if column.type in {CellType.MOMENT, CellType.JSON} else column


def _write_batch(
    folder: Path, layer: str, columns: list[Column], batch: list[tuple[Any, ...]], report: _Report
) -> None:
    """Sort the rows of a batch into the files of their kinds."""
    sorted_in: dict[str, tuple[list[Any], list[list[Any]]]] = {}
    back = {short: name for name, short in report.names.items()}
    shapes = shapely.from_wkb(np.array([row[-1] and bytes(row[-1]) for row in batch], dtype=object))
    for shape, row in zip(shapes, batch, strict=True):
        cells = [_cell(value) for value in row[:-1]]
        for at, value in enumerate(cells):
            if isinstance(value, str) and len(kept := cut_text(value)) < len(value):
                cells[at] = kept
                report.cut[back[columns[at].name]] += 1
        by_kind = dict(_by_kind(shape))
        report.split += shape is not None and shape.geom_type == "GeometryCollection"
        for kind, part in by_kind.items():
            geometries, rows = sorted_in.setdefault(kind, ([], []))
            geometries.append(part)
            rows.append(cells)
    for kind, (geometries, rows) in sorted_in.items():
        _write_kind(folder / f"{layer}_{kind}.shp", kind, columns, geometries, rows)
        report.rows[kind] += len(rows)


def _cell(value: Any) -> Any:
    return localtime(value).isoformat(timespec="seconds") if isinstance(value, datetime) else value


def _by_kind(shape: Any) -> Iterator[tuple[str, Any]]:
    """The files a geometry goes into, and what of it. Nothing at all is a row of the points without a place."""
    if shape is None or shape.is_empty:
        yield "points", None
    elif shape.geom_type != "GeometryCollection":
        yield _KIND_OF[shape.geom_type], shape
    else:
        parts = list(_parts(shape))
        points = [part for part in parts if part.geom_type == "Point"]
        lines = [part for part in parts if part.geom_type in {"LineString", "LinearRing"}]
        areas = [part for part in parts if part.geom_type == "Polygon"]
        if points:
            yield ("points", points[0]) if len(points) == 1 else ("multipoints", shapely.MultiPoint(points))
        if lines:
            yield "lines", shapely.MultiLineString(lines)
        if areas:
            yield "areas", shapely.MultiPolygon(areas)


def _parts(shape: Any) -> Iterator[Any]:
    """What a collection holds, to the last part."""
    for part in shapely.get_parts(shape):
        if hasattr(part, "geoms"):
            yield from _parts(part)
        else:
            yield part


def _write_kind(path: Path, kind: str, columns: list[Column], geometries: list[Any], rows: list[list[Any]]) -> None:
    values, masks, _zones = cell_arrays(columns, rows)
    write_layer(
        path,
        path.stem,
        geometry=shapely.to_wkb(np.array(geometries, dtype=object)),
        geometry_type=_KINDS[kind][0],
        columns=values,
        masks=masks,
        driver="ESRI Shapefile",
    )
    if any(part.stat().st_size > MOST_BYTES for part in path.parent.glob(f"{path.stem}.*")):
        raise ExportTooLarge(_("A Shapefile holds 2 GB at the most. Take the GeoPackage, or narrow the filter."))


def _note(extract: Extract, report: _Report) -> bytes:
    """What somebody must know before using the files."""
    lines = [extract.title, ""]
    for kind in _KINDS:
        if kind in report.rows:
            count = report.rows[kind]
            rows = ngettext("%(count)d row", "%(count)d rows", count) % {"count": count}
            lines.append(f"{extract.layer.name}_{kind}.shp: {rows}")
    lines += [
        "",
        _("Coordinates: WGS 84 (EPSG:4326), longitude and latitude in degrees. Texts: UTF-8."),
        _("Dates with a time are text (ISO 8601): the format knows days only."),
        "",
    ]
    renamed = [(name, short) for name, short in report.names.items() if name != short]
    if renamed:
        lines.append(_("Fields renamed, since a name has 10 characters at the most:"))
        lines += [f"  {name} → {short}" for name, short in renamed]
    else:
        lines.append(_("No field was renamed."))
    if report.cut:
        lines.append(_("Texts cut, since a field holds 254 bytes at the most:"))
        for name, count in report.cut.items():
            cut = ngettext("%(count)d text cut", "%(count)d texts cut", count) % {"count": count}
            lines.append(f"  {name}: {cut}")
    else:
        lines.append(_("No text was cut."))
    if report.split:
        split = ngettext(
            "%(count)d place made of points, lines and areas was split: its parts are in several files, or several"
            " parts of a row, with the same cells.",
            "%(count)d places made of points, lines and areas were split: their parts are in several files, or several"
            " parts of a row, with the same cells.",
            report.split,
        )
        lines.append(split % {"count": report.split})
    lines += ["", _("A GeoPackage has none of these limits.")]
    return ("\ufeff" + "\r\n".join(lines) + "\r\n").encode()
