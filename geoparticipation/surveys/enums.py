"""Closed lists of surveys."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class SurveyState(models.TextChoices):
    """Whether people find a survey; a phase of the consultation opens and closes it besides."""

    DRAFT = "draft", _("draft")
    OPEN = "open", _("open")
    CLOSED = "closed", _("closed")


class OnePer(models.TextChoices):
    """Who answers once."""

    PERSON = "person", _("one response for each person with a confirmed e-mail address")
    DEVICE = "device", _("one response for each device")
    HOUSEHOLD = "household", _("one response for each home, by the code on its flyer")
    NONE = "none", _("as many as one likes")


class ResultsShown(models.TextChoices):
    """When everybody sees the results."""

    ALWAYS = "always", _("from the first responses on")
    AFTERWARDS = "afterwards", _("once the survey is closed")
    NEVER = "never", _("never: for the town hall only")
