"""Addresses of plans in the API, below /api/v1/."""

from django.urls import path

from geoparticipation.scenarios import api

urlpatterns = [
    path("plans/<uuid:code>/", api.PlanDetail.as_view(), name="api-plan"),
    path("plans/places/<uuid:code>/preference/", api.PlacePreference.as_view(), name="api-plan-preference"),
]
