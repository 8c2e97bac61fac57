"""Closed lists of meetings."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class MeetingState(models.TextChoices):
    """Whether the public sees a meeting, and whether it takes place."""

    DRAFT = "draft", _("draft")
    ANNOUNCED = "announced", _("announced")
    CANCELLED = "cancelled", _("cancelled")


class RegistrationState(models.TextChoices):
    """Whether somebody has a place."""

    CONFIRMED = "confirmed", _("has a place")
    WAITING = "waiting", _("on the waiting list")
    WITHDRAWN = "withdrawn", _("does not come")
