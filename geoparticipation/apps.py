"""Django's description of the project's own app (shared templates and commands)."""

from django.apps import AppConfig


class GeoparticipationConfig(AppConfig):
    """Shared templates, commands and start-up checks."""

    name = "geoparticipation"
    label = "geoparticipation"
