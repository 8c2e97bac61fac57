"""Where everything is."""

from django.contrib import admin
from django.urls import include, path

from geoparticipation import theme, views

urlpatterns = [
    path("", include("geoparticipation.dashboards.urls")),
    path("", include("geoparticipation.contributions.urls")),
    path("about/data/", views.about_data, name="about-data"),
    path("about/charter/", views.charter, name="charter"),
    path("about/privacy/", views.privacy, name="privacy"),
    path("about/accessibility/", views.accessibility, name="accessibility"),
    path("workspace/", include("geoparticipation.workspace_urls")),
    path("theme.css", theme.theme, name="theme"),
    path("i18n/", include("django.conf.urls.i18n")),
    path("compte/", include("allauth.account.urls")),
    path("", include("layers.urls")),
    path("api/v1/", include("neighbourhoods.api_urls")),
    path("api/v1/", include("neighbourhoods.api_targets_urls")),
    path("api/v1/", include("geoparticipation.mailings.api_urls")),
    path("admin/", admin.site.urls),
]
