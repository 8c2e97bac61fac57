"""Addresses of the home page, of finding a place, of a consultation, of its results and of the indicators."""

from django.urls import path

from geoparticipation.dashboards import views, views_council, views_indicators, views_profile

urlpatterns = [
    path("indicators/", views_indicators.indicators, name="indicators"),
    path("indicators/figures.<str:file_format>", views_indicators.indicator_file, name="indicator-file"),
    path("about/data/indicators.jsonld", views_indicators.describe_data, name="indicators-described"),
    path("profile/", views_profile.profile, name="profile"),
    path("", views.home, name="home"),
    path("places/", views.places, name="places"),
    path("councils/<slug:slug>/", views_council.show_council, name="council"),
    path("consultations/<slug:slug>/", views.show_consultation, name="consultation"),
    path("consultations/<slug:slug>/results/", views.show_results, name="consultation-results"),
    path("consultations/<slug:slug>/report.<str:file_format>", views.download_report, name="consultation-report"),
]
