"""Consultations in the API: read only."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from geoparticipation.consultations.enums import Feature, PhaseKind
from geoparticipation.consultations.errors import UnknownConsultation
from geoparticipation.consultations.models import Consultation, Phase
from geoparticipation.consultations.phases import is_running, opens
from geoparticipation.consultations.queries import with_figures
from layers.geojson_field import GeoJSONField
from neighbourhoods.models import Target


class PhaseSerializer(serializers.ModelSerializer[Phase]):
    """A step of a consultation; `opens` is what one can do in such a phase."""

    kind = serializers.ChoiceField(PhaseKind.choices)
    title = serializers.CharField(source="__str__")
    is_open = serializers.SerializerMethodField(help_text="Whether it is going on now.")
    opens = serializers.SerializerMethodField()

    class Meta:
        model = Phase
        fields = ["kind", "title", "description", "outcome", "starts_at", "ends_at", "is_open", "opens"]

    def get_is_open(self, phase: Phase) -> bool:
        """Whether now lies in the phase."""
        return is_running(phase, self.context["now"])

    @extend_schema_field(serializers.ListField(child=serializers.ChoiceField(Feature.choices)))
    def get_opens(self, phase: Phase) -> list[str]:
        """What the phase's kind opens, in a fixed order."""
        return [feature.value for feature in Feature if feature in opens(phase.kind)]


class AimSerializer(serializers.ModelSerializer[Target]):
    """Whom the consultation is for."""

    class Meta:
        model = Target
        fields = ["name", "area_m2", "letterboxes", "dwellings"]


class AimWithShapeSerializer(AimSerializer):
    """Whom the consultation is for, and where that is."""

    geometry = GeoJSONField(read_only=True, allow_null=True)

    class Meta(AimSerializer.Meta):
        fields = [*AimSerializer.Meta.fields, "geometry"]


class ConsultationFiguresSerializer(serializers.Serializer[Any]):
    """What is online."""

    proposals = serializers.IntegerField(source="idea_count")
    comments = serializers.IntegerField(source="comment_count")
    supports = serializers.IntegerField(source="support_count")


class ConsultationSummarySerializer(serializers.ModelSerializer[Consultation]):
    """A consultation in a list."""

    phases = PhaseSerializer(many=True)
    target = AimSerializer(allow_null=True)
    figures = ConsultationFiguresSerializer(source="*")
    url = serializers.SerializerMethodField(help_text="Address of its page.")

    class Meta:
        model = Consultation
        fields = ["slug", "title", "summary", "language", "state", "phases", "target", "figures", "url"]

    def get_url(self, consultation: Consultation) -> str:
        """Absolute address of the page for people."""
        address: str = self.context["request"].build_absolute_uri(reverse("consultation", args=[consultation.slug]))
        return address


class ConsultationSerializer(ConsultationSummarySerializer):
    """A consultation whole. `description` is HTML, cleaned when it was saved."""

    target = AimWithShapeSerializer(allow_null=True)

    class Meta(ConsultationSummarySerializer.Meta):
        fields = [
            *ConsultationSummarySerializer.Meta.fields,
            "description",
            "inside_target_only",
            "identity_level",
            "moderation",
            "place_privacy",
            "max_area_m2",
            "political_lead",
            "operational_lead",
            "help_place",
            "help_phone",
            "help_hours",
            "video_url",
            "charter",
        ]


class ConsultationListSerializer(serializers.Serializer[Any]):
    """All consultations that this person may see."""

    results = ConsultationSummarySerializer(many=True)


class ConsultationList(APIView):
    """Consultations with phases and target."""

    @extend_schema(responses=ConsultationListSerializer, operation_id="consultations_list", tags=["consultations"])
    def get(self, request: Request) -> Response:
        """List the consultations, the latest first. Two queries."""
        consultations = (
            with_figures(Consultation.objects.visible_to(request.user))
            .select_related("target")
            .defer("target__geometry")
            .prefetch_related("phases")
            .order_by("-created_at", "-pk")
        )
        context = {"request": request, "now": timezone.now()}
        return Response({"results": ConsultationSummarySerializer(consultations, many=True, context=context).data})


class ConsultationDetail(APIView):
    """One consultation."""

    @extend_schema(responses=ConsultationSerializer, tags=["consultations"])
    def get(self, request: Request, slug: str) -> Response:
        """Read a consultation with its phases, its target's shape and its figures. Two queries."""
        consultation = (
            with_figures(Consultation.objects.visible_to(request.user))
            .filter(slug=slug)
            .select_related("target")
            .prefetch_related("phases")
            .first()
        )
        if consultation is None:
            raise UnknownConsultation
        context = {"request": request, "now": timezone.now()}
        return Response(ConsultationSerializer(consultation, context=context).data)
