"""Addresses of surveys in the API, below /api/v1/."""

from django.urls import path

from geoparticipation.surveys import api

urlpatterns = [
    path("surveys/", api.SurveyList.as_view(), name="api-surveys"),
    path("surveys/<slug:slug>/", api.SurveyDetail.as_view(), name="api-survey"),
    path("surveys/<slug:slug>/responses/", api.SurveyResponses.as_view(), name="api-survey-responses"),
]
