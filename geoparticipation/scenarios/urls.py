"""Addresses of plans."""

from django.urls import path

from geoparticipation.scenarios import views, views_files

urlpatterns = [
    path("plans/<uuid:code>/", views.plan, name="plan"),
    path("plans/<uuid:code>/results.csv", views_files.results, name="plan-results"),
    path("plans/<uuid:code>/plan.gpkg", views_files.gis_file, name="plan-file"),
    path("plans/places/<uuid:code>/", views.place, name="plan-place"),
    path("plans/pictures/<uuid:variant>.svg", views_files.picture, name="plan-picture"),
    path("plans/pictures/<uuid:variant>/<uuid:place>.svg", views_files.picture, name="plan-place-picture"),
]
