"""Addresses of mailing lists in the API, below /api/v1/."""

from django.urls import path

from geoparticipation.mailings import api

urlpatterns = [
    path("targets/<int:id>/mailing-list.csv", api.MailingListCSV.as_view(), name="api-mailing-list"),
    path("targets/<int:id>/mailing-list.xlsx", api.MailingListXLSX.as_view(), name="api-mailing-list-xlsx"),
    path("targets/<int:id>/mailing-list.gpkg", api.MailingListGeoPackage.as_view(), name="api-mailing-list-gpkg"),
    path("targets/<int:id>/labels.pdf", api.Labels.as_view(), name="api-labels"),
]
