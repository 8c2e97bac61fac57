"""The figures as open data: all months of all districts as CSV, a period by district as GeoJSON and GeoPackage."""

from __future__ import annotations

import csv
import io
import json
import tempfile
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import numpy as np
from django.conf import settings
from django.contrib.gis.db.models.functions import AsGeoJSON, AsWKB

from geoparticipation.dashboards.enums import Figure
from geoparticipation.dashboards.indicators.definitions import BY_DISTRICT, PEOPLE, TOWN_ONLY
from geoparticipation.dashboards.indicators.districts import Place, current_tree
from geoparticipation.dashboards.indicators.periods import Period, months_between
from geoparticipation.dashboards.indicators.reading import Line, Number, Values
from geoparticipation.dashboards.indicators.telling import TOWN, ancestors
from geoparticipation.dashboards.models import MonthCount, MonthPeople
from layers.exports.ogr import write_layer
from layers.spreadsheets import harmless_cell
from neighbourhoods.models import District

SO_FAR: Final = "registered_so_far"
"""The column of people who registered up to the end of the month: that is what may be told of each month."""
COLUMNS: Final = (
    "month",
    "level",
    "code",
    "district",
    *(SO_FAR if figure is Figure.REGISTERED else figure.value for figure in Figure),
)
MEDIA_TYPES: Final = {
    "csv": "text/csv; charset=utf-8",
    "geojson": "application/geo+json",
    "gpkg": "application/geopackage+sqlite3",
}


def plain(value: Number) -> int | float | None:
    """A number as JSON has it: whole where it is."""
    if value is None:
        return None
    return int(value) if value == int(value) else round(float(value), 2)


def months_as_csv() -> bytes:
    """A line for each month and each district of every level, the town first; what is not told is empty.

    Three queries.
    """
    tree = current_tree()
    cells: dict[tuple[date, int], dict[str, int | float | None]] = {}
    sums: dict[tuple[date, int, str], Decimal] = {}
    for month, district, figure, value in MonthCount.objects.values_list("month", "district_id", "figure", "value"):
        at = district if district in tree.places else TOWN
        for node in (at, *ancestors(at, tree.parents)):
            sums[month, node, figure] = sums.get((month, node, figure), Decimal(0)) + value
    for (month, node, figure), value in sums.items():
        cells.setdefault((month, node), {})[figure] = plain(value)
    for month, district, figure, people in MonthPeople.objects.values_list("month", "district_id", "figure", "value"):
        cells.setdefault((month, district or TOWN), {})[figure] = people
    found = sorted({month for month, _node in cells})
    text = io.StringIO(newline="")
    lines = csv.writer(text)
    lines.writerow(COLUMNS)
    for month in months_between(found[0], found[-1]) if found else []:
        for node in (TOWN, *tree.places):
            place = tree.places.get(node)
            of = cells.get((month, node), {})
            known = [_cell(figure, of, is_town=place is None) for figure in Figure]
            named = [harmless_cell(part) for part in (place.level, place.code, place.name)] if place else ["", "", ""]
            lines.writerow([f"{month:%Y-%m}", *named, *known])
    return text.getvalue().encode()


def _cell(figure: Figure, of: dict[str, int | float | None], *, is_town: bool) -> int | float | str:
    if figure in TOWN_ONLY and not is_town:
        return ""
    value = of.get(figure.value, None if figure in PEOPLE else 0)
    return "" if value is None else value


def _named(place: Place, values: Values, period: Period) -> dict[str, Any]:
    return {
        "code": place.code,
        "name": place.name,
        "level": place.level,
        "from": period.parameters["from"],
        "to": period.parameters["to"],
        **{figure.value: plain(values[figure]) for figure in BY_DISTRICT},
    }


def _by_district(lines: Sequence[Line]) -> dict[int, tuple[Place, Values]]:
    return {line.place.pk: (line.place, line.now) for line in lines if line.place is not None}


def as_geojson(lines: Sequence[Line], period: Period) -> bytes:
    """The districts with their figures in a period. One query."""
    wanted = _by_district(lines)
    shapes = District.objects.filter(pk__in=wanted).annotate(shape=AsGeoJSON("geometry", precision=7))
    outlines = dict(shapes.values_list("pk", "shape"))
    features = [
        {"type": "Feature", "geometry": json.loads(outlines[pk]), "properties": _named(*of, period)}
        for pk, of in wanted.items()
    ]
    collection = {
        "type": "FeatureCollection",
        "name": "indicators",
        "licence": settings.DATA_LICENCE,
        "features": features,
    }
    return json.dumps(collection, ensure_ascii=False).encode()


def as_geopackage(lines: Sequence[Line], period: Period) -> bytes:
    """The same as a GeoPackage with one layer, `indicators`. One query."""
    wanted = _by_district(lines)
    outlines = dict(District.objects.filter(pk__in=wanted).annotate(shape=AsWKB("geometry")).values_list("pk", "shape"))
    rows = [_named(*of, period) for of in wanted.values()]
    texts = ("code", "name", "level", "from", "to")
    columns: dict[str, Any] = {name: np.array([row[name] for row in rows], dtype=object) for name in texts}
    for figure in BY_DISTRICT:
        columns[figure.value] = np.array(
            [np.nan if row[figure.value] is None else row[figure.value] for row in rows], dtype="float64"
        )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "indicators.gpkg"
        write_layer(
            path,
            "indicators",
            geometry=np.array([bytes(outlines[pk]) for pk in wanted], dtype=object),
            geometry_type="MultiPolygon",
            columns=columns,
            title=f"{period.parameters['from']} – {period.parameters['to']}",
            description=settings.DATA_LICENCE,
        )
        return path.read_bytes()
