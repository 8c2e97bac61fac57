"""Named ways into streets: one per name and commune, so that two streets of one name in two villages stay two.

A way is cut at the communes' borders and each part goes to its commune; of what lies exactly on a border the commune
with the lowest code has it. A crumb of a street that reaches over a border stays with the commune it comes from.
The communes are the current districts of the coarsest level: a street that runs through three quarters of one city
is one street. Only when its parts lie more than 300 m apart and in different smaller districts are they several,
named after these. Where there are no districts, parts more than 300 m apart are several streets, and each takes
the name of the nearest place (city, town, village …).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

import shapely
from shapely.geometry import LineString, MultiLineString, Point
from shapely.geometry.base import BaseGeometry

from neighbourhoods.importers.areas import Areas
from neighbourhoods.importers.metric import Metric
from neighbourhoods.importers.osm.extract import StreetWay, names_by_language
from neighbourhoods.importers.store.streets import StreetRow, street_code

APART_M = 300
"""Parts of one name farther apart than this may be two streets."""
CRUMB_M = 25
"""A shorter part beyond a border stays with the rest of its street."""


@dataclass(slots=True)
class _Part:
    """A part of a named way in one commune (its position, or -1 where there is none), in degrees and in metres."""

    way: StreetWay
    commune: int
    line: LineString
    length_m: float


def merge_streets(
    ways: list[StreetWay], *, levels: list[Areas], places: list[tuple[str, str, Point]]
) -> Iterator[tuple[StreetRow, None] | tuple[None, StreetWay]]:
    """Streets made of the ways; a way wholly outside the communes is given back instead."""
    if not ways:
        return
    metric = Metric(*ways[0].line.coords[0])
    communes = levels[0] if levels else None
    groups: dict[tuple[str, int], list[_Part]] = defaultdict(list)
    for way in ways:
        parts = list(_cut(way, communes, metric))
        if not parts:
            yield None, way
        for part in parts:
            groups[way.tags["name"], part.commune].append(part)
    _return_crumbs(groups)
    taken: Counter[str] = Counter()
    for (name, commune), parts in sorted(groups.items()):
        for locality, members in _localities(parts, levels=levels, commune=commune, places=places, metric=metric):
            code = street_code(locality=locality, name=name)
            taken[code] += 1
            if taken[code] > 1:
                code = f"{code}-{taken[code]}"
            yield _street(code, name, locality, members), None


def _cut(way: StreetWay, communes: Areas | None, metric: Metric) -> Iterator[_Part]:
    if communes is None:
        yield _Part(way, -1, way.line, metric.metres(way.line).length)
        return
    met = sorted(communes.tree.query(way.line, predicate="intersects"))
    rest: BaseGeometry = way.line
    for position in met:
        shape = communes.shapes[position]
        inside = rest if len(met) == 1 and shape.covers(rest) else rest.intersection(shape)
        for line in _lines_of(inside):
            length_m = metric.metres(line).length
            if length_m > 0.5:
                yield _Part(way, int(position), line, length_m)
        rest = rest.difference(shape)
        if rest.is_empty:
            return


def _lines_of(shape: BaseGeometry) -> list[LineString]:
    parts = [part for part in shapely.get_parts(shape) if part.geom_type == "LineString"]
    merged = shapely.line_merge(MultiLineString(parts)) if len(parts) > 1 else shape
    return [part for part in shapely.get_parts(merged) if part.geom_type == "LineString"]


def _return_crumbs(groups: dict[tuple[str, int], list[_Part]]) -> None:
    """Give what little of a street lies over the border back to the commune of the longest part it touches."""
    by_name: dict[str, list[int]] = defaultdict(list)
    for name, commune in groups:
        by_name[name].append(commune)
    for name, communes in by_name.items():
        if len(communes) < 2:
            continue
        length_m = {commune: sum(part.length_m for part in groups[name, commune]) for commune in communes}
        for commune in communes:
            if length_m[commune] >= CRUMB_M:
                continue
            ways = {part.way.osm_id for part in groups[name, commune]}
            homes = [
                other
                for other in communes
                if length_m[other] >= CRUMB_M and ways & {part.way.osm_id for part in groups[name, other]}
            ]
            if homes:
                home = max(homes, key=lambda other: length_m[other])
                groups[name, home] += groups.pop((name, commune))


def _clusters(parts: list[_Part], metric: Metric) -> list[list[_Part]]:
    """Parts in groups of which each is more than 300 m from all others."""
    if len(parts) == 1:
        return [parts]
    lines = [metric.metres(part.line) for part in parts]
    pairs = shapely.STRtree(lines).query(lines, predicate="dwithin", distance=APART_M)
    leader = list(range(len(parts)))

    def lead(position: int) -> int:
        while leader[position] != position:
            leader[position] = leader[leader[position]]
            position = leader[position]
        return position

    for one, other in pairs.T:
        leader[lead(int(one))] = lead(int(other))
    groups: dict[int, list[_Part]] = defaultdict(list)
    for position, part in enumerate(parts):
        groups[lead(position)].append(part)
    return sorted(groups.values(), key=lambda group: min(part.way.osm_id for part in group))


def _localities(
    parts: list[_Part],
    *,
    levels: list[Areas],
    commune: int,
    places: list[tuple[str, str, Point]],
    metric: Metric,
) -> Iterator[tuple[str, list[_Part]]]:
    """The streets that the parts of one name in one commune are, each with its locality."""
    whole = levels[0].names[commune] if commune >= 0 else ""
    if commune >= 0 and len(levels) == 1:
        yield whole, parts
        return
    by_locality: dict[str, list[_Part]] = defaultdict(list)
    clusters = _clusters(parts, metric)
    if commune >= 0 and len(clusters) == 1:
        yield whole, parts
        return
    for cluster in clusters:
        middle = max(cluster, key=lambda part: part.length_m).line.interpolate(0.5, normalized=True)
        if commune >= 0:
            smaller = [area.names[at] for area in levels[1:] if (at := area.around(middle)) is not None]
            by_locality[smaller[-1] if smaller else whole] += cluster
        else:
            locality = _nearest_place(middle, places, metric)
            yield locality, cluster
    if len(by_locality) == 1:
        yield whole, parts
    else:
        yield from by_locality.items()


def _nearest_place(point: Point, places: list[tuple[str, str, Point]], metric: Metric) -> str:
    """The city, town or village nearest to the point, else the nearest smaller place, else nothing."""
    for kinds in ({"city", "town", "village"}, {"suburb", "quarter", "neighbourhood", "hamlet"}):
        near = [(metric.metres(at).distance(metric.metres(point)), name) for kind, name, at in places if kind in kinds]
        if near:
            return min(near)[1]
    return ""


def _street(code: str, name: str, locality: str, parts: list[_Part]) -> StreetRow:
    parts = sorted(parts, key=lambda part: (part.way.osm_id, part.line.coords[0]))
    merged = shapely.line_merge(MultiLineString([part.line for part in parts]))
    lines = [line for line in shapely.get_parts(merged) if line.geom_type == "LineString"]
    kinds: Counter[str] = Counter()
    for part in parts:
        kinds[part.way.highway] += round(part.length_m * 1000)
    names = dict.fromkeys(pair for part in parts for pair in names_by_language(part.way.tags))
    return StreetRow(
        code=code,
        name=name,
        locality=locality,
        kind=max(sorted(kinds), key=lambda kind: kinds[kind]),
        geometry=shapely.to_wkb(MultiLineString(lines), hex=True),
        names=[pair for pair in names if pair[1] != name or pair[0]],
    )
