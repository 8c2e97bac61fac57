"""Closed lists of volunteering."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Level(models.IntegerChoices):
    """How well one knows what one offers, and how well a mission needs it known."""

    LEARNING = 1, _("happy to learn")
    PRACTISED = 2, _("used to it")
    TRAINED = 3, _("trained for it")


class PartOfDay(models.IntegerChoices):
    """The parts of a day in which help is offered."""

    MORNING = 0, _("morning")
    AFTERNOON = 1, _("afternoon")
    EVENING = 2, _("evening")


class AssociationState(models.TextChoices):
    """Whether the public sees an association."""

    WAITING = "waiting", _("waiting to be checked")
    CHECKED = "checked", _("checked")
    REFUSED = "refused", _("refused")


class Side(models.TextChoices):
    """The two who agree."""

    VOLUNTEER = "volunteer", _("volunteer")
    ASSOCIATION = "association", _("association")


class AgreementState(models.TextChoices):
    """How far an agreement is; `rules.AGREEMENT_CHANGES` lists the allowed changes."""

    ASKED = "asked", _("asked")
    ACCEPTED = "accepted", _("agreed")
    DECLINED = "declined", _("declined")
    CANCELLED = "cancelled", _("called off")
    DONE = "done", _("done")
