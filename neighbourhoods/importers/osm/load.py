"""An OpenStreetMap extract into the territory."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import shapely
from django.utils.translation import gettext as _
from shapely.geometry import MultiPoint, Polygon, box
from shapely.geometry.base import BaseGeometry

from neighbourhoods.domain.boundaries import place_everything
from neighbourhoods.enums import GroundKind
from neighbourhoods.importers.areas import current_areas
from neighbourhoods.importers.errors import NothingToImport
from neighbourhoods.importers.osm.addresses import read_addresses
from neighbourhoods.importers.osm.boundaries import ClosedBoundary, close_level
from neighbourhoods.importers.osm.extract import GroundArea, OsmExtract, names_by_language, read_extract
from neighbourhoods.importers.osm.sea import sea_areas
from neighbourhoods.importers.osm.streets import merge_streets
from neighbourhoods.importers.progress import SilentTicker, Ticker
from neighbourhoods.importers.report import ImportReport
from neighbourhoods.importers.store.addresses import store_addresses
from neighbourhoods.importers.store.closing import Closing, close_missing_streets
from neighbourhoods.importers.store.districts import DistrictRow, store_districts
from neighbourhoods.importers.store.ground import store_ground
from neighbourhoods.importers.store.streets import store_streets

SOURCE = "osm"
DEFAULT_LEVELS = {"8": "", "9": "", "10": ""}
LEVEL_NAMES = {"8": "commune", "9": "district", "10": "sector"}
SMALLEST_SHARE_OF_ADDRESSES = 0.01


def import_osm(
    path: Path,
    *,
    report: ImportReport,
    levels: Mapping[str, str] | None = None,
    closing: Closing = Closing.GUARDED,
    ticker: Ticker | None = None,
) -> None:
    """Import districts, ground, streets and addresses of an extract; call it inside a transaction.

    `levels` maps OSM admin levels to names of levels ("" for the usual name); by default 8, 9 and 10 as far as the
    file has them. The boundaries are one release per level, named after the day of the data. Streets and addresses of
    earlier extracts that this one lacks are closed, as far as `closing` says. Raises Refusals.
    """
    ticker = ticker or SilentTicker()
    extract = read_extract(path, ticker=ticker)
    if not (extract.streets or extract.addresses or extract.boundaries):
        raise NothingToImport(_("%(file)s has no named street, no address and no boundary.") % {"file": path.name})
    complete = _import_districts(extract, levels or DEFAULT_LEVELS, report, ticker)
    ticker.step(_("Storing parks, water and buildings"))
    _import_ground(extract, report)
    ticker.step(_("Merging streets"))
    codes = _import_streets(extract, report, keep_outside=not complete)
    ticker.step(_("Storing addresses"))
    rows = read_addresses(extract, report=report)
    store_addresses(rows, source=SOURCE, report=report, refuse_outside=complete, closing=closing)
    # Now that the addresses that are gone are closed, so can be the streets that only they belonged to.
    close_missing_streets(codes, source=SOURCE, closing=closing, report=report)


def _import_districts(extract: OsmExtract, levels: Mapping[str, str], report: ImportReport, ticker: Ticker) -> bool:
    """Store the districts of the levels; whether the coarsest of them is whole, so that it bounds the territory."""
    edge = extract.edge or _extent(extract)
    finer: dict[int, BaseGeometry] = {}
    home = _home(extract, edge)
    by_level: dict[str, list[ClosedBoundary]] = {}
    for level in sorted(levels, key=int, reverse=True):
        ticker.step(_("Closing boundaries of level %(level)s") % {"level": level})
        found = close_level(extract, level, edge=edge, finer=finer)
        kind = f"districts ({_level_name(level, levels)})"
        report.read[kind] += len(found.closed) + len(found.refused)
        for boundary, code, reason in found.refused:
            report.refuse(kind, f"r{boundary.osm_id} {boundary.tags['name']}", code, reason)
        by_level[level] = []
        for closed in found.closed:
            finer[closed.boundary.osm_id] = closed.area
            if _is_ours(closed, extract, home):
                by_level[level].append(closed)
            else:
                row = f"r{closed.boundary.osm_id} {closed.boundary.tags['name']}"
                report.refuse(kind, row, "neighbour", _("a neighbour of which the file only shows the rim"))
    whole = False
    changed = []
    for level in sorted(levels, key=int):
        if not by_level[level]:
            continue
        name = _level_name(level, levels)
        kind = f"districts ({name})"
        release = store_districts(
            [_row(closed) for closed in by_level[level]],
            level_name=name,
            release_name=extract.release_name,
            source="OpenStreetMap",
            valid_from=extract.timestamp.date() if extract.timestamp else None,
            report=report,
            kind=kind,
        )
        if release.is_current and (report.created[kind] or report.changed[kind]):
            changed.append(release)
        if level == min((level for level in levels if by_level[level]), key=int):
            whole = any(not closed.is_clipped for closed in by_level[level])
    for release in changed:
        place_everything(release, is_corrected=True)
    return whole


def _import_ground(extract: OsmExtract, report: ImportReport) -> None:
    kind = "parks, water, buildings"
    report.read[kind] += len(extract.ground) + len(extract.unreadable) + len(extract.coastlines)
    for key, reason in extract.unreadable:
        report.refuse(kind, key, "area_unreadable", reason)
    seas = sea_areas(extract.coastlines, extract.edge or _extent(extract)) if extract.coastlines else []
    water = [GroundArea(f"sea-{at}", GroundKind.WATER, "", sea) for at, sea in enumerate(seas)]
    store_ground(
        (
            (area.register_id, area.kind, area.name, shapely.to_wkb(area.geometry, hex=True))
            for area in [*extract.ground, *water]
        ),
        report=report,
        kind=kind,
    )


def _level_name(level: str, levels: Mapping[str, str]) -> str:
    return levels[level] or LEVEL_NAMES.get(level, f"admin-{level}")


def _extent(extract: OsmExtract) -> Polygon:
    """Where the file ends, when its header does not say: the extent of what it holds."""
    lines = [line for parts in extract.boundary_lines.values() for line in parts]
    shapes = [*lines, *(way.line for way in extract.streets), MultiPoint([item.point for item in extract.addresses])]
    return box(*shapely.total_bounds([shape for shape in shapes if not shape.is_empty]))


def _home(extract: OsmExtract, edge: Polygon) -> BaseGeometry | None:
    """The country or region (levels 2 to 4) that the file holds whole, if any: what is beyond it is a neighbour's."""
    for level in ("2", "3", "4"):
        whole = [closed.area for closed in close_level(extract, level, edge=edge).closed if not closed.is_clipped]
        if whole:
            return shapely.unary_union(whole)
    return None


def _is_ours(closed: ClosedBoundary, extract: OsmExtract, home: BaseGeometry | None) -> bool:
    """Whether the district is part of the territory: inside the country, or not merely the rim of a neighbour.

    Of a district that the file cuts, the part in the file must hold its centre or at least 1 % of the addresses.
    """
    if home is not None and not home.covers(closed.area.representative_point()):
        return False
    if not closed.is_clipped or closed.has_centre:
        return True
    if not extract.addresses:
        return False
    shapely.prepare(closed.area)
    inside = shapely.contains(closed.area, [item.point for item in extract.addresses]).sum()
    return bool(inside >= SMALLEST_SHARE_OF_ADDRESSES * len(extract.addresses))


def _row(closed: ClosedBoundary) -> DistrictRow:
    tags = closed.boundary.tags
    official = next(
        (tags[key] for key in ("ref:INSEE", "ref:nis", "de:amtlicher_gemeindeschluessel") if key in tags), ""
    )
    return DistrictRow(
        code=official or f"r{closed.boundary.osm_id}",
        name=tags["name"],
        names={language: name for language, name in names_by_language(tags) if language},
        geometry=shapely.to_wkb(closed.area, hex=True),
        is_clipped=closed.is_clipped,
    )


def _import_streets(extract: OsmExtract, report: ImportReport, *, keep_outside: bool) -> list[str]:
    """Store the streets; their codes."""
    rows = []
    report.read["streets"] += len(extract.streets)
    levels = current_areas()
    outside = []
    for row, left in merge_streets(extract.streets, levels=levels, places=extract.places):
        if row is not None:
            rows.append(row)
        elif left is not None:
            outside.append(left)
    if keep_outside:
        rows += [row for row, _left in merge_streets(outside, levels=[], places=extract.places) if row is not None]
    else:
        for way in outside:
            reason = _("%(name)s lies outside all districts") % {"name": way.tags["name"]}
            report.refuse("streets", f"w{way.osm_id}", "outside_territory", reason)
    store_streets(rows, source=SOURCE, report=report)
    return [row.code for row in rows]
