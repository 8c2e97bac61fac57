"""Addresses of the home page, of finding a place, of a consultation and of its results."""

from django.urls import path

from geoparticipation.dashboards import views, views_profile

urlpatterns = [
    path("profile/", views_profile.profile, name="profile"),
    path("", views.home, name="home"),
    path("places/", views.places, name="places"),
    path("consultations/<slug:slug>/", views.show_consultation, name="consultation"),
    path("consultations/<slug:slug>/results/", views.show_results, name="consultation-results"),
    path("consultations/<slug:slug>/report.<str:file_format>", views.download_report, name="consultation-report"),
]
