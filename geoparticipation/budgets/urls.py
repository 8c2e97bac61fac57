"""Addresses of the public pages of a budget."""

from django.urls import path

from geoparticipation.budgets import views, views_results

urlpatterns = [
    path("consultations/<slug:slug>/vote/", views.vote, name="vote"),
    path("consultations/<slug:slug>/vote/result/", views_results.result, name="vote-result"),
    path("consultations/<slug:slug>/vote/ballots/", views_results.ballots, name="vote-ballots"),
    path("consultations/<slug:slug>/vote/ballots.pb", views_results.ballots_file, name="vote-ballots-file"),
]
