"""Reading an OpenStreetMap file: what of it concerns a territory, as plain values and shapely geometries (SRID 4326).

Two passes: relations first (boundaries, associatedStreet), then everything with node locations and assembled areas.
Node locations are kept in a memory map of libosmium; of the objects, only those that matter are kept in Python.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import osmium
import shapely
from django.utils.translation import gettext as _
from osmium.filter import KeyFilter
from shapely.geometry import LineString, Point, Polygon, box

from neighbourhoods.enums import GroundKind
from neighbourhoods.importers.errors import OsmFileUnreadable
from neighbourhoods.importers.progress import Ticker

STREET_HIGHWAYS_LEFT_OUT = {
    "platform",
    "bus_stop",
    "proposed",
    "construction",
    "abandoned",
    "razed",
    "planned",
    "rest_area",
    "services",
    "elevator",
    "corridor",
}
"""Values of `highway` whose name is not a street's. All others with a name are: a named footpath has neighbours too.

A square drawn as an area is a street with its rim as its course."""

PARK_TAGS = {
    ("leisure", "park"),
    ("leisure", "garden"),
    ("leisure", "nature_reserve"),
    ("landuse", "forest"),
    ("landuse", "grass"),
    ("landuse", "meadow"),
    ("landuse", "cemetery"),
    ("landuse", "recreation_ground"),
    ("landuse", "village_green"),
    ("natural", "wood"),
}
WATER_TAGS = {("natural", "water"), ("waterway", "riverbank"), ("landuse", "reservoir"), ("landuse", "basin")}
PLACES_OF_LOCALITIES = {"city", "town", "village", "suburb", "quarter", "neighbourhood", "hamlet"}
GROUND_KEYS = ("building", "leisure", "landuse", "natural", "waterway")


@dataclass(slots=True)
class Boundary:
    """A relation boundary=administrative: `ways` are all its members, also those that the file lacks."""

    osm_id: int
    level: str
    tags: dict[str, str]
    ways: list[int]
    label_nodes: list[int]
    subareas: list[int]


@dataclass(slots=True)
class StreetWay:
    """One way with a name that a street is made of."""

    osm_id: int
    highway: str
    tags: dict[str, str]
    line: LineString


@dataclass(slots=True)
class AddressObject:
    """An object with addr:housenumber. `key` is n…, w… or r… with the OSM identifier."""

    key: str
    tags: dict[str, str]
    point: Point


@dataclass(slots=True)
class InterpolationWay:
    """A line along which house numbers are counted, with the identifiers and places of its nodes."""

    osm_id: int
    tags: dict[str, str]
    nodes: list[tuple[int, float, float]]


@dataclass(slots=True)
class DwellingBuilding:
    """A building that says how many flats or storeys it has."""

    tags: dict[str, str]
    polygon: Any


@dataclass(slots=True)
class GroundArea:
    """A park, water surface or building."""

    register_id: str
    kind: str
    name: str
    geometry: Any


@dataclass
class OsmExtract:
    """What one file says about a territory."""

    timestamp: datetime.datetime | None = None
    edge: Polygon | None = None
    boundaries: list[Boundary] = field(default_factory=list)
    boundary_lines: dict[int, list[LineString]] = field(default_factory=dict)
    cut_ways: set[int] = field(default_factory=set)
    label_points: dict[int, Point] = field(default_factory=dict)
    places: list[tuple[str, str, Point]] = field(default_factory=list)
    streets: list[StreetWay] = field(default_factory=list)
    addresses: list[AddressObject] = field(default_factory=list)
    interpolations: list[InterpolationWay] = field(default_factory=list)
    street_of_member: dict[str, str] = field(default_factory=dict)
    dwelling_buildings: list[DwellingBuilding] = field(default_factory=list)
    ground: list[GroundArea] = field(default_factory=list)
    coastlines: list[LineString] = field(default_factory=list)
    unreadable: list[tuple[str, str]] = field(default_factory=list)

    @property
    def release_name(self) -> str:
        """Name of the boundary edition that this file is: "OSM" and the day of the data."""
        return f"OSM {self.timestamp.date().isoformat()}" if self.timestamp else "OSM"


def read_extract(path: Path, *, ticker: Ticker) -> OsmExtract:
    """Read the file. Raises OsmFileUnreadable when libosmium cannot."""
    extract = OsmExtract()
    try:
        header = osmium.io.Reader(str(path), osmium.osm.NOTHING).header()
        step = ticker.step(_("Reading relations"))
        _read_relations(path, extract, step)
        step = ticker.step(_("Reading nodes, ways and areas"))
        newest = _read_objects(path, extract, step)
    except (RuntimeError, ValueError) as error:
        raise OsmFileUnreadable(
            _("%(file)s is no readable OpenStreetMap file: %(error)s.") % {"file": path.name, "error": error}
        ) from error
    stated = header.get("osmosis_replication_timestamp") or header.get("timestamp")
    extract.timestamp = _moment(stated) or newest
    bounds = header.box()
    if bounds.valid() and bounds.size() > 0:
        low, high = bounds.bottom_left, bounds.top_right
        extract.edge = box(low.lon, low.lat, high.lon, high.lat)
    return extract


def _moment(text: str | None) -> datetime.datetime | None:
    try:
        return datetime.datetime.fromisoformat(text) if text else None
    except ValueError:
        return None


def _read_relations(path: Path, extract: OsmExtract, step: Any) -> None:
    keep = KeyFilter("boundary", "type")
    relations: Iterable[Any] = osmium.FileProcessor(str(path), osmium.osm.RELATION).with_filter(keep)
    for relation in relations:
        step.advance()
        tags = dict(relation.tags)
        if tags.get("boundary") == "administrative" and tags.get("admin_level") and tags.get("name"):
            members = [(member.type, member.ref, member.role) for member in relation.members]
            extract.boundaries.append(
                Boundary(
                    osm_id=relation.id,
                    level=tags["admin_level"],
                    tags=tags,
                    ways=list(dict.fromkeys(ref for kind, ref, _role in members if kind == "w")),
                    label_nodes=[
                        ref for kind, ref, role in members if kind == "n" and role in {"label", "admin_centre"}
                    ],
                    subareas=[ref for kind, ref, role in members if kind == "r" and role == "subarea"],
                )
            )
        elif tags.get("type") == "associatedStreet":
            name = tags.get("addr:street") or tags.get("name")
            if name:
                for member in relation.members:
                    if member.role in {"house", "address", ""}:
                        extract.street_of_member[f"{member.type}{member.ref}"] = name


def _located_runs(nodes: Any) -> tuple[list[list[tuple[int, float, float]]], bool]:
    """The stretches of a way whose nodes are in the file, and whether any node is not."""
    runs: list[list[tuple[int, float, float]]] = [[]]
    cut = False
    for node in nodes:
        if node.location.valid():
            runs[-1].append((node.ref, node.location.lon, node.location.lat))
        else:
            cut = True
            runs.append([])
    return [run for run in runs if len(run) > 1], cut


def _lines(nodes: Any) -> tuple[list[LineString], bool]:
    runs, cut = _located_runs(nodes)
    return [LineString([(lon, lat) for _ref, lon, lat in run]) for run in runs], cut


def _read_objects(path: Path, extract: OsmExtract, step: Any) -> datetime.datetime | None:
    """Second pass; returns the newest timestamp met."""
    boundary_ways = {way for boundary in extract.boundaries for way in boundary.ways}
    label_nodes = {node for boundary in extract.boundaries for node in boundary.label_nodes}
    tagged = KeyFilter("addr:housenumber", "place", "admin_level")
    tagged.enable_for(osmium.osm.NODE)
    useful_relations = KeyFilter("addr:housenumber", *GROUND_KEYS)
    useful_relations.enable_for(osmium.osm.RELATION | osmium.osm.AREA)
    areas = KeyFilter("addr:housenumber", *GROUND_KEYS)
    processor: Iterable[Any] = (
        osmium.FileProcessor(str(path)).with_areas(areas).with_filter(tagged).with_filter(useful_relations)
    )
    polygons = osmium.geom.WKBFactory()
    newest: datetime.datetime | None = None
    areas_with_address: set[str] = set()
    for item in processor:
        step.advance()
        if item.is_node():
            _take_node(item, extract, label_nodes)
        elif item.is_way():
            if newest is None or item.timestamp > newest:
                newest = item.timestamp
            _take_way(item, extract, boundary_ways)
        elif item.is_area():
            _take_area(item, extract, polygons, areas_with_address)
    return newest if newest and newest.year > 1970 else None


def _take_node(node: Any, extract: OsmExtract, label_nodes: set[int]) -> None:
    tags = dict(node.tags)
    point = Point(node.lon, node.lat)
    if node.id in label_nodes:
        extract.label_points[node.id] = point
    if "addr:housenumber" in tags:
        extract.addresses.append(AddressObject(f"n{node.id}", tags, point))
    if tags.get("place") in PLACES_OF_LOCALITIES and tags.get("name"):
        extract.places.append((tags["place"], tags["name"], point))


def _take_way(way: Any, extract: OsmExtract, boundary_ways: set[int]) -> None:
    if way.id in boundary_ways:
        extract.boundary_lines[way.id], cut = _lines(way.nodes)
        if cut:
            extract.cut_ways.add(way.id)
    if not way.tags:
        return
    tags = way.tags
    if "highway" in tags and "name" in tags:
        _take_street(way, extract)
    if "addr:interpolation" in tags:
        runs, _cut = _located_runs(way.nodes)
        extract.interpolations += [InterpolationWay(way.id, dict(tags), run) for run in runs]
    elif "addr:housenumber" in tags and not way.is_closed():
        lines, _cut = _lines(way.nodes)
        if lines:
            middle = lines[0].interpolate(0.5, normalized=True)
            extract.addresses.append(AddressObject(f"w{way.id}", dict(tags), middle))
    if tags.get("natural") == "coastline":
        extract.coastlines += _lines(way.nodes)[0]


def _take_street(way: Any, extract: OsmExtract) -> None:
    tags = dict(way.tags)
    if tags["highway"] in STREET_HIGHWAYS_LEFT_OUT:
        return
    lines, _cut = _lines(way.nodes)
    extract.streets += [StreetWay(way.id, tags["highway"], tags, line) for line in lines if line.length > 0]


def _ground_kind(tags: dict[str, str]) -> str | None:
    items = set(tags.items())
    if tags.get("building", "no") != "no":
        return GroundKind.BUILDING
    if items & WATER_TAGS:
        return GroundKind.WATER
    if items & PARK_TAGS:
        return GroundKind.PARK
    return None


def _take_area(area: Any, extract: OsmExtract, polygons: Any, seen: set[str]) -> None:
    tags = dict(area.tags)
    key = f"{'w' if area.from_way() else 'r'}{area.orig_id()}"
    kind = _ground_kind(tags)
    addressed = "addr:housenumber" in tags and "addr:interpolation" not in tags
    if not (kind or addressed) or key in seen:
        return
    seen.add(key)
    try:
        shape = shapely.from_wkb(polygons.create_multipolygon(area))
    except (RuntimeError, ValueError) as error:
        extract.unreadable.append((key, _("no area can be made of it: %(error)s") % {"error": error}))
        return
    if kind:
        extract.ground.append(GroundArea(key, str(kind), tags.get("name", ""), shape))
    if kind == GroundKind.BUILDING and ("building:flats" in tags or "building:levels" in tags):
        extract.dwelling_buildings.append(DwellingBuilding(tags, shape))
    if addressed:
        centre = shape.centroid
        if not shape.covers(centre):
            centre = shape.point_on_surface()
        extract.addresses.append(AddressObject(key, tags, centre))


def names_by_language(tags: dict[str, str]) -> Iterator[tuple[str, str]]:
    """(language, name) of name:xx tags; the empty language for alternative, old, official, local and short names."""
    for key, value in tags.items():
        if key.startswith("name:"):
            language = key.removeprefix("name:")
            if 2 <= len(language) <= 10 and language.replace("-", "").isalpha() and language.split("-")[0].islower():
                yield language, value
        elif key in {"alt_name", "old_name", "official_name", "loc_name", "short_name"}:
            for name in value.split(";"):
                if name.strip():
                    yield "", name.strip()
