"""Districts into a boundary release."""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from layers.geometry import invalidity_in_words
from neighbourhoods.domain.district_pieces import rebuild_pieces
from neighbourhoods.domain.district_tree import rank_levels
from neighbourhoods.domain.naming import search_form
from neighbourhoods.importers.report import ImportReport, kind_in_words
from neighbourhoods.importers.store.staging import one_import_at_a_time, rows_of, run, stage, upsert
from neighbourhoods.models import BoundaryRelease, DistrictLevel

COLUMNS = [
    ("code", "text"),
    ("name", "text"),
    ("names", "jsonb"),
    ("search_name", "text"),
    ("is_clipped", "boolean"),
    ("geometry", "geometry"),
]


@dataclass(slots=True)
class DistrictRow:
    """One district to store; `geometry` is a polygon or multipolygon as WKB in hexadecimal, longitude and latitude."""

    code: str
    name: str
    geometry: str
    names: dict[str, str] = field(default_factory=dict)
    is_clipped: bool = False


def store_districts(
    rows: Iterable[DistrictRow],
    *,
    level_name: str,
    release_name: str,
    source: str,
    valid_from: datetime.date | None,
    report: ImportReport,
    kind: str = "districts",
) -> BoundaryRelease:
    """Store the districts of one release of one level, by their codes.

    The first release of a level becomes current at once; a later one with another name is loaded beside it.
    Invalid polygons are repaired (ST_MakeValid) and named in the report; what is no area even then, and codes met
    a second time, are refused. Districts of the release that these rows lack stay. Afterwards ranks, parents and
    pieces are as the new boundaries make them.
    """
    one_import_at_a_time()
    level, _new = DistrictLevel.objects.get_or_create(name=level_name)
    release, is_new = BoundaryRelease.objects.get_or_create(
        level=level, name=release_name, defaults={"source": source, "valid_from": valid_from}
    )
    if not BoundaryRelease.objects.filter(level=level, is_current=True).exists():
        release.is_current = True
        release.save(update_fields=["is_current"])
    elif is_new:
        report.notes.append(
            _("“%(release)s” of level %(level)s is loaded beside the current release and is not yet in force.")
            % {"release": release_name, "level": level_name}
        )
    stage(
        "staged_district",
        COLUMNS,
        (
            (
                row.code,
                row.name,
                json.dumps(row.names),
                " ".join(dict.fromkeys(search_form(name) for name in (row.name, *row.names.values())))[:400],
                row.is_clipped,
                row.geometry,
            )
            for row in rows
        ),
    )
    run("UPDATE staged_district SET geometry = ST_Force2D(ST_SetSRID(geometry, 4326))")
    for row_code, reason in rows_of(
        "SELECT code, ST_IsValidReason(geometry) FROM staged_district WHERE NOT ST_IsValid(geometry)"
    ):
        report.notes.append(
            _("%(kind)s: the boundary of %(code)s was invalid and has been repaired. %(what)s.")
            % {"kind": kind_in_words(kind), "code": row_code, "what": invalidity_in_words(reason)}
        )
    run("UPDATE staged_district SET geometry = ST_MakeValid(geometry) WHERE NOT ST_IsValid(geometry)")
    run("UPDATE staged_district SET geometry = ST_Multi(ST_CollectionExtract(geometry, 3))")
    for (row_code,) in rows_of("DELETE FROM staged_district WHERE ST_IsEmpty(geometry) RETURNING code"):
        report.refuse(kind, row_code, "not_an_area", _("its geometry is no area"))
    for row_code, name in rows_of(
        """
        DELETE FROM staged_district AS later USING staged_district AS earlier
        WHERE later.code = earlier.code AND later.row_id > earlier.row_id RETURNING later.code, later.name
        """
    ):
        reason = _("the code of %(name)s is that of a row before it") % {"name": name}
        report.refuse(kind, row_code, "duplicate_code", reason)
    [(staged,)] = rows_of("SELECT count(*) FROM staged_district")
    upsert(
        kind,
        """
        INSERT INTO neighbourhoods_district AS kept
            (release_id, code, name, names, search_name, geometry, area_m2, is_clipped)
        SELECT %(release)s, code, name, names, search_name, geometry, ST_Area(geometry::geography), is_clipped
        FROM staged_district ORDER BY code
        ON CONFLICT (release_id, code) DO UPDATE SET
            name = excluded.name, names = excluded.names, search_name = excluded.search_name,
            geometry = excluded.geometry, area_m2 = excluded.area_m2, is_clipped = excluded.is_clipped
        WHERE (kept.name, kept.names, kept.search_name, kept.is_clipped)
            IS DISTINCT FROM (excluded.name, excluded.names, excluded.search_name, excluded.is_clipped)
            OR ST_AsBinary(kept.geometry) <> ST_AsBinary(excluded.geometry)
        """,
        {"release": release.pk},
        staged=staged,
        report=report,
    )
    if is_new or report.created[kind] or report.changed[kind]:
        rebuild_pieces(release)
    rank_levels()
    return release
