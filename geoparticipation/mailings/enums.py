"""Closed lists of mailings."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Channel(models.TextChoices):
    """How a mailing list was fetched."""

    PAGE = "page", _("page")
    API = "api", _("API")
    COMMAND = "command", _("command")


class FileFormat(models.TextChoices):
    """What a mailing list can be written as."""

    CSV = "csv", _("CSV (spreadsheet)")
