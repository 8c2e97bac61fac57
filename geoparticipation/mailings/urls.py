"""Addresses that flyers lead to. They are short, because people type them."""

from django.urls import path

from geoparticipation.mailings import views, views_residence

urlpatterns = [
    path("l/", views.open_letterbox, name="letterbox"),
    path("compte/residence/", views_residence.residence, name="residence"),
    path("compte/residence/offer/", views_residence.answer_offer, name="residence-offer"),
    path("l/<str:code>", views.open_letterbox, name="letterbox-code"),
]
