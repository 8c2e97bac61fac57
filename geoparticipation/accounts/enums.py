"""Closed lists about people."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """What a signed-in person is to the commune."""

    CITIZEN = "citizen", _("citizen")
    AGENT = "agent", _("agent")
    MODERATOR = "moderator", _("moderator")
    PLANNER = "planner", _("planner")
    COUNCILLOR = "councillor", _("neighbourhood councillor")


class IdentityLevel(models.IntegerChoices):
    """How well we know that one voice is one person; a later level is the eID (3)."""

    DEVICE = 0, _("none: one voice per device")
    EMAIL = 1, _("a confirmed e-mail address")
    HOUSEHOLD = 2, _("the code from one’s letterbox: one voice per home")
