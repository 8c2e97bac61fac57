"""Where everything is."""

from django.contrib import admin
from django.urls import include, path

from geoparticipation import health, problems, theme, views

urlpatterns = [
    path("", include("geoparticipation.dashboards.urls")),
    path("", include("geoparticipation.consultations.urls")),
    path("", include("geoparticipation.contributions.urls")),
    path("", include("geoparticipation.councils.urls")),
    path("", include("geoparticipation.volunteering.urls")),
    path("", include("geoparticipation.mailings.urls")),
    path("", include("geoparticipation.followup.urls")),
    path("", include("geoparticipation.budgets.urls")),
    path("", include("geoparticipation.surveys.urls_results")),
    path("", include("geoparticipation.surveys.urls")),
    path("", include("geoparticipation.meetings.urls")),
    path("", include("geoparticipation.scenarios.urls")),
    path("about/data/", views.about_data, name="about-data"),
    path("about/charter/", views.charter, name="charter"),
    path("about/privacy/", views.privacy, name="privacy"),
    path("about/accessibility/", views.accessibility, name="accessibility"),
    path("workspace/", include("geoparticipation.workspace_urls")),
    path("theme.css", theme.theme, name="theme"),
    path("i18n/", include("django.conf.urls.i18n")),
    path("compte/", include("allauth.account.urls")),
    path("", include("layers.urls")),
    path("api/v1/", include("geoparticipation.api_urls")),
    path("api/<path:rest>", problems.show_nothing),
    path("healthz", health.healthz, name="healthz"),
    path("admin/", admin.site.urls),
]
handler500 = "geoparticipation.views.show_failure"
