"""Geometry in and out, and everything in metres: the one place that knows about projections.

Geometry is kept in WGS 84 longitude and latitude (SRID 4326), in two dimensions. People's geometry comes in through
`geometry_from_geojson` or `check_geometry`, which refuse with one stable code per fault and say where the fault lies.
Areas and lengths are geodesic, on the WGS 84 ellipsoid: they do not depend on a projection and agree with PostGIS's
`geography` (`ST_Area(geometry::geography)`), so that a figure is the same whether SQL or Python worked it out. Buffers
are made in a plane, that of `metric_srid_for`: within a UTM zone its scale is off by 4 cm in 100 m at the most.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

import numpy as np
import pyproj
import pyproj.exceptions
import shapely
from django.conf import settings
from django.contrib.gis.geos import GEOSGeometry
from django.utils.translation import gettext as _
from shapely.geometry.base import BaseGeometry
from shapely.geometry.polygon import orient

from layers.errors import Refusal

WGS84 = 4326
WEB_MERCATOR = 3857
MAX_VERTICES = 2000

# How many lists lie around a position in the coordinates of each type (RFC 7946, section 3.1).
_DEPTHS = {"Point": 0, "MultiPoint": 1, "LineString": 1, "MultiLineString": 2, "Polygon": 2, "MultiPolygon": 3}
_ELLIPSOID = pyproj.Geod(ellps="WGS84")

Position = tuple[float, float]


class GeometryRefused(Refusal):
    """A geometry that is not taken. `extra` holds `lon` and `lat` of the fault where there is one."""

    code = "geometry_refused"


class GeometryNotAnObject(GeometryRefused):
    """Not a GeoJSON geometry at all."""

    code = "geometry_not_an_object"


class GeometryTypeUnknown(GeometryRefused):
    """A type that GeoJSON has no geometry for, or one collection inside another."""

    code = "geometry_type_unknown"


class CoordinatesNotNumbers(GeometryRefused):
    """Coordinates that are missing, wrongly nested, text, NaN or infinite."""

    code = "geometry_coordinates_not_numbers"


class CoordinatesOutOfRange(GeometryRefused):
    """Numbers that are no longitude and latitude; `extra["hint"]` is "projected", "swapped" or absent."""

    code = "geometry_out_of_range"


class GeometryEmpty(GeometryRefused):
    """No position at all, or an empty part."""

    code = "geometry_empty"


class TooManyVertices(GeometryRefused):
    """More vertices than the limit, which is `extra["limit"]`."""

    code = "geometry_too_many_vertices"


class GeometryInvalid(GeometryRefused):
    """Not valid by the rules of OGC simple features; `extra["reason"]` is what GEOS calls the fault."""

    code = "geometry_invalid"


class GeometryDegenerate(GeometryRefused):
    """A line without length, a ring of fewer than four points, an area without area."""

    code = "geometry_degenerate"


class CrsUnknown(Refusal):
    """A reference system that is not known, or from which no way leads to longitude and latitude."""

    code = "crs_unknown"


class _VertexBudget:
    """Counts positions while they are read, so that a huge input is refused before it is built."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.used = 0

    def spend(self) -> None:
        self.used += 1
        if self.used > self.limit:
            raise _too_many_vertices(self.limit)


def geometry_from_geojson(mapping: object, *, max_vertices: int = MAX_VERTICES) -> GEOSGeometry:
    """Read a parsed GeoJSON geometry (longitude, latitude); returns it checked, in SRID 4326 and two dimensions.

    What follows longitude and latitude in a position (a height, a time) is dropped without a word. Collections are
    taken when they are flat. Raises a subclass of GeometryRefused for each kind of fault; never anything else,
    whatever `mapping` is.
    """
    shape = _shape(mapping, _VertexBudget(max_vertices), inside_collection=False)
    _check(shape, max_vertices)
    return from_shapely(shape)


def check_geometry(geometry: GEOSGeometry, *, max_vertices: int = MAX_VERTICES) -> GEOSGeometry:
    """Check a geometry in longitude and latitude; returns it in SRID 4326 and two dimensions.

    A geometry in another reference system is transformed first; one without SRID is taken to be in 4326. Raises the
    same refusals as `geometry_from_geojson`, and CrsUnknown.
    """
    if geometry.empty:  # before anything else, because an empty point has no WKB
        raise GeometryEmpty(_("There is no place in this geometry."))
    if geometry.srid not in {None, WGS84}:
        try:
            geometry = transformed(geometry, WGS84)
        except pyproj.exceptions.ProjError:
            raise CrsUnknown(_("The reference system %(srid)s is not known.") % {"srid": geometry.srid}) from None
    shape = to_shapely(geometry)
    if shape.geom_type not in _DEPTHS and shape.geom_type != "GeometryCollection":
        raise GeometryTypeUnknown(
            _("A geometry of the type “%(type)s” cannot be used here.") % {"type": shape.geom_type}
        )
    if isinstance(shape, shapely.GeometryCollection) and any(
        isinstance(part, shapely.GeometryCollection) for part in shape.geoms
    ):
        raise GeometryTypeUnknown(_("A collection inside a collection cannot be used: list its parts one by one."))
    _check(shape, max_vertices)
    return from_shapely(shape)


def to_shapely(geometry: GEOSGeometry) -> BaseGeometry:
    """The same geometry as a shapely object, in two dimensions; shapely keeps no SRID."""
    return shapely.force_2d(shapely.from_wkb(bytes(geometry.wkb)))


def from_shapely(shape: BaseGeometry, *, srid: int = WGS84) -> GEOSGeometry:
    """A shapely object as Django's geometry, in the given SRID, in two dimensions."""
    return GEOSGeometry(memoryview(shapely.to_wkb(shape, output_dimension=2)), srid=srid)


def geometry_to_geojson(geometry: GEOSGeometry) -> dict[str, Any]:
    """A geometry in SRID 4326 as a GeoJSON mapping."""
    mapping: dict[str, Any] = json.loads(geometry.geojson)
    return mapping


def simplified(shape: BaseGeometry, *, max_vertices: int) -> BaseGeometry:
    """The same shape (in degrees) with about so many vertices at the most; a metre of tolerance, and more as needed."""
    simpler, tolerance_deg = shape, 0.00001
    while shapely.get_num_coordinates(simpler) > max_vertices and tolerance_deg < 0.1:
        simpler = shape.simplify(tolerance_deg, preserve_topology=True)
        tolerance_deg *= 2
    return simpler


def metric_srid_for(geometry: GEOSGeometry) -> int:
    """The projected system in metres for this place: METRIC_SRID when set, else the UTM zone of the centroid."""
    if settings.METRIC_SRID:
        return int(settings.METRIC_SRID)
    centroid = to_shapely(geometry).centroid
    zone = min(60, int((centroid.x + 180) // 6) + 1)
    return (32600 if centroid.y >= 0 else 32700) + zone


def transformed(geometry: GEOSGeometry, srid: int) -> GEOSGeometry:
    """The geometry in another reference system (always x = east, y = north); without SRID it is taken as 4326."""
    return from_shapely(reprojected(to_shapely(geometry), geometry.srid or WGS84, srid), srid=srid)


def shapes_in_wgs84(shapes: np.ndarray[Any, Any], crs: str | None) -> np.ndarray[Any, Any]:
    """An array of shapely objects (or None) in longitude and latitude, two dimensions.

    `crs` is whatever PROJ reads ("EPSG:2056", WKT); None is taken as WGS 84. Raises CrsUnknown.
    """
    flat: np.ndarray[Any, Any] = shapely.force_2d(shapes)
    if crs is None:
        return flat
    try:
        transformer = transformer_to_wgs84(crs)
    except CrsUnknown:
        raise CrsUnknown(_("The reference system of this file is not known; save it again in WGS 84.")) from None
    moved: np.ndarray[Any, Any] = shapely.transform(flat, _moving(transformer))
    return moved


def reprojected(shape: BaseGeometry, source: int, target: int) -> BaseGeometry:
    """A shapely object in another reference system (always x = east, y = north)."""
    if source == target:
        return shape
    moved: BaseGeometry = shapely.transform(shape, _moving(_transformer(source, target)))
    return moved


def transformer_to_wgs84(crs: str) -> pyproj.Transformer:
    """The way from any reference system that PROJ reads ("EPSG:2056", WKT) to longitude and latitude.

    Raises CrsUnknown.
    """
    try:
        return pyproj.Transformer.from_crs(pyproj.CRS.from_user_input(crs), WGS84, always_xy=True)
    except pyproj.exceptions.ProjError:
        raise CrsUnknown(_("The reference system %(srid)s is not known.") % {"srid": crs[:80]}) from None


def buffered(geometry: GEOSGeometry, metres: float) -> GEOSGeometry:
    """Everything within so many metres, as an area in 4326; a quarter circle has 16 segments.

    Made in the plane of `metric_srid_for`, so it is meant for places the size of a town. Zero metres give the
    geometry itself.
    """
    if metres == 0:
        return geometry.clone()
    srid = metric_srid_for(geometry)
    plane = reprojected(to_shapely(geometry), geometry.srid or WGS84, srid)
    return from_shapely(reprojected(plane.buffer(metres, quad_segs=16), srid, WGS84))


def metric_srid_sql(geometry: str) -> str:
    """`metric_srid_for` as SQL, for an expression that gives a geometry in 4326; null for null."""
    if settings.METRIC_SRID:
        return str(int(settings.METRIC_SRID))
    centroid = f"ST_Centroid({geometry})"
    return (
        f"(CASE WHEN ST_Y({centroid}) >= 0 THEN 32600 ELSE 32700 END"
        f" + LEAST(60, floor((ST_X({centroid}) + 180) / 6)::int + 1))"
    )


def buffered_sql(geometry: str, metres: str) -> str:
    """`buffered` as SQL, for expressions that give a geometry in 4326 and a positive number of metres."""
    plane = f"ST_Transform({geometry}, {metric_srid_sql(geometry)})"
    return f"ST_Transform(ST_Buffer({plane}, {metres}, 'quad_segs=16'), {WGS84})"


def area_m2(geometry: GEOSGeometry) -> float:
    """Geodesic area on the WGS 84 ellipsoid, holes left out; points and lines have none."""
    total = 0.0
    for part in _simple_parts(to_shapely(geometry)):
        if isinstance(part, shapely.Polygon):
            # The sign of a ring follows its direction: with the shell against the clock and the holes with it,
            # the sum is shell minus holes.
            total += _ELLIPSOID.geometry_area_perimeter(orient(part))[0]
    return total


def length_m(geometry: GEOSGeometry) -> float:
    """Geodesic length of the lines on the WGS 84 ellipsoid; the outline of an area does not count."""
    return sum(
        (
            float(_ELLIPSOID.geometry_length(part))
            for part in _simple_parts(to_shapely(geometry))
            if isinstance(part, shapely.LineString)
        ),
        0.0,
    )


@lru_cache(maxsize=32)
def _transformer(source: int, target: int) -> pyproj.Transformer:
    return pyproj.Transformer.from_crs(source, target, always_xy=True)


def _moving(transformer: pyproj.Transformer) -> Callable[[np.ndarray[Any, Any]], np.ndarray[Any, Any]]:
    def move(positions: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        return np.column_stack(transformer.transform(positions[:, 0], positions[:, 1]))

    return move


def _simple_parts(shape: BaseGeometry) -> list[BaseGeometry]:
    """Points, lines and polygons of which a geometry is made."""
    if isinstance(shape, shapely.GeometryCollection | shapely.MultiPolygon | shapely.MultiLineString):
        return [simple for part in shape.geoms for simple in _simple_parts(part)]
    return [shape]


# --- Reading GeoJSON --------------------------------------------------------------------------------------------------


def _shape(mapping: object, budget: _VertexBudget, *, inside_collection: bool) -> BaseGeometry:
    if not isinstance(mapping, Mapping):
        raise GeometryNotAnObject(_("A place must be a GeoJSON geometry: an object with “type” and “coordinates”."))
    kind = mapping.get("type")
    if not isinstance(kind, str):
        raise GeometryNotAnObject(_("A GeoJSON geometry needs a “type”: Point, LineString or Polygon, for example."))
    if kind in {"Feature", "FeatureCollection"}:
        raise GeometryTypeUnknown(
            _("This is a GeoJSON %(type)s; what is needed here is its “geometry”.") % {"type": kind}
        )
    if kind == "GeometryCollection":
        if inside_collection:
            raise GeometryTypeUnknown(_("A collection inside a collection cannot be used: list its parts one by one."))
        parts = mapping.get("geometries")
        if not isinstance(parts, list | tuple):
            raise GeometryNotAnObject(_("A GeometryCollection needs a list called “geometries”."))
        return shapely.GeometryCollection([_shape(part, budget, inside_collection=True) for part in parts])
    if kind not in _DEPTHS:
        raise GeometryTypeUnknown(
            _("“%(type)s” is not a type of geometry. Use Point, LineString, Polygon or their Multi forms.")
            % {"type": kind[:40]}
        )
    value = mapping.get("coordinates")
    match kind:
        case "Point":
            return shapely.Point() if value == [] else shapely.Point(_position(value, budget))
        case "MultiPoint":
            return shapely.MultiPoint(_line(value, budget))
        case "LineString":
            return _line_string(_line(value, budget))
        case "MultiLineString":
            return shapely.MultiLineString([_line_string(_line(_filled(line), budget)) for line in _list(value)])
        case "Polygon":
            return _polygon(value, budget)
        case _:
            return shapely.MultiPolygon([_polygon(_filled(polygon), budget) for polygon in _list(value)])


def _list(value: object) -> list[object] | tuple[object, ...]:
    if not isinstance(value, list | tuple):
        raise CoordinatesNotNumbers(_("The coordinates are missing, or not nested as the type of geometry asks."))
    return value


def _filled(value: object) -> list[object] | tuple[object, ...]:
    parts = _list(value)
    if not parts or parts[0] == []:
        raise GeometryEmpty(_("One part of the geometry is empty."))
    return parts


def _position(value: object, budget: _VertexBudget) -> Position:
    budget.spend()
    numbers = _list(value)
    if len(numbers) < 2:
        raise CoordinatesNotNumbers(_("A position needs two numbers: longitude, then latitude."))
    return _number(numbers[0]), _number(numbers[1])


def _number(value: object) -> float:
    if isinstance(value, int | float) and not isinstance(value, bool):
        try:
            number = float(value)
        except OverflowError:  # a whole number of more than 308 digits
            number = math.inf
        if math.isfinite(number):
            return number
    raise CoordinatesNotNumbers(
        _("A coordinate must be an ordinary number, not text, nothing, NaN or infinity; this is not: %(value)s")
        % {"value": repr(value)[:40] if isinstance(value, str | bool | float | None) else type(value).__name__}
    )


def _line(value: object, budget: _VertexBudget) -> list[Position]:
    return [_position(position, budget) for position in _list(value)]


def _line_string(positions: list[Position]) -> BaseGeometry:
    if len(positions) == 1:
        raise _degenerate(_("A line needs at least two points."), positions[0])
    return shapely.LineString(positions)


def _polygon(value: object, budget: _VertexBudget) -> BaseGeometry:
    rings = [_line(ring, budget) for ring in _list(value)]
    if not rings or not rings[0]:
        return shapely.Polygon()
    for ring in rings:
        if not ring:
            raise GeometryEmpty(_("One part of the geometry is empty."))
        if len(ring) < 4:
            raise _degenerate(_("The outline of an area needs at least three corners."), ring[0])
        if ring[0] != ring[-1]:
            raise _invalid("Ring is not closed", ring[-1])
    return shapely.Polygon(rings[0], rings[1:])


# --- Checking ---------------------------------------------------------------------------------------------------------


def _check(shape: BaseGeometry, max_vertices: int) -> None:
    parts = shapely.get_parts(shape)
    if shape.is_empty or shapely.is_empty(parts).any():
        raise GeometryEmpty(
            _("There is no place in this geometry.") if shape.is_empty else _("One part of the geometry is empty.")
        )
    positions = shapely.get_coordinates(shape)
    if len(positions) > max_vertices:
        raise _too_many_vertices(max_vertices)
    if not np.isfinite(positions).all():
        raise CoordinatesNotNumbers(_("A coordinate is NaN or infinite."))
    _check_range(positions)
    for part in _simple_parts(shape):
        if isinstance(part, shapely.LineString) and part.length == 0:
            raise _degenerate(_("A line needs a length: all its points are in one place."), part.coords[0])
        if isinstance(part, shapely.Polygon) and part.area == 0 and not _crosses_itself(part):
            raise _degenerate(_("An area needs a surface: its outline encloses nothing."), part.exterior.coords[0])
    if not shape.is_valid:
        reason = shapely.is_valid_reason(shape)
        found = re.search(r"^(.*?)\[(\S+) (\S+)\]", reason)
        if found:
            raise _invalid(found[1], (float(found[2]), float(found[3])))
        raise _invalid(reason, tuple(positions[0].tolist()))


def _crosses_itself(polygon: shapely.Polygon) -> bool:
    """Whether the outline is a figure of eight, whose two halves cancel to no area: invalid, not degenerate."""
    # A figure of eight still has an area once its crossing is made a corner; a line there and back has none.
    return bool(shapely.make_valid(polygon).area > 0)


def _check_range(positions: np.ndarray[Any, Any]) -> None:
    bad = np.flatnonzero((np.abs(positions[:, 0]) > 180) | (np.abs(positions[:, 1]) > 90))
    if not len(bad):
        return
    x, y = (float(number) for number in positions[bad[0]])
    if abs(x) <= 90 and 90 < abs(y) <= 180:
        raise CoordinatesOutOfRange(
            _("%(x)s, %(y)s is not a longitude and a latitude: are they the wrong way round? Longitude comes first.")
            % {"x": x, "y": y},
            hint="swapped",
            lon=x,
            lat=y,
        )
    if 360 < max(abs(x), abs(y)) < 1e8:
        raise CoordinatesOutOfRange(
            _(
                "%(x)s, %(y)s is not a longitude and a latitude in degrees; it looks like metres of a national or "
                "UTM grid. Convert it to WGS 84 (EPSG:4326) first."
            )
            % {"x": x, "y": y},
            hint="projected",
            lon=x,
            lat=y,
        )
    raise CoordinatesOutOfRange(
        _("%(x)s, %(y)s is not on the earth: longitude goes from −180 to 180, latitude from −90 to 90.")
        % {"x": x, "y": y},
        lon=x,
        lat=y,
    )


def _too_many_vertices(limit: int) -> TooManyVertices:
    return TooManyVertices(
        _("This shape has more than %(limit)s points. Draw it more simply, or as several shapes.") % {"limit": limit},
        limit=limit,
    )


def _degenerate(sentence: str, position: tuple[float, ...]) -> GeometryDegenerate:
    return GeometryDegenerate(sentence, lon=position[0], lat=position[1])


def invalidity_in_words(reason: str) -> str:
    """What GEOS gives as the reason ("Self-intersection", with or without "[4.35 50.85]"), for people."""
    return {
        "Self-intersection": _("Its outline crosses itself"),
        "Ring Self-intersection": _("Its outline touches itself"),
        "Ring is not closed": _("Its outline does not end where it began"),
        "Hole lies outside shell": _("One of its holes lies outside its outline"),
        "Holes are nested": _("One of its holes lies in another"),
        "Interior is disconnected": _("Its holes cut it into pieces"),
        "Nested shells": _("One of its areas lies in another"),
        "Duplicate Rings": _("One of its outlines is there twice"),
        "Too few points in geometry component": _("One of its parts has too few points"),
    }.get(reason.partition("[")[0], _("Its shape contradicts itself"))


def _invalid(reason: str, position: tuple[float, ...]) -> GeometryInvalid:
    lon, lat = position[:2]
    return GeometryInvalid(
        _("This shape cannot be used. %(what)s, at longitude %(lon).6f, latitude %(lat).6f.")
        % {"what": invalidity_in_words(reason), "lon": lon, "lat": lat},
        reason=reason,
        lon=lon,
        lat=lat,
    )
