"""Districts from a GIS file into a boundary release."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from pathlib import Path

from django.utils.text import slugify

from layers.readers import FeatureFile
from neighbourhoods.domain.district_pieces import place_addresses
from neighbourhoods.importers.errors import FieldMissing, LevelWrong, NothingToImport
from neighbourhoods.importers.gis_rows import Fields, problem_with, text_of
from neighbourhoods.importers.progress import SilentTicker, Ticker
from neighbourhoods.importers.report import ImportReport
from neighbourhoods.importers.store.districts import DistrictRow, store_districts
from neighbourhoods.models import BoundaryRelease

KIND = "districts"


def import_districts(
    path: Path,
    *,
    level_name: str,
    release_name: str,
    fields: Fields,
    report: ImportReport,
    layer: str = "",
    valid_from: datetime.date | None = None,
    ticker: Ticker | None = None,
) -> BoundaryRelease:
    """Import the polygons of a GeoJSON or GeoPackage file, in any reference system; call it inside a transaction.

    Without a field of codes, a district's code is made of its name. Raises Refusals.
    """
    if not level_name or slugify(level_name) != level_name or len(level_name) > 60:
        raise LevelWrong(f"“{level_name}” is no name of a level: write small letters, digits and hyphens.")
    if not fields.name:
        raise FieldMissing("Say which field holds the name of a district, with --name-field.")
    ticker = ticker or SilentTicker()
    with FeatureFile(path, layer=layer) as file:
        fields.check(file)
        release = store_districts(
            _rows(file, fields, report, ticker),
            level_name=level_name,
            release_name=release_name[:120],
            source=path.name[:200],
            valid_from=valid_from,
            report=report,
        )
    if not report.written(KIND):
        raise NothingToImport(f"{path.name} has no usable district ({report.refused_of(KIND)} rows refused).")
    ticker.step("Placing addresses")
    place_addresses()
    return release


def _rows(file: FeatureFile, fields: Fields, report: ImportReport, ticker: Ticker) -> Iterator[DistrictRow]:
    step = ticker.step("Reading districts")
    for feature in file:
        step.advance()
        report.read[KIND] += 1
        row = f"feature {feature.number}"
        name = text_of(feature.attributes, fields.name)
        code = text_of(feature.attributes, fields.code) if fields.code else slugify(name)
        if not name:
            report.refuse(KIND, row, "name_missing", f"it has no {fields.name}")
        elif not code:
            report.refuse(KIND, row, "code_missing", f"{name} has no {fields.code or 'code'}")
        elif len(name) > 200 or len(code) > 60:
            report.refuse(KIND, row, "value_too_long", "its name is longer than 200 characters, or its code than 60")
        elif problem := problem_with(feature.geometry):
            report.refuse(KIND, f"{row} ({name})", *problem)
        elif feature.geometry is not None:
            names = {language: text_of(feature.attributes, field) for language, field in fields.names.items()}
            yield DistrictRow(
                code=code,
                name=name,
                geometry=feature.geometry.hex.decode(),
                names={language: text for language, text in names.items() if text},
            )
