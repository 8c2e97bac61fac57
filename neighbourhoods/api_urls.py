"""Addresses of places in the API, below /api/v1/."""

from django.urls import path

from neighbourhoods import api

urlpatterns = [
    path("places/locate", api.LocatePlace.as_view(), name="api-places-locate"),
    path("places/search", api.SearchPlaces.as_view(), name="api-places-search"),
]
