"""Django's description of the app."""

from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ContributionsConfig(AppConfig):
    """What people put in: proposals, comments, support."""

    name = "geoparticipation.contributions"
    verbose_name = _("Contributions")

    def ready(self) -> None:
        """Register the app's map layers, and contributions as what follows the boundaries."""
        import_module("geoparticipation.contributions.layers")
        import_module("geoparticipation.contributions.domain.follow_boundaries")
