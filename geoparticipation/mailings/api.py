"""Mailing lists in the API. For agents only."""

from __future__ import annotations

from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.views import APIView

from geoparticipation.mailings.downloads import mailing_list_response, options_from_query
from geoparticipation.mailings.enums import Channel
from neighbourhoods.domain.targets.access import get_target
from neighbourhoods.permissions import IsAgent


class CSVRenderer(BaseRenderer):
    """Lets a client ask for text/csv; the view writes the file itself."""

    media_type = "text/csv"
    format = "csv"
    charset = "utf-8"


class MailingList(APIView):
    """The letterboxes of a target."""

    permission_classes = [IsAgent]
    renderer_classes = [JSONRenderer, CSVRenderer]

    @extend_schema(
        operation_id="targets_mailing_list",
        tags=["targets"],
        parameters=[
            OpenApiParameter("keep_duplicates", bool, description="Keep what the register has more than once."),
            OpenApiParameter("include_no_flyers", bool, description="Keep what is marked as not wanting flyers."),
        ],
        responses={
            (200, "text/csv"): OpenApiResponse(
                OpenApiTypes.STR,
                description="UTF-8 with a byte order mark, one row for each letterbox. The headers X-Letterboxes,"
                " X-Duplicates-Left-Out and X-No-Flyers-Left-Out count rows and what was left out.",
            )
        },
    )
    def get(self, request: Request, id: int) -> HttpResponseBase:
        """Download the list; every download is recorded."""
        return mailing_list_response(
            target=get_target(id),
            options=options_from_query(request.query_params),
            user=request.user,
            channel=Channel.API,
        )
