"""Django's description of the app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class VolunteeringConfig(AppConfig):
    """Offers of help, missions and associations, and how they find one another."""

    name = "geoparticipation.volunteering"
    verbose_name = _("Volunteering")
