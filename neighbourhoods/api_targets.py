"""Targets in the API: save, read, change, delete and preview them. For agents only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from django.db.models import prefetch_related_objects
from django.urls import reverse
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers, status
from rest_framework.pagination import LimitOffsetPagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from layers.geojson_field import GeoJSONField
from layers.geometry import geometry_to_geojson
from layers.repeatable import repeatable
from neighbourhoods.domain.targets import (
    PartSpec,
    delete_target,
    parts_of,
    preview_target,
    read_parts,
    resolve_target,
    save_target,
)
from neighbourhoods.domain.targets.access import get_target
from neighbourhoods.domain.targets.errors import PartMalformed
from neighbourhoods.domain.targets.parts import MAX_BUFFER_M, MAX_PARTS, part_from_row
from neighbourhoods.domain.targets.resolve_target import PREVIEW_LETTERBOXES, Figures
from neighbourhoods.enums import PartKind, PartOperation, Side
from neighbourhoods.models import Target, TargetPart
from neighbourhoods.permissions import IsAgent
from neighbourhoods.target_words import PARTS_TO_READ, district_in_words


@extend_schema_field({"oneOf": [{"type": "integer"}, {"type": "string"}], "nullable": True})
class ReferenceField(serializers.JSONField):
    """A number is an id, a text a code or a name."""


class PartSerializer(serializers.Serializer[Any]):
    """One part: plus or minus a district, a street or a shape. (For the schema; `read_parts` reads.)"""

    operation = serializers.ChoiceField(PartOperation.choices, default=PartOperation.INCLUDE)
    kind = serializers.ChoiceField(PartKind.choices)
    district = ReferenceField(required=False, help_text="Id, code, name or LEVEL/CODE of a district in force.")
    street = ReferenceField(required=False, help_text='Id, code, name or "NAME (LOCALITY)" of a street.')
    side = serializers.ChoiceField(Side.choices, default=Side.BOTH, help_text="Parity of the house numbers meant.")
    number_from = serializers.IntegerField(required=False, allow_null=True, min_value=0, help_text="Inclusive.")
    number_to = serializers.IntegerField(required=False, allow_null=True, min_value=0, help_text="Inclusive.")
    shape = GeoJSONField(required=False, allow_null=True, help_text="GeoJSON geometry; lines and points need buffer_m.")
    buffer_m = serializers.FloatField(default=0, min_value=0, max_value=MAX_BUFFER_M, help_text="Metres around it.")
    ring_only = serializers.BooleanField(default=False, help_text="Only what is around it, without the part itself.")


class SavedPartSerializer(PartSerializer):
    """A part with the names of what it refers to."""

    district_name = serializers.CharField(allow_null=True)
    street_name = serializers.CharField(allow_null=True)
    locality = serializers.CharField(allow_null=True)


class PartsSerializer(serializers.Serializer[Any]):
    """What to preview."""

    parts = serializers.ListField(child=PartSerializer(), max_length=MAX_PARTS)


class TargetRequestSerializer(PartsSerializer):
    """What to save."""

    name = serializers.CharField(max_length=200)


class StreetFigureSerializer(serializers.Serializer[Any]):
    """A street reached."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    locality = serializers.CharField()
    letterboxes = serializers.IntegerField()


class DistrictFigureSerializer(serializers.Serializer[Any]):
    """A district reached."""

    code = serializers.CharField()
    name = serializers.CharField()
    level = serializers.CharField()
    letterboxes = serializers.IntegerField()


class FiguresSerializer(serializers.Serializer[Any]):
    """Whom a target reaches."""

    geometry = GeoJSONField(allow_null=True, help_text="MultiPolygon; null when nothing is reached.")
    area_m2 = serializers.FloatField()
    addresses = serializers.IntegerField(help_text="Number of letterboxes.")
    dwellings = serializers.IntegerField()
    no_flyers = serializers.IntegerField(help_text="Letterboxes marked as not wanting flyers.")
    duplicates = serializers.IntegerField(help_text="Letterboxes that the register has more than once.")
    listed = serializers.IntegerField(help_text="Letterboxes of a mailing list that leaves both out.")
    streets = StreetFigureSerializer(many=True)
    districts = DistrictFigureSerializer(many=True)


class LetterboxesSerializer(serializers.Serializer[Any]):
    """Points of letterboxes: a GeoJSON FeatureCollection, an even sample beyond the limit."""

    type = serializers.CharField()
    total = serializers.IntegerField()
    limit = serializers.IntegerField()
    features = serializers.ListField(child=serializers.JSONField())


class PreviewSerializer(FiguresSerializer):
    """Figures, and the letterboxes for the map."""

    letterboxes = LetterboxesSerializer()


class TargetSummarySerializer(serializers.Serializer[Any]):
    """A target in a list; its figures are as of `resolved_at`."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    created_at = serializers.DateTimeField()
    resolved_at = serializers.DateTimeField(allow_null=True)
    area_m2 = serializers.FloatField()
    addresses = serializers.IntegerField(source="letterboxes")
    dwellings = serializers.IntegerField()


class TargetPageSerializer(serializers.Serializer[Any]):
    """A page of targets."""

    count = serializers.IntegerField()
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = TargetSummarySerializer(many=True)


class TargetSerializer(FiguresSerializer):
    """A saved target, with its figures as of now."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    created_at = serializers.DateTimeField()
    parts = SavedPartSerializer(many=True)


def _figures(figures: Figures, geometry: dict[str, Any] | None) -> dict[str, Any]:
    return {
        "geometry": geometry,
        "area_m2": round(figures.area_m2, 1),
        "addresses": figures.addresses,
        "dwellings": figures.dwellings,
        "no_flyers": figures.no_flyers,
        "duplicates": figures.duplicates,
        "listed": figures.listed,
        "streets": [asdict(street) for street in figures.streets],
        "districts": [asdict(district) for district in figures.districts],
    }


def _saved_part(part: TargetPart) -> dict[str, Any]:
    return {
        "operation": part.operation,
        "kind": part.kind,
        "district": part.district_id,
        "district_name": district_in_words(part.district) if part.district else None,
        "street": part.street_id,
        "street_name": part.street.name if part.street else None,
        "locality": part.street.locality if part.street else None,
        "side": part.side,
        "number_from": part.number_from,
        "number_to": part.number_to,
        "shape": geometry_to_geojson(part.shape) if part.shape else None,
        "buffer_m": part.buffer_m,
        "ring_only": part.ring_only,
    }


def _saved_target(target: Target) -> dict[str, Any]:
    """Write a target whole; three queries."""
    prefetch_related_objects([target], PARTS_TO_READ)
    rows = list(target.parts.all())
    resolved = resolve_target(part_from_row(row) for row in rows)
    return {
        "id": target.pk,
        "name": target.name,
        "created_at": target.created_at,
        "parts": [_saved_part(row) for row in rows],
        **_figures(resolved, geometry_to_geojson(resolved.geometry) if resolved.geometry else None),
    }


def _body(request: Request) -> Mapping[str, Any]:
    if isinstance(request.data, Mapping):
        return request.data
    raise PartMalformed(_("The body must be a JSON object."), field="parts")


class TargetList(APIView):
    """Every target; a new one."""

    permission_classes = [IsAgent]

    @extend_schema(
        responses=TargetPageSerializer,
        parameters=[OpenApiParameter("limit", int), OpenApiParameter("offset", int)],
        operation_id="targets_list",
        tags=["targets"],
    )
    def get(self, request: Request) -> Response:
        """List the targets, the latest first; two queries."""
        paginator = LimitOffsetPagination()
        paginator.default_limit, paginator.max_limit = 50, 500
        page = paginator.paginate_queryset(Target.objects.defer("geometry").order_by("-created_at", "-pk"), request)
        return paginator.get_paginated_response(TargetSummarySerializer(page, many=True).data)

    @extend_schema(request=TargetRequestSerializer, responses={201: TargetSerializer}, tags=["targets"])
    @repeatable
    def post(self, request: Request) -> Response:
        """Save a new target."""
        body = _body(request)
        target = save_target(name=body.get("name"), parts=read_parts(body.get("parts")), user=request.user)
        location = {"Location": reverse("api-target", args=[target.pk])}
        return Response(_saved_target(target), status=status.HTTP_201_CREATED, headers=location)


class TargetDetail(APIView):
    """One target."""

    permission_classes = [IsAgent]

    @extend_schema(responses=TargetSerializer, tags=["targets"])
    def get(self, request: Request, id: int) -> Response:
        """Read a target with its figures as of now; its geometry as of now, too."""
        return Response(_saved_target(get_target(id)))

    @extend_schema(request=TargetRequestSerializer, responses=TargetSerializer, tags=["targets"])
    def put(self, request: Request, id: int) -> Response:
        """Put another name and other parts in the place of a target's."""
        body = _body(request)
        target = save_target(
            name=body.get("name"), parts=read_parts(body.get("parts")), user=request.user, target=get_target(id)
        )
        return Response(_saved_target(target))

    @extend_schema(responses={204: None}, tags=["targets"])
    def delete(self, request: Request, id: int) -> Response:
        """Delete a target; 409 while a consultation uses it."""
        delete_target(target=get_target(id))
        return Response(status=status.HTTP_204_NO_CONTENT)


class TargetPreview(APIView):
    """What parts would reach, without saving them."""

    permission_classes = [IsAgent]

    @extend_schema(request=PartsSerializer, responses=PreviewSerializer, tags=["targets"])
    def post(self, request: Request) -> Response:
        """Preview parts: geometry, figures, and the letterboxes as points."""
        return _preview(read_parts(_body(request).get("parts")))


class SavedTargetPreview(APIView):
    """What a saved target reaches now, which may differ from when it was saved."""

    permission_classes = [IsAgent]

    @extend_schema(responses=PreviewSerializer, tags=["targets"])
    def get(self, request: Request, id: int) -> Response:
        """Preview the target's parts: geometry, figures, and the letterboxes as points."""
        return _preview(parts_of(get_target(id)))


def _preview(parts: Iterable[PartSpec]) -> Response:
    preview = preview_target(parts)
    return Response(
        {
            **_figures(preview, preview.geometry),
            "letterboxes": {
                "type": "FeatureCollection",
                "total": preview.addresses,
                "limit": PREVIEW_LETTERBOXES,
                "features": preview.letterboxes,
            },
        }
    )
