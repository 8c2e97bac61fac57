"""Addresses of contributions."""

from django.urls import path

from geoparticipation.contributions import views

urlpatterns = [
    path("contributions/", views.show_contributions, name="contributions"),
    path("contributions/<uuid:code>/", views.show_contribution, name="contribution"),
]
