"""Addresses of contributions in the API, below /api/v1/."""

from django.urls import path

from geoparticipation.body_limits import takes_at_most
from geoparticipation.contributions import api, api_exports, api_photos

urlpatterns = [
    path("contributions/", api.ContributionList.as_view(), name="api-contributions"),
    path(
        "contributions/export.<str:extension>",
        api_exports.ContributionExport.as_view(),
        name="api-contributions-export-at-once",
    ),
    path("contributions/exports/", api_exports.ContributionExports.as_view(), name="api-contributions-exports"),
    path(
        "contributions/exports/<uuid:code>/",
        api_exports.ContributionExportState.as_view(),
        name="api-contributions-export",
    ),
    path(
        "contributions/exports/<uuid:code>/file/",
        api_exports.ContributionExportFile.as_view(),
        name="api-contributions-export-file",
    ),
    path("contributions/<uuid:code>/", api.ContributionDetail.as_view(), name="api-contribution"),
    path("contributions/<uuid:code>/support/", api.ContributionSupport.as_view(), name="api-support"),
    path(
        "contributions/<uuid:code>/photos/",
        takes_at_most(api_photos.REQUEST_MAX_BYTES)(api_photos.ContributionPhotos.as_view()),
        name="api-photos",
    ),
    path("contributions/<uuid:code>/photos/<uuid:photo>/", api_photos.ContributionPhoto.as_view(), name="api-photo"),
]
