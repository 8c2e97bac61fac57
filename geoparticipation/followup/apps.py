"""Django's description of the app."""

from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FollowupConfig(AppConfig):
    """What becomes of ideas, and whether the commune keeps its word."""

    name = "geoparticipation.followup"
    verbose_name = _("Follow-up")

    def ready(self) -> None:
        """Register the app's map layer."""
        import_module("geoparticipation.followup.layers")
