"""Addresses of tiles."""

from django.urls import path

from layers import views

urlpatterns = [
    path("tiles/<slug:name>.json", views.tile_index, name="tilejson"),
    path("tiles/<slug:name>/<str:z>/<str:x>/<str:y>.mvt", views.tile, name="tile"),
]
