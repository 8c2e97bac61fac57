"""From where a person says it is to what is stored: checked geometry, keys of districts and street, public place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import shapely
from django.contrib.gis.geos import GEOSGeometry, MultiPoint
from shapely.geometry.base import BaseGeometry

from geoparticipation.consultations.models import Consultation
from geoparticipation.contributions.enums import LocatedBy, PublicPlace
from geoparticipation.contributions.errors import (
    AreaTooLarge,
    LineTooLong,
    NoAreaToShow,
    NoStreetToShow,
    OutsideTarget,
    OutsideTerritory,
    PlaceMissing,
)
from geoparticipation.contributions.models import Contribution
from geoparticipation.mailings.models import LetterboxCode
from layers.geometry import MAX_VERTICES, area_m2, check_geometry, from_shapely, length_m, simplified, to_shapely
from neighbourhoods.domain.home_areas import has_enough_homes, home_area_at
from neighbourhoods.domain.place_geometry import Place, place_geometry
from neighbourhoods.domain.territory import territory_covers
from neighbourhoods.models import District, Street, Target

# A district's outline touches its neighbours and streets cross borders by a hair: less than this is no share of
# something that was chosen by name.
LEAST_SHARE_OF_CHOSEN: Final = 0.01
# 2,000 vertices back and forth across a town make thousands of kilometres, and minutes of work to place them.
MAX_LENGTH_M: Final = 100_000


@dataclass(frozen=True)
class Placement:
    """What the contribution's place columns will hold; geometries in SRID 4326."""

    geometry: GEOSGeometry
    public_geometry: GEOSGeometry
    located_by: str
    district_id: int | None
    street_id: int | None
    shares: tuple[tuple[int, float], ...]
    """Primary key and share of each district, of every level."""


def place_contribution(
    *,
    consultation: Consultation,
    geometry: GEOSGeometry | None,
    located_by: str,
    street: Street | None = None,
    district: District | None = None,
    parent: Contribution | None = None,
    letterbox: LetterboxCode | None = None,
    public_place: str | None = None,
    inside: Target | None = None,
) -> Placement:
    """Check the place and find what it lies in. Two to six queries, never one per district.

    `public_place` (a PublicPlace) goes before what the consultation says. Of what is shown as an area of several homes,
    only `geometry` says more than the area: districts are those of the area, and no street is given. `inside` is a
    target to keep to beside the consultation's.

    Without a geometry the place is that of the street or district chosen by name (their shape comes from the register
    and is neither limited in size nor refused for reaching over a border), else the parent's, or else the segment of
    the street where the letterbox is. Raises PlaceMissing,
    a GeometryRefused, AreaTooLarge, LineTooLong, OutsideTerritory, OutsideTarget, NoStreetToShow, NoAreaToShow.
    """
    public_place = public_place or consultation.place_privacy
    if geometry is None and street is None and district is None:
        if parent is not None:
            return _inherited(parent)
        if letterbox is None:
            raise PlaceMissing
        if inside is not None:
            _require_touching_target(inside.pk, letterbox.letterbox.segment.public_geometry)
        return _segment_of(letterbox)
    if geometry is not None:
        geometry = check_geometry(geometry)
        area = area_m2(geometry)
        if area > consultation.max_area_m2:
            raise AreaTooLarge(area, consultation.max_area_m2)
        if length_m(geometry) > MAX_LENGTH_M:
            raise LineTooLong(MAX_LENGTH_M)
        if not territory_covers(geometry):
            raise OutsideTerritory
        for target_id in _targets(consultation, inside):
            _require_inside_target(target_id, geometry)
        if public_place == PublicPlace.AREA:
            return _in_an_area(geometry, located_by)
        place = place_geometry(geometry)
        shares = {share.id: share.share for share in place.districts}
    else:
        geometry = _shape_of_street(street) if street is not None else _shape_of_district(district)
        for target_id in _targets(consultation, inside):
            _require_touching_target(target_id, geometry)
        located_by = LocatedBy.STREET if street is not None else LocatedBy.DISTRICT
        if public_place == PublicPlace.AREA and (district is None or not has_enough_homes(district)):
            return _in_an_area(geometry, located_by)
        place = place_geometry(geometry)
        shares = {share.id: share.share for share in place.districts if share.share >= LEAST_SHARE_OF_CHOSEN}
    smallest = place.smallest_district
    district_id = district.pk if district is not None else smallest.id if smallest is not None else None
    if district is not None:
        shares[district.pk] = 1.0
    street_id = street.pk if street is not None else place.street.id if place.street is not None else None
    if district is not None and street is None:
        street_id = None  # the whole district, no street of it
    return Placement(
        geometry=geometry,
        public_geometry=_public_geometry(public_place, geometry, place, street, district),
        located_by=located_by,
        district_id=district_id,
        street_id=street_id,
        shares=tuple(shares.items()),
    )


def _in_an_area(geometry: GEOSGeometry, located_by: str) -> Placement:
    """Shown as the area of homes around the middle of the geometry; all but `geometry` follows from that area."""
    area = home_area_at(geometry)
    if area is None:
        raise NoAreaToShow
    place = place_geometry(area)
    smallest = place.smallest_district
    return Placement(
        geometry=geometry,
        public_geometry=area,
        located_by=located_by,
        district_id=smallest.id if smallest is not None else None,
        street_id=None,
        shares=tuple((share.id, share.share) for share in place.districts if share.share >= LEAST_SHARE_OF_CHOSEN),
    )


def _inherited(parent: Contribution) -> Placement:
    return Placement(
        geometry=parent.geometry,
        public_geometry=parent.public_geometry,
        located_by=LocatedBy.INHERITED,
        district_id=parent.district_id,
        street_id=parent.street_id,
        shares=tuple(parent.shares.filter(district__release__is_current=True).values_list("district_id", "share")),
    )


def _segment_of(code: LetterboxCode) -> Placement:
    """The segment that may be shown for a letterbox, to everybody: where exactly it hangs is not kept."""
    segment = code.letterbox.segment
    place = place_geometry(segment.public_geometry)
    smallest = place.smallest_district
    return Placement(
        geometry=segment.public_geometry,
        public_geometry=segment.public_geometry,
        located_by=LocatedBy.LETTERBOX,
        district_id=smallest.id if smallest is not None else None,
        street_id=segment.public_street_id,
        shares=tuple((share.id, share.share) for share in place.districts),
    )


def _targets(consultation: Consultation, inside: Target | None) -> set[int]:
    """Keys of the targets that a place must lie in."""
    targets = {inside.pk} if inside is not None else set()
    if consultation.inside_target_only and consultation.target_id is not None:
        targets.add(consultation.target_id)
    return targets


def _require_inside_target(target_id: int, geometry: GEOSGeometry) -> None:
    target = Target.objects.only("geometry").get(pk=target_id)
    if target.geometry is None:
        return  # a target that resolved to no area limits nothing
    outside = to_shapely(geometry).difference(to_shapely(target.geometry))
    if not outside.is_empty and not target.geometry.covers(geometry):
        raise OutsideTarget(**_a_point_of(outside))


def _require_touching_target(target_id: int, geometry: GEOSGeometry) -> None:
    """A street or district chosen by name may reach out of the target, but not lie wholly outside."""
    target = Target.objects.filter(pk=target_id, geometry__isnull=False)
    if target.exists() and not target.filter(geometry__intersects=geometry).exists():
        raise OutsideTarget(**_a_point_of(to_shapely(geometry)))


def _a_point_of(shape: BaseGeometry) -> dict[str, float]:
    """Longitude and latitude of a point well inside a shape's largest part, not on the edge."""
    part = max(shapely.get_parts(shape).tolist(), key=lambda part: (part.area, part.length))
    point = part.interpolate(0.5, normalized=True) if part.geom_type == "LineString" else part.representative_point()
    return {"lon": round(point.x, 7), "lat": round(point.y, 7)}


def _shape_of_street(street: Street) -> GEOSGeometry:
    """The street's line, or its letterboxes where the register has no line; at most MAX_VERTICES vertices."""
    if street.geometry is not None:
        return _simple_enough(street.geometry)
    points = list(street.addresses.current().order_by("pk").values_list("geometry", flat=True)[:MAX_VERTICES])
    if not points:
        raise PlaceMissing
    return MultiPoint(points, srid=4326)


def _shape_of_district(district: District | None) -> GEOSGeometry:
    if district is None:
        raise PlaceMissing
    return _simple_enough(district.geometry)


def _simple_enough(geometry: GEOSGeometry) -> GEOSGeometry:
    return from_shapely(simplified(to_shapely(geometry), max_vertices=MAX_VERTICES))


def _public_geometry(
    public_place: str,
    geometry: GEOSGeometry,
    place: Place,
    street: Street | None,
    district: District | None,
) -> GEOSGeometry:
    """What everybody sees: the place itself, or in a consultation that shows streets only the street's line.

    Where no street has a line, the smallest district. What names a street or district reveals no home and stays.
    """
    if public_place == PublicPlace.EXACT or (district is not None and street is None):
        return geometry
    street_id = street.pk if street is not None else place.street.id if place.street is not None else None
    if street_id is not None:
        line = Street.objects.filter(pk=street_id, geometry__isnull=False).values_list("geometry", flat=True).first()
        if line is not None:
            return line
    smallest = place.smallest_district
    if smallest is None:
        raise NoStreetToShow
    shape: GEOSGeometry = District.objects.values_list("geometry", flat=True).get(pk=smallest.id)
    return shape
