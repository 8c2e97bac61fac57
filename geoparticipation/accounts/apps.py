"""Django's description of the app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    """People: users, identity levels, roles, devices."""

    name = "geoparticipation.accounts"
    verbose_name = _("People")
