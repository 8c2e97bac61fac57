"""Addresses of contributions."""

from django.urls import path

from geoparticipation.contributions import views, views_contribute, views_exports, views_photos

urlpatterns = [
    path("consultations/<slug:slug>/contribute/", views_contribute.contribute, name="contribute"),
    path("contributions/", views.show_contributions, name="contributions"),
    path("contributions/export/", views_exports.export, name="contributions-export"),
    path("exports/<uuid:code>/", views_exports.show_export, name="export"),
    path("exports/<uuid:code>/file/", views_exports.export_file, name="export-file"),
    path("contributions/<uuid:code>/", views.show_contribution, name="contribution"),
    path("contributions/<uuid:code>/support/", views.support, name="contribution-support"),
    path("contributions/<uuid:code>/comment/", views.comment, name="contribution-comment"),
    path("contributions/<uuid:code>/withdraw/", views.withdraw, name="contribution-withdraw"),
    path("photos/", views_photos.hold, name="photo-hold"),
    path("photos/<uuid:code>/drop/", views_photos.drop, name="photo-drop"),
    path("photos/<uuid:code>/<slug:size>", views_photos.show, name="photo"),
]
