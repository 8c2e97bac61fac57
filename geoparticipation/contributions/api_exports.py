"""Exports of contributions in the API."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import QueryDict
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import get_language
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.permissions import IsAuthenticated
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from geoparticipation.accounts.identity import Actor, actor_for
from geoparticipation.contributions.domain.exports import get_export_for, request_export
from geoparticipation.contributions.enums import ExportState, Kind, Scope, Status
from geoparticipation.contributions.exports import export_response, format_named, kept_file_response, scope_named
from geoparticipation.contributions.filters import FILTERS, filters_of_apps
from geoparticipation.contributions.models import Export
from layers.exports.formats import FORMATS, FileFormat
from layers.repeatable import repeatable

_WORDS = {
    "in_bbox": "west,south,east,north in degrees; what it touches.",
    "kind": f"One or more of {', '.join(Kind.values)}, with commas.",
    "consultation": "Slug of a consultation.",
    "district": "Code of a district, of any level.",
    "street": "Name of a street, in any of its languages.",
    "council": "Slug of a neighbourhood council: what touches its area.",
    "status": f"One or more of {', '.join(Status.values)}, with commas; other than published with scope internal only.",
    "q": "Words that all occur in title or text.",
    "submitted_after": "ISO date or date and time, included.",
    "submitted_before": "ISO date or date and time, not included.",
}
_SCOPE = (
    "public: what is online, as everybody sees it. planning (agents, moderators, planners): the same with phase, "
    "origin and further columns. internal (agents, moderators): every status but drafts, with the exact places."
)


class NewExportSerializer(serializers.Serializer[Any]):
    """A file to prepare."""

    format = serializers.ChoiceField(FileFormat.choices)
    scope = serializers.ChoiceField(Scope.choices, default=Scope.PUBLIC.value, help_text=_SCOPE)
    filters = serializers.DictField(
        child=serializers.CharField(allow_blank=True),
        default=dict,
        help_text=f"Any of {', '.join([*FILTERS, *filters_of_apps()])}, as in the list.",
    )


class ExportSerializer(serializers.Serializer[Any]):
    """How far a file is."""

    code = serializers.UUIDField()
    format = serializers.ChoiceField(FileFormat.choices, source="file_format")
    scope = serializers.ChoiceField(Scope.choices)
    state = serializers.ChoiceField(ExportState.choices)
    rows_written = serializers.IntegerField()
    rows_total = serializers.IntegerField(allow_null=True)
    size_bytes = serializers.IntegerField()
    expires_at = serializers.DateTimeField(allow_null=True)
    reason = serializers.CharField(allow_blank=True, help_text="Why there is no file, for people.")
    file = serializers.SerializerMethodField()

    def get_file(self, export: Export) -> str | None:
        """Where to fetch it; null while it is not ready."""
        if not export.is_ready:
            return None
        address = reverse("api-contributions-export-file", args=[export.code])
        return str(self.context["request"].build_absolute_uri(address))


def _actor(request: Request) -> Actor:
    request._request.user = request.user
    return actor_for(request._request)


class ContributionExport(APIView):
    """Contributions as a file."""

    def perform_content_negotiation(self, request: Request, force: bool = False) -> tuple[BaseRenderer, str]:
        """Take the format from the address, whatever the client says it accepts."""
        return JSONRenderer(), "application/json"

    @extend_schema(
        operation_id="contributions_export",
        tags=["contributions"],
        parameters=[
            OpenApiParameter(
                "extension",
                str,
                OpenApiParameter.PATH,
                enum=[*FileFormat.values, "zip"],
                description="The format; shp and zip are the same, a zipped Shapefile.",
            ),
            *(OpenApiParameter(name, str, description=_WORDS[name]) for name in FILTERS),
            *(OpenApiParameter(name, str, description=words) for name, words in filters_of_apps().items()),
            OpenApiParameter("scope", str, enum=Scope.values, default=Scope.PUBLIC.value, description=_SCOPE),
        ],
        responses={
            (200, written_as.media_type): OpenApiTypes.STR if written_as.streams else OpenApiTypes.BINARY
            for written_as in FORMATS.values()
        },
    )
    def get(self, request: Request, extension: str) -> HttpResponseBase:
        """Download the contributions that the filters choose, the latest first.

        CSV, GeoJSON and KML have no limit of size. The others are made at once up to a limit; beyond, ask for the file
        to be prepared. Numbers of rows and of requests may be limited by connection (429).
        """
        return export_response(
            actor=_actor(request),
            scope=scope_named(request.query_params.get("scope", "")),
            file_format=format_named(extension),
            parameters=request.query_params,
            site=request.build_absolute_uri("/").rstrip("/"),
        )


class ContributionExports(APIView):
    """Files prepared in the background."""

    permission_classes = [IsAuthenticated]

    @extend_schema(
        operation_id="contributions_export_request",
        tags=["contributions"],
        request=NewExportSerializer,
        responses={202: ExportSerializer},
    )
    @repeatable
    def post(self, request: Request) -> Response:
        """Have a file prepared; the same file asked for again while it is prepared is the same."""
        reader = NewExportSerializer(data=request.data)
        reader.is_valid(raise_exception=True)
        wanted = reader.validated_data
        parameters = QueryDict(mutable=True)
        parameters.update(wanted["filters"])
        export = request_export(
            actor=_actor(request),
            scope=Scope(wanted["scope"]),
            file_format=FileFormat(wanted["format"]),
            parameters=parameters,
            language=request.user.language or get_language() or "",
        )
        answer = ExportSerializer(export, context={"request": request}).data
        location = request.build_absolute_uri(reverse("api-contributions-export", args=[export.code]))
        return Response(answer, status=status.HTTP_202_ACCEPTED, headers={"Location": location})


class ContributionExportState(APIView):
    """One file that is or was prepared for you."""

    permission_classes = [IsAuthenticated]

    @extend_schema(operation_id="contributions_export_state", tags=["contributions"], responses={200: ExportSerializer})
    def get(self, request: Request, code: UUID) -> Response:
        """Look how far it is."""
        export = get_export_for(request.user, code)
        return Response(ExportSerializer(export, context={"request": request}).data)


class ContributionExportFile(APIView):
    """The file itself."""

    permission_classes = [IsAuthenticated]

    def perform_content_negotiation(self, request: Request, force: bool = False) -> tuple[BaseRenderer, str]:
        """Take whatever the client says it accepts: the file is what it is."""
        return JSONRenderer(), "application/json"

    @extend_schema(
        operation_id="contributions_export_file",
        tags=["contributions"],
        responses={(200, "application/octet-stream"): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, code: UUID) -> HttpResponseBase:
        """Fetch it, until it expires."""
        return kept_file_response(get_export_for(request.user, code))
