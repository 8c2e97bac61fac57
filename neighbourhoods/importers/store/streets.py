"""Streets and their names, by code."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.utils.text import slugify

from neighbourhoods.domain.naming import search_form
from neighbourhoods.importers.report import ImportReport
from neighbourhoods.importers.store.staging import run, stage, upsert


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


def store_streets(rows: Iterable[StreetRow], *, source: str, report: ImportReport, kind: str = "streets") -> None:
    """Store the streets by their codes: known ones keep their key, names are added and never taken away.

    A street met before only by its addresses gets its line here; a stored line is not erased by a row without one.
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
    run(
        "UPDATE staged_street SET geometry = ST_Multi(ST_Force2D(ST_SetSRID(geometry, 4326))), "
        "surface = ST_Multi(ST_Force2D(ST_SetSRID(surface, 4326)))"
    )
    upsert(
        kind,
        """
        INSERT INTO neighbourhoods_street AS kept (code, name, locality, kind, geometry, surface, source)
        SELECT code, name, locality, kind, geometry, surface, %(source)s FROM staged_street ORDER BY code
        ON CONFLICT (code) DO UPDATE SET
            name = excluded.name,
            locality = excluded.locality,
            kind = CASE WHEN excluded.kind = '' THEN kept.kind ELSE excluded.kind END,
            geometry = coalesce(excluded.geometry, kept.geometry),
            surface = coalesce(excluded.surface, kept.surface),
            source = excluded.source
        WHERE (kept.name, kept.locality, kept.source)
                IS DISTINCT FROM (excluded.name, excluded.locality, excluded.source)
            OR (excluded.kind <> '' AND excluded.kind <> kept.kind)
            OR (excluded.geometry IS NOT NULL
                AND ST_AsBinary(excluded.geometry) IS DISTINCT FROM ST_AsBinary(kept.geometry))
            OR (excluded.surface IS NOT NULL
                AND ST_AsBinary(excluded.surface) IS DISTINCT FROM ST_AsBinary(kept.surface))
        """,
        {"source": source},
        staged=staged,
        report=report,
    )
    stage(
        "staged_street_name",
        [("code", "text"), ("language", "text"), ("name", "text"), ("search_name", "text")],
        (
            (row.code, language, name[:200], search_form(name[:200])[:200])
            for row in kept.values()
            for language, name in dict.fromkeys([("", row.name), *row.names])
        ),
    )
    run(
        """
        INSERT INTO neighbourhoods_streetname (street_id, language, name, search_name)
        SELECT street.id, staged.language, staged.name, staged.search_name
        FROM staged_street_name AS staged JOIN neighbourhoods_street AS street ON street.code = staged.code
        WHERE NOT EXISTS (
            SELECT FROM neighbourhoods_streetname AS known
            WHERE known.street_id = street.id AND known.language = staged.language AND known.name = staged.name
                AND known.search_name = staged.search_name)
        ORDER BY staged.row_id
        ON CONFLICT (street_id, language, name) DO UPDATE SET search_name = excluded.search_name
        """
    )
    run("ANALYZE neighbourhoods_street, neighbourhoods_streetname")
