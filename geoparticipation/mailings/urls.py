"""Addresses that flyers lead to. They are short, because people type them."""

from django.urls import path

from geoparticipation.mailings import views

urlpatterns = [
    path("l/", views.open_letterbox, name="letterbox"),
    path("l/<str:code>", views.open_letterbox, name="letterbox-code"),
]
