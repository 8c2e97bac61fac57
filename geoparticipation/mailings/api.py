"""Mailing lists in the API. For agents only."""

from __future__ import annotations

from typing import Any, ClassVar

from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema, extend_schema_view
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.views import APIView

from geoparticipation.mailings.domain.formats import FORMATS
from geoparticipation.mailings.domain.label_sheets import SHEETS
from geoparticipation.mailings.domain.write_mailing_list import NEW_A4_SHEETS, LabelOptions
from geoparticipation.mailings.downloads import labels_from_query, mailing_list_response, options_from_query
from geoparticipation.mailings.enums import Channel, FileFormat, LabelSheet
from neighbourhoods.domain.targets.access import get_target
from neighbourhoods.permissions import IsAgent

_OPTIONS = [
    OpenApiParameter("keep_duplicates", bool, description="Keep what the register has more than once."),
    OpenApiParameter("include_no_flyers", bool, description="Keep what is marked as not wanting flyers."),
]
_ON_SHEETS = [
    OpenApiParameter("sheet", str, enum=LabelSheet.values, default=LabelSheet.L7160.value, description="The sheet."),
    OpenApiParameter(
        "start_at",
        OpenApiTypes.INT,
        default=1,
        description="The first label to print on, counted from 1, row by row; "
        + ", ".join(f"{sheet.value} has {measures.labels}" for sheet, measures in SHEETS.items())
        + ".",
    ),
]
_HEADERS = (
    " The headers X-Letterboxes, X-Duplicates-Left-Out and X-No-Flyers-Left-Out count rows and what was left out."
)


def _renderer(of: FileFormat) -> type[BaseRenderer]:
    """Make a renderer that lets a client ask for the format; the view writes the file itself."""
    members = {
        "media_type": FORMATS[of].media_type,
        "format": FORMATS[of].extension,
        "charset": None,
        "render_style": "binary",
        "__doc__": f"Lets a client ask for {FORMATS[of].media_type}.",
    }
    return type(f"{FORMATS[of].extension.upper()}Renderer", (BaseRenderer,), members)


def _described(of: FileFormat, operation_id: str, said: str, parameters: list[OpenApiParameter]) -> Any:
    """Describe a download in the OpenAPI document."""
    kind = OpenApiTypes.STR if of == FileFormat.CSV else OpenApiTypes.BINARY
    answer = {(200, FORMATS[of].media_type): OpenApiResponse(kind, description=said + _HEADERS)}
    return extend_schema_view(
        get=extend_schema(operation_id=operation_id, tags=["targets"], parameters=parameters, responses=answer)
    )


class _Download(APIView):
    """The letterboxes of a target in one format."""

    permission_classes = [IsAgent]
    file_format: ClassVar[FileFormat]

    def get(self, request: Request, id: int) -> HttpResponseBase:
        """Download the list; every download is recorded."""
        return mailing_list_response(
            target=get_target(id),
            user=request.user,
            channel=Channel.API,
            file_format=self.file_format,
            options=options_from_query(request.query_params),
            labels=self.labels(request),
        )

    def labels(self, _request: Request) -> LabelOptions:
        """Say what labels are printed on; nothing to say for a list."""
        return NEW_A4_SHEETS


@_described(
    FileFormat.CSV, "targets_mailing_list", "UTF-8 with a byte order mark, one row for each letterbox.", _OPTIONS
)
class MailingListCSV(_Download):
    """The letterboxes of a target as CSV."""

    file_format = FileFormat.CSV
    renderer_classes = [JSONRenderer, _renderer(file_format)]


@_described(
    FileFormat.XLSX,
    "targets_mailing_list_xlsx",
    "A workbook: a sheet of letterboxes, and one that says target, date and what was left out.",
    _OPTIONS,
)
class MailingListXLSX(_Download):
    """The letterboxes of a target for spreadsheets."""

    file_format = FileFormat.XLSX
    renderer_classes = [JSONRenderer, _renderer(file_format)]


@_described(
    FileFormat.GPKG,
    "targets_mailing_list_gpkg",
    "A GeoPackage in EPSG:4326 with the layers addresses, target and parts.",
    _OPTIONS,
)
class MailingListGeoPackage(_Download):
    """The letterboxes of a target for a GIS."""

    file_format = FileFormat.GPKG
    renderer_classes = [JSONRenderer, _renderer(file_format)]


@_described(
    FileFormat.LABELS_PDF,
    "targets_labels",
    "Sheets of labels, to be printed in their true size.",
    _OPTIONS + _ON_SHEETS,
)
class Labels(_Download):
    """The letterboxes of a target as labels."""

    file_format = FileFormat.LABELS_PDF
    renderer_classes = [JSONRenderer, _renderer(file_format)]

    def labels(self, request: Request) -> LabelOptions:
        """Read `sheet` and `start_at`."""
        return labels_from_query(request.query_params)
