"""Addresses of how the commune keeps its word, and of what it made of ideas."""

from django.urls import path

from geoparticipation.followup import views, views_measures

urlpatterns = [
    path("commitments/", views.commitments, name="commitments"),
    path("measures/", views_measures.measures, name="measures"),
    path("measures/photos/<uuid:code>/<slug:size>", views_measures.photo, name="measure-photo"),
]
