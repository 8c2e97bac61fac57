"""Districts from a GIS file into a boundary release."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from pathlib import Path

from django.utils.text import slugify
from django.utils.translation import gettext as _

from layers.readers import FeatureFile, FileLimits
from neighbourhoods.domain.boundaries import place_everything
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
    encoding: str = "",
    crs: str = "",
    limits: FileLimits | None = None,
    valid_from: datetime.date | None = None,
    ticker: Ticker | None = None,
) -> BoundaryRelease:
    """Import the polygons of any file that FeatureFile reads, in any reference system; call it inside a transaction.

    Without a field of codes, a district's code is made of its name. Where the release is in force, the first of its
    level or a corrected one, everything is placed in its districts. Raises Refusals.
    """
    if not level_name or slugify(level_name) != level_name or len(level_name) > 60:
        raise LevelWrong(
            _("“%(level)s” is no name of a level: write small letters, digits and hyphens.") % {"level": level_name}
        )
    if not fields.name:
        raise FieldMissing(_("Say which field holds the name of a district, with --name-field."))
    ticker = ticker or SilentTicker()
    with FeatureFile(path, layer=layer, encoding=encoding, crs=crs, limits=limits) as file:
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
        raise NothingToImport(
            _("%(file)s has no usable district (rows refused: %(refused)s).")
            % {"file": path.name, "refused": report.refused_of(KIND)}
        )
    if release.is_current and (report.created[KIND] or report.changed[KIND]):
        ticker.step(_("Placing everything again"))
        place_everything(release, is_corrected=True)
    return release


def _rows(file: FeatureFile, fields: Fields, report: ImportReport, ticker: Ticker) -> Iterator[DistrictRow]:
    step = ticker.step(_("Reading districts"))
    for feature in file:
        step.advance()
        report.read[KIND] += 1
        row = _("feature %(number)s") % {"number": feature.number}
        name = text_of(feature.attributes, fields.name)
        code = text_of(feature.attributes, fields.code) if fields.code else slugify(name)
        if not name:
            report.refuse(KIND, row, "name_missing", _("it has no “%(column)s”") % {"column": fields.name})
        elif not code and fields.code:
            reason = _("%(name)s has no “%(column)s”") % {"name": name, "column": fields.code}
            report.refuse(KIND, row, "code_missing", reason)
        elif not code:
            reason = _("no code can be made of “%(name)s”: say which field holds one, with --code-field")
            report.refuse(KIND, row, "code_missing", reason % {"name": name})
        elif len(name) > 200 or len(code) > 60:
            reason = _("its name is longer than %(name)s characters, or its code than %(code)s")
            report.refuse(KIND, row, "value_too_long", reason % {"name": 200, "code": 60})
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
