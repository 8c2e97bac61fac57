"""Addresses of mailing lists in the workspace."""

from django.urls import path

from geoparticipation.mailings import views

urlpatterns = [
    path("workspace/targets/<int:pk>/mailing-list.csv", views.download_mailing_list, name="mailing-list"),
]
