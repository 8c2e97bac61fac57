"""Django's description of the app."""

from django.apps import AppConfig


class LayersConfig(AppConfig):
    """Map layers."""

    name = "layers"
