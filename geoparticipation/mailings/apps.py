"""Django's description of the app."""

from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MailingsConfig(AppConfig):
    """Mailing lists: a target's letterboxes, written to a file, and who fetched them."""

    name = "geoparticipation.mailings"
    verbose_name = _("Mailings")

    def ready(self) -> None:
        """Register the app's map layer."""
        import_module("geoparticipation.mailings.layers")
