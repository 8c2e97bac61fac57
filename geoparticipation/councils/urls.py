"""Addresses of councils; the page of one of them shows contributions and meetings, and so lives in `dashboards`."""

from django.urls import path

from geoparticipation.councils import views

urlpatterns = [path("councils/", views.show_councils, name="councils")]
