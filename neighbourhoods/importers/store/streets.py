"""Streets and their names, by code."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.utils.text import slugify

from neighbourhoods.domain.naming import search_form
from neighbourhoods.importers.report import ImportReport
from neighbourhoods.importers.store.staging import one_import_at_a_time, rows_of, run, stage


@dataclass(slots=True)
class StreetRow:
    """One street to store. `geometry` (lines) and `surface` (polygons) are WKB in hexadecimal, or None.

    `names` are (language, name); the street's own name is added in the empty language.
    """

    code: str
    name: str
    locality: str = ""
    kind: str = ""
    geometry: str | None = None
    surface: str | None = None
    names: list[tuple[str, str]] = field(default_factory=list)


def street_code(*, locality: str, name: str) -> str:
    """The code of a street whose register gives none: of its locality and name, the same at every import.

    A digest keeps apart what looks alike without accents ("Rue du Pré", "Rue du Prè").
    """
    digest = hashlib.sha256(f"{locality}\n{name}".encode()).hexdigest()[:8]
    return f"{slugify(locality)[:40]}/{slugify(name)[:60]}/{digest}"


_COMPARED = {
    "name": "kept.name <> staged.name",
    "locality": "kept.locality <> staged.locality",
    "kind": "staged.kind <> '' AND kept.kind <> staged.kind",
    "geometry": "staged.geometry IS NOT NULL "
    "AND ST_AsBinary(staged.geometry) IS DISTINCT FROM ST_AsBinary(kept.geometry)",
    "surface": "staged.surface IS NOT NULL AND ST_AsBinary(staged.surface) IS DISTINCT FROM ST_AsBinary(kept.surface)",
    "source": "kept.source <> %(source)s",
}
"""Columns as they are reported, and when they differ from what is stored."""


def store_streets(rows: Iterable[StreetRow], *, source: str, report: ImportReport, kind: str = "streets") -> None:
    """Store the streets by their codes: known ones keep their key, names are added and never taken away.

    A street met before only by its addresses gets its line here; a stored line is not erased by a row without one. A
    closed street is reopened. Rows that say the same as last time are not written.
    """
    kept = {row.code: row for row in rows}
    staged = stage(
        "staged_street",
        [
            ("code", "text"),
            ("name", "text"),
            ("locality", "text"),
            ("kind", "text"),
            ("geometry", "geometry"),
            ("surface", "geometry"),
        ],
        (
            (row.code, row.name[:200], row.locality[:120], row.kind[:40], row.geometry, row.surface)
            for row in kept.values()
        ),
    )
    one_import_at_a_time()
    run(
        "UPDATE staged_street SET geometry = ST_Multi(ST_Force2D(ST_SetSRID(geometry, 4326))), "
        "surface = ST_Multi(ST_Force2D(ST_SetSRID(surface, 4326)))"
    )
    run("DROP TABLE IF EXISTS street_change")
    run(
        f"""
        CREATE TEMP TABLE street_change ON COMMIT DROP AS
        SELECT staged.*, kept.id AS kept_id, kept.closed_at IS NOT NULL AS is_back,
            ARRAY[{", ".join(_COMPARED.values())}] AS differs
        FROM staged_street AS staged LEFT JOIN neighbourhoods_street AS kept ON kept.code = staged.code
        WHERE kept.id IS NULL OR kept.closed_at IS NOT NULL OR {" OR ".join(f"({test})" for test in _COMPARED.values())}
        """,
        {"source": source},
    )
    numbered = tuple(enumerate(_COMPARED, start=1))
    counts = ", ".join(f"count(*) FILTER (WHERE differs[{at}] AND kept_id IS NOT NULL)" for at, _column in numbered)
    [(new, changed, back, *columns)] = rows_of(
        f"""
        SELECT count(*) FILTER (WHERE kept_id IS NULL), count(*) FILTER (WHERE kept_id IS NOT NULL AND NOT is_back),
            count(*) FILTER (WHERE is_back), {counts}
        FROM street_change
        """
    )
    run(
        """
        INSERT INTO neighbourhoods_street (code, name, locality, kind, geometry, surface, source)
        SELECT code, name, locality, kind, geometry, surface, %(source)s
        FROM street_change WHERE kept_id IS NULL ORDER BY code
        """,
        {"source": source},
    )
    run(
        """
        UPDATE neighbourhoods_street AS kept SET
            name = found.name,
            locality = found.locality,
            kind = CASE WHEN found.kind = '' THEN kept.kind ELSE found.kind END,
            geometry = coalesce(found.geometry, kept.geometry),
            surface = coalesce(found.surface, kept.surface),
            source = %(source)s,
            closed_at = NULL
        FROM street_change AS found WHERE found.kept_id = kept.id
        """,
        {"source": source},
    )
    renamed = _add_names(kept.values())
    report.count(kind, staged=staged, created=new, changed=changed + renamed["alone"], reopened=back)
    for (_at, column), count in zip(numbered, columns, strict=True):
        report.changed_columns[kind, column] += count
    report.changed_columns[kind, "names"] += renamed["all"]
    run("ANALYZE neighbourhoods_street, neighbourhoods_streetname")


def _add_names(streets: Iterable[StreetRow]) -> dict[str, int]:
    """Add the names that streets did not have; how many streets known before got any, and how many nothing else."""
    stage(
        "staged_street_name",
        [("code", "text"), ("language", "text"), ("name", "text"), ("search_name", "text")],
        (
            (row.code, language, name[:200], search_form(name[:200])[:200])
            for row in streets
            for language, name in dict.fromkeys([("", row.name), *row.names])
        ),
    )
    [(every, alone)] = rows_of(
        """
        WITH added AS (
            INSERT INTO neighbourhoods_streetname (street_id, language, name, search_name)
            SELECT street.id, staged.language, staged.name, staged.search_name
            FROM staged_street_name AS staged JOIN neighbourhoods_street AS street ON street.code = staged.code
            WHERE NOT EXISTS (
                SELECT FROM neighbourhoods_streetname AS known
                WHERE known.street_id = street.id AND known.language = staged.language AND known.name = staged.name
                    AND known.search_name = staged.search_name)
            ORDER BY staged.row_id
            ON CONFLICT (street_id, language, name) DO UPDATE SET search_name = excluded.search_name
            RETURNING street_id
        )
        SELECT count(*) FILTER (WHERE is_known), count(*) FILTER (WHERE is_known AND kept_id IS NULL)
        FROM (
            SELECT DISTINCT street.id, found.kept_id, found.code IS NULL OR found.kept_id IS NOT NULL AS is_known
            FROM added JOIN neighbourhoods_street AS street ON street.id = added.street_id
            LEFT JOIN street_change AS found ON found.code = street.code
        ) AS streets
        """
    )
    return {"all": every, "alone": alone}
