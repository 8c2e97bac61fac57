"""How the first rows of an upload will be read, before anything is loaded."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import shapely
from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from neighbourhoods.domain.registers.choices import choices_of
from neighbourhoods.domain.registers.errors import NothingUsable
from neighbourhoods.domain.registers.files import file_on_disk
from neighbourhoods.domain.registers.meanings import in_words, meanings_of
from neighbourhoods.domain.registers.options import format_of, reading_options
from neighbourhoods.domain.registers.summary import FileSummary
from neighbourhoods.enums import RegisterKind
from neighbourhoods.importers.address_description import describe_addresses
from neighbourhoods.importers.known_extent import known_extent
from neighbourhoods.importers.store.addresses import AddressRow
from neighbourhoods.models import RegisterUpload

SHOWN_ROWS = 25
NEAR_DEGREES = 0.0003
"""How far two registers may put one letterbox apart: some 30 metres."""


@dataclass(frozen=True)
class Preview:
    """The first rows with the chosen columns.

    `headings` and `rows` are a table of at most SHOWN_ROWS; `features` is a GeoJSON FeatureCollection (4326) of all
    `looked_at` rows that have a place. `refused` of these would be refused, for the `reasons` (sentence, count).
    `is_elsewhere` says that the territory is known and that nothing of it lies there. `also_in` names another register
    that most of these addresses are in already, where they are: loaded beside it, each home would be there twice.
    """

    headings: Sequence[str]
    rows: Sequence[Sequence[str]]
    features: Mapping[str, Any]
    looked_at: int
    refused: int = 0
    reasons: Sequence[tuple[str, int]] = field(default_factory=tuple)
    is_elsewhere: bool = False
    also_in: str = ""


def preview_upload(*, upload: RegisterUpload) -> Preview:
    """Read the first rows as they will be loaded, with what was chosen; changes nothing.

    Addresses go through the importer itself, and its Refusals come through; raises NothingUsable where every one of
    the first rows would be refused.
    """
    summary = FileSummary.of(upload)
    preview = _of_addresses(upload) if upload.kind == RegisterKind.ADDRESSES else _of_shapes(upload, summary)
    if preview.looked_at and preview.refused == preview.looked_at:
        reasons = "; ".join(sentence for sentence, _count in preview.reasons[:3])
        raise NothingUsable(
            _("None of the first %(count)s rows can be used with these columns: %(reasons)s.")
            % {"count": preview.looked_at, "reasons": reasons}
        )
    return preview


def _of_addresses(upload: RegisterUpload) -> Preview:
    with file_on_disk(upload) as path:
        found = describe_addresses(path, format_name=format_of(upload), options=reading_options(upload))
    points = [shapely.Point(row.lon, row.lat) for row in found.rows]
    features = [
        _feature(point, f"{row.street} {row.house_number}".strip())
        for point, row in zip(points, found.rows, strict=True)
    ]
    table = [
        (row.street, row.house_number, row.box, row.postcode, row.locality, f"{row.lat:.5f}, {row.lon:.5f}")
        for row in found.rows[:SHOWN_ROWS]
    ]
    headings = in_words(upload.kind, ("street", "house_number", "box", "postcode", "locality"))
    headings.append(_("Latitude, longitude"))
    return Preview(
        *_without_empty_columns(headings, table),
        features={"type": "FeatureCollection", "features": features},
        looked_at=found.rows_read,
        refused=sum(count for count, _examples in found.refused.values()),
        reasons=[(examples[0], count) for count, examples in found.refused.values()],
        is_elsewhere=_is_elsewhere([(point.x, point.y) for point in points]),
        also_in=_also_in(found.rows, source=choices_of(upload).source),
    )


def _also_in(rows: Sequence[AddressRow], *, source: str) -> str:
    """The other register in which more than half of the addresses are, by place and house number; one query."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT known.source
            FROM unnest(%(lons)s::float8[], %(lats)s::float8[], %(numbers)s::text[])
                WITH ORDINALITY AS new (lon, lat, number, at)
            JOIN neighbourhoods_address AS known
                ON ST_DWithin(known.geometry, ST_SetSRID(ST_MakePoint(new.lon, new.lat), 4326), %(near)s)
                AND known.house_number = new.number AND known.closed_at IS NULL AND known.source <> %(source)s
            GROUP BY known.source HAVING count(DISTINCT new.at) > %(half)s
            ORDER BY count(DISTINCT new.at) DESC, known.source LIMIT 1
            """,
            {
                "lons": [row.lon for row in rows],
                "lats": [row.lat for row in rows],
                "numbers": [row.house_number for row in rows],
                "near": NEAR_DEGREES,
                "source": source,
                "half": len(rows) / 2,
            },
        )
        found = cursor.fetchone()
    return str(found[0]) if found else ""


def _of_shapes(upload: RegisterUpload, summary: FileSummary) -> Preview:
    said = choices_of(upload)
    known = meanings_of(upload.kind, has_shapes=True)
    meanings = [meaning.key for meaning in known if said.columns.get(meaning.key)]
    headings = [*in_words(upload.kind, meanings), _("Drawn as")]
    reasons: Counter[str] = Counter()
    table: list[tuple[str, ...]] = []
    features: list[dict[str, Any]] = []
    middles: list[tuple[float, float]] = []
    for position, values in enumerate(summary.first):
        shape = summary.shapes[position] if position < len(summary.shapes) else None
        name = values.get(said.columns.get("name", ""), "")
        if not name:
            reasons[_("it has no “%(column)s”") % {"column": said.columns.get("name", "")}] += 1
        elif shape is None:
            reasons[_("it has no geometry")] += 1
        if shape is not None:
            drawn = shapely.geometry.shape(shape)
            middle = drawn.representative_point()
            middles.append((middle.x, middle.y))
            features.append({"type": "Feature", "properties": {"name": name}, "geometry": shape})
        kind = _shape_in_words(shape["type"]) if shape else _("nothing")
        if len(table) < SHOWN_ROWS:
            table.append((*(values.get(said.columns[meaning], "") for meaning in meanings), kind))
    return Preview(
        *_without_empty_columns(headings, table),
        features={"type": "FeatureCollection", "features": features},
        looked_at=len(summary.first),
        refused=sum(reasons.values()),
        reasons=reasons.most_common(),
        is_elsewhere=_is_elsewhere(middles),
    )


def _feature(shape: Any, name: str) -> dict[str, Any]:
    return {"type": "Feature", "properties": {"name": name}, "geometry": shapely.geometry.mapping(shape)}


def _without_empty_columns(
    headings: Sequence[str], table: Sequence[Sequence[str]]
) -> tuple[list[str], list[list[str]]]:
    kept = [at for at in range(len(headings)) if not table or any(row[at] for row in table)]
    return [headings[at] for at in kept], [[row[at] for at in kept] for row in table]


def _is_elsewhere(points: Sequence[tuple[float, float]]) -> bool:
    extent = known_extent() if points else None
    return extent is not None and not any(extent.holds(lon, lat) for lon, lat in points)


def _shape_in_words(kind: str) -> str:
    if kind.endswith("Point"):
        return pgettext("shape", "point")
    if kind.endswith("LineString"):
        return pgettext("shape", "line")
    if kind.endswith("Polygon"):
        return pgettext("shape", "area")
    return pgettext("shape", "several shapes")
