"""Addresses of contributions in the API, below /api/v1/."""

from django.urls import path

from geoparticipation.contributions import api

urlpatterns = [
    path("contributions/", api.ContributionList.as_view(), name="api-contributions"),
    path("contributions/<uuid:code>/", api.ContributionDetail.as_view(), name="api-contribution"),
    path("contributions/<uuid:code>/support/", api.ContributionSupport.as_view(), name="api-support"),
]
