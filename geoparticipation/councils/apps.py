"""Django's description of the app."""

from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CouncilsConfig(AppConfig):
    """Neighbourhood councils, who sits in them, and the consultations that they start in their area."""

    name = "geoparticipation.councils"
    verbose_name = _("Neighbourhood councils")

    def ready(self) -> None:
        """Register the map layer, and that a council's members read its drafts."""
        import_module("geoparticipation.councils.layers")
        import_module("geoparticipation.councils.drafts")
