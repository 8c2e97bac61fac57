"""Places in the API: what is there, and where is what somebody types. Open to everybody."""

from __future__ import annotations

import math
from dataclasses import asdict
from typing import Any

from django.contrib.gis.geos import Point
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from layers.errors import Refusal
from neighbourhoods.domain.place_geometry import place_geometry
from neighbourhoods.domain.search_places import LONGEST_QUERY, search_places
from neighbourhoods.domain.territory import territory_covers

DEFAULT_LIMIT = 8
LARGEST_LIMIT = 20


class CoordinateRefused(Refusal):
    """A longitude or latitude that is missing, not a finite number or out of range."""

    code = "coordinate_invalid"


class LimitRefused(Refusal):
    """A number of results that is not a whole number from 1 on."""

    code = "limit_invalid"


class LocatedDistrictSerializer(serializers.Serializer[Any]):
    """A district the point lies in."""

    code = serializers.CharField()
    name = serializers.CharField()
    level = serializers.CharField(help_text="Name of the level: commune, district, sector …")


class LocatedStreetSerializer(serializers.Serializer[Any]):
    """The nearest street."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    locality = serializers.CharField()
    distance_m = serializers.FloatField(help_text="Metres on the ellipsoid.")


class LocatedAddressSerializer(serializers.Serializer[Any]):
    """The nearest address."""

    id = serializers.IntegerField()
    street = serializers.CharField()
    house_number = serializers.CharField()
    postcode = serializers.CharField()
    locality = serializers.CharField()
    distance_m = serializers.FloatField(help_text="Metres on the ellipsoid.")


class LocatedPlaceSerializer(serializers.Serializer[Any]):
    """Where a point is."""

    inside = serializers.BooleanField(help_text="Whether the point lies in the territory.")
    districts = LocatedDistrictSerializer(many=True, help_text="From the coarsest level to the finest.")
    street = LocatedStreetSerializer(allow_null=True)
    address = LocatedAddressSerializer(allow_null=True)


class FoundPlaceSerializer(serializers.Serializer[Any]):
    """A street, address or district that was found. What a type does not have is left out."""

    type = serializers.ChoiceField(["street", "address", "district"])
    id = serializers.IntegerField()
    label = serializers.CharField()
    detail = serializers.CharField(allow_blank=True)
    lon = serializers.FloatField(allow_null=True)
    lat = serializers.FloatField(allow_null=True)
    bbox = serializers.ListField(
        child=serializers.FloatField(),
        min_length=4,
        max_length=4,
        allow_null=True,
        help_text="West, south, east, north.",
    )
    code = serializers.CharField(required=False)
    level = serializers.CharField(required=False)
    street_id = serializers.IntegerField(required=False)
    house_number = serializers.CharField(required=False)
    box = serializers.CharField(required=False)
    postcode = serializers.CharField(required=False)
    district = serializers.CharField(required=False)


class FoundPlacesSerializer(serializers.Serializer[Any]):
    """What was found, best first."""

    results = FoundPlaceSerializer(many=True)


def _coordinate(request: Request, name: str, largest: int) -> float:
    try:
        value = float(request.query_params[name])
    except (KeyError, ValueError):
        value = math.nan
    if not abs(value) <= largest:  # also of nan
        raise CoordinateRefused(
            _("%(name)s must be a number from −%(largest)s to %(largest)s.") % {"name": name, "largest": largest},
            field=name,
        )
    return value


def _limit(request: Request) -> int:
    text = request.query_params.get("limit", str(DEFAULT_LIMIT))
    if not (text.isascii() and text.isdigit() and len(text) < 10 and int(text) > 0):
        raise LimitRefused(_("limit must be a whole number from 1 on."), field="limit")
    return min(int(text), LARGEST_LIMIT)


class _OpenView(APIView):
    """Says the same to everybody, so that nobody is asked who they are and the answer may be kept."""

    authentication_classes = []
    permission_classes = []


class LocatePlace(_OpenView):
    """Where a point is."""

    @extend_schema(
        operation_id="places_locate",
        tags=["places"],
        parameters=[
            OpenApiParameter("lon", OpenApiTypes.DOUBLE, required=True, description="Longitude in degrees (WGS 84)."),
            OpenApiParameter("lat", OpenApiTypes.DOUBLE, required=True, description="Latitude in degrees (WGS 84)."),
        ],
        responses=LocatedPlaceSerializer,
    )
    @method_decorator(cache_control(public=True, max_age=60))
    def get(self, request: Request) -> Response:
        """Return the districts of a point, its nearest street and its nearest address.

        Outside the territory `inside` is false and `districts` is empty. A point on a border belongs to the district
        of the lowest code.
        """
        point = Point(_coordinate(request, "lon", 180), _coordinate(request, "lat", 90), srid=4326)
        place = place_geometry(point)
        inside = territory_covers(point)
        return Response(
            {
                "inside": inside,
                "districts": [
                    {"code": district.code, "name": district.name, "level": district.level}
                    for district in place.districts
                    if inside
                ],
                "street": place.street and _rounded(asdict(place.street)),
                "address": place.address and _rounded(asdict(place.address)),
            }
        )


def _rounded(nearest: dict[str, Any]) -> dict[str, Any]:
    return {**nearest, "distance_m": round(nearest["distance_m"], 2)}


class SearchPlaces(_OpenView):
    """Streets, addresses and districts while somebody types."""

    @extend_schema(
        operation_id="places_search",
        tags=["places"],
        parameters=[
            OpenApiParameter(
                "q",
                OpenApiTypes.STR,
                description=f"What has been typed so far; the first {LONGEST_QUERY} characters count.",
            ),
            OpenApiParameter(
                "limit", OpenApiTypes.INT, description=f"At most so many; {DEFAULT_LIMIT} unless said, up to 20."
            ),
        ],
        responses=FoundPlacesSerializer,
    )
    @method_decorator(cache_control(public=True, max_age=60))
    def get(self, request: Request) -> Response:
        """Find streets, addresses and districts, best first.

        Accents, abbreviations, typing errors (from the third letter), the other language's street name, a house number
        before or after the street, with or without box; a locality or postcode narrows.
        """
        found = search_places(text=request.query_params.get("q", ""), limit=_limit(request))
        always = {"type", "id", "label", "detail", "lon", "lat", "bbox"}
        return Response(
            {
                "results": [
                    {key: value for key, value in asdict(place).items() if key in always or value is not None}
                    for place in found
                ]
            }
        )
