"""Addresses of the public pages of consultations."""

from django.urls import path

from geoparticipation.consultations import views

urlpatterns = [
    path("consultations/", views.show_consultations, name="consultations"),
]
