"""Django's description of the app."""

from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SurveysConfig(AppConfig):
    """Questions put to the people of a target, and their answers, each with a place."""

    name = "geoparticipation.surveys"
    verbose_name = _("Surveys")

    def ready(self) -> None:
        """Register the app's map layers."""
        import_module("geoparticipation.surveys.layers")
