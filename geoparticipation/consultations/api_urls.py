"""Addresses of consultations in the API, below /api/v1/."""

from django.urls import path

from geoparticipation.consultations import api

urlpatterns = [
    path("consultations/", api.ConsultationList.as_view(), name="api-consultations"),
    path("consultations/<slug:slug>/", api.ConsultationDetail.as_view(), name="api-consultation"),
]
