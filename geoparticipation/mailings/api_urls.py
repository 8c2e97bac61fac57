"""Addresses of mailing lists in the API, below /api/v1/."""

from django.urls import path

from geoparticipation.mailings import api

urlpatterns = [
    path("targets/<int:id>/mailing-list.csv", api.MailingList.as_view(), name="api-mailing-list"),
]
