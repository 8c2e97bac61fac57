"""Django's description of the app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DashboardsConfig(AppConfig):
    """Results on a map and in a table; no tables of its own."""

    name = "geoparticipation.dashboards"
    verbose_name = _("Results")
