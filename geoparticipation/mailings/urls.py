"""Addresses that flyers lead to, which are short because people type them, and those of rounds on the phone."""

from django.urls import path

from geoparticipation.mailings import views, views_residence, views_walk

urlpatterns = [
    path("l/", views.open_letterbox, name="letterbox"),
    path("compte/residence/", views_residence.residence, name="residence"),
    path("compte/residence/offer/", views_residence.answer_offer, name="residence-offer"),
    path("l/<str:code>", views.open_letterbox, name="letterbox-code"),
    path("rounds/<str:token>/", views_walk.walk, name="round-walk"),
    path("rounds/<str:token>/events/", views_walk.walk_events, name="round-walk-events"),
    path("rounds/<str:token>/act/", views_walk.walk_act, name="round-walk-act"),
    path("rounds/<str:token>/worker.js", views_walk.walk_worker, name="round-walk-worker"),
]
