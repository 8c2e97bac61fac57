"""Django's description of the app."""

from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ScenariosConfig(AppConfig):
    """Variants of a plan, compared place by place."""

    name = "geoparticipation.scenarios"
    verbose_name = _("Plans and their variants")

    def ready(self) -> None:
        """Register the app's map layers, and where what is said about a place of a plan is read."""
        import_module("geoparticipation.scenarios.layers")
        from geoparticipation.contributions.enums import Kind
        from geoparticipation.contributions.kinds import show_at

        show_at(Kind.PLAN, "plan-place")
