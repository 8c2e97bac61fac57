"""Addresses of the home page and of the results."""

from django.urls import path

from geoparticipation.dashboards import views

urlpatterns = [
    path("", views.home, name="home"),
]
