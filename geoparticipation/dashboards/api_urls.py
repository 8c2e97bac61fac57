"""Addresses of the indicators below /api/v1/."""

from django.urls import path

from geoparticipation.dashboards.api import IndicatorsView

urlpatterns = [path("indicators/", IndicatorsView.as_view(), name="api-indicators")]
