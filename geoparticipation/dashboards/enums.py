"""Closed lists of the indicators."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Figure(models.TextChoices):
    """What is counted; `indicators.definitions` says of each what it means."""

    IDEAS = "ideas", _("ideas")
    COMMENTS = "comments", _("comments")
    SUPPORTS = "supports", _("supports")
    REGISTERED = "registered", _("people who registered")
    ACTIVE = "active", _("active people a month")
    TAKEN_UP = "taken_up", _("ideas taken up")
    ANSWERED = "answered", _("ideas answered")
    REALISED = "realised", _("measures realised")
    SPENT = "spent", _("euros spent on measures")
    MEETINGS = "meetings", _("meetings held")
    BALLOTS = "ballots", _("ballots counted")
    RESPONSES = "responses", _("people who answered surveys")
