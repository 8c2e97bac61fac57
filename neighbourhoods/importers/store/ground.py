"""Parks, water and buildings."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _

from neighbourhoods.importers.report import ImportReport
from neighbourhoods.importers.store.staging import rows_of, run, stage, upsert


def store_ground(
    rows: Iterable[tuple[str, str, str, str]], *, report: ImportReport, kind: str = "parks, water, buildings"
) -> None:
    """Store (register_id, kind, name, WKB in hexadecimal) by register_id; what is no area is refused."""
    stage(
        "staged_ground",
        [("register_id", "text"), ("kind", "text"), ("name", "text"), ("geometry", "geometry")],
        ((register_id[:60], ground_kind, name[:200], wkb) for register_id, ground_kind, name, wkb in rows),
    )
    run(
        "UPDATE staged_ground SET geometry = ST_Multi(ST_CollectionExtract("
        "CASE WHEN ST_IsValid(geometry) THEN geometry ELSE ST_MakeValid(geometry) END, 3))"
    )
    run("UPDATE staged_ground SET geometry = ST_Force2D(ST_SetSRID(geometry, 4326))")
    for (register_id,) in rows_of("DELETE FROM staged_ground WHERE ST_IsEmpty(geometry) RETURNING register_id"):
        report.refuse(kind, register_id, "not_an_area", _("its geometry is no area"))
    [(staged,)] = rows_of("SELECT count(*) FROM staged_ground")
    upsert(
        kind,
        """
        INSERT INTO neighbourhoods_ground AS kept (register_id, kind, name, geometry, area_m2)
        SELECT register_id, kind, name, geometry, ST_Area(geometry::geography) FROM staged_ground
        ON CONFLICT (register_id) DO UPDATE SET
            kind = excluded.kind, name = excluded.name, geometry = excluded.geometry, area_m2 = excluded.area_m2
        WHERE (kept.kind, kept.name) IS DISTINCT FROM (excluded.kind, excluded.name)
            OR ST_AsBinary(kept.geometry) <> ST_AsBinary(excluded.geometry)
        """,
        staged=staged,
        report=report,
    )
    run("ANALYZE neighbourhoods_ground")
