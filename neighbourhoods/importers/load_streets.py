"""Streets from a GIS file, drawn as lines or as surfaces."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import shapely
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from shapely.geometry import MultiLineString, MultiPolygon
from shapely.geometry.base import BaseGeometry

from layers.geometry import to_shapely
from layers.readers import FeatureFile, FileLimits
from neighbourhoods.importers.areas import Areas, current_areas
from neighbourhoods.importers.centreline import centreline
from neighbourhoods.importers.errors import FieldMissing, NothingToImport
from neighbourhoods.importers.gis_rows import Fields, guess_field, problem_with, text_of
from neighbourhoods.importers.metric import Metric
from neighbourhoods.importers.progress import SilentTicker, Step, Ticker
from neighbourhoods.importers.report import ImportReport
from neighbourhoods.importers.store.closing import Closing, close_missing_streets
from neighbourhoods.importers.store.streets import StreetRow, store_streets, street_code

KIND = "streets"
SOURCE = "register"
NAME_FIELDS = ("name", "street", "nom", "nom_voie", "strasse", "straße", "rue", "street_name")


@dataclass
class _Street:
    """Features of one street, gathered."""

    name: str
    locality: str
    names: dict[tuple[str, str], None] = field(default_factory=dict)
    lines: list[BaseGeometry] = field(default_factory=list)
    surfaces: list[BaseGeometry] = field(default_factory=list)


def import_streets(
    path: Path,
    *,
    fields: Fields,
    report: ImportReport,
    source: str = SOURCE,
    layer: str = "",
    encoding: str = "",
    crs: str = "",
    limits: FileLimits | None = None,
    closing: Closing = Closing.GUARDED,
    ticker: Ticker | None = None,
) -> None:
    """Import the streets of any file that FeatureFile reads, in any reference system; call it inside a transaction.

    Features with one code are one street; without codes, those of one name in one locality: the field of that name,
    else the coarsest current district around the feature. Surfaces are kept, and the line down their middle becomes
    the street's. Raises Refusals.
    """
    ticker = ticker or SilentTicker()
    step = ticker.step(_("Reading streets"))
    levels = current_areas()
    streets: dict[str, _Street] = {}
    with FeatureFile(path, layer=layer, encoding=encoding, crs=crs, limits=limits) as file:
        if not fields.name:
            guessed = guess_field(file.fields, NAME_FIELDS)
            if not guessed:
                known = ", ".join(file.fields)
                raise FieldMissing(
                    _("Say which field holds the name of a street, with --name-field: %(fields)s.") % {"fields": known}
                )
            fields = Fields(guessed, fields.code, fields.locality, fields.names)
        fields.check(file)
        _gather(file, fields, streets=streets, communes=levels[0] if levels else None, report=report, step=step)
    rows = _rows(streets, report, ticker)
    if not rows:
        raise NothingToImport(
            _("%(file)s has no usable street (rows refused: %(refused)s).")
            % {"file": path.name, "refused": report.refused_of(KIND)}
        )
    store_streets(rows, source=source, report=report)
    close_missing_streets([row.code for row in rows], source=source, closing=closing, report=report)


def _gather(
    file: FeatureFile,
    fields: Fields,
    *,
    streets: dict[str, _Street],
    communes: Areas | None,
    report: ImportReport,
    step: Step,
) -> None:
    row_said = _("feature %(number)s")
    for feature in file:
        step.advance()
        report.read[KIND] += 1
        row = row_said % {"number": feature.number}
        name = text_of(feature.attributes, fields.name)
        code = text_of(feature.attributes, fields.code)
        if not name:
            reason = _("it has no “%(column)s”") % {"column": fields.name}
            report.refuse(KIND, row, "name_missing", reason, name=code)
            continue
        if fields.code and not code:
            reason = _("%(name)s has no “%(column)s”") % {"name": name, "column": fields.code}
            report.refuse(KIND, row, "code_missing", reason)
            continue
        if len(name) > 200 or len(code) > 120:
            reason = _("its name is longer than %(name)s characters, or its code than %(code)s")
            report.refuse(KIND, row, "value_too_long", reason % {"name": 200, "code": 120})
            continue
        problem = problem_with(feature.geometry)
        if problem or feature.geometry is None:
            reason = problem or ("geometry_missing", _("it has no geometry"))
            report.refuse(KIND, f"{row} ({name})", *reason, name=code)
            continue
        shape = to_shapely(feature.geometry)
        lines, surfaces = _parts(shape)
        if not lines and not surfaces:
            reason = _("a %(type)s is no line and no surface") % {"type": shape.geom_type}
            report.refuse(KIND, f"{row} ({name})", "not_a_street", reason, name=code)
            continue
        locality = text_of(feature.attributes, fields.locality)
        if not fields.locality and communes:
            at = communes.around(shape.representative_point())
            locality = communes.names[at] if at is not None else ""
        street = streets.setdefault(code or street_code(locality=locality, name=name), _Street(name, locality))
        street.lines += lines
        street.surfaces += surfaces
        for language, of_language in fields.names.items():
            if text := text_of(feature.attributes, of_language):
                street.names[language, text] = None


def _parts(shape: BaseGeometry) -> tuple[list[BaseGeometry], list[BaseGeometry]]:
    """Lines and polygons of a geometry, however deep its collections."""
    if hasattr(shape, "geoms"):
        found = [_parts(part) for part in shape.geoms]
        return [line for lines, _areas in found for line in lines], [area for _lines, areas in found for area in areas]
    if shape.geom_type == "LineString" and shape.length > 0:
        return [shape], []
    if shape.geom_type == "Polygon" and shape.area > 0:
        return [], [shape]
    return [], []


def _rows(streets: dict[str, _Street], report: ImportReport, ticker: Ticker) -> list[StreetRow]:
    step = ticker.step(_("Drawing streets"), total=len(streets))
    rows = []
    repaired = 0
    for code, street in streets.items():
        step.advance()
        surface = None
        lines = list(street.lines)
        if street.surfaces:
            repaired += sum(not area.is_valid for area in street.surfaces)
            whole = shapely.unary_union([shapely.make_valid(area) for area in street.surfaces])
            polygons = [part for part in shapely.get_parts(whole) if part.geom_type == "Polygon"]
            surface = shapely.to_wkb(MultiPolygon(polygons), hex=True)
            if not lines:
                middle = whole.representative_point()
                metric = Metric(middle.x, middle.y)
                # Joints between the pieces of one street are closed: a gap of centimetres is no end of the street.
                joined = metric.metres(whole).buffer(0.3, join_style="mitre").buffer(-0.25, join_style="mitre")
                lines = list(shapely.get_parts(metric.degrees(centreline(joined))))
        merged = shapely.line_merge(MultiLineString(lines))
        course = [line for line in shapely.get_parts(merged) if line.geom_type == "LineString" and line.length > 0]
        rows.append(
            StreetRow(
                code=code,
                name=street.name,
                locality=street.locality,
                geometry=shapely.to_wkb(MultiLineString(course), hex=True) if course else None,
                surface=surface,
                names=list(street.names),
            )
        )
    if repaired:
        report.notes.append(
            ngettext(
                "%(count)s invalid surface of a street has been repaired.",
                "%(count)s invalid surfaces of streets have been repaired.",
                repaired,
            )
            % {"count": repaired}
        )
    return rows
