"""Django's description of the app."""

from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class BudgetsConfig(AppConfig):
    """Envelopes, projects, ballots and how they are counted."""

    name = "geoparticipation.budgets"
    verbose_name = _("Participatory budgets")

    def ready(self) -> None:
        """Register the app's map layer, and that the level of a vote stays while people vote."""
        import_module("geoparticipation.budgets.layers")
        import_module("geoparticipation.budgets.domain.keep_level")
