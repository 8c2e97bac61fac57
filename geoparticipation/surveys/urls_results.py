"""Addresses of the results that everybody reads."""

from django.urls import path

from geoparticipation.surveys import views_results

urlpatterns = [
    path(
        "consultations/<slug:slug>/surveys/<slug:survey_slug>/results/",
        views_results.show_results,
        name="survey-results",
    )
]
