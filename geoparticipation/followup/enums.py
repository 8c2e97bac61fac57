"""Closed lists of the follow-up."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Opening(models.TextChoices):
    """Why an idea is studied."""

    SUPPORTS = "supports", _("enough people support it")
    AGENT = "agent", _("the town hall took it up")


class Verdict(models.TextChoices):
    """What the study says."""

    FEASIBLE = "feasible", _("it can be done")
    WITH_CHANGES = "changes", _("it can be done with changes")
    NOT_FEASIBLE = "not", _("it cannot be done")


class Decision(models.TextChoices):
    """What the college decided."""

    ACCEPTED = "accepted", _("accepted")
    PARTLY = "partly", _("accepted in part")
    REFUSED = "refused", _("not accepted")


class Progress(models.TextChoices):
    """How far what was accepted is."""

    PLANNED = "planned", pgettext_lazy("measure", "planned")
    UNDER_WAY = "under_way", pgettext_lazy("measure", "under way")
    DONE = "done", pgettext_lazy("measure", "done")
    GIVEN_UP = "given_up", pgettext_lazy("measure", "given up")


class Stage(models.TextChoices):
    """Where a case is; follows from what was recorded, never stored."""

    TO_STUDY = "to_study", _("being studied")
    TO_DECIDE = "to_decide", _("waiting for the college")
    ANSWERED = "answered", _("answered")


class ReminderKind(models.TextChoices):
    """What the person in charge is reminded of, each once."""

    STUDY_SOON = "study_soon", _("the study is due soon")
    ANSWER_SOON = "answer_soon", _("the answer is due soon")
    OVERDUE = "overdue", _("the answer is late")
