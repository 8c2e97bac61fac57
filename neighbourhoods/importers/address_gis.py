"""Address registers in a GIS file: points with attributes."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import shapely
from django.utils.translation import gettext as _

from layers.readers import FeatureFile, FileFeature, FileLayerNeeded
from neighbourhoods.importers.address_columns import GUESSES, PLACE, find_columns, require_columns
from neighbourhoods.importers.address_description import ROWS_LOOKED_AT, AddressFileDescription, described
from neighbourhoods.importers.address_formats import ReadingOptions, register_format
from neighbourhoods.importers.address_rows import RowRefused, address_row, derived_id, outside
from neighbourhoods.importers.errors import ColumnOptionWrong, FileEmpty
from neighbourhoods.importers.gis_rows import text_of
from neighbourhoods.importers.progress import Step, Ticker
from neighbourhoods.importers.report import ImportReport
from neighbourhoods.importers.store.addresses import AddressRow

KIND = "addresses"
NEEDED = ("street",)
SHAPEFILE_NAME_LENGTH = 10
"""Characters of a name that a Shapefile keeps: "housenumber" comes back as "housenumbe"."""
GIS_GUESSES = {
    meaning: tuple(dict.fromkeys([*titles, *(title[:SHAPEFILE_NAME_LENGTH] for title in titles)]))
    for meaning, titles in {**GUESSES, "street": (*GUESSES["street"], "name")}.items()
    if meaning not in PLACE
}


@dataclass(frozen=True)
class GisAddresses:
    """Points of any file that FeatureFile reads; longitude and latitude are those of the point."""

    source: str

    def read(
        self, path: Path, *, options: ReadingOptions, report: ImportReport, ticker: Ticker
    ) -> Iterator[AddressRow]:
        """See `AddressFormat.read`."""
        return self._read(path, options, report, ticker.step(_("Reading addresses")))

    def _read(self, path: Path, options: ReadingOptions, report: ImportReport, step: Step) -> Iterator[AddressRow]:
        with self._file(path, options) as file:
            columns = _columns(file, options)
            require_columns(columns, header=file.fields, name=path.name, needed=NEEDED)
            for batch in file.batches():
                step.advance(len(batch))
                for row in _rows(batch, columns, report):
                    if problem := outside(row.lon, row.lat):
                        report.refuse(KIND, row.line, problem.code, problem.reason, name=row.register_id)
                        continue
                    yield row
        if not report.read[KIND]:
            raise FileEmpty(_("%(file)s holds no features.") % {"file": path.name})

    def describe(self, path: Path, *, options: ReadingOptions) -> AddressFileDescription:
        """See `describe_addresses`."""
        file = self._file(path, options)
        try:
            with file:
                columns = _columns(file, options)
                looked_at = next(file.batches(), [])[:ROWS_LOOKED_AT]
        except FileLayerNeeded as several:
            if options.layer:
                raise
            nothing = described([], [], mapping={}, missing=NEEDED, rows=[], report=ImportReport())
            return replace(nothing, format=file.format.name, layers=tuple(several.extra["layers"]))
        missing = tuple(meaning for meaning in NEEDED if meaning not in columns)
        report = ImportReport()
        return described(
            file.fields,
            [[text_of(feature.attributes, name) for name in file.fields] for feature in looked_at],
            mapping=columns,
            missing=missing,
            rows=[] if missing else list(_rows(looked_at, columns, report)),
            report=report,
            encoding=file.encoding,
            crs=file.crs or "EPSG:4326",
            format=file.format.name,
            layers=file.layers,
            layer=file.layer,
        )

    def _file(self, path: Path, options: ReadingOptions) -> FeatureFile:
        return FeatureFile(path, layer=options.layer, encoding=options.encoding, crs=options.crs, limits=options.limits)


def _columns(file: FeatureFile, options: ReadingOptions) -> dict[str, str]:
    for meaning in PLACE:
        if meaning in options.columns:
            raise ColumnOptionWrong(
                _("A GIS file has the place of an address in its geometry: leave out the column for “%(meaning)s”.")
                % {"meaning": meaning}
            )
    return find_columns(file.fields, said=options.columns, name=file.path.name, guesses=GIS_GUESSES)


def _rows(features: Iterable[FileFeature], columns: Mapping[str, str], report: ImportReport) -> Iterator[AddressRow]:
    said = _("feature %(number)s")
    features = list(features)
    shapes = shapely.from_wkb([feature.wkb for feature in features], on_invalid="ignore")
    for feature, shape in zip(features, shapes, strict=True):
        report.read[KIND] += 1
        line = said % {"number": feature.number}
        values = {meaning: text_of(feature.attributes, name) for meaning, name in columns.items()}
        try:
            lon, lat = _place(shape)
            row = address_row(values, line=line, lon=round(lon, 8), lat=round(lat, 8))
        except RowRefused as refused:
            report.refuse(KIND, line, refused.code, refused.reason, name=values.get("id", ""))
            continue
        if not row.register_id:
            row.register_id = derived_id(row)
        yield row


def _place(shape: shapely.Geometry | None) -> tuple[float, float]:
    """Longitude and latitude of a point, or of a collection of one point; raises RowRefused."""
    if shape is None or shape.is_empty:
        raise RowRefused("geometry_missing", _("it has no geometry"))
    points = list(itertools.islice(shapely.get_parts(shape), 2))
    if len(points) != 1 or points[0].geom_type != "Point":
        raise RowRefused(
            "not_a_point",
            _("a %(type)s is no place of a letterbox: addresses are points") % {"type": shape.geom_type},
        )
    return points[0].x, points[0].y


register_format("gis", GisAddresses(source="gis"))
