"""Django's description of the app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SurveysConfig(AppConfig):
    """Questions put to the people of a target, and their answers, each with a place."""

    name = "geoparticipation.surveys"
    verbose_name = _("Surveys")
