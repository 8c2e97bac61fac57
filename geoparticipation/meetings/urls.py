"""Addresses of meetings."""

from django.urls import path

from geoparticipation.meetings import views

urlpatterns = [
    path("meetings/", views.meetings, name="meetings"),
    path("meetings/calendar.ics", views.calendar, name="meetings-calendar"),
    path("meetings/<uuid:code>/", views.meeting, name="meeting"),
    path("meetings/<uuid:code>/register/", views.register, name="meeting-register"),
    path("meetings/<uuid:code>/calendar.ics", views.calendar_entry, name="meeting-calendar"),
]
