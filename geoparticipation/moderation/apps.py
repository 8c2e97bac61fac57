"""Django's description of the app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ModerationConfig(AppConfig):
    """What agents decide about contributions, and the queue they work from."""

    name = "geoparticipation.moderation"
    verbose_name = _("Moderation")
