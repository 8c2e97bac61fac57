"""Django's description of the app."""

from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ConsultationsConfig(AppConfig):
    """Consultations, their phases, process templates and charter."""

    name = "geoparticipation.consultations"
    verbose_name = _("Consultations")

    def ready(self) -> None:
        """Register consultations as what follows the boundaries."""
        import_module("geoparticipation.consultations.follow_boundaries")
