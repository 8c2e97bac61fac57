"""Plans in the API: read as GeoJSON, and what one prefers at a place."""

from __future__ import annotations

import json
import uuid
from typing import Any

from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from geoparticipation.accounts.identity import Actor, actor_for
from geoparticipation.consultations.enums import Feature
from geoparticipation.consultations.phases import open_features
from geoparticipation.scenarios.domain.preferences import state_preference, withdraw_preference
from geoparticipation.scenarios.domain.results import release_results
from geoparticipation.scenarios.errors import UnknownVariant
from geoparticipation.scenarios.models import Plan, VariantFeature
from geoparticipation.scenarios.queries import own_preferences, plan_for, plan_of_place


class VariantSerializer(serializers.Serializer[Any]):
    """A variant without what it would build."""

    code = serializers.UUIDField()
    letter = serializers.CharField()
    name = serializers.CharField()
    text = serializers.CharField()
    colour = serializers.CharField(source="colour_code", help_text="As #rrggbb.")


class AnswerSerializer(serializers.Serializer[Any]):
    """How many people prefer a variant at a place."""

    variant = serializers.UUIDField(allow_null=True, help_text="Null: none of the variants.")
    name = serializers.CharField(allow_blank=True)
    people = serializers.IntegerField(allow_null=True, help_text="Null where too few to tell.")


class PlanPropertiesSerializer(serializers.Serializer[Any]):
    """What a feature is: part of a variant (`type` "element"), or a place of the plan ("place")."""

    type = serializers.ChoiceField(["element", "place"])
    code = serializers.UUIDField()
    name = serializers.CharField()
    variant = serializers.UUIDField(required=False, help_text="Of an element: its variant.")
    kind = serializers.CharField(required=False, allow_blank=True, help_text="Of an element.")
    cost = serializers.DecimalField(12, 2, required=False, allow_null=True, help_text="Of an element.")
    text = serializers.CharField(required=False, allow_blank=True, help_text="Of a place.")
    notes = serializers.DictField(
        child=serializers.CharField(), required=False, help_text="Of a place: what each variant (code) does there."
    )
    people = serializers.IntegerField(required=False, allow_null=True, help_text="Of a place: who answered, once told.")
    results = AnswerSerializer(many=True, required=False, allow_null=True)
    in_fives = serializers.BooleanField(
        required=False, allow_null=True, help_text="Of a place: whether results are rounded down to fives."
    )
    own = serializers.CharField(
        required=False, allow_null=True, help_text="What you prefer here: a variant's code, “none”, or null."
    )
    url = serializers.CharField(required=False, help_text="Of a place: its page.")


class PlanFeatureSerializer(serializers.Serializer[Any]):
    """A GeoJSON Feature."""

    type = serializers.ChoiceField(["Feature"])
    id = serializers.UUIDField()
    geometry = serializers.DictField()
    properties = PlanPropertiesSerializer()


class PlanSerializer(serializers.Serializer[Any]):
    """A plan as a GeoJSON FeatureCollection with members of its own."""

    type = serializers.ChoiceField(["FeatureCollection"])
    code = serializers.UUIDField()
    title = serializers.CharField()
    text = serializers.CharField(allow_blank=True)
    language = serializers.CharField()
    consultation = serializers.CharField(help_text="Slug.")
    takes_preferences = serializers.BooleanField(help_text="Whether a phase lets people say now what they prefer.")
    results_of = serializers.DateField(allow_null=True, help_text="The day of which the results are.")
    variants = VariantSerializer(many=True)
    features = PlanFeatureSerializer(many=True)


class NewPreferenceSerializer(serializers.Serializer[Any]):
    """What one prefers at a place."""

    variant = serializers.UUIDField(allow_null=True, help_text="Code of a variant of the plan; null: none of them.")


class PreferenceSerializer(NewPreferenceSerializer):
    """What is noted."""

    place = serializers.UUIDField()


def _actor(request: Request) -> Actor:
    """The actor; asking for the user makes the framework authenticate and tell Django's own request."""
    request._request.user = request.user
    return actor_for(request._request)


class PlanDetail(APIView):
    """One plan."""

    @extend_schema(responses=PlanSerializer, tags=["plans"], operation_id="plan_read")
    def get(self, request: Request, code: uuid.UUID) -> Response:
        """Read a plan with its variants and places as GeoJSON. Eight queries at most, however many there are."""
        found = plan_for(request.user, code)
        told_before = found.told_on, found.told_at_end
        release_results(plan=found)
        if (found.told_on, found.told_at_end) != told_before:
            found = plan_for(request.user, code)
        own = own_preferences(_actor(request), found)
        return Response(PlanSerializer(_as_geojson(request, found, own)).data)


def _as_geojson(request: Request, found: Plan, own: dict[int, int | None]) -> dict[str, Any]:
    variants = list(found.variants.all())
    codes: dict[int | None, str] = {variant.pk: str(variant.code) for variant in variants} | {None: "none"}
    elements = (
        VariantFeature.objects.filter(variant__plan=found)
        .order_by("variant__position", "number")
        .select_related("variant")
    )
    features = [
        _feature(
            one,
            {
                "type": "element",
                "code": one.code,
                "name": one.label,
                "variant": one.variant.code,
                "kind": one.kind,
                "cost": one.cost,
            },
        )
        for one in elements
    ]
    features += [
        _feature(
            place,
            {
                "type": "place",
                "code": place.code,
                "name": place.name,
                "text": place.text,
                "notes": {codes[note.variant_id]: note.text for note in place.notes.all()},
                "people": (place.told or {}).get("total"),
                "results": (place.told or {}).get("answers"),
                "in_fives": (place.told or {}).get("in_fives"),
                "own": codes[own[place.pk]] if place.pk in own else None,
                "url": request.build_absolute_uri(reverse("plan-place", args=[place.code])),
            },
        )
        for place in found.places.all()
    ]
    return {
        "type": "FeatureCollection",
        "code": found.code,
        "title": found.title,
        "text": found.text,
        "language": found.language,
        "consultation": found.consultation.slug,
        "takes_preferences": Feature.PREFER in open_features(found.consultation),
        "results_of": found.told_on,
        "variants": variants,
        "features": features,
    }


def _feature(row: Any, properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "Feature", "id": row.code, "geometry": json.loads(row.geometry.geojson), "properties": properties}


class PlacePreference(APIView):
    """What one prefers at one place of a plan."""

    @extend_schema(request=NewPreferenceSerializer, responses=PreferenceSerializer, tags=["plans"])
    def put(self, request: Request, code: uuid.UUID) -> Response:
        """Say it, or say it anew; the same twice changes nothing."""
        found, place = plan_of_place(request.user, code)
        reader = NewPreferenceSerializer(data=request.data)
        reader.is_valid(raise_exception=True)
        wanted = reader.validated_data["variant"]
        variant = next((one for one in found.variants.all() if one.code == wanted), None)
        if wanted is not None and variant is None:
            raise UnknownVariant
        state_preference(actor=_actor(request), place=place, variant=variant)
        return Response(PreferenceSerializer({"variant": wanted, "place": place.code}).data)

    @extend_schema(responses={204: None}, tags=["plans"])
    def delete(self, request: Request, code: uuid.UUID) -> Response:
        """Take it back."""
        _plan, place = plan_of_place(request.user, code)
        withdraw_preference(actor=_actor(request), place=place)
        return Response(status=204)
