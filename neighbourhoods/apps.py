"""Django's description of the app."""

from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NeighbourhoodsConfig(AppConfig):
    """The territory."""

    name = "neighbourhoods"
    verbose_name = _("Territory")

    def ready(self) -> None:
        """Register the app's map layers, and what follows the boundaries."""
        import_module("neighbourhoods.layers")
        import_module("neighbourhoods.domain.boundaries.territory_follows")
