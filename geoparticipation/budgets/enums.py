"""Closed lists of participatory budgets."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Method(models.TextChoices):
    """How people vote."""

    APPROVAL = "approval", _("choose projects, up to a number")
    ENVELOPE = "envelope", _("spend the envelope: choose projects as long as the money lasts")
    POINTS = "points", _("share out points")
    RANKING = "ranking", _("put projects in order")


class OnePer(models.TextChoices):
    """Of what a ballot may have one project at the most."""

    NOTHING = "", _("no such limit")
    CATEGORY = "category", _("one project of each category")
    DISTRICT = "district", _("one project of each district")


class Rule(models.TextChoices):
    """How ballots become winners; the values are those of `manage.py tally --rule`."""

    GREEDY_VOTES = "greedy-votes", _("most votes first")
    GREEDY_COST = "greedy-cost", _("most votes per euro first")
    EQUAL_SHARES = "equal-shares", _("equal shares: every voter decides on the same part of the money")


class TieRule(models.TextChoices):
    """Which of two projects with the same result goes first; announced before the vote. The number decides last."""

    CHEAPER = "cheaper", _("the cheaper project first")
    NUMBER = "number", _("the lower number first")
    TEXT = "text", _("the number read as a word, so that 10 comes before 9")
    LOT = "lot", _("by lot, drawn from the word published before the vote")


class ProjectState(models.TextChoices):
    """What was decided of a project."""

    WAITING = "waiting", pgettext_lazy("project", "not decided yet")
    SHORTLISTED = "shortlisted", pgettext_lazy("project", "put to the vote")
    REFUSED = "refused", pgettext_lazy("project", "not kept")
    TAKEN_OFF = "taken_off", pgettext_lazy("project", "taken off the ballot")


class BallotEventKind(models.TextChoices):
    """What happened to a ballot; never what was on it."""

    CAST = "cast", pgettext_lazy("ballot", "cast")
    CHANGED = "changed", pgettext_lazy("ballot", "changed")


class BallotOrigin(models.TextChoices):
    """How a ballot came in."""

    WEB = "web", _("website")
    PAPER = "paper", _("paper")
    FILE = "file", pgettext_lazy("ballot", "a file")
