"""Map layers of the territory: what the town's own base map is drawn from, and the letterboxes for agents."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib.gis.db.models.functions import PointOnSurface
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import JSONObject
from django.utils.translation import gettext_lazy as _

from layers.layer import Layer, Rows
from layers.registry import register
from layers.versions import version_of
from neighbourhoods.enums import GroundKind
from neighbourhoods.models import (
    Address,
    BoundaryRelease,
    District,
    DistrictLevel,
    Ground,
    Street,
    StreetName,
)
from neighbourhoods.permissions import is_agent

# Kinds of way (OpenStreetMap's words) that only a close look at the map shows; an unknown kind is always shown.
_MINOR_WAYS = (
    "footway",
    "path",
    "track",
    "steps",
    "cycleway",
    "bridleway",
    "corridor",
    "service",
)
_NEARBY_WAYS = (*_MINOR_WAYS, "residential", "living_street", "unclassified")
# In this very wording, because a map shows equal attributions of several layers once.
OSM_ATTRIBUTION = '© <a href="https://www.openstreetmap.org/copyright">OpenStreetMap</a> contributors'


def _osm_attribution(**lookups: str) -> Callable[[Rows], str]:
    """Names OpenStreetMap where any of the rows comes from it: one query."""
    return lambda rows: OSM_ATTRIBUTION if rows.filter(**lookups).exists() else ""


DISTRICTS = register(
    Layer(
        name="districts",
        title=_("Districts"),
        description=_("Districts of every level, of the boundaries in force"),
        queryset=lambda user: District.objects.current(),
        properties={
            "id": "pk",
            "code": "code",
            "name": "name",
            "level": "release__level__name",
            "rank": "release__level__rank",
            "release": "release__name",
            "area_m2": "area_m2",
            "is_clipped": "is_clipped",
        },
        tile_properties=("id", "code", "name", "level", "rank"),
        label="name",
        geometry_types=("Polygon",),
        attribution=_osm_attribution(release__source="OpenStreetMap"),
        version=version_of(District, BoundaryRelease, DistrictLevel),
        max_zoom=14,
    )
)
# One point for each name: a polygon that several tiles cut would be named in each of them.
DISTRICT_NAMES = register(
    Layer(
        name="district-names",
        title=_("Names of districts"),
        description=_("Where the names of districts stand on the map"),
        queryset=lambda user: District.objects.current().annotate(
            name_point=PointOnSurface("geometry"),
            is_smallest=~Exists(District.objects.current().filter(parent=OuterRef("pk"))),
        ),
        geometry="name_point",
        properties={
            "id": "pk",
            "name": "name",
            "level": "release__level__name",
            "rank": "release__level__rank",
            "is_smallest": "is_smallest",
            "area_m2": "area_m2",
        },
        label="name",
        geometry_types=("Point",),
        importance=("-area_m2", "pk"),
        attribution=_osm_attribution(release__source="OpenStreetMap"),
        version=version_of(District, BoundaryRelease, DistrictLevel),
        max_zoom=14,
    )
)
STREETS = register(
    Layer(
        name="streets",
        title=_("Streets"),
        description=_("Named streets with their names in each language"),
        queryset=lambda user: Street.objects.current().filter(geometry__isnull=False),
        properties={
            "id": "pk",
            "code": "code",
            "name": "name",
            "locality": "locality",
            "kind": "kind",
            "names": ArraySubquery(
                StreetName.objects.filter(street=OuterRef("pk"))
                .order_by("language", "name")
                .values(json=JSONObject(language="language", name="name"))
            ),
        },
        tile_properties=("id", "name", "locality", "kind"),
        label="name",
        geometry_types=("LineString",),
        minimum_zooms=((13, ~Q(kind__in=_MINOR_WAYS)), (11, ~Q(kind__in=_NEARBY_WAYS))),
        attribution=_osm_attribution(source="osm"),
        version=version_of(Street, StreetName),
        max_zoom=15,
    )
)
GROUND = register(
    Layer(
        name="ground",
        title=_("Parks, water and buildings"),
        queryset=lambda user: Ground.objects.all(),
        properties={"id": "pk", "kind": "kind", "name": "name", "area_m2": "area_m2"},
        tile_properties=("id", "kind", "name"),
        label="name",
        geometry_types=("Polygon",),
        minimum_zooms=(
            (15, ~Q(kind=GroundKind.BUILDING)),
            (13, Q(area_m2__gte=2_000)),
            (11, Q(area_m2__gte=20_000)),
            (9, Q(area_m2__gte=200_000)),
        ),
        importance=("-area_m2", "pk"),
        attribution=_osm_attribution(),
        version=version_of(Ground),
        max_zoom=15,
    )
)
ADDRESSES = register(
    Layer(
        name="addresses",
        title=_("Letterboxes"),
        description=_("Letterboxes of the address register, for agents"),
        queryset=lambda user: Address.objects.current() if is_agent(user) else Address.objects.none(),
        properties={
            "id": "pk",
            "street": "street__name",
            "house_number": "house_number",
            "box": "box",
            "postcode": "postcode",
            "locality": "locality",
            "dwellings": "dwellings",
            "no_flyers": "no_flyers",
        },
        tile_properties=("id", "street", "house_number", "dwellings", "no_flyers"),
        label="house_number",
        geometry_types=("Point",),
        attribution=_osm_attribution(source="osm"),
        min_zoom=14,
        is_public=False,
        is_open_to=is_agent,
    )
)
