"""Addresses of meetings."""

from django.urls import path

from geoparticipation.meetings import views, views_workshop

urlpatterns = [
    path("meetings/", views.meetings, name="meetings"),
    path("meetings/calendar.ics", views.calendar, name="meetings-calendar"),
    path("meetings/<uuid:code>/", views.meeting, name="meeting"),
    path("meetings/<uuid:code>/register/", views.register, name="meeting-register"),
    path("meetings/<uuid:code>/calendar.ics", views.calendar_entry, name="meeting-calendar"),
    path("meetings/<uuid:code>/workshop/", views_workshop.workshop, name="workshop"),
    path("meetings/<uuid:code>/workshop/changes/", views_workshop.changes, name="workshop-changes"),
    path("councils/<slug:slug>/calendar.ics", views.council_calendar, name="council-calendar"),
]
