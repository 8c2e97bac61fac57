"""Django's description of the app."""

from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class VolunteeringConfig(AppConfig):
    """Offers of help, missions and associations, and how they find one another."""

    name = "geoparticipation.volunteering"
    verbose_name = _("Volunteering")

    def ready(self) -> None:
        """Register the filters, and where offers and missions are shown."""
        from geoparticipation.contributions.enums import Kind
        from geoparticipation.contributions.kinds import show_at

        import_module("geoparticipation.volunteering.filters")
        show_at(Kind.OFFER, "volunteer-offer")
        show_at(Kind.MISSION, "mission")
