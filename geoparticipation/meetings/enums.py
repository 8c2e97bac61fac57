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


class WorkshopState(models.TextChoices):
    """Whether people put notes on the map of an online workshop."""

    PREPARED = "prepared", _("being prepared")
    OPEN = "open", _("open")
    CLOSED = "closed", _("closed")


class WorkshopAccess(models.TextChoices):
    """Who takes part in an online workshop; everybody who may see the meeting reads along."""

    LINK = "link", _("everybody who has the link")
    REGISTERED = "registered", _("who has a place at the meeting")


class VoteState(models.TextChoices):
    """Whether dots are given to the notes of a workshop."""

    NONE = "none", _("no vote yet")
    OPEN = "open", _("vote open")
    CLOSED = "closed", _("vote closed")


class NoteState(models.TextChoices):
    """Whether a note is on the map."""

    SHOWN = "shown", _("on the map")
    HIDDEN = "hidden", _("hidden")


class GroupColour(models.TextChoices):
    """Colours of groups of notes; each group has a letter, too."""

    ORANGE = "orange", _("orange")
    VIOLET = "violet", _("violet")
    BLUE = "blue", _("blue")
    GREEN = "green", _("green")
    PINK = "pink", _("pink")
    BROWN = "brown", _("brown")
