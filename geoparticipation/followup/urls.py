"""Addresses of how the commune keeps its word."""

from django.urls import path

from geoparticipation.followup import views

urlpatterns = [path("commitments/", views.commitments, name="commitments")]
