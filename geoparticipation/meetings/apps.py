"""Django's description of the app."""

from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MeetingsConfig(AppConfig):
    """Meetings with a place or a link, registration, minutes and a calendar."""

    name = "geoparticipation.meetings"
    verbose_name = _("Meetings")

    def ready(self) -> None:
        """Register the app's map layer."""
        import_module("geoparticipation.meetings.layers")
