"""Addresses of the public pages of surveys."""

from django.urls import path

from geoparticipation.surveys import views_fill

urlpatterns = [
    path("consultations/<slug:slug>/surveys/<slug:survey_slug>/", views_fill.fill, name="survey"),
    path("consultations/<slug:slug>/surveys/<slug:survey_slug>/thanks/", views_fill.thanks, name="survey-thanks"),
]
