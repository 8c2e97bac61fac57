"""Addresses below /api/v1/: each app's, and their description."""

from django.urls import include, path
from drf_spectacular.renderers import OpenApiJsonRenderer, OpenApiJsonRenderer2, OpenApiYamlRenderer
from drf_spectacular.views import SpectacularAPIView

# JSON for whoever does not say: every client reads it.
SCHEMA_RENDERERS = [OpenApiJsonRenderer2, OpenApiJsonRenderer, OpenApiYamlRenderer]

urlpatterns = [
    path("", include("geoparticipation.consultations.api_urls")),
    path("", include("geoparticipation.contributions.api_urls")),
    path("", include("geoparticipation.dashboards.api_urls")),
    path("", include("geoparticipation.mailings.api_urls")),
    path("", include("geoparticipation.scenarios.api_urls")),
    path("", include("geoparticipation.surveys.api_urls")),
    path("", include("neighbourhoods.api_targets_urls")),
    path("", include("neighbourhoods.api_urls")),
    path("schema/", SpectacularAPIView.as_view(renderer_classes=SCHEMA_RENDERERS), name="api-schema"),
]
