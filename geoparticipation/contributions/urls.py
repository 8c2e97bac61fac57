"""Addresses of contributions."""

from django.urls import path

from geoparticipation.contributions import views

urlpatterns = [
    path("consultations/<slug:slug>/contribute/", views.contribute, name="contribute"),
    path("contributions/", views.show_contributions, name="contributions"),
    path("contributions/<uuid:code>/", views.show_contribution, name="contribution"),
    path("contributions/<uuid:code>/support/", views.support, name="contribution-support"),
    path("contributions/<uuid:code>/comment/", views.comment, name="contribution-comment"),
    path("contributions/<uuid:code>/withdraw/", views.withdraw, name="contribution-withdraw"),
]
